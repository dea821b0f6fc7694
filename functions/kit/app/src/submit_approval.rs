//! Decides an approval, once. The decision is written before anybody is told; who comes second
//! gets the first decision.

use baton_domain::TenantId;
use baton_domain::approval::{
    Approval, ApprovalOutcome, ApprovalStatus, Gate, Submission, says_the_same,
};
use baton_domain::campaign::check_edit;
use baton_domain::item::Written;
use baton_domain::run::{ArtifactRef, RunState};
use baton_domain::text::moment;
use baton_domain::{FieldError, Money};
use serde_json::Value;

use crate::tell_workflow::waits_for;
use crate::{App, AppError};

/// Why an approval cannot be decided (so). Each holds the approval as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefusal {
    /// Somebody else decided, or the same person decided otherwise.
    #[error("it was decided before; `decision` says what. A decision is final")]
    Decided(Box<Approval>),
    /// Nobody decided in time.
    #[error("it expired at {}: the default decision was or will be taken", moment(.0.expires_at))]
    Expired(Box<Approval>),
    /// The run ended, or goes on in another execution.
    #[error("it was withdrawn, since its run ended before anybody decided")]
    Withdrawn(Box<Approval>),
    /// The approver saw another artifact.
    #[error("its artifact is not the one with this hash: look at it again")]
    ArtifactChanged(Box<Approval>),
}

impl App {
    /// Decides an approval and tells its workflow. A submission that says what was decided is
    /// answered with the decision. When the workflow cannot be told now, the sweeper does it.
    ///
    /// # Errors
    /// When a field breaks a rule, there is no such approval, it can no longer be decided
    /// ([`AppError::Approval`]), or the store does not answer: then the same may be said again.
    pub async fn submit_approval(
        &self,
        tenant: &TenantId,
        submission: &Submission,
    ) -> Result<Approval, AppError> {
        submission.validate()?;
        let approval = self.approval(tenant, submission.request_id).await?;
        if approval.status != ApprovalStatus::Pending {
            return again(approval, submission);
        }
        let run = self.load_run(tenant, approval.run_id).await?;
        if !waits_for(&run, &approval) {
            let withdrawn = self.withdraw_approval(&approval).await?;
            return again(withdrawn, submission);
        }
        if self.ports.clock.now() >= approval.expires_at {
            return Err(ApprovalRefusal::Expired(Box::new(approval)).into());
        }
        check_fit(submission, &approval, &run)?;
        let outcome = self.outcome_of(submission, &approval).await?;
        let (closed, is_first) = self
            .close(&approval, ApprovalStatus::Decided, Some(outcome))
            .await?;
        if is_first {
            self.try_to_tell(&closed).await;
            return Ok(closed);
        }
        again(closed, submission)
    }

    /// Tells the workflow; when that fails, the mark beside the decision remains for the sweeper.
    pub(crate) async fn try_to_tell(&self, decided: &Approval) {
        if let Err(error) = self.tell_workflow(decided).await {
            let (approval_id, run_id) = (decided.approval_id, decided.run_id);
            tracing::warn!(%approval_id, %run_id, %error, "a decision is yet to be told");
        }
    }

    /// Closes a pending approval and answers how it stands then, and whether this call did it.
    pub(crate) async fn close(
        &self,
        pending: &Approval,
        status: ApprovalStatus,
        outcome: Option<ApprovalOutcome>,
    ) -> Result<(Approval, bool), AppError> {
        let closed = Approval {
            status,
            outcome,
            ..pending.clone()
        };
        match self.close_approval(&closed).await? {
            Written::Yes => Ok((closed, true)),
            Written::No => {
                let there = self.approval(&pending.tenant_id, pending.approval_id);
                Ok((there.await?, false))
            }
        }
    }

    /// A version of the artifact that an approval is about.
    pub(crate) async fn content_of(
        &self,
        approval: &Approval,
        artifact: &ArtifactRef,
    ) -> Result<Value, AppError> {
        let ArtifactRef { name, version, .. } = artifact;
        let (tenant, run) = (&approval.tenant_id, approval.run_id);
        let stored = self.load_artifact(tenant, run, name, Some(*version));
        Ok(stored.await?.1)
    }

    async fn outcome_of(
        &self,
        submission: &Submission,
        approval: &Approval,
    ) -> Result<ApprovalOutcome, AppError> {
        let artifact = match &submission.edits {
            Some(edits) => self.edit(approval, edits).await?,
            None => approval.artifact.clone(),
        };
        Ok(ApprovalOutcome {
            decision: submission.decision,
            approver: Some(submission.approver.trim().to_owned()),
            notes: submission.notes.clone(),
            edits: submission.edits.clone(),
            artifact,
            max_cost_usd: submission.max_cost_usd,
            automatic: false,
            decided_at: self.ports.clock.now(),
        })
    }

    /// Stores the artifact as the edits make it. Whoever loses the race for the decision leaves
    /// a version behind that no run knows of.
    async fn edit(&self, approval: &Approval, edits: &Value) -> Result<ArtifactRef, AppError> {
        let before = self.content_of(approval, &approval.artifact).await?;
        let mut content = before.clone();
        apply(edits, &mut content)?;
        let name = &approval.artifact.name;
        let (tenant, run) = (&approval.tenant_id, approval.run_id);
        let checked = match check_edit(name, &before, &content) {
            Ok(()) => self.check_segments(tenant, run, name, &content).await?,
            wrong => wrong,
        };
        checked.map_err(|error| {
            let message = format!("would leave no valid `{name}`: {error}");
            FieldError::new("edits", message)
        })?;
        self.store_artifact(tenant, run, name, &content).await
    }
}

pub(crate) fn apply(edits: &Value, content: &mut Value) -> Result<(), FieldError> {
    let patch: json_patch::Patch = serde_json::from_value(edits.clone()).map_err(|error| {
        FieldError::new("edits", format!("must be a JSON Patch (RFC 6902): {error}"))
    })?;
    json_patch::patch(content, &patch).map_err(|error| {
        let field = format!("edits[{}]", error.operation);
        FieldError::new(field, format!("{} at `{}`", error.kind, error.path))
    })
}

/// Checks a submission against the approval and the run that it is about.
fn check_fit(submission: &Submission, approval: &Approval, run: &RunState) -> Result<(), AppError> {
    let decisions = approval.gate.decisions();
    if !decisions.contains(&submission.decision) {
        let names: Vec<&str> = decisions.iter().map(|decision| decision.name()).collect();
        let gate = approval.gate.name();
        let message = format!("must be one of {} at the gate `{gate}`", names.join(", "));
        return Err(FieldError::new("decision", message).into());
    }
    if submission
        .artifact_hash
        .as_ref()
        .is_some_and(|hash| *hash != approval.artifact.hash)
    {
        return Err(ApprovalRefusal::ArtifactChanged(Box::new(approval.clone())).into());
    }
    let Some(limit) = submission.max_cost_usd else {
        return Ok(());
    };
    let message = if approval.gate != Gate::Budget {
        "goes with the gate `budget` only".to_owned()
    } else if limit == Money::ZERO {
        "must be more than 0: leave it out to go on with the limit as it is, or reject".to_owned()
    } else if limit <= run.total_cost {
        format!(
            "must be more than the {} that the run cost so far",
            run.total_cost
        )
    } else {
        return Ok(());
    };
    Err(FieldError::new("max_cost_usd", message).into())
}

/// What a submission is answered once the approval is closed.
fn again(closed: Approval, submission: &Submission) -> Result<Approval, AppError> {
    let same = closed.outcome.as_ref();
    let same = same.is_some_and(|outcome| says_the_same(submission, outcome));
    let closed = Box::new(closed);
    let refusal = match closed.status {
        ApprovalStatus::Decided if same => return Ok(*closed),
        ApprovalStatus::Decided | ApprovalStatus::Pending => ApprovalRefusal::Decided(closed),
        ApprovalStatus::Expired => ApprovalRefusal::Expired(closed),
        ApprovalStatus::Withdrawn => ApprovalRefusal::Withdrawn(closed),
    };
    Err(refusal.into())
}

#[cfg(test)]
mod tests;
