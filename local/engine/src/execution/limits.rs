//! Tasks, timers, and the limits on time and size.

use std::io::{self, Write};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    Activity, Details, Effect, EventKind, Execution, FrameId, Outcome, ROOT, TaskId, TimerId,
    WorkflowKind,
};
use crate::dialect::Assignments;
use crate::failure::{DATA_LIMIT, Failure, HEARTBEAT_TIMEOUT, TIMEOUT};
use crate::state::{Kind, TaskRun};

/// The largest input, output, result or assignment: 256 KiB.
const LARGEST: usize = 256 * 1024;
/// Seconds that an Express workflow may run.
const EXPRESS_SECONDS: u64 = 300;

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
        self.timers.insert(timer, Timer { frame, purpose });
        self.effects.push(Effect::SetTimer { timer, at });
        timer
    }

    pub(super) fn cancel_timer(&mut self, timer: TimerId) {
        if self.timers.remove(&timer).is_some() {
            self.effects.push(Effect::CancelTimer(timer));
        }
    }

    /// Makes a Wait state wait.
    pub(crate) fn wait(&mut self, frame: FrameId, until: Timestamp) {
        let timer = self.set_timer(frame, until, Purpose::Wait);
        self.frame_mut(frame).activity = Activity::Wait(timer);
    }

    /// `TimeoutSeconds` of the machine; an Express workflow always has one.
    pub(super) fn limit_time(&mut self) {
        let own = self.machine.timeout;
        let seconds = match self.info.kind {
            WorkflowKind::Standard => own,
            WorkflowKind::Express => Some(own.unwrap_or(EXPRESS_SECONDS).min(EXPRESS_SECONDS)),
        };
        if let Some(seconds) = seconds {
            let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
            self.set_timer(ROOT, self.after(seconds), Purpose::Machine);
        }
    }

    pub(super) fn task_succeeded(&mut self, task: TaskId, output: Value) {
        let machine = Arc::clone(&self.machine);
        let Some(id) = self.answer(task) else { return };
        let Some(state) = self.state_of(&machine, id) else {
            return;
        };
        let Kind::Task(kind) = &state.kind else {
            return;
        };
        if let Err(failure) = kind.answered(state, self, id, output) {
            self.fail(&machine, id, failure, false);
        }
    }

    pub(super) fn task_failed(&mut self, task: TaskId, error: Failure) {
        if let Some(id) = self.answer(task) {
            self.task_ended(id, EventKind::TaskFailed, error);
        }
    }

    fn task_ended(&mut self, id: FrameId, kind: EventKind, failure: Failure) {
        let machine = Arc::clone(&self.machine);
        let Some(state) = self.state_of(&machine, id) else {
            return;
        };
        let Kind::Task(task) = &state.kind else {
            return;
        };
        self.emit(id, task.event(kind), Details::Failure(failure.clone()));
        self.fail(&machine, id, failure, false);
    }

    /// Closes a call that was answered, and gives the frame that waited for it.
    fn answer(&mut self, task: TaskId) -> Option<FrameId> {
        let id = *self.tasks.get(&task)?;
        let frame = self.frames.get_mut(&id)?;
        if let Activity::Task(call) = std::mem::replace(&mut frame.activity, Activity::None) {
            self.close_task(&call);
        }
        Some(id)
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
        let Activity::Task(call) = &self.frame_mut(id).activity else {
            return;
        };
        let Some((old, seconds)) = call.heartbeat else {
            return;
        };
        self.cancel_timer(old);
        let delay = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        let timer = self.set_timer(id, self.after(delay), Purpose::Heartbeat);
        if let Activity::Task(call) = &mut self.frame_mut(id).activity {
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
                self.frame_mut(frame).activity = Activity::None;
                self.work(&machine, frame);
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

    /// Refuses a value that is too large.
    #[allow(clippy::unused_self, reason = "reads as a limit of the execution")]
    pub(crate) fn limit(
        &self,
        value: &Value,
        failure: impl FnOnce() -> Failure,
    ) -> Result<(), Failure> {
        if fits(value) { Ok(()) } else { Err(failure()) }
    }

    /// Refuses a value of the frame's state that is too large.
    pub(crate) fn limit_state(&self, id: FrameId, value: &Value) -> Result<(), Failure> {
        self.limit(value, || {
            let name = self.frames.get(&id).map(|frame| {
                let state = self.machine.state(frame.flow, frame.state);
                Arc::clone(&state.name)
            });
            let name = name.unwrap_or_default();
            let cause = format!(
                "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
            );
            Failure::new(DATA_LIMIT, cause)
        })
    }

    pub(super) fn limit_assigned(
        &self,
        id: FrameId,
        assigned: &Assignments,
    ) -> Result<(), Failure> {
        assigned
            .iter()
            .try_for_each(|(_, value)| self.limit_state(id, value))
    }
}

/// Whether a value's JSON text is within the limit.
fn fits(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        // Escapes make a text longer: up to six bytes for one.
        Value::String(text) if text.len() * 6 + 2 <= LARGEST => true,
        _ => serde_json::to_writer(Room(LARGEST), value).is_ok(),
    }
}

/// A sink that counts down and refuses what does not fit.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_bytes_of_json_text() {
        let text = |length| Value::String("x".repeat(length));
        assert!(fits(&text(LARGEST - 2)) && !fits(&text(LARGEST - 1)));
        assert!(!fits(&Value::String("\u{1}".repeat(LARGEST / 6 + 1))));
    }
}
