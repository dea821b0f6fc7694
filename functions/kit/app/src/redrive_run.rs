//! Runs a run on after it failed, expired or was cancelled: the same run, from a stage, in another
//! execution.

use baton_domain::campaign::Stage;
use baton_domain::run::{Event, Refusal, RunState, RunStatus, Workflow};
use baton_domain::{FieldError, RunId, TenantId};
use serde_json::Value;

use crate::cancel_run::execution;
use crate::journal::Change;
use crate::roll_back_run::check_version;
use crate::start_run::{CampaignInput, keep_input, not_before};
use crate::{App, AppError};

impl App {
    /// Redrives a run from a stage; from the one that it ended in when none is named. What earlier
    /// stages made is kept; mails that are left in EmailPilot are taken back first.
    ///
    /// # Errors
    /// [`AppError::Refused`] when the run is not over, or did what was asked;
    /// [`AppError::Stale`] when it is at another version than `if_match`;
    /// [`AppError::RunConflict`] when the stage's input is not there; when the stage is later than
    /// the one that the run ended in, or the store does not answer.
    pub async fn redrive_run(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        from: Option<Stage>,
        if_match: Option<u64>,
    ) -> Result<RunState, AppError> {
        let head = self.load_run(tenant, run_id).await?;
        let attempt = head.attempt + 1;
        let event_id = format!("redrive-{attempt}");
        let kept: Value = self.kept_input(&head).await?;
        let change = |state: &RunState| {
            check_version(state, if_match)?;
            let (from, input) = match state.workflow {
                Workflow::Campaign => self.campaign_again(state, from, kept.clone())?,
                _ => self.again(state, from, kept.clone())?,
            };
            Ok(Change {
                events: vec![Event::Redriven { from, attempt }],
                writes: vec![keep_input(tenant, run_id, attempt, &input)],
            })
        };
        // Nothing of the attempt before may go on, or go out, beside the next.
        if self.heard(tenant, run_id, &event_id).await?.is_none() {
            change(&head)?;
            self.ports
                .workflows
                .stop(&execution(&head), "redriven")
                .await?;
            self.take_back(head).await?;
        }
        let redriven = self.append_from(tenant, run_id, &event_id, change).await?;
        if redriven.state.status != RunStatus::Queued {
            return Ok(redriven.state);
        }
        let input: Value = self.kept_input(&redriven.state).await?;
        self.start_workflow(redriven.state, &input).await
    }

    /// What the next attempt of a campaign is started with, and its stage.
    fn campaign_again(
        &self,
        state: &RunState,
        from: Option<Stage>,
        kept: Value,
    ) -> Result<(String, Value), AppError> {
        let from = stage_to_redrive(state, from)?;
        let input: Result<CampaignInput, _> = serde_json::from_value(kept);
        let mut input = input.map_err(|error| AppError::RunConflict(error.to_string()))?;
        (input.attempt, input.from) = (state.attempt + 1, from);
        input.not_before = not_before(input.month, self.ports.clock.now());
        input.auto_approve = state.auto_approve && self.settings.auto_approve;
        let input = serde_json::to_value(input).unwrap_or_default();
        Ok((from.name().to_owned(), input))
    }

    /// The same for a run without stages to begin from: what it did is not done again, since its
    /// functions remember it.
    fn again(
        &self,
        state: &RunState,
        from: Option<Stage>,
        mut kept: Value,
    ) -> Result<(String, Value), AppError> {
        check_redrivable(state)?;
        if from.is_some() {
            let message = "goes with campaigns only: leave it out";
            return Err(FieldError::new("from", message).into());
        }
        kept["attempt"] = (state.attempt + 1).into();
        kept["auto_approve"] = (state.auto_approve && self.settings.auto_approve).into();
        Ok(("the beginning".to_owned(), kept))
    }
}

fn check_redrivable(state: &RunState) -> Result<(), Refusal> {
    let refused = Refusal::Transition(state.status, RunStatus::Queued);
    state.status.is_redrivable().then_some(()).ok_or(refused)
}

fn stage_to_redrive(state: &RunState, from: Option<Stage>) -> Result<Stage, AppError> {
    check_redrivable(state)?;
    // It may have ended before it came to any stage.
    let ended_in = state.stage.as_deref().and_then(Stage::named);
    let ended_in = ended_in.unwrap_or_default();
    let from = from.unwrap_or(ended_in);
    if from > ended_in {
        let message = format!("must not be later than `{ended_in}`, in which the run ended");
        return Err(FieldError::new("from", message).into());
    }
    check_needs(from, |name| state.artifacts.contains_key(name))?;
    Ok(from)
}

/// Refuses a stage whose input is not there.
pub(crate) fn check_needs(from: Stage, is_there: impl Fn(&str) -> bool) -> Result<(), AppError> {
    match from.needs() {
        Some(name) if !is_there(name) => Err(AppError::RunConflict(format!(
            "the stage `{from}` needs the artifact `{name}`, which the run does not have: begin \
             with an earlier stage"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
