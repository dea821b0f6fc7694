//! What happens when a state fails: Retry, then Catch, then the failure goes up.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;

use super::context::Extra;
use super::{Activity, Details, EventKind, Execution, FrameId, Outcome, Purpose, ROOT};
use crate::failure::Failure;
use crate::model::{Catcher, Machine, State};
use crate::state::{Kind, StateType};

impl Execution {
    /// The frame's state failed. `from_branch` says that a branch or iteration did.
    pub(super) fn fail(
        &mut self,
        machine: &Machine,
        id: FrameId,
        failure: Failure,
        from_branch: bool,
    ) {
        self.release(id);
        let Some(state) = self.state_of(machine, id) else {
            return;
        };
        if self.frames.get(&id).is_some_and(|frame| frame.doomed) {
            self.keep_wreck();
            return self.doom(machine, id, failure);
        }
        let kind = state.kind.state_type();
        if matches!(kind, StateType::Parallel | StateType::Map) && from_branch {
            let details = Details::Failure(failure.clone());
            self.emit(id, EventKind::StateFailed(kind), details);
        }
        if self.retry(state, id, &failure, from_branch) {
            self.drop_wreck();
            return;
        }
        let Some(failure) = self.uncaught(state, id, failure, from_branch) else {
            self.drop_wreck();
            return;
        };
        if !from_branch {
            self.keep_wreck();
        }
        self.fail_flow(machine, id, failure);
    }

    /// What is left of a failure once the state's Catchers had it: nothing if one took it.
    fn uncaught(
        &mut self,
        state: &State,
        id: FrameId,
        failure: Failure,
        from_branch: bool,
    ) -> Option<Failure> {
        let error = failure.error.as_deref();
        let mut catchers = state.catch.iter();
        let Some(catcher) = catchers.find(|catcher| catcher.matches(error, from_branch)) else {
            return Some(failure);
        };
        // A Catcher that fails is not caught by its own state.
        self.catch(id, catcher, &failure).err()
    }

    /// Nothing catches this failure, in no state around: the execution ends with it, or the
    /// child execution that the frame belongs to.
    fn doom(&mut self, machine: &Machine, id: FrameId, failure: Failure) {
        if let Some(owner) = self.child_of(id) {
            self.release(owner);
            return self.fail_flow(machine, owner, failure);
        }
        self.adopt_last_event(ROOT, id);
        self.end_failed(failure);
    }

    /// Schedules a retry if a Retrier has one left. Only the first that matches counts.
    fn retry(&mut self, state: &State, id: FrameId, failure: &Failure, from_branch: bool) -> bool {
        let error = failure.error.as_deref();
        let mut retriers = state.retry.iter().enumerate();
        let found = retriers.find(|(_, retrier)| retrier.matches(error, from_branch));
        let Some((index, retrier)) = found else {
            return false;
        };
        let Some(frame) = self.frames.get_mut(&id) else {
            return false;
        };
        let done = frame.attempts.get_mut(index);
        let Some(done) = done.filter(|done| **done < retrier.attempts) else {
            return false;
        };
        let mut seconds = retrier.delay(*done);
        *done += 1;
        frame.retries += 1;
        let attempt = frame.retries;
        if retrier.jitter {
            seconds *= self.rng.f64();
        }
        let delay_ms = (seconds * 1000.0).round() as u64;
        let details = Details::Retry {
            failure: failure.clone(),
            attempt,
            delay_ms,
        };
        self.emit(id, EventKind::Retry, details);
        let delay = SignedDuration::from_millis(i64::try_from(delay_ms).unwrap_or(i64::MAX));
        let timer = self.set_timer(id, self.after(delay), Purpose::Backoff);
        self.set_activity(id, Activity::Backoff(timer));
        true
    }

    fn catch(&mut self, id: FrameId, catcher: &Catcher, failure: &Failure) -> Result<(), Failure> {
        let error: Arc<Value> = Arc::new(failure.output());
        let extra = Extra {
            error: Some(&error),
            ..Extra::default()
        };
        self.leave_with(id, &catcher.data, catcher.next, extra, Some(&error))
    }

    /// Nothing caught it: the flow fails, and with it what waits for it.
    fn fail_flow(&mut self, machine: &Machine, id: FrameId, failure: Failure) {
        let Some(parent) = self.frames.get(&id).and_then(|frame| frame.parent) else {
            return self.end_failed(failure);
        };
        self.adopt_last_event(parent.frame, id);
        self.frames.remove(&id);
        let Some(state) = self.state_of(machine, parent.frame) else {
            return;
        };
        let failed = if let Kind::Map(map) = &state.kind {
            if let Some(run) = self.map_mut(parent.frame) {
                run.running.remove(&parent.index);
            }
            map.iteration_failed(state, self, parent.frame, parent.index, failure)
        } else {
            if let Some(run) = self.parallel_mut(parent.frame) {
                run.running.retain(|child| *child != id);
            }
            Err(failure)
        };
        match failed {
            Ok(()) => self.drop_wreck(),
            Err(failure) => self.fail(machine, parent.frame, failure, true),
        }
    }

    /// The execution failed.
    pub(super) fn end_failed(&mut self, failure: Failure) {
        self.end(Outcome::Failed {
            error: failure.error,
            cause: failure.cause,
        });
    }
}
