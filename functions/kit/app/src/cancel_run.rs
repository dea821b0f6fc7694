//! Cancels a run: its end is written first, so that nothing it still does changes that; then its
//! workflow is stopped, its approvals are withdrawn, its account is closed, its requests are logged, and
//! mails that have not gone out are taken back. All of it may be done again, and goes on where it was cut off.

use baton_domain::campaign::{Delivery, DeliveryState};
use baton_domain::email_pilot::{EmailPilot, PartnerError};
use baton_domain::ports::WorkflowError;
use baton_domain::run::{Event, Refusal, Run, RunState, RunStatus, Workflow};
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
        let withdrawn = self.withdraw_approvals(&state).await;
        let closed = self.close_its_account(&state).await;
        // One whose workflow was never started has no end of an execution that would log it.
        let logged = self.log_if_unlogged(&state).await;
        let state = self.take_back(state).await?;
        stopped?;
        withdrawn?;
        closed?;
        logged?;
        Ok(state)
    }

    /// Lets a run that is over buy nothing more.
    pub(crate) async fn close_its_account(&self, state: &RunState) -> Result<(), AppError> {
        if state.workflow != Workflow::Research {
            return Ok(());
        }
        self.stop_buying(&state.tenant_id, state.run_id).await
    }

    /// Takes back the mails of a run that ended without having done what was asked, as far as they
    /// have not gone out. Without EmailPilot they stay as they are, and that is said.
    pub(crate) async fn take_back(&self, mut state: RunState) -> Result<RunState, AppError> {
        let open: Vec<Delivery> = state
            .deliveries
            .values()
            .filter(|mail| mail.state.is_open())
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
        let state_now = match email_pilot.cancel(&key, campaign).await {
            Ok(now) => Ok(now.state),
            // It went out before it could be taken back, or its state is another: a look tells.
            Err(PartnerError::Conflict(_)) => match email_pilot.look(campaign).await {
                Ok(now) if now.state.is_open() => Err(PartnerError::Unavailable(
                    "it says that it cannot be cancelled, and that it has not gone out".to_owned(),
                )),
                looked => looked.map(|now| now.state),
            },
            // A campaign that is not there goes to nobody; where nothing is there, it is not
            // EmailPilot that answers.
            Err(PartnerError::NotFound(_)) => self
                .knows_brand(email_pilot, state)
                .await
                .map(|()| DeliveryState::Cancelled),
            Err(error) => Err(error),
        };
        let state_now = state_now.map_err(|error| {
            let run_id = state.run_id;
            tracing::error!(%run_id, code = error.code(), "a mail was not taken back");
            WorkflowError::Unavailable(error.to_string())
        })?;
        let now = Delivery {
            state: state_now,
            ..delivery
        };
        let event_id = format!("take-back-{}-{}", state.attempt, now.campaign_id);
        let change = |state: &RunState| {
            // Another attempt may have brought the mail there anew: that one counts now.
            let known = state.deliveries.get(&now.email_id);
            let replaced = known.is_some_and(|known| known.campaign_id != now.campaign_id);
            let delivery = now.clone();
            Ok(if replaced {
                Change::default()
            } else {
                vec![Event::Delivered { delivery }].into()
            })
        };
        let (tenant, run) = (&state.tenant_id, state.run_id);
        let appended = self.append_from(tenant, run, &event_id, change).await?;
        Ok((now, appended.state))
    }

    /// Whether who answers knows the run's brand.
    async fn knows_brand(
        &self,
        email_pilot: &dyn EmailPilot,
        state: &RunState,
    ) -> Result<(), PartnerError> {
        match &state.subject.brand_id {
            Some(brand) => email_pilot.brand(brand).await.map(drop),
            None => Ok(()),
        }
    }
}

/// The execution that is at work for a run.
pub(crate) fn execution(state: &RunState) -> Run {
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
