//! Writes the end of a run whose execution ended without saying so: it timed out, was aborted, or
//! failed where no state could catch it. Nobody compensates for such a run but this: its approvals
//! are withdrawn, its account is closed, its mails are taken back and its requests are logged.

use baton_domain::run::{Event, RunState, RunStatus};
use baton_domain::{FieldError, RunId, TenantId};
use serde_json::Value;

use crate::journal::Change;
use crate::{App, AppError};

/// How an execution ended, as Step Functions and the engine say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionEnd {
    /// It came to a last state that says that it did what was asked.
    Done,
    /// It came to a last state that says that somebody declined.
    Declined,
    /// It came to a last state, which says neither.
    Succeeded,
    /// It failed.
    Failed,
    /// It ran out of time.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
}

impl ExecutionEnd {
    /// The end of this name: `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "SUCCEEDED" => Some(Self::Succeeded),
            "FAILED" => Some(Self::Failed),
            "TIMED_OUT" => Some(Self::TimedOut),
            "ABORTED" => Some(Self::Aborted),
            _ => None,
        }
    }

    /// The end of an execution that succeeded with this output, as the workflows' last states put it
    /// out: `scheduled`, `spent` or `answered` where it did what was asked, `declined` where somebody said no.
    pub fn with_output(output: &Value) -> Self {
        if ["scheduled", "spent", "answered"]
            .iter()
            .any(|name| !output[name].is_null())
        {
            return Self::Done;
        }
        if output["declined"].is_null() {
            Self::Succeeded
        } else {
            Self::Declined
        }
    }

    /// What the run is then, and the error where the execution named none.
    const fn meaning(self) -> (RunStatus, &'static str) {
        match self {
            Self::Done => (RunStatus::Succeeded, ""),
            Self::Declined => (RunStatus::Cancelled, "Declined"),
            // It should have written its end before.
            Self::Succeeded => (RunStatus::Failed, "EndNotRecorded"),
            Self::Failed => (RunStatus::Failed, "States.TaskFailed"),
            Self::TimedOut => (RunStatus::Expired, "States.Timeout"),
            Self::Aborted => (RunStatus::Cancelled, "Aborted"),
        }
    }
}

/// The longest cause that is kept, in characters.
const MAX_CAUSE: usize = 2_000;

impl App {
    /// Ends the run of an execution, unless the run is over or another execution of it is at work.
    ///
    /// # Errors
    /// When the name is no execution's of a run, there is no such run, or the store does not answer.
    pub async fn end_of_execution(
        &self,
        tenant: &TenantId,
        execution_name: &str,
        end: ExecutionEnd,
        error: Option<&str>,
        cause: Option<&str>,
    ) -> Result<RunState, AppError> {
        let (run_id, attempt) = run_of(execution_name)?;
        let (status, unnamed) = end.meaning();
        let change = |state: &RunState| {
            if state.status.is_over() || state.attempt != attempt {
                return Ok(Change::default());
            }
            let error = error.filter(|e| !e.is_empty()).unwrap_or(unnamed);
            let ended = Event::Ended {
                status,
                error: (!error.is_empty()).then(|| error.to_owned()),
                cause: cause.map(shortened),
            };
            Ok(Change::from(vec![ended]))
        };
        let event_id = format!("execution-{attempt}-ended");
        let ended = self.append_from(tenant, run_id, &event_id, change).await?;
        if ended.state.status.is_over() {
            self.withdraw_approvals(&ended.state).await?;
            self.close_its_account(&ended.state).await?;
            self.log_if_unlogged(&ended.state).await?;
        }
        // What succeeded is not undone because nobody wrote it down.
        if ended.state.status.is_redrivable() && end != ExecutionEnd::Succeeded {
            return self.take_back(ended.state).await;
        }
        Ok(ended.state)
    }
}

/// A cause that is not longer than what is kept.
pub(crate) fn shortened(cause: &str) -> String {
    cause.chars().take(MAX_CAUSE).collect()
}

/// The run of an execution's name, and its attempt.
fn run_of(name: &str) -> Result<(RunId, u32), FieldError> {
    let (run, attempt) = match name.split_once('-') {
        None => (name, Some(1)),
        Some((run, attempt)) => (run, attempt.parse().ok().filter(|n| *n > 1)),
    };
    let run = run.parse().ok();
    run.zip(attempt).ok_or_else(|| {
        let message = "must be the id of a run, with `-` and the attempt where it is not the first";
        FieldError::new("execution_name", message)
    })
}
