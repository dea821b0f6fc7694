//! Tells a run and its workflow what was decided. Every way by which a decision comes to a
//! workflow leads through the journal first, so that the run never hears of it late.

use baton_domain::approval::{Approval, ApprovalOutcome, Gate};
use baton_domain::item::{Key, Table};
use baton_domain::ports::Told;
use baton_domain::run::{Event, RunState, Workflow};
use serde_json::json;

use crate::{App, AppError};

impl App {
    /// Writes a decision into the journal, completes the task that waits for it, and forgets that
    /// this was to be done. All of it may be done twice: the journal hears it once, and a task
    /// that was told waits no longer.
    pub(crate) async fn tell_workflow(&self, approval: &Approval) -> Result<(), AppError> {
        self.record_decision(approval).await?;
        let mut token = self.token_of(approval).await?;
        while let Some((waiting, outcome)) = token.as_ref().zip(told(approval)) {
            let (approval_id, run_id) = (approval.approval_id, approval.run_id);
            match self
                .ports
                .callbacks
                .succeed(waiting, &json!(outcome))
                .await?
            {
                Told::Yes => tracing::info!(%approval_id, %run_id, "the workflow was told"),
                Told::NobodyWaits => {
                    tracing::info!(%approval_id, %run_id, "no task waits any more");
                }
            }
            // Another task may have come to the gate meanwhile; it waits for the same word.
            let now = self.token_of(approval).await?;
            if now == token {
                break;
            }
            token = now;
        }
        let untold = Key::untold(&approval.tenant_id, approval.approval_id);
        self.ports.items.delete(Table::Approvals, &untold).await?;
        Ok(())
    }

    /// Writes that a gate opened into the journal, unless the run knows the gate.
    pub(crate) async fn record_request(&self, approval: &Approval) -> Result<(), AppError> {
        let event_id = format!("{}/requested", approval.approval_id);
        let change = |run: &RunState| {
            let events = if is_known(run, approval) {
                Vec::new()
            } else {
                vec![requested(approval)]
            };
            Ok(events.into())
        };
        let (tenant, run) = (&approval.tenant_id, approval.run_id);
        self.append_from(tenant, run, &event_id, change).await?;
        Ok(())
    }

    /// Writes what was decided into the journal. A run that is over, or that another execution
    /// carries on, hears nothing: the decision came too late to matter.
    pub(crate) async fn record_decision(&self, approval: &Approval) -> Result<(), AppError> {
        let Some(outcome) = &approval.outcome else {
            return Ok(());
        };
        let event_id = format!("{}/decided", approval.approval_id);
        let change = |run: &RunState| Ok(decided(run, approval, outcome).into());
        let (tenant, run) = (&approval.tenant_id, approval.run_id);
        self.append_from(tenant, run, &event_id, change).await?;
        Ok(())
    }
}

/// Whether the execution that opened the approval is still at work.
pub(crate) fn waits_for(run: &RunState, approval: &Approval) -> bool {
    !run.status.is_over() && run.attempt == approval.attempt
}

fn is_known(run: &RunState, approval: &Approval) -> bool {
    let mut gates = run.approvals.iter();
    gates.any(|gate| gate.approval_id == approval.approval_id)
}

fn requested(approval: &Approval) -> Event {
    Event::ApprovalRequested {
        approval_id: approval.approval_id,
        gate: approval.gate,
        artifact: approval.artifact.clone(),
        due_at: approval.due_at,
        expires_at: approval.expires_at,
    }
}

fn decided(run: &RunState, approval: &Approval, outcome: &ApprovalOutcome) -> Vec<Event> {
    let mut gates = run.approvals.iter();
    let heard =
        gates.any(|gate| gate.approval_id == approval.approval_id && gate.decision.is_some());
    if heard || !waits_for(run, approval) {
        return Vec::new();
    }
    // Who decides at once may be faster than whoever opened the gate.
    let mut events = Vec::new();
    if !is_known(run, approval) {
        events.push(requested(approval));
    }
    let by = outcome.approver.clone().unwrap_or_default();
    // The version that the edits made belongs to the run from the decision on, not before.
    if outcome.artifact != approval.artifact {
        events.push(Event::ArtifactStored {
            artifact: outcome.artifact.clone(),
            by: by.clone(),
        });
    }
    // At the gate of a research's budget it is what may be spent on data, not what the run may cost.
    let is_data = run.workflow == Workflow::Research && approval.gate == Gate::Budget;
    if let Some(max_cost_usd) = outcome.max_cost_usd.filter(|_| !is_data) {
        events.push(Event::CostLimitRaised { max_cost_usd, by });
    }
    events.push(Event::ApprovalDecided {
        approval_id: approval.approval_id,
        decision: outcome.decision,
        approver: outcome.approver.clone(),
    });
    events
}

/// What the workflow is told: all but the edits, which the artifact already holds and which its
/// state should not carry.
pub(crate) fn told(approval: &Approval) -> Option<ApprovalOutcome> {
    let outcome = approval.outcome.clone()?;
    Some(ApprovalOutcome {
        edits: None,
        ..outcome
    })
}
