//! Joining branches, and stopping them.

use std::sync::Arc;

use serde_json::Value;

use super::{Activity, Details, Effect, EventKind, Execution, FrameId, Parent};
use crate::failure::Failure;
use crate::model::State;
use crate::state::StateType;

impl Execution {
    /// A branch of a Parallel gave its output.
    pub(super) fn branch_done(
        &mut self,
        state: &State,
        parent: Parent,
        child: FrameId,
        output: Arc<Value>,
    ) -> Result<(), Failure> {
        let parallel = self.parallel_mut(parent.frame);
        let Some(result) = parallel.and_then(|run| run.done(child, parent.index, output)) else {
            return Ok(());
        };
        let kind = EventKind::StateSucceeded(state.kind.state_type());
        self.emit(parent.frame, kind, Details::None);
        let result: Arc<Value> = Arc::new(result);
        self.leave(parent.frame, &state.data, state.next, Some(&result))
    }

    /// The history of a parent goes on after its child's.
    pub(super) fn adopt_last_event(&mut self, parent: FrameId, child: FrameId) {
        let last = self.frames.get(&child).map(|frame| frame.last_event);
        if let (Some(last), Some(frame)) = (last, self.frames.get_mut(&parent)) {
            frame.last_event = frame.last_event.max(last);
        }
    }

    /// Stops whatever a frame waits for, its branches included.
    pub(super) fn release(&mut self, id: FrameId) {
        let Some(frame) = self.frames.get_mut(&id) else {
            return;
        };
        match std::mem::replace(&mut frame.activity, Activity::None) {
            Activity::None => {}
            Activity::Task(call) => {
                self.close_task(&call);
                self.effects.push(Effect::CancelTask(call.task));
            }
            Activity::Wait(timer) | Activity::Backoff(timer) => self.cancel_timer(timer),
            Activity::Parallel(parallel) => {
                for child in parallel.running {
                    self.abort(child);
                }
            }
            Activity::Map(map) => {
                for (index, child) in map.running {
                    self.abort(child);
                    if !map.children.contains_key(&index) {
                        let details = Details::Iteration(index);
                        self.emit(id, EventKind::MapIterationAborted, details);
                    }
                }
            }
        }
    }

    /// Ends a branch that nobody waits for any more.
    fn abort(&mut self, id: FrameId) {
        self.release(id);
        let machine = Arc::clone(&self.machine);
        let entered = !self.ready.contains(&id);
        let waits = |state: &&State| {
            let kind = state.kind.state_type();
            matches!(
                kind,
                StateType::Task | StateType::Wait | StateType::Parallel | StateType::Map
            )
        };
        if let Some(state) = self
            .state_of(&machine, id)
            .filter(waits)
            .filter(|_| entered)
        {
            let kind = EventKind::StateAborted(state.kind.state_type());
            self.emit(id, kind, Details::None);
        }
        self.frames.remove(&id);
    }
}
