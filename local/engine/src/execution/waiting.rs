//! Open tasks and timers, and how an execution ends.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Activity, Details, Effect, EventKind, Execution, FrameId, Outcome, ROOT, TaskId, TimerId,
    WorkflowKind,
};
use crate::failure::{Failure, HEARTBEAT_TIMEOUT, TIMEOUT};
use crate::state::{Kind, MapState, TaskRun};

/// Seconds that an Express workflow may run.
const EXPRESS_SECONDS: u64 = 300;
/// Seconds that a Standard workflow may run: a year, as the quotas of AWS say.
const STANDARD_SECONDS: u64 = 365 * 24 * 60 * 60;

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Machine,
    TaskTimeout,
    Heartbeat,
    Wait,
    Backoff,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Timer {
    frame: FrameId,
    purpose: Purpose,
}

impl Execution {
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn next_task(&mut self, frame: FrameId) -> TaskId {
        let task = TaskId(self.number());
        self.tasks.insert(task, frame);
        task
    }

    pub(crate) fn set_timer(&mut self, frame: FrameId, at: Timestamp, purpose: Purpose) -> TimerId {
        let timer = TimerId(self.number());
        self.set_numbered(timer, frame, at, purpose);
        timer
    }

    fn set_numbered(&mut self, timer: TimerId, frame: FrameId, at: Timestamp, purpose: Purpose) {
        self.timers.insert(timer, Timer { frame, purpose });
        self.effects.push(Effect::SetTimer { timer, at });
    }

    pub(super) fn cancel_timer(&mut self, timer: TimerId) {
        if self.timers.remove(&timer).is_some() {
            self.effects.push(Effect::CancelTimer(timer));
        }
    }

    /// Makes a Wait state wait.
    pub(crate) fn wait(&mut self, frame: FrameId, until: Timestamp) {
        let timer = self.set_timer(frame, until, Purpose::Wait);
        self.set_activity(frame, Activity::Wait(timer));
    }

    /// `TimeoutSeconds` of the machine, or what a workflow of its kind may run at most.
    pub(super) fn limit_time(&mut self) {
        let machine = self.timers.iter();
        let old: Vec<TimerId> = machine
            .filter(|(_, timer)| timer.purpose == Purpose::Machine)
            .map(|(id, _)| *id)
            .collect();
        for timer in old {
            self.cancel_timer(timer);
        }
        match (self.info.kind, self.machine.timeout) {
            (WorkflowKind::Standard, None) => {
                let at = self.after_seconds(STANDARD_SECONDS);
                self.set_numbered(TimerId::QUOTA, ROOT, at, Purpose::Machine);
            }
            (WorkflowKind::Standard, Some(own)) => self.limit_seconds(own.min(STANDARD_SECONDS)),
            (WorkflowKind::Express, own) => {
                self.limit_seconds(own.unwrap_or(EXPRESS_SECONDS).min(EXPRESS_SECONDS));
            }
        }
    }

    fn limit_seconds(&mut self, seconds: u64) {
        self.set_timer(ROOT, self.after_seconds(seconds), Purpose::Machine);
    }

    pub(super) fn task_succeeded(&mut self, task: TaskId, output: Value) {
        let machine = Arc::clone(&self.machine);
        let Some((id, submitted)) = self.answer(task) else {
            return;
        };
        let Some(state) = self.state_of(&machine, id) else {
            return;
        };
        if let Kind::Map(map) = &state.kind {
            if let Err(failure) = map.transferred(state, self, id, output) {
                self.fail(&machine, id, failure, false);
            }
            return;
        }
        let Kind::Task(kind) = &state.kind else {
            return;
        };
        if kind.submits() && !submitted {
            let nothing = Arc::new(Value::Object(serde_json::Map::new()));
            let details = Details::TaskOutput(Arc::clone(&kind.resource), nothing);
            self.emit(id, EventKind::TaskSubmitted, details);
        }
        if let Err(failure) = kind.answered(state, self, id, output) {
            self.fail(&machine, id, failure, false);
        }
    }

    pub(super) fn task_failed(&mut self, task: TaskId, error: Failure) {
        if let Some((id, _)) = self.answer(task) {
            self.task_ended(id, EventKind::TaskFailed, error);
        }
    }

    /// The call was made; the task stays open until it is completed by its token.
    pub(super) fn task_submitted(&mut self, task: TaskId, output: Value) {
        let Some(id) = self.tasks.get(&task).copied() else {
            return;
        };
        let machine = Arc::clone(&self.machine);
        let state = self.state_of(&machine, id).map(|state| &state.kind);
        let Some(Kind::Task(kind)) = state else {
            return;
        };
        let first = self
            .call_mut(id)
            .is_some_and(|call| !std::mem::replace(&mut call.submitted, true));
        if first {
            let details = Details::TaskOutput(Arc::clone(&kind.resource), Arc::new(output));
            self.emit(id, EventKind::TaskSubmitted, details);
        }
    }

    fn task_ended(&mut self, id: FrameId, kind: EventKind, failure: Failure) {
        let machine = Arc::clone(&self.machine);
        let Some(state) = self.state_of(&machine, id) else {
            return;
        };
        if let Kind::Map(_) = &state.kind {
            let failure = MapState::untransferred(self, id, &failure);
            return self.fail(&machine, id, failure, false);
        }
        let Kind::Task(task) = &state.kind else {
            return;
        };
        let details = Details::TaskFailure(Arc::clone(&task.resource), failure.clone());
        self.emit(id, task.event(kind), details);
        self.fail(&machine, id, failure, false);
    }

    /// Closes a call that was answered, and gives the frame that waited for it and whether
    /// the call had been submitted.
    fn answer(&mut self, task: TaskId) -> Option<(FrameId, bool)> {
        let id = *self.tasks.get(&task)?;
        let frame = self.frames.get_mut(&id)?;
        let activity = std::mem::replace(&mut frame.activity, Activity::None);
        let Activity::Task(call) = activity else {
            return Some((id, false));
        };
        self.close_task(&call);
        Some((id, call.submitted))
    }

    pub(super) fn close_task(&mut self, call: &TaskRun) {
        self.tasks.remove(&call.task);
        let heartbeat = call.heartbeat.map(|(timer, _)| timer);
        for timer in [call.timeout, heartbeat].into_iter().flatten() {
            self.cancel_timer(timer);
        }
    }

    pub(super) fn heartbeat(&mut self, task: TaskId) {
        let Some(id) = self.tasks.get(&task).copied() else {
            return;
        };
        let Some((old, seconds)) = self.call_mut(id).and_then(|call| call.heartbeat) else {
            return;
        };
        self.cancel_timer(old);
        let timer = self.set_timer(id, self.after_seconds(seconds), Purpose::Heartbeat);
        if let Some(call) = self.call_mut(id) {
            call.heartbeat = Some((timer, seconds));
        }
    }

    pub(super) fn timer_fired(&mut self, timer: TimerId) {
        let Some(Timer { frame, purpose }) = self.timers.remove(&timer) else {
            return;
        };
        let machine = Arc::clone(&self.machine);
        match purpose {
            Purpose::Machine => self.end(Outcome::TimedOut),
            Purpose::TaskTimeout => self.task_timed_out(frame, TIMEOUT),
            Purpose::Heartbeat => self.task_timed_out(frame, HEARTBEAT_TIMEOUT),
            Purpose::Backoff => {
                self.set_activity(frame, Activity::None);
                if !self.exhausted(frame) && !self.exhausted_child(&machine, frame) {
                    self.work(&machine, frame);
                }
            }
            Purpose::Wait => {
                let Some(state) = self.state_of(&machine, frame) else {
                    return;
                };
                let Kind::Wait(wait) = &state.kind else {
                    return;
                };
                if let Err(failure) = wait.over(state, self, frame) {
                    self.fail(&machine, frame, failure, false);
                }
            }
        }
    }

    fn task_timed_out(&mut self, id: FrameId, error: &str) {
        self.release(id);
        self.task_ended(id, EventKind::TaskTimedOut, Failure::named(error));
    }

    /// Ends the execution: nothing runs on, and nothing is answered after this.
    pub(super) fn end(&mut self, outcome: Outcome) {
        if self.outcome.is_some() {
            return;
        }
        self.keep_last();
        self.release(ROOT);
        let kind = match &outcome {
            Outcome::Succeeded { .. } => None,
            Outcome::Failed { .. } => Some(EventKind::ExecutionFailed),
            Outcome::TimedOut => Some(EventKind::ExecutionTimedOut),
            Outcome::Aborted { .. } => Some(EventKind::ExecutionAborted),
        };
        if let Some(kind) = kind {
            let failure = Failure {
                error: outcome.error().map(str::to_owned),
                cause: outcome.cause().map(str::to_owned),
            };
            self.emit(ROOT, kind, Details::Failure(failure));
        }
        let open: Vec<TimerId> = self.timers.keys().copied().collect();
        for timer in open {
            self.cancel_timer(timer);
        }
        self.ready.clear();
        self.frames.clear();
        self.outcome = Some(outcome.clone());
        self.effects.push(Effect::Done(outcome));
    }
}
