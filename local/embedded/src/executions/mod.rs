//! Executions of Standard workflows: kept in the store, driven by this process, resumed after
//! it died.
//!
//! An execution that only waits, for a token or a moment, is not in memory: what happens to it
//! next wakes it from its journal. One process may drive the executions of a file; another that
//! writes to the same execution is noticed, and the execution is read again.

mod journal;
mod name;
mod nested;
mod operations;
mod wake;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use baton_domain::ports::Clock;
use baton_engine::{JournalError, Machine, Origin, Outcome, Record, Remote, TaskExecutor};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

pub(crate) use journal::{SETTLED, SqliteJournal, TABLES, Unsettled};

/// How long an execution that only waits stays in memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// Executions that outlive the process. Clones share them.
#[derive(Clone)]
pub struct Executions(Arc<Inner>);

struct Inner {
    journal: Arc<SqliteJournal>,
    executor: Arc<dyn TaskExecutor>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    /// Those that are in memory.
    live: Mutex<HashMap<String, Remote>>,
    /// When those that are not are to be woken.
    due: Mutex<BTreeSet<(Timestamp, String)>>,
    /// Definitions that were checked, by their text.
    machines: Mutex<HashMap<String, Arc<Machine>>>,
    /// Rung when something is due earlier than was known.
    earlier: Notify,
    /// Rung when an execution ended.
    ended: Notify,
    watched: std::sync::Once,
}

/// What is to be executed.
#[derive(Debug, Clone)]
pub struct Start {
    /// The machine's name.
    pub machine: String,
    /// Its definition, which stays the execution's.
    pub definition: String,
    /// The execution's name: starting it twice with the same input is starting it once.
    pub name: String,
    /// Its input.
    pub input: Value,
}

/// What is asked of an execution cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// There is no such execution.
    #[error("there is no execution {0}")]
    DoesNotExist(String),
    /// The name is taken by an execution with another input, or by one that is over.
    #[error("the execution {0} exists already")]
    AlreadyExists(String),
    /// An execution cannot be called so, and why.
    #[error("'{0}' cannot be the name of an execution: {1}")]
    InvalidName(String, String),
    /// The definition does not check.
    #[error("the definition is not sound: {0}")]
    InvalidDefinition(String),
    /// No open task has the token: it never had, or its task is over.
    #[error("no open task has this token")]
    TaskTimedOut,
    /// Only an execution that is over and did not succeed can be redriven.
    #[error("the execution {0} is not redrivable: it is {1}")]
    NotRedrivable(String, &'static str),
    /// The state to fork from was never entered.
    #[error("the execution {0} never entered a state {1}")]
    NeverEntered(String, String),
    /// The store failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The status of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the API")]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Aborted,
    ];

    /// The status as the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }

    /// The status that is spelt so; RUNNING when none is, so that nothing is lost.
    fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|status| status.name() == name);
        found.unwrap_or(Self::Running)
    }
}

/// What is known of an execution without its journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its name.
    pub name: String,
    /// The machine's name.
    pub machine: String,
    /// Its status.
    pub status: Status,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub stopped: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How often it was redriven.
    pub redrives: u64,
    /// Where it was forked from.
    pub origin: Option<Origin>,
}

impl Executions {
    /// The longest name of an execution, in characters.
    pub const LONGEST_NAME: usize = name::LONGEST;

    /// Executions in a store, whose tasks `executor` does.
    pub fn over(
        items: &crate::SqliteItems,
        executor: Arc<dyn TaskExecutor>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::with_patience(items, executor, clock, PATIENCE)
    }

    /// The same, with executions that only wait kept in memory for another time.
    pub fn with_patience(
        items: &crate::SqliteItems,
        executor: Arc<dyn TaskExecutor>,
        clock: Arc<dyn Clock>,
        patience: Duration,
    ) -> Self {
        Self(Arc::new(Inner {
            journal: Arc::new(SqliteJournal::over(items.clone())),
            executor,
            clock,
            patience,
            live: Mutex::default(),
            due: Mutex::default(),
            machines: Mutex::default(),
            earlier: Notify::new(),
            ended: Notify::new(),
            watched: std::sync::Once::new(),
        }))
    }

    /// How many executions are in memory.
    pub fn in_memory(&self) -> usize {
        self.0.live().len()
    }
}

impl Inner {
    fn live(&self) -> MutexGuard<'_, HashMap<String, Remote>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, String)>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checked machine of a definition.
    fn machine(&self, definition: &str) -> Result<Arc<Machine>, ExecutionError> {
        let mut machines = self.machines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(machine) = machines.get(definition) {
            return Ok(Arc::clone(machine));
        }
        let machine = Machine::parse(definition).map_err(|problems| {
            let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
            ExecutionError::InvalidDefinition(problems.join("; "))
        })?;
        let machine = Arc::new(machine);
        machines.insert(definition.to_owned(), Arc::clone(&machine));
        Ok(machine)
    }

    async fn record(&self, name: &str) -> Result<Record, ExecutionError> {
        use baton_engine::Journal as _;
        let record = self.journal.load(name).await?;
        record.ok_or_else(|| ExecutionError::DoesNotExist(name.to_owned()))
    }
}
