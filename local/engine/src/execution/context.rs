//! What expressions see: scopes of variables and the context object.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{EventKind, Execution, Frame, FrameId, Item};
use crate::dialect::Fault;
use crate::execution::Details;
use crate::failure::{Failure, RUNTIME};
use crate::jsonata::{Bindings, Scope};
use crate::state::Kind;

/// One frame of an execution, as its expressions see it.
struct View<'a> {
    execution: &'a Execution,
    frame: &'a Frame,
    item: Option<&'a Item>,
}

impl View<'_> {
    /// This frame and those around it, innermost first.
    fn frames(&self) -> impl Iterator<Item = &Frame> {
        std::iter::successors(Some(self.frame), |frame| {
            let parent = self.execution.frames.get(&frame.parent?.frame)?;
            Some(&**parent)
        })
    }

    /// The item at hand: the one that a Map prepares, or the innermost around this frame.
    fn item(&self) -> Option<&Item> {
        let around = || self.frames().find_map(|frame| frame.item.as_ref());
        self.item.or_else(around)
    }
}

impl Bindings for View<'_> {
    fn variable(&self, name: &str) -> Option<Arc<Value>> {
        // A child execution does not see the variables around it.
        let mut outside = false;
        self.frames()
            .take_while(|frame| !std::mem::replace(&mut outside, frame.child.is_some()))
            .find_map(|frame| frame.variables.get(name))
            .map(|variable| Arc::clone(&variable.value))
    }

    fn execution_input(&self) -> Arc<Value> {
        let child = self.frames().find_map(|frame| frame.child.as_ref());
        Arc::clone(child.map_or(&self.execution.input, |child| &child.input))
    }

    fn item_value(&self) -> Option<Arc<Value>> {
        self.item().map(|item| Arc::clone(&item.value))
    }

    fn context(&self, with_input: bool) -> Value {
        let info = &self.execution.info;
        let frame = self.frame;
        let state = self.execution.machine.state(frame.flow, frame.state);
        let mut context = json!({
            "Execution": {
                "Id": info.execution_id,
                "Name": info.name,
                "RoleArn": info.role_arn,
                "StartTime": rfc3339(self.execution.started),
                "RedriveCount": self.execution.salvage.redrives,
            },
            "State": {
                "EnteredTime": rfc3339(frame.entered_at),
                "Name": *state.name,
                "RetryCount": frame.retries,
            },
            "StateMachine": { "Id": info.machine_id, "Name": info.machine_name },
        });
        if let Some(at) = self.execution.salvage.redriven_at {
            context["Execution"]["RedriveTime"] = rfc3339(at).into();
        }
        if with_input {
            context["Execution"]["Input"] = Value::clone(&self.execution_input());
        }
        if let Some(item) = self.item() {
            context["Map"] = json!({"Item": item.context()});
        }
        if let Some(token) = &frame.token {
            context["Task"] = json!({"Token": **token});
        }
        context
    }
}

/// Milliseconds and `Z`, as AWS prints times.
fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

impl Execution {
    /// Evaluates expressions of the frame's state.
    pub(crate) fn evaluate<T>(
        &mut self,
        id: FrameId,
        read: impl FnOnce(&Scope<'_>) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        self.evaluate_with(id, Extra::default(), read)
    }

    /// Evaluates expressions of a Map that see one of its items.
    pub(crate) fn evaluate_item<T>(
        &mut self,
        id: FrameId,
        item: &Item,
        read: impl FnOnce(&Scope<'_>) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let extra = Extra {
            item: Some(item),
            ..Extra::default()
        };
        self.evaluate_with(id, extra, read)
    }

    pub(super) fn evaluate_with<T>(
        &mut self,
        id: FrameId,
        extra: Extra<'_>,
        read: impl FnOnce(&Scope<'_>) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let Some(frame) = self.frames.get(&id) else {
            return Err(Failure::default());
        };
        let view = View {
            execution: self,
            frame,
            item: extra.item,
        };
        let mut scope = Scope::new(&frame.input, &view, self.now, self.rng.clone());
        scope.result = extra.result;
        scope.error = extra.error;
        let read = read(&scope);
        let rng = scope.rng.into_inner();
        self.rng = rng;
        read.map_err(|fault| self.faulted(id, &fault))
    }

    /// The failure of a state whose field has no value.
    fn faulted(&mut self, id: FrameId, fault: &Fault) -> Failure {
        let failure = self.failure(id, fault.error(), &fault.why());
        if let Fault::Query(error) = fault {
            let details = Details::Evaluation {
                failure: failure.clone(),
                location: error.field.clone(),
            };
            self.emit(id, EventKind::EvaluationFailed, details);
        }
        let machine = Arc::clone(&self.machine);
        let state = self.state_of(&machine, id).map(|state| &state.kind);
        let catches = matches!(
            state,
            Some(Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_))
        );
        if let Some(frame) = self.frames.get_mut(&id) {
            // What fails in a state without Retry and Catch is not caught further out either.
            frame.doomed |= fault.is_fatal() || !catches && fault.error() == RUNTIME;
        }
        failure
    }

    /// A failure of the frame's state, with its cause in AWS's words.
    pub(crate) fn failure(&self, id: FrameId, error: &str, why: &str) -> Failure {
        let Some(frame) = self.frames.get(&id) else {
            return Failure::new(error, why);
        };
        let name = &self.machine.state(frame.flow, frame.state).name;
        let entered = frame.entered_event;
        let cause = format!(
            "An error occurred while executing the state '{name}' (entered at the event id #{entered}). {why}"
        );
        Failure::new(error, cause)
    }

    /// A new token for the frame's task.
    pub(crate) fn draw_token(&mut self, id: FrameId) {
        // The name in front says whose token it is, so that nothing else needs to know.
        let name = &self.info.name;
        let token = format!(
            "{name}.{:032x}{:032x}",
            self.rng.u128(..),
            self.rng.u128(..)
        );
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.token = Some(Arc::from(token));
        }
    }
}

/// What some expressions see beside input, variables and context.
#[derive(Default, Clone, Copy)]
pub(super) struct Extra<'a> {
    pub(super) result: Option<&'a Arc<Value>>,
    pub(super) error: Option<&'a Arc<Value>>,
    pub(super) item: Option<&'a Item>,
}
