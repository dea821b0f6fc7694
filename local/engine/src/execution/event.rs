//! History events, named as `GetExecutionHistory` names them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Effect, Execution, FrameId};
use crate::failure::Failure;
use crate::state::StateType;

/// The type of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the history API")]
pub enum EventKind {
    ExecutionStarted,
    ExecutionSucceeded,
    ExecutionFailed,
    ExecutionTimedOut,
    ExecutionAborted,
    /// `TaskStateEntered`, `PassStateEntered`, …
    StateEntered(StateType),
    /// `TaskStateExited`, `PassStateExited`, …
    StateExited(StateType),
    /// `ParallelStateStarted` or `MapStateStarted`
    StateStarted(StateType),
    /// `ParallelStateSucceeded` or `MapStateSucceeded`
    StateSucceeded(StateType),
    /// `ParallelStateFailed` or `MapStateFailed`
    StateFailed(StateType),
    /// `TaskStateAborted`, `WaitStateAborted`, …
    StateAborted(StateType),
    TaskScheduled,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TaskFailed,
    TaskTimedOut,
    LambdaFunctionScheduled,
    LambdaFunctionStarted,
    LambdaFunctionSucceeded,
    LambdaFunctionFailed,
    LambdaFunctionTimedOut,
    MapIterationStarted,
    MapIterationSucceeded,
    MapIterationFailed,
    MapIterationAborted,
    MapRunStarted,
    MapRunSucceeded,
    MapRunFailed,
    EvaluationFailed,
    ExecutionRedriven,
    /// The engine's own: a retry was scheduled. Not part of the history, so not numbered.
    Retry,
}

/// Variables with the values that a state gave them.
pub type Assigned = Vec<(Arc<str>, Arc<Value>)>;

/// What an event says beside its name.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Details {
    None,
    Input(Arc<Value>),
    Output(Arc<Value>),
    /// What left a state, and the variables that it assigned.
    Exited {
        output: Arc<Value>,
        assigned: Assigned,
    },
    Failure(Failure),
    /// An expression failed, and where it stands, such as `Output/total`.
    Evaluation {
        failure: Failure,
        location: String,
    },
    /// What the resource of a task answered.
    TaskOutput(Arc<str>, Arc<Value>),
    /// How the resource of a task failed.
    TaskFailure(Arc<str>, Failure),
    /// The resource whose task started.
    Started(Arc<str>),
    /// How often the execution was redriven.
    Redriven(u64),
    /// Items of a Map.
    Length(usize),
    /// Which iteration of a Map.
    Iteration(usize),
    Scheduled {
        resource: Arc<str>,
        parameters: Arc<Value>,
        timeout: Option<u64>,
        heartbeat: Option<u64>,
    },
    Retry {
        failure: Failure,
        attempt: u32,
        delay_ms: u64,
    },
}

/// One event of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Counts from 1.
    pub id: u64,
    /// The event that led to this one; 0 for the first.
    pub previous: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The name of the state at hand.
    pub name: Arc<str>,
    /// The path of the state at hand: a JSON pointer into the definition.
    pub path: Arc<str>,
    /// What else is known.
    pub details: Details,
}

impl Execution {
    /// Counts an event of a frame and hands it out if anyone listens.
    pub(crate) fn emit(&mut self, id: FrameId, kind: EventKind, details: Details) {
        if self.emit_in_child(id, kind) {
            return;
        }
        if kind != EventKind::Retry {
            self.events += 1;
        }
        let event_id = self.events;
        let Some(frame) = self.frames.get_mut(&id) else {
            return;
        };
        let previous = frame.last_event;
        // As on AWS, the first state does not follow the start, and the iterations of a Map
        // follow what was before them all.
        if !matches!(
            kind,
            EventKind::ExecutionStarted | EventKind::MapIterationStarted
        ) {
            frame.last_event = event_id;
        }
        if !self.info.events {
            return;
        }
        let state = self.machine.state(frame.flow, frame.state);
        self.effects.push(Effect::Emit(Event {
            id: event_id,
            previous,
            at: self.now,
            kind,
            name: Arc::clone(&state.name),
            path: Arc::clone(&state.path),
            details,
        }));
    }
}
