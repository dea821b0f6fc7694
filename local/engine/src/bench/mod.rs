//! A bench for workflows: a definition played in virtual time over a scene, with its tasks made
//! to fail, to hang, to happen twice, and the process killed after every write of the journal.
//!
//! Everything here panics with a message that says what differs: it is only called from tests.
//!
//! ```
//! # use std::sync::Arc;
//! # use baton_engine::bench::{Plan, crash_everywhere};
//! # use baton_engine::{Task, TaskError, TaskExecutor};
//! # struct Echo;
//! # #[async_trait::async_trait]
//! # impl TaskExecutor for Echo {
//! #     async fn execute(&self, task: Task) -> Result<serde_json::Value, TaskError> {
//! #         Ok(serde_json::Value::clone(&task.arguments))
//! #     }
//! # }
//! # let definition = r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {
//! #     "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
//! #     "Arguments": {"FunctionName": "f"}, "End": true}}}"#;
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let plan = Plan::new(definition, serde_json::json!({"n": 1}));
//! let scene = async || Arc::new(Echo) as Arc<dyn TaskExecutor>;
//! crash_everywhere(&plan, scene, |played| format!("{:?}", played.finished.outcome)).await;
//! # });
//! ```

#![allow(clippy::missing_panics_doc, reason = "a bench is there to panic")]

mod crash;
mod loops;
mod tasks;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

pub use crash::{crash_everywhere, every_death};
pub use loops::{
    Failing, OTHERS_FAIL_WITH, every_task_fails, every_task_fails_of, every_task_recovers,
    every_task_repeats,
};
pub use tasks::{TaskState, tasks};

use crate::{
    Clock, Event, EventKind, Finished, Machine, Observer, Order, RunOptions, Task, TaskError,
    TaskExecutor, WorkflowKind, run,
};

/// What is played.
#[derive(Clone)]
pub struct Plan {
    /// The definition.
    pub definition: String,
    /// The input.
    pub input: Value,
    /// The moment at which it starts.
    pub start: Timestamp,
    /// Standard or Express.
    pub kind: WorkflowKind,
    /// In which order parallel tasks are done.
    pub order: Order,
    machine: Arc<Machine>,
}

/// The world of one play: made anew for each.
pub trait Scene: Send + Sync {
    /// Who does the tasks in it.
    fn executor(&self) -> Arc<dyn TaskExecutor>;
}

impl Scene for Arc<dyn TaskExecutor> {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Self::clone(self)
    }
}

/// What is done to a task before it happens: `None` lets it happen.
pub type Meddle = dyn Fn(&Task) -> Option<TaskError> + Send + Sync;

/// Lets every task happen.
pub fn undisturbed() -> Arc<Meddle> {
    Arc::new(|_: &Task| None)
}

/// How a play went.
pub struct Played<S> {
    /// The world after it.
    pub scene: S,
    /// How it ended.
    pub finished: Finished,
    /// The path and name of each state that was entered, in order.
    pub entered: Vec<(String, String)>,
    /// The states whose tasks were called, with how often.
    pub called: BTreeMap<String, usize>,
}

impl Plan {
    /// A Standard workflow with its input, started at the turn of a year.
    pub fn new(definition: &str, input: Value) -> Self {
        let machine = match Machine::parse(definition) {
            Ok(machine) => Arc::new(machine),
            Err(problems) => panic!("the definition does not check: {problems:#?}"),
        };
        Self {
            definition: definition.to_owned(),
            input,
            start: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56),
            kind: WorkflowKind::Standard,
            order: Order::Together,
            machine,
        }
    }

    /// Starts at another moment.
    #[must_use]
    pub fn at(mut self, start: Timestamp) -> Self {
        self.start = start;
        self
    }

    /// Plays it as an Express workflow.
    #[must_use]
    pub fn express(mut self) -> Self {
        self.kind = WorkflowKind::Express;
        self
    }

    /// Does parallel tasks one after the other, in the order that lots of this seed say.
    #[must_use]
    pub fn in_order_of(mut self, seed: u64) -> Self {
        self.order = Order::Seeded(seed);
        self
    }

    /// Every Task state of the definition.
    pub fn tasks(&self) -> Vec<TaskState> {
        tasks(&self.definition)
    }

    fn options(&self, crew: Arc<Crew>) -> RunOptions {
        let mut options = RunOptions::new("test", Arc::clone(&crew) as _);
        options.observer = Some(crew);
        options.clock = Clock::virtual_at(self.start);
        options.info.kind = self.kind;
        options.order = self.order;
        options
    }

    /// Plays it once over a scene. With `repeat`, every task that happens happens twice.
    pub async fn play<S: Scene>(&self, scene: S, repeat: bool, meddle: Arc<Meddle>) -> Played<S> {
        let crew = Arc::new(Crew {
            executor: scene.executor(),
            meddle,
            repeat,
            seen: Mutex::default(),
        });
        let options = self.options(Arc::clone(&crew));
        let finished = run(Arc::clone(&self.machine), self.input.clone(), options).await;
        let seen = crew.take();
        Played {
            scene,
            finished,
            entered: seen.entered,
            called: seen.called,
        }
    }
}

/// Does the tasks of a play and writes down what happens.
struct Crew {
    executor: Arc<dyn TaskExecutor>,
    meddle: Arc<Meddle>,
    repeat: bool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    entered: Vec<(String, String)>,
    called: BTreeMap<String, usize>,
    calls: BTreeMap<u64, (String, usize)>,
}

impl Crew {
    fn with<T>(&self, work: impl FnOnce(&mut Seen) -> T) -> T {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> Seen {
        self.with(std::mem::take)
    }
}

impl Observer for Crew {
    fn event(&self, event: &Event) {
        if matches!(event.kind, EventKind::StateEntered(_)) {
            let entered = (event.path.to_string(), event.name.to_string());
            self.with(|seen| seen.entered.push(entered));
        }
    }
}

#[async_trait]
impl TaskExecutor for Crew {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        self.with(|seen| {
            *seen.called.entry(task.name.clone()).or_default() += 1;
            let call = seen.calls.entry(task.id.0);
            call.or_insert_with(|| (task.name.clone(), 0)).1 += 1;
        });
        if let Some(error) = (self.meddle)(&task) {
            return Err(error);
        }
        if self.repeat {
            self.executor.execute(task.clone()).await?;
        }
        self.executor.execute(task).await
    }
}
