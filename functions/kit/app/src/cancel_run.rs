//! Cancels a run: its end is written first, so that nothing it still does changes that; then its
//! workflow is stopped, its approvals are withdrawn, and mails that have not gone out are taken
//! back. All of it may be done again, and goes on where it was cut off.

use baton_domain::campaign::{Delivery, DeliveryState};
use baton_domain::email_pilot::{EmailPilot, PartnerError};
use baton_domain::ports::WorkflowError;
use baton_domain::run::{Event, Refusal, Run, RunState, RunStatus};
use baton_domain::{RunId, TenantId};
use serde_json::Value;

use crate::journal::Change;
use crate::roll_back_run::check_version;
use crate::{App, AppError};

impl App {
    /// Cancels a run. One that is cancelled stays so, and what is left of it is cleared away.
    ///
    /// # Errors
    /// [`AppError::Refused`] when it is over otherwise, [`AppError::Stale`] when it is at another
    /// version than `if_match`; when a service does not answer: the run is cancelled then, and
    /// cancelling it again clears away the rest.
    pub async fn cancel_run(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        cause: Option<&str>,
        if_match: Option<u64>,
    ) -> Result<RunState, AppError> {
        let head = self.load_run(tenant, run_id).await?;
        let event_id = format!("cancel-{}", head.attempt);
        let cause = cause.unwrap_or("a person cancelled it");
        let change = |state: &RunState| {
            if state.status == RunStatus::Cancelled {
                return Ok(Change::default());
            }
            check_version(state, if_match)?;
            if state.status.is_over() {
                let refused = Refusal::Transition(state.status, RunStatus::Cancelled);
                return Err(refused.into());
            }
            let ended = Event::Ended {
                status: RunStatus::Cancelled,
                error: Some("Cancelled".to_owned()),
                cause: Some(cause.to_owned()),
            };
            Ok(Change::from(vec![ended]))
        };
        let cancelled = self.append_from(tenant, run_id, &event_id, change).await?;
        self.clear_away(cancelled.state, cause).await
    }

    /// Each step is tried, whatever became of the others; the first failure is answered.
    async fn clear_away(&self, state: RunState, cause: &str) -> Result<RunState, AppError> {
        let stopped = self.ports.workflows.stop(&execution(&state), cause).await;
        let withdrawn = self.withdraw_approvals(&state.tenant_id, state.run_id);
        let withdrawn = withdrawn.await;
        let state = self.take_back(state).await?;
        stopped?;
        withdrawn?;
        Ok(state)
    }

    /// Takes back the mails of a run that ended without having done what was asked, as far as they
    /// have not gone out. Without EmailPilot they stay as they are, and that is said.
    pub(crate) async fn take_back(&self, mut state: RunState) -> Result<RunState, AppError> {
        let open: Vec<Delivery> = state
            .deliveries
            .values()
            .filter(|d| is_open(d))
            .cloned()
            .collect();
        if open.is_empty() {
            return Ok(state);
        }
        let run_id = state.run_id;
        let Some(email_pilot) = self.email_pilot.clone() else {
            tracing::error!(severity = "critical", %run_id, "mails of a run that ended stay in EmailPilot");
            return Ok(state);
        };
        let mut failed = None;
        for delivery in open {
            match self.take_back_one(&*email_pilot, &state, delivery).await {
                Ok((_, now)) => state = now,
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(state), Err)
    }

    /// Takes back one mail and writes down what came of it: it may have gone out.
    pub(crate) async fn take_back_one(
        &self,
        email_pilot: &dyn EmailPilot,
        state: &RunState,
        delivery: Delivery,
    ) -> Result<(Delivery, RunState), AppError> {
        let campaign = &delivery.campaign_id;
        let key = format!("{}-{campaign}-cancel", state.run_id);
        let now = match email_pilot.cancel(&key, campaign).await {
            Ok(now) => Delivery {
                email_id: delivery.email_id.clone(),
                ..now
            },
            // It went out before it could be taken back.
            Err(PartnerError::Conflict(_)) => Delivery {
                state: DeliveryState::Sent,
                ..delivery.clone()
            },
            Err(PartnerError::NotFound(_)) => Delivery {
                state: DeliveryState::Cancelled,
                ..delivery.clone()
            },
            Err(error) => {
                let run_id = state.run_id;
                tracing::error!(%run_id, code = error.code(), "a mail was not taken back");
                return Err(WorkflowError::Unavailable(error.to_string()).into());
            }
        };
        let event_id = format!("take-back-{}-{campaign}", state.attempt);
        let event = Event::Delivered {
            delivery: now.clone(),
        };
        let (tenant, run) = (&state.tenant_id, state.run_id);
        let state = self.append(tenant, run, &event_id, vec![event]).await?;
        Ok((now, state))
    }
}

/// Whether a mail is in EmailPilot and has not gone out.
pub(crate) fn is_open(delivery: &Delivery) -> bool {
    matches!(
        delivery.state,
        DeliveryState::Draft | DeliveryState::Tested | DeliveryState::Scheduled
    )
}

/// The execution that is at work for a run.
fn execution(state: &RunState) -> Run {
    Run {
        run_id: state.run_id,
        attempt: state.attempt,
        tenant_id: state.tenant_id.clone(),
        workflow: state.workflow,
        input: Value::Null,
    }
}

#[cfg(test)]
mod tests;
