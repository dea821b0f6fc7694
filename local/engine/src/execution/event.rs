//! History events, named as `GetExecutionHistory` names them.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

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
    EvaluationFailed,
    /// The engine's own: a retry was scheduled. Not part of the history, so not numbered.
    Retry,
}

impl EventKind {
    /// The name as the history spells it.
    pub fn name(self) -> Cow<'static, str> {
        let of_state = |state: StateType, what: &str| Cow::Owned(format!("{state:?}State{what}"));
        match self {
            Self::StateEntered(state) => of_state(state, "Entered"),
            Self::StateExited(state) => of_state(state, "Exited"),
            Self::StateStarted(state) => of_state(state, "Started"),
            Self::StateSucceeded(state) => of_state(state, "Succeeded"),
            Self::StateFailed(state) => of_state(state, "Failed"),
            Self::StateAborted(state) => of_state(state, "Aborted"),
            other => Cow::Owned(format!("{other:?}")),
        }
    }
}

/// What an event says beside its name.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Details {
    None,
    Input(Arc<Value>),
    Output(Arc<Value>),
    Failure(Failure),
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

impl Event {
    /// The event as JSON, for logs and traces.
    pub fn to_json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("id".to_owned(), self.id.into());
        fields.insert("previousEventId".to_owned(), self.previous.into());
        fields.insert("timestamp".to_owned(), self.at.to_string().into());
        fields.insert("type".to_owned(), self.kind.name().into());
        fields.insert("state".to_owned(), (*self.name).into());
        if let Value::Object(details) = self.details.to_json() {
            fields.extend(details);
        }
        Value::Object(fields)
    }
}

impl Details {
    fn to_json(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Input(input) => json!({"input": **input}),
            Self::Output(output) => json!({"output": **output}),
            Self::Failure(failure) => json!({"error": failure.error, "cause": failure.cause}),
            Self::Length(length) => json!({"length": length}),
            Self::Iteration(index) => json!({"index": index}),
            Self::Scheduled {
                resource,
                parameters,
                timeout,
                heartbeat,
            } => json!({
                "resource": **resource,
                "parameters": **parameters,
                "timeoutInSeconds": timeout,
                "heartbeatInSeconds": heartbeat,
            }),
            Self::Retry {
                failure,
                attempt,
                delay_ms,
            } => json!({
                "error": failure.error,
                "cause": failure.cause,
                "attempt": attempt,
                "delayMs": delay_ms,
            }),
        }
    }
}

impl Execution {
    /// Counts an event of a frame and hands it out if anyone listens.
    pub(crate) fn emit(&mut self, id: FrameId, kind: EventKind, details: Details) {
        if kind != EventKind::Retry {
            self.events += 1;
        }
        let event_id = self.events;
        let Some(frame) = self.frames.get_mut(&id) else {
            return;
        };
        let previous = std::mem::replace(&mut frame.last_event, event_id);
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
