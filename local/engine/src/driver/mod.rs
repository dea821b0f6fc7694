//! Runs one execution: calls its tasks, keeps its timers, tells an observer.

mod backlog;
mod clock;
mod executor;
mod journal;
mod journaled;
mod remote;
mod underway;

use std::sync::Arc;

use serde_json::Value;

pub use clock::Clock;
pub use executor::{Observer, Task, TaskError, TaskExecutor};
pub use journal::{Journal, JournalError, MemoryJournal};
pub use journaled::{Ended, Journaled, run_journaled};
pub use remote::{Control, Inbox, Remote, remote};

use crate::execution::{Execution, Info, Outcome, WorkflowKind};
use crate::model::Machine;
use underway::{Next, Underway};

/// How to run an execution.
pub struct RunOptions {
    /// Who does the tasks.
    pub executor: Arc<dyn TaskExecutor>,
    /// Real or virtual time.
    pub clock: Clock,
    /// Who is told what happens.
    pub observer: Option<Arc<dyn Observer>>,
    /// Who may complete tasks, send heartbeats and abort from outside.
    pub inbox: Option<Inbox>,
    /// What the context object says; [`Info::events`] is set from the observer.
    pub info: Info,
    /// In which order tasks are done that could be done at the same time.
    pub order: Order,
}

/// In which order tasks are done that could be done at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// All at once.
    #[default]
    Together,
    /// One after the other, as lots drawn from this seed say: for tests.
    Seeded(u64),
}

impl RunOptions {
    /// Options with a name, a real clock, and nobody watching.
    pub fn new(name: &str, executor: Arc<dyn TaskExecutor>) -> Self {
        Self {
            executor,
            clock: Clock::Real,
            observer: None,
            inbox: None,
            info: Info::local("machine", name),
            order: Order::Together,
        }
    }
}

impl Info {
    /// What a local execution of a machine is called.
    pub fn local(machine: &str, name: &str) -> Self {
        let account = "arn:aws:states:local:000000000000";
        Self {
            execution_id: format!("{account}:execution:{machine}:{name}"),
            name: name.to_owned(),
            role_arn: "arn:aws:iam::000000000000:role/local".to_owned(),
            machine_id: format!("{account}:stateMachine:{machine}"),
            machine_name: machine.to_owned(),
            kind: WorkflowKind::Standard,
            seed: 0,
            events: false,
        }
    }
}

/// What became of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// How it ended.
    pub outcome: Outcome,
    /// The names of the states in order of entry.
    pub trace: Vec<String>,
    /// Events of its history.
    pub events: u64,
}

impl Finished {
    fn of(execution: &Execution, outcome: Outcome) -> Self {
        Self {
            outcome,
            trace: execution.trace().map(str::to_owned).collect(),
            events: execution.event_count(),
        }
    }
}

/// Runs a machine to its end.
///
/// Tasks of parallel branches are polled together; an executor may spawn for more. Under
/// a virtual clock, time jumps to the earliest timer once no call is in flight; calls
/// that answered [`TaskError::deferred`] do not count as in flight.
pub async fn run(machine: Arc<Machine>, input: Value, options: RunOptions) -> Finished {
    let mut info = options.info.clone();
    info.events = options.observer.is_some();
    let mut underway = Underway::new(options);
    let now = underway.clock.now();
    let (mut execution, effects) = Execution::start(machine, input, info, now);
    underway.perform(effects);
    loop {
        if let Some(outcome) = underway.outcome.take() {
            return Finished::of(&execution, outcome);
        }
        let Next::Happened(stimulus, receipt) = underway.next(None).await else {
            continue;
        };
        // A loop of tasks that answer at once must leave the thread to others now and then.
        tokio::task::consume_budget().await;
        let effects = execution.apply(stimulus, underway.clock.now());
        receipt.give(true);
        underway.perform(effects);
    }
}
