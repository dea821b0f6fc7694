//! What goes in and out of the step core.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Event;
use crate::failure::Failure;

/// Names one call of a task within an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskId(pub u64);

/// Names one timer within an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerId(pub u64);

impl TimerId {
    /// The end of the year that a Standard execution may run. It is outside the count of the
    /// others, so that it is known by its number and theirs do not depend on it.
    pub(crate) const QUOTA: Self = Self(0);
}

/// A call that a Task state asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRequest {
    /// Unique within the execution; a retry is a new call.
    pub id: TaskId,
    /// The ARN, for example `arn:aws:states:::lambda:invoke`.
    pub resource: String,
    /// What `Arguments` gave, or the state's input.
    pub arguments: Arc<Value>,
    /// The state's name.
    pub name: String,
    /// The state's path: a JSON pointer into the definition.
    pub state: String,
    /// Retries so far: 0 for the first call.
    pub attempt: u32,
    /// The token, where the resource ends with `.waitForTaskToken`.
    pub token: Option<String>,
    /// `TimeoutSeconds`; the engine keeps it.
    pub timeout: Option<u64>,
    /// `HeartbeatSeconds`; the engine keeps it.
    pub heartbeat: Option<u64>,
}

/// Something that happened to an execution. The stimuli of an execution, with their times,
/// are its journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Stimulus {
    /// A task answered.
    TaskSucceeded { task: TaskId, output: Value },
    /// A task failed.
    TaskFailed { task: TaskId, error: Failure },
    /// The call of a task that someone else completes was made, and this is what it answered.
    TaskSubmitted { task: TaskId, output: Value },
    /// A task is still alive.
    TaskHeartbeat { task: TaskId },
    /// The time of a timer has come.
    TimerFired { timer: TimerId },
    /// Someone stops the execution.
    Abort {
        error: Option<String>,
        cause: Option<String>,
    },
    /// An execution that did not succeed goes on from where it failed.
    Redriven,
    /// An execution that was copied up to a state enters it, with another input if one is given.
    Forked {
        /// The state's name.
        state: String,
        /// Which of its entries, from 1.
        entry: usize,
        input: Option<Value>,
        /// The copy draws its own tokens and random numbers from here on.
        seed: u64,
    },
}

/// Something that an execution asks for.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Effect {
    /// Call this task, and say how it ended.
    Call(TaskRequest),
    /// Nobody waits for this task any more.
    CancelTask(TaskId),
    /// Say when this moment has come.
    SetTimer { timer: TimerId, at: Timestamp },
    /// Forget this timer.
    CancelTimer(TimerId),
    /// Something for the history.
    Emit(Event),
    /// The execution is over; nothing follows.
    Done(Outcome),
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Outcome {
    /// It reached its end.
    Succeeded { output: Value },
    /// A state failed and nothing caught it.
    Failed {
        error: Option<String>,
        cause: Option<String>,
    },
    /// The machine's own `TimeoutSeconds` ran out, or the time that any execution of its kind
    /// has; AWS gives neither error nor cause.
    TimedOut,
    /// Someone stopped it.
    Aborted {
        error: Option<String>,
        cause: Option<String>,
    },
}

impl Outcome {
    /// The status as the API of Step Functions spells it.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "SUCCEEDED",
            Self::Failed { .. } => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted { .. } => "ABORTED",
        }
    }

    /// The output of an execution that succeeded.
    pub fn output(&self) -> Option<&Value> {
        match self {
            Self::Succeeded { output } => Some(output),
            _ => None,
        }
    }

    /// The error name of one that did not.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Failed { error, .. } | Self::Aborted { error, .. } => error.as_deref(),
            _ => None,
        }
    }

    /// The cause of one that did not succeed.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Failed { cause, .. } | Self::Aborted { cause, .. } => cause.as_deref(),
            _ => None,
        }
    }
}
