//! The step core: an execution is plain state, moved by stimuli, answering with effects.
//!
//! It does no input or output, reads no clock and draws no randomness of its own: time
//! and a seed come in. So the list of stimuli with their times is a complete journal, and
//! the same core runs under a real clock, a virtual one, or a replay.

mod branches;
mod children;
mod context;
mod effects;
mod event;
mod failing;
mod frame;
mod history;
mod replay;
mod revival;
mod size;
mod transition;
mod waiting;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use effects::{Effect, Outcome, Stimulus, TaskId, TaskRequest, TimerId};
pub use event::{Assigned, Details, Event, EventKind};
pub(crate) use frame::{Activity, Frame, FrameId, Item, Parent};
pub use replay::{Begun, Entry, Origin, Record};
pub(crate) use waiting::Purpose;

use crate::failure::{Failure, RUNTIME};
use crate::model::{FlowId, Machine};

/// The two kinds of Step Functions workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum WorkflowKind {
    /// At most 25,000 history events; runs up to a year (365 days).
    #[default]
    Standard,
    /// No limit on events; runs up to five minutes.
    Express,
}

/// What the context object says about an execution, and how it is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// `Execution.Id`
    pub execution_id: String,
    /// `Execution.Name`
    pub name: String,
    /// `Execution.RoleArn`
    pub role_arn: String,
    /// `StateMachine.Id`
    pub machine_id: String,
    /// `StateMachine.Name`
    pub machine_name: String,
    /// Standard or Express.
    pub kind: WorkflowKind,
    /// Seeds jitter, `$random`, `$uuid` and task tokens.
    pub seed: u64,
    /// Whether [`Effect::Emit`] is wanted; without it an execution is quieter and faster.
    pub events: bool,
}

/// One execution of a machine.
#[derive(Debug)]
pub struct Execution {
    machine: Arc<Machine>,
    info: Info,
    input: Arc<Value>,
    started: Timestamp,
    now: Timestamp,
    frames: BTreeMap<FrameId, Box<Frame>>,
    tasks: BTreeMap<TaskId, FrameId>,
    timers: BTreeMap<TimerId, waiting::Timer>,
    /// Frames that can take a step now.
    ready: VecDeque<FrameId>,
    rng: fastrand::Rng,
    /// Frames, tasks and timers are numbered by one counter, never reused.
    counter: u64,
    events: u64,
    /// Transitions since time last moved.
    steps: u64,
    /// Bytes of variables, no less than all of them have.
    assigned_bytes: usize,
    trace: Vec<Arc<str>>,
    effects: Vec<Effect>,
    outcome: Option<Outcome>,
    salvage: revival::Salvage,
}

/// Transitions without any time passing: an Express loop that does this never ends.
const MOST_STEPS: u64 = 1_000_000;
/// The history quota of a Standard workflow.
const MOST_EVENTS: u64 = 25_000;

const ROOT: FrameId = FrameId(0);

impl Execution {
    /// Starts an execution and runs it up to where it waits.
    pub fn start(
        machine: Arc<Machine>,
        input: Value,
        info: Info,
        now: Timestamp,
    ) -> (Self, Vec<Effect>) {
        Self::start_keeping(machine, input, info, now, revival::Salvage::default())
    }

    fn start_keeping(
        machine: Arc<Machine>,
        input: Value,
        info: Info,
        now: Timestamp,
        salvage: revival::Salvage,
    ) -> (Self, Vec<Effect>) {
        let input = Arc::new(input);
        let start = machine.flow(FlowId(0)).start;
        let root = Frame::new(None, FlowId(0), start, Arc::clone(&input), now);
        let mut execution = Self {
            rng: fastrand::Rng::with_seed(info.seed),
            machine,
            info,
            input: Arc::clone(&input),
            started: now,
            now,
            frames: BTreeMap::from([(ROOT, Box::new(root))]),
            tasks: BTreeMap::new(),
            timers: BTreeMap::new(),
            ready: VecDeque::from([ROOT]),
            counter: 0,
            events: 0,
            steps: 0,
            assigned_bytes: 0,
            trace: Vec::new(),
            effects: Vec::new(),
            outcome: None,
            salvage,
        };
        execution.emit(ROOT, EventKind::ExecutionStarted, Details::Input(input));
        execution.limit_time();
        execution.drain();
        let effects = std::mem::take(&mut execution.effects);
        (execution, effects)
    }

    /// Takes in what happened and runs up to where the execution waits again.
    ///
    /// A stimulus for a task or timer that is no longer open does nothing.
    pub fn apply(&mut self, stimulus: Stimulus, now: Timestamp) -> Vec<Effect> {
        if now > self.now {
            self.now = now;
            self.steps = 0;
        }
        let revives = matches!(stimulus, Stimulus::Redriven | Stimulus::Forked { .. });
        if self.outcome.is_none() || revives {
            self.take(stimulus);
            self.drain();
        }
        std::mem::take(&mut self.effects)
    }

    /// How it ended, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The names of the states in order of entry.
    pub fn trace(&self) -> impl Iterator<Item = &str> {
        self.trace.iter().map(|name| &**name)
    }

    /// History events so far.
    pub fn event_count(&self) -> u64 {
        self.events
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// A moment from now; the end of time when it would be later.
    pub(crate) fn after(&self, delay: SignedDuration) -> Timestamp {
        self.now.checked_add(delay).unwrap_or(Timestamp::MAX)
    }

    /// A moment some seconds from now.
    pub(crate) fn after_seconds(&self, seconds: u64) -> Timestamp {
        self.after(SignedDuration::from_secs(
            i64::try_from(seconds).unwrap_or(i64::MAX),
        ))
    }

    fn take(&mut self, stimulus: Stimulus) {
        match stimulus {
            Stimulus::TaskSucceeded { task, output } => self.task_succeeded(task, output),
            Stimulus::TaskFailed { task, error } => self.task_failed(task, error),
            Stimulus::TaskSubmitted { task, output } => self.task_submitted(task, output),
            Stimulus::TaskHeartbeat { task } => self.heartbeat(task),
            Stimulus::TimerFired { timer } => self.timer_fired(timer),
            Stimulus::Abort { error, cause } => {
                self.end(Outcome::Aborted { error, cause });
            }
            Stimulus::Redriven => self.redrive(),
            Stimulus::Forked { input, seed, .. } => self.fork(input, seed),
        }
    }

    /// Takes steps until every frame waits.
    fn drain(&mut self) {
        let machine = Arc::clone(&self.machine);
        while let Some(id) = self.ready.pop_front() {
            if self.outcome.is_some() {
                return;
            }
            if self.frames.contains_key(&id)
                && !self.holds(&machine, id)
                && !self.exhausted(id)
                && !self.exhausted_child(&machine, id)
            {
                self.enter(&machine, id);
            }
        }
    }

    /// Ends an execution that would run forever, before a frame enters a state or retries it.
    fn exhausted(&mut self, id: FrameId) -> bool {
        self.steps += 1;
        // A state that fails before its call leaves no event; on AWS every attempt does.
        let retries = self.frames.get(&id).map_or(0, |frame| frame.retries);
        let events = self.events.max(u64::from(retries));
        match self.info.kind {
            WorkflowKind::Standard if events >= MOST_EVENTS => {
                let cause = "The execution reached the maximum number of history events (25000).";
                self.end_failed(Failure::new(RUNTIME, cause));
                true
            }
            WorkflowKind::Express if self.steps > MOST_STEPS => {
                self.end(Outcome::TimedOut);
                true
            }
            _ => false,
        }
    }
}
