//! Entering and leaving states.

use std::sync::Arc;

use serde_json::Value;

use super::context::Extra;
use super::frame::Variable;
use super::{Activity, Details, EventKind, Execution, FrameId, Outcome};
use crate::dialect::Data;
use crate::failure::Failure;
use crate::model::{Machine, Next};
use crate::state::Kind;

impl Execution {
    /// Enters the frame's state and does its work.
    pub(super) fn enter(&mut self, machine: &Machine, id: FrameId) {
        let Some(state) = self.state_of(machine, id) else {
            return;
        };
        let events = self.events_of(id);
        let Some(frame) = self.frames.get_mut(&id) else {
            return;
        };
        frame.entered_at = self.now;
        frame.retries = 0;
        frame.attempts.clear();
        frame.attempts.resize(state.retry.len(), 0);
        frame.token = None;
        frame.doomed = false;
        // The event that follows is the next one to be counted.
        frame.entered_event = events + 1;
        let input = Arc::clone(&frame.input);
        let kind = EventKind::StateEntered(state.kind.state_type());
        self.emit(id, kind, Details::Input(input));
        self.trace.push(Arc::clone(&state.name));
        self.work(machine, id);
    }

    /// Does the work of the frame's state: at entry, and again at each retry.
    pub(super) fn work(&mut self, machine: &Machine, id: FrameId) {
        let Some(state) = self.state_of(machine, id) else {
            return;
        };
        if let Err(failure) = state.work(self, id) {
            self.fail(machine, id, failure, false);
        }
    }

    /// Leaves the state with what `data` makes of it. Without a result the input goes on.
    pub(crate) fn leave(
        &mut self,
        id: FrameId,
        data: &Data,
        next: Next,
        result: Option<&Arc<Value>>,
    ) -> Result<(), Failure> {
        let extra = Extra {
            result,
            ..Extra::default()
        };
        self.leave_with(id, data, next, extra, result)
    }

    pub(super) fn leave_with(
        &mut self,
        id: FrameId,
        data: &Data,
        next: Next,
        extra: Extra<'_>,
        default: Option<&Arc<Value>>,
    ) -> Result<(), Failure> {
        // Both see the old variables: assignments take effect when the state is left.
        let (assigned, output) = self.evaluate_with(id, extra, |scope| {
            data.leave(scope, default.unwrap_or(scope.input))
        })?;
        let assigned = self.limit_assigned(id, assigned)?;
        if !self
            .frames
            .get(&id)
            .is_some_and(|frame| Arc::ptr_eq(&frame.input, &output))
        {
            self.limit_state(id, &output)?;
        }
        self.move_on(id, assigned, next, output);
        Ok(())
    }

    fn move_on(
        &mut self,
        id: FrameId,
        assigned: Vec<(Arc<str>, Variable)>,
        next: Next,
        output: Arc<Value>,
    ) {
        let machine = Arc::clone(&self.machine);
        let Some(state) = self.state_of(&machine, id) else {
            return;
        };
        let kind = EventKind::StateExited(state.kind.state_type());
        let told = Details::Exited {
            output: Arc::clone(&output),
            assigned: if self.info.events {
                let value = |(name, variable): &(Arc<str>, Variable)| {
                    (Arc::clone(name), Arc::clone(&variable.value))
                };
                assigned.iter().map(value).collect()
            } else {
                Vec::new()
            },
        };
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.activity = Activity::None;
            frame.variables.extend(assigned);
        }
        self.emit(id, kind, told);
        match next {
            Next::State(target) => {
                if let Some(frame) = self.frames.get_mut(&id) {
                    frame.state = target;
                    frame.input = output;
                    self.ready.push_back(id);
                }
            }
            Next::End => self.flow_done(&machine, id, output),
        }
    }

    /// A flow reached its end: the execution's, a branch's or an iteration's.
    fn flow_done(&mut self, machine: &Machine, id: FrameId, output: Arc<Value>) {
        let Some(parent) = self.frames.get(&id).and_then(|frame| frame.parent) else {
            self.emit(
                id,
                EventKind::ExecutionSucceeded,
                Details::Output(Arc::clone(&output)),
            );
            let output = Arc::unwrap_or_clone(output);
            return self.end(Outcome::Succeeded { output });
        };
        self.adopt_last_event(parent.frame, id);
        self.frames.remove(&id);
        let Some(state) = self.state_of(machine, parent.frame) else {
            return;
        };
        let done = match &state.kind {
            Kind::Map(map) => map.iteration_done(state, self, parent.frame, parent.index, output),
            _ => self.branch_done(state, parent, id, output),
        };
        if let Err(failure) = done {
            self.fail(machine, parent.frame, failure, false);
        }
    }
}
