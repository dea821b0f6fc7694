//! Child executions of a distributed Map: frames with an input and a history of their own.

use std::sync::Arc;

use super::{EventKind, Execution, FrameId, Info, Item};
use crate::digest;
use crate::failure::{Failure, RUNTIME};
use crate::model::{FlowId, Machine};
use crate::state::{Child, Transfer};

/// The history quota of an execution.
const MOST_EVENTS: u64 = 25_000;

impl Execution {
    /// Starts a child execution of a Map.
    pub(crate) fn child(
        &mut self,
        parent: FrameId,
        index: usize,
        flow: FlowId,
        item: Item,
        child: Child,
    ) {
        let input = Arc::clone(&child.input);
        let id = self.branch(parent, index, flow, input, Some(item));
        if let Some(map) = self.map_mut(parent) {
            map.running.insert(index, id);
            map.children.insert(index, child.clone());
        }
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.last_event = child.events;
            frame.child = Some(Box::new(child));
        }
    }

    /// The frame of the child execution that a frame belongs to.
    pub(super) fn child_of(&self, id: FrameId) -> Option<FrameId> {
        if !self.machine.is_distributed {
            return None;
        }
        let mut here = id;
        loop {
            let frame = self.frames.get(&here)?;
            if frame.child.is_some() {
                return Some(here);
            }
            here = frame.parent?.frame;
        }
    }

    /// Counts an event within a child execution: it is not part of this one's history.
    pub(super) fn emit_in_child(&mut self, id: FrameId, kind: EventKind) -> bool {
        let Some(owner) = self.child_of(id) else {
            return false;
        };
        if let Some(child) = self
            .frames
            .get_mut(&owner)
            .and_then(|frame| frame.child.as_mut())
        {
            child.events += u64::from(kind != EventKind::Retry);
        }
        true
    }

    /// The events so far of the history that a frame writes to.
    pub(super) fn events_of(&self, id: FrameId) -> u64 {
        let owner = self.child_of(id).and_then(|owner| self.frames.get(&owner));
        let child = owner.and_then(|frame| frame.child.as_ref());
        child.map_or(self.events, |child| child.events)
    }

    /// Fails a child execution that would run forever.
    pub(super) fn exhausted_child(&mut self, machine: &Machine, id: FrameId) -> bool {
        let Some(owner) = self.child_of(id) else {
            return false;
        };
        let exhausted = self.events_of(id) >= MOST_EVENTS;
        if exhausted {
            let cause = "The execution reached the maximum number of history events (25000).";
            if let Some(frame) = self.frames.get_mut(&owner) {
                frame.doomed = true;
            }
            self.fail(machine, owner, Failure::new(RUNTIME, cause), false);
        }
        exhausted
    }

    /// What the context object says about this execution.
    pub(crate) fn info(&self) -> &Info {
        &self.info
    }

    /// A UUID from the execution's seed.
    pub(crate) fn draw_uuid(&mut self) -> String {
        digest::uuid(&mut self.rng)
    }

    /// What the frame's state is doing with S3.
    pub(crate) fn set_transfer(&mut self, id: FrameId, transfer: Option<Transfer>) {
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.transfer = transfer.map(Box::new);
        }
    }

    /// What the frame's state was doing with S3.
    pub(crate) fn take_transfer(&mut self, id: FrameId) -> Option<Transfer> {
        let frame = self.frames.get_mut(&id)?;
        frame.transfer.take().map(|transfer| *transfer)
    }
}
