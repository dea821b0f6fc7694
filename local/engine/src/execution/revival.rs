//! Going on after the end: redrive from where an execution failed, or fork from an earlier
//! state with another input.
//!
//! Both are stimuli, so they stand in the journal. What they need of the past is kept only
//! when a replay sees one of them coming: the frames as they were when the execution failed,
//! or the place before the state that a fork enters.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Activity, Details, EventKind, Execution, Frame, FrameId, ROOT};
use crate::model::Machine;

/// What is kept for a stimulus that comes after the end.
#[derive(Debug, Default)]
pub(super) struct Salvage {
    /// Keep the frames when the execution ends.
    pub(super) keep: bool,
    /// Stop before this entry of this state.
    pub(super) hold: Option<(String, usize)>,
    wreck: Option<Wreck>,
    held: Option<FrameId>,
    pub(super) redrives: u64,
    pub(super) redriven_at: Option<Timestamp>,
}

/// The frames as they were before a failure went up through them.
#[derive(Debug)]
struct Wreck {
    frames: BTreeMap<FrameId, Box<Frame>>,
    ready: VecDeque<FrameId>,
}

impl Execution {
    /// Keeps the frames at the start of a failure, before it goes up.
    pub(super) fn keep_wreck(&mut self) {
        if self.salvage.keep {
            self.salvage.wreck = Some(Wreck {
                frames: self.frames.clone(),
                ready: self.ready.clone(),
            });
        }
    }

    /// Keeps the frames of an execution that ends without a failing state, as by an abort.
    pub(super) fn keep_last(&mut self) {
        if self.salvage.wreck.is_none() {
            self.keep_wreck();
        }
    }

    /// The failure was retried, caught or tolerated.
    pub(super) fn drop_wreck(&mut self) {
        self.salvage.wreck = None;
    }

    /// Whether a fork stops before the state that this frame is about to enter.
    pub(super) fn holds(&mut self, machine: &Machine, id: FrameId) -> bool {
        let Some((name, entry)) = &self.salvage.hold else {
            return false;
        };
        let here = self.state_of(machine, id);
        if here.is_none_or(|state| *state.name != **name) {
            return false;
        }
        let entered = self.trace.iter().filter(|state| ***state == **name).count();
        let holds = entered + 1 == *entry;
        if holds {
            self.salvage.held = Some(id);
            self.salvage.hold = None;
        }
        holds
    }

    /// Goes on from the states that did not end: they are worked on again with their inputs.
    pub(super) fn redrive(&mut self) {
        if self.salvage.wreck.is_none() || self.outcome.is_none() {
            return;
        }
        self.salvage.redrives += 1;
        self.salvage.redriven_at = Some(self.now);
        self.restore();
        let details = Details::Redriven(self.salvage.redrives);
        self.emit(ROOT, EventKind::ExecutionRedriven, details);
        let redriven = self.events;
        self.limit_time();
        self.work_again(None, redriven);
    }

    /// Enters the state that was held, with another input if one is given.
    pub(super) fn fork(&mut self, input: Option<Value>, seed: u64) {
        let Some(held) = self.salvage.held.take() else {
            return;
        };
        self.restore();
        self.started = self.now;
        self.rng = fastrand::Rng::with_seed(seed);
        self.limit_time();
        if let (Some(input), Some(frame)) = (input, self.frames.get_mut(&held)) {
            frame.input = Arc::new(input);
        }
        self.ready.push_front(held);
        let last = self.events;
        self.work_again(Some(held), last);
    }

    fn restore(&mut self) {
        self.steps = 0;
        let Some(wreck) = self.salvage.wreck.take() else {
            return;
        };
        if self.outcome.take().is_some() {
            self.frames = wreck.frames;
            self.ready = wreck.ready;
            // Their tasks and timers were closed with the execution.
            for frame in self.frames.values_mut().filter(|frame| frame.is_leaf()) {
                frame.activity = Activity::None;
            }
        }
    }

    /// Starts the work of every open state anew, retries counted from nothing.
    fn work_again(&mut self, except: Option<FrameId>, event: u64) {
        let machine = Arc::clone(&self.machine);
        let leaves = self.frames.iter().filter(|(_, frame)| frame.is_leaf());
        let open: Vec<FrameId> = leaves
            .map(|(id, _)| *id)
            .filter(|id| Some(*id) != except && !self.ready.contains(id))
            .collect();
        for id in open {
            self.release(id);
            let Some(frame) = self.frames.get_mut(&id) else {
                continue;
            };
            frame.retries = 0;
            frame.attempts.fill(0);
            frame.token = None;
            frame.doomed = false;
            frame.transfer = None;
            frame.last_event = event;
            self.work(&machine, id);
        }
    }
}

impl Frame {
    /// Whether it runs a state of its own, and is not waiting for branches or iterations.
    fn is_leaf(&self) -> bool {
        !matches!(self.activity, Activity::Parallel(_) | Activity::Map(_))
    }
}
