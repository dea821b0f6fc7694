//! What an execution still has under way after a replay.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::execution::{Effect, Stimulus, TaskId, TaskRequest, TimerId};

/// Calls and timers that were asked for and have not ended.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    pub(super) calls: BTreeMap<TaskId, OpenCall>,
    pub(super) timers: BTreeMap<TimerId, Timestamp>,
}

/// A call that was asked for.
#[derive(Debug)]
pub(super) struct OpenCall {
    pub(super) task: TaskRequest,
    /// It was made and answered; someone else completes the task.
    pub(super) submitted: bool,
}

impl Backlog {
    /// Takes in one step of a replay.
    pub(super) fn note(&mut self, stimulus: Option<&Stimulus>, effects: Vec<Effect>) {
        match stimulus {
            Some(Stimulus::TaskSucceeded { task, .. } | Stimulus::TaskFailed { task, .. }) => {
                self.calls.remove(task);
            }
            Some(Stimulus::TaskSubmitted { task, .. }) => {
                if let Some(call) = self.calls.get_mut(task) {
                    call.submitted = true;
                }
            }
            Some(Stimulus::TimerFired { timer }) => {
                self.timers.remove(timer);
            }
            _ => {}
        }
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Call(task) => {
                let submitted = false;
                self.calls.insert(task.id, OpenCall { task, submitted });
            }
            Effect::CancelTask(task) => {
                self.calls.remove(&task);
            }
            Effect::SetTimer { timer, at } => {
                self.timers.insert(timer, at);
            }
            Effect::CancelTimer(timer) => {
                self.timers.remove(&timer);
            }
            Effect::Emit(_) | Effect::Done(_) => {}
        }
    }
}
