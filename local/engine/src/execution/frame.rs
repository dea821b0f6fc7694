//! A frame walks through one flow: the top level, a branch, or an iteration.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Execution, TimerId};
use crate::model::{FlowId, State, StateId};
use crate::state::{Child, MapRun, ParallelRun, TaskRun, Transfer};

/// Names a frame within an execution; the top level is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FrameId(pub(crate) u64);

/// Who waits for a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parent {
    pub(crate) frame: FrameId,
    /// Which branch or iteration this is.
    pub(crate) index: usize,
}

/// The value of a variable, and its bytes as JSON.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) value: Arc<Value>,
    pub(crate) bytes: usize,
}

/// `Map.Item` of the context object.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) index: usize,
    pub(crate) value: Arc<Value>,
    /// The field's name, where the Map runs over an object.
    pub(crate) key: Option<Arc<str>>,
    /// Where it comes from: the state's data or a place in S3.
    pub(crate) source: Arc<str>,
}

impl Item {
    /// `Map.Item` as expressions see it.
    pub(super) fn context(&self) -> Value {
        let mut item = json!({"Index": self.index, "Value": *self.value, "Source": *self.source});
        if let Some(key) = &self.key {
            item["Key"] = Value::from(&**key);
        }
        item
    }

    /// What an iteration gets when nothing else is said: a field of an object comes with its
    /// name.
    pub(crate) fn input(&self) -> Arc<Value> {
        match &self.key {
            Some(key) => Arc::new(json!({"Key": **key, "Value": *self.value})),
            None => Arc::clone(&self.value),
        }
    }
}

/// Where a flow is, and what it knows.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) parent: Option<Parent>,
    pub(crate) flow: FlowId,
    pub(crate) state: StateId,
    /// The input of the current state.
    pub(crate) input: Arc<Value>,
    /// Variables assigned in this flow; outer ones are found through the parent.
    pub(crate) variables: BTreeMap<Arc<str>, Variable>,
    pub(crate) item: Option<Item>,
    pub(crate) entered_at: Timestamp,
    pub(crate) entered_event: u64,
    pub(crate) last_event: u64,
    /// Retries of the current state, and by each of its retriers.
    pub(crate) retries: u32,
    pub(crate) attempts: Vec<u32>,
    pub(crate) token: Option<Arc<str>>,
    /// The execution that this frame is, where a distributed Map started it.
    pub(crate) child: Option<Box<Child>>,
    /// What the state is doing with S3.
    pub(crate) transfer: Option<Box<Transfer>>,
    /// The state failed with what nothing catches.
    pub(crate) doomed: bool,
    pub(crate) activity: Activity,
}

/// What a frame waits for.
#[derive(Debug, Clone)]
pub(crate) enum Activity {
    /// Nothing: it is about to take a step.
    None,
    Task(TaskRun),
    Wait(TimerId),
    /// The delay before a retry.
    Backoff(TimerId),
    Parallel(ParallelRun),
    Map(MapRun),
}

impl Frame {
    pub(crate) fn new(
        parent: Option<Parent>,
        flow: FlowId,
        state: StateId,
        input: Arc<Value>,
        now: Timestamp,
    ) -> Self {
        Self {
            parent,
            flow,
            state,
            input,
            variables: BTreeMap::new(),
            item: None,
            entered_at: now,
            entered_event: 0,
            last_event: 0,
            retries: 0,
            attempts: Vec::new(),
            token: None,
            child: None,
            transfer: None,
            doomed: false,
            activity: Activity::None,
        }
    }
}

impl Execution {
    /// Starts a branch or an iteration.
    pub(crate) fn branch(
        &mut self,
        parent: FrameId,
        index: usize,
        flow: FlowId,
        input: Arc<Value>,
        item: Option<Item>,
    ) -> FrameId {
        let id = FrameId(self.number());
        let start = self.machine.flow(flow).start;
        let link = Parent {
            frame: parent,
            index,
        };
        let mut frame = Frame::new(Some(link), flow, start, input, self.now);
        frame.last_event = match item {
            // The event that started the iteration, which is not part of the Map's own line.
            Some(_) => self.events,
            None => self.frames.get(&parent).map_or(0, |frame| frame.last_event),
        };
        frame.item = item;
        self.frames.insert(id, Box::new(frame));
        self.ready.push_back(id);
        id
    }

    /// What the frame waits for from now on.
    pub(crate) fn set_activity(&mut self, id: FrameId, activity: Activity) {
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.activity = activity;
        }
    }

    /// The retries of the frame's state so far, and its token.
    pub(crate) fn attempt(&self, id: FrameId) -> (u32, Option<String>) {
        let frame = self.frames.get(&id);
        frame.map_or((0, None), |frame| {
            let token = frame.token.as_deref().map(str::to_owned);
            (frame.retries, token)
        })
    }

    /// The running Parallel of a frame.
    pub(super) fn parallel_mut(&mut self, id: FrameId) -> Option<&mut ParallelRun> {
        match &mut self.frames.get_mut(&id)?.activity {
            Activity::Parallel(parallel) => Some(parallel),
            _ => None,
        }
    }

    /// The running call of a frame.
    pub(super) fn call_mut(&mut self, id: FrameId) -> Option<&mut TaskRun> {
        match &mut self.frames.get_mut(&id)?.activity {
            Activity::Task(call) => Some(call),
            _ => None,
        }
    }

    /// The running Map of a frame.
    pub(crate) fn map_mut(&mut self, id: FrameId) -> Option<&mut MapRun> {
        match &mut self.frames.get_mut(&id)?.activity {
            Activity::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The state that a frame is in.
    pub(super) fn state_of<'m>(
        &self,
        machine: &'m crate::model::Machine,
        id: FrameId,
    ) -> Option<&'m State> {
        let frame = self.frames.get(&id)?;
        Some(machine.state(frame.flow, frame.state))
    }

    /// The next number for a frame, task or timer.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}
