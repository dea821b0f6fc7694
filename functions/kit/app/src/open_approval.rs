//! The platform function `approvals`: opens the gates of a workflow, and lets them expire.
//!
//! A gate of an execution has one approval, however often its task is tried again: a later call
//! only brings the token of the task that waits now. Where the decision was there first, that task
//! is told at once.

use baton_domain::approval::{Approval, ApprovalOutcome, ApprovalStatus, Decision, Gate};
use baton_domain::item::Written;
use baton_domain::run::{ArtifactRef, Event, RunState};
use baton_domain::{ApprovalId, FieldError, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::approval_items::GateAt;
use crate::function::Operation;
use crate::tell_workflow::{told, waits_for};
use crate::{App, AppError, FunctionError};

/// Who decides in development, where nobody is asked.
pub const AUTO_APPROVER: &str = "auto-approve";

/// The most lines of a summary, and the most characters of each: what is longer is cut, since a
/// gate must open.
const MAX_LINES: usize = 50;
const MAX_LINE: usize = 1_000;

/// The longest that a gate may wait, in seconds: a year, as long as a Standard execution.
const MAX_WAIT: i64 = 31_536_000;

/// The payload of `open`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    tenant_id: baton_domain::TenantId,
    run_id: baton_domain::RunId,
    attempt: u32,
    gate: baton_domain::approval::Gate,
    round: u32,
    artifact: ArtifactRef,
    #[serde(default, deserialize_with = "lines")]
    summary: Vec<String>,
    token: String,
    #[serde(default)]
    due_at: Option<Timestamp>,
    #[serde(default)]
    due_seconds: Option<i64>,
    expires_seconds: i64,
    default_decision: Decision,
    #[serde(default)]
    auto_approve: bool,
    #[serde(default)]
    reminder: bool,
}

impl App {
    /// Does one operation of the function: `open` or `expire`. `expire` answers the
    /// [`ApprovalOutcome`]; `open` answers the approval's id, while the outcome goes to the task
    /// that waits.
    ///
    /// # Errors
    /// With one of [`FunctionError::CODES`].
    pub async fn approvals(&self, payload: Value) -> Result<Value, FunctionError> {
        let operation = Operation::of(payload)?;
        match operation.op.as_str() {
            "open" => {
                let opening: Opening = operation.fields()?;
                opening
                    .check()
                    .map_err(|error| FunctionError::invalid(&error))?;
                let approval = self.open_approval(&opening).await?;
                Ok(json!({"approval_id": approval.approval_id, "status": approval.status}))
            }
            "expire" => {
                let outcome = self.expire_approval(&operation.fields()?).await?;
                Ok(json!(outcome))
            }
            _ => Err(operation.unknown("open, expire")),
        }
    }

    async fn open_approval(&self, opening: &Opening) -> Result<Approval, AppError> {
        let approval = self.approval_with_token(opening).await?;
        if approval.status != ApprovalStatus::Pending {
            return self.answer_late(approval, &opening.token).await;
        }
        self.record_request(&approval).await?;
        if opening.auto_approve {
            if self.approving.may_auto_approve {
                return self.approve_automatically(&approval).await;
            }
            let (approval_id, run_id) = (approval.approval_id, approval.run_id);
            tracing::warn!(%approval_id, %run_id, "nothing approves itself here: people are asked");
        }
        if opening.reminder {
            self.record_reminder(&approval).await?;
        }
        self.tell_approvers(&approval, opening.reminder).await;
        Ok(approval)
    }

    /// The approval of the gate, new or from an earlier call, with this call's token.
    async fn approval_with_token(&self, opening: &Opening) -> Result<Approval, AppError> {
        let (at, token) = (opening.at(), &opening.token);
        if let Some(approval) = self.approval_at(&at).await? {
            let is_pending = approval.status == ApprovalStatus::Pending;
            if is_pending && self.replace_token(&approval, token).await? == Written::Yes {
                return Ok(approval);
            }
            return self.approval(&at.tenant_id, approval.approval_id).await;
        }
        let run = self.load_run(&at.tenant_id, at.run_id).await?;
        let approval = self.new_approval(opening, &run);
        if !waits_for(&run, &approval) {
            let message = "the run is over, or another execution carries it on: no gate can open";
            return Err(AppError::RunConflict(message.to_owned()));
        }
        match self.create_approval(&approval, token).await? {
            Written::Yes => Ok(approval),
            // Another call of the same task was faster; a retry finds what it stored.
            Written::No => Err(AppError::Contended),
        }
    }

    fn new_approval(&self, opening: &Opening, run: &RunState) -> Approval {
        let now = self.ports.clock.now();
        let after = |seconds: i64| now + SignedDuration::from_secs(seconds);
        let expires_at = after(opening.expires_seconds);
        let due_at = opening.due_at.or(opening.due_seconds.map(after));
        Approval {
            approval_id: ApprovalId::new(now, self.ports.clock.entropy()),
            tenant_id: opening.tenant_id.clone(),
            run_id: opening.run_id,
            subject: run.subject.clone(),
            attempt: opening.attempt,
            gate: opening.gate,
            round: opening.round,
            artifact: opening.artifact.clone(),
            summary: opening.summary_of(run),
            status: ApprovalStatus::Pending,
            requested_at: now,
            due_at: due_at.map_or(expires_at, |due_at| due_at.min(expires_at)),
            expires_at,
            default_decision: opening.default_decision,
            outcome: None,
        }
    }

    /// A task that waits for what was decided before it waited, after a crash or a reminder.
    async fn answer_late(&self, closed: Approval, token: &str) -> Result<Approval, AppError> {
        if closed.outcome.is_some() {
            self.owe_outcome(&closed, token).await?;
            self.try_to_tell(&closed).await;
        }
        Ok(closed)
    }

    async fn approve_automatically(&self, approval: &Approval) -> Result<Approval, AppError> {
        let outcome = ApprovalOutcome {
            decision: Decision::Approve,
            approver: Some(AUTO_APPROVER.to_owned()),
            ..self.automatic(approval)
        };
        let status = ApprovalStatus::Decided;
        let (closed, _) = self.close(approval, status, Some(outcome)).await?;
        self.try_to_tell(&closed).await;
        Ok(closed)
    }

    async fn record_reminder(&self, approval: &Approval) -> Result<(), AppError> {
        let approval_id = approval.approval_id;
        let event_id = format!("{approval_id}/reminded");
        let event = Event::ApproversReminded { approval_id };
        let (tenant, run) = (&approval.tenant_id, approval.run_id);
        self.append(tenant, run, &event_id, vec![event]).await?;
        Ok(())
    }

    /// Takes the default decision, unless somebody decided.
    async fn expire_approval(&self, at: &GateAt) -> Result<ApprovalOutcome, AppError> {
        let approval = self.approval_at(at).await?;
        let approval = approval.ok_or(AppError::NotFound("approval of this gate"))?;
        let approval = if approval.status == ApprovalStatus::Pending {
            let (status, outcome) = (ApprovalStatus::Expired, self.automatic(&approval));
            self.close(&approval, status, Some(outcome)).await?.0
        } else {
            approval
        };
        self.record_decision(&approval).await?;
        // One that was withdrawn has no outcome: its run ended, and nothing may go on.
        Ok(told(&approval).unwrap_or_else(|| ApprovalOutcome {
            decision: Decision::Reject,
            ..self.automatic(&approval)
        }))
    }

    /// The default decision, which nobody took.
    fn automatic(&self, approval: &Approval) -> ApprovalOutcome {
        ApprovalOutcome {
            decision: approval.default_decision,
            approver: None,
            notes: String::new(),
            edits: None,
            artifact: approval.artifact.clone(),
            max_cost_usd: None,
            automatic: true,
            decided_at: self.ports.clock.now(),
        }
    }
}

impl Opening {
    fn at(&self) -> GateAt {
        GateAt {
            tenant_id: self.tenant_id.clone(),
            run_id: self.run_id,
            attempt: self.attempt,
            gate: self.gate,
            round: self.round,
        }
    }

    /// The summary; at the gate `budget` with the sums that it is about.
    fn summary_of(&self, run: &RunState) -> Vec<String> {
        let mut summary = self.summary.clone();
        if self.gate == Gate::Budget {
            let cost = run.total_cost;
            let limit = run.max_cost_usd;
            summary.push(match limit {
                Some(limit) => format!("So far it cost {cost}; it may cost {limit}."),
                None => format!("So far it cost {cost}."),
            });
        }
        summary
    }

    fn check(&self) -> Result<(), FieldError> {
        let wait = |seconds: i64| (1..=MAX_WAIT).contains(&seconds);
        let refused = |field, message: &str| Err(FieldError::new(field, message));
        let seconds = "must be whole seconds, from 1 to a year";
        match self {
            Self { token, .. } if token.is_empty() => refused("token", "must not be empty"),
            Self { attempt: 0, .. } => refused("attempt", "counts from 1"),
            Self { round: 0, .. } => refused("round", "counts from 1"),
            Self {
                expires_seconds, ..
            } if !wait(*expires_seconds) => refused("expires_seconds", seconds),
            Self {
                due_seconds: Some(due),
                ..
            } if !wait(*due) => refused("due_seconds", seconds),
            // What only a person can say, notes and edits, no default can.
            Self {
                default_decision: Decision::Approve | Decision::Reject,
                ..
            } => Ok(()),
            _ => refused("default_decision", "must be approve or reject"),
        }
    }
}

/// Lines of a summary: text, or lists of it however deep, as expressions make them.
fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut lines = Vec::new();
    collect(Value::deserialize(deserializer)?, &mut lines);
    lines.truncate(MAX_LINES);
    Ok(lines)
}

fn collect(value: Value, lines: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::String(line) if line.trim().is_empty() => {}
        Value::String(line) => lines.push(line.chars().take(MAX_LINE).collect()),
        Value::Array(values) => values.into_iter().for_each(|value| collect(value, lines)),
        other => lines.push(other.to_string().chars().take(MAX_LINE).collect()),
    }
}

#[cfg(test)]
mod tests;
