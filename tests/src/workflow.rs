//! A workflow played on the engine over the sample data, in virtual time, with its tasks meddled
//! with: made to fail, to hang, or to happen twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baton_domain::item::{Item, Table};
use baton_domain::ports::{Alert, Alerts, Items, StoreError};
use baton_domain::run::Workflow;
use baton_domain::{TenantId, Timestamp};
use baton_embedded::{Agents, Integrations, SqliteItems, definition};
use baton_engine::{
    Clock, Event, EventKind, Finished, Machine, Observer, RunOptions, Task, TaskError,
    TaskExecutor, WorkflowKind,
};
use baton_sandbox::sample::{Sample, generate};
use serde_json::Value;

/// The moment at which every test plays.
pub const NOON: &str = "2026-01-15T12:00:00Z";

/// The tenant whose data the sample is.
pub const TENANT: &str = "acme";

/// The sample data as of [`NOON`].
pub fn sample() -> Sample {
    generate(7, noon())
}

/// [`NOON`] as a time.
pub fn noon() -> Timestamp {
    NOON.parse().expect("noon is a time")
}

/// What a test does to a task before it happens: `None` lets it happen.
pub type Meddle = dyn Fn(&Task) -> Option<TaskError> + Send + Sync;

/// A store with the sample in it, and everyone that a workflow talks to.
pub struct World {
    /// The store.
    pub items: Arc<SqliteItems>,
    /// What was alerted.
    pub alerts: Arc<RecordedAlerts>,
    machine: Arc<Machine>,
    kind: WorkflowKind,
}

/// How a workflow went.
#[derive(Debug)]
pub struct Played {
    /// How it ended.
    pub finished: Finished,
    /// The states in order of entry; branches are indented and numbered, so that the order in
    /// which parallel branches happen to run does not show.
    pub path: Vec<String>,
    /// The states whose tasks were called, with how often.
    pub called: BTreeMap<String, usize>,
}

impl World {
    /// A world for one workflow.
    pub async fn of(workflow: Workflow) -> Self {
        let items = SqliteItems::in_memory().expect("SQLite opens in memory");
        let world = Self {
            items: Arc::new(items),
            alerts: Arc::default(),
            machine: Arc::new(Machine::parse(&definition(workflow)).expect("a sound definition")),
            kind: WorkflowKind::Express,
        };
        world.store_sample().await;
        world
    }

    async fn store_sample(&self) {
        use baton_domain::item::{Condition, Key};
        let tenant: TenantId = TENANT.parse().expect("a name");
        let Sample { catalog, users } = sample();
        let catalog = Item::document(Key::catalog(&tenant), &catalog);
        let profiles = users.iter().map(|(user, profile)| {
            (
                Table::Profiles,
                Item::document(Key::profile(&tenant, user), profile),
            )
        });
        for (table, item) in profiles.chain([(Table::Catalogs, catalog)]) {
            let put = self.items.put(table, &item, &Condition::Always).await;
            put.expect("the sample can be stored");
        }
    }

    /// Plays the workflow. `repeat` makes every task that happens happen twice.
    pub async fn play(&self, input: Value, repeat: bool, meddle: Arc<Meddle>) -> Played {
        let alerts = Arc::clone(&self.alerts);
        let integrations = Integrations::new(Agents::all(), Arc::clone(&self.items) as _, alerts);
        let watched = Arc::new(Watched::default());
        let executor = Meddled {
            integrations,
            meddle,
            repeat,
            watched: Arc::clone(&watched),
        };
        let mut options = RunOptions::new("test", Arc::new(executor));
        options.clock = Clock::virtual_at(noon());
        options.observer = Some(Arc::clone(&watched) as _);
        options.info.kind = self.kind;
        let finished = baton_engine::run(Arc::clone(&self.machine), input, options).await;
        let entered = watched.entered.lock().expect("no test thread panics");
        let called = watched
            .called
            .lock()
            .expect("no test thread panics")
            .clone();
        Played {
            finished,
            path: path_of(&entered),
            called,
        }
    }

    /// Plays the workflow undisturbed.
    pub async fn play_plainly(&self, input: Value) -> Played {
        self.play(input, false, Arc::new(|_: &Task| None)).await
    }

    /// Every item of a partition, newest first.
    pub async fn stored(&self, table: Table, pk: &str) -> Vec<Item> {
        self.items
            .newest(table, pk, None, 1_000)
            .await
            .expect("SQLite answers")
    }
}

/// Alerts that were raised.
#[derive(Debug, Default)]
pub struct RecordedAlerts(Mutex<Vec<Alert>>);

impl RecordedAlerts {
    /// Every alert so far.
    pub fn all(&self) -> Vec<Alert> {
        self.0.lock().expect("no test thread panics").clone()
    }
}

#[async_trait]
impl Alerts for RecordedAlerts {
    async fn raise(&self, alert: &Alert) -> Result<(), StoreError> {
        self.0
            .lock()
            .expect("no test thread panics")
            .push(alert.clone());
        Ok(())
    }
}

/// What an observer and an executor saw.
#[derive(Default)]
struct Watched {
    entered: Mutex<Vec<(String, String)>>,
    called: Mutex<BTreeMap<String, usize>>,
}

impl Observer for Watched {
    fn event(&self, event: &Event) {
        if matches!(event.kind, EventKind::StateEntered(_)) {
            let entered = (event.path.to_string(), event.name.to_string());
            self.entered
                .lock()
                .expect("no test thread panics")
                .push(entered);
        }
    }
}

struct Meddled {
    integrations: Integrations,
    meddle: Arc<Meddle>,
    repeat: bool,
    watched: Arc<Watched>,
}

#[async_trait]
impl TaskExecutor for Meddled {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        *self
            .watched
            .called
            .lock()
            .expect("no test thread panics")
            .entry(task.name.clone())
            .or_default() += 1;
        if let Some(error) = (self.meddle)(&task) {
            return Err(error);
        }
        if self.repeat {
            self.integrations.execute(task.clone()).await?;
        }
        self.integrations.execute(task).await
    }
}

/// Orders entries by the place in the definition of the branch that they are in.
fn path_of(entered: &[(String, String)]) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    let mut branches: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (pointer, name) in entered {
        if let Some(at) = pointer.rfind("/Branches/") {
            let number = pointer[at + 10..].split('/').next().unwrap_or_default();
            branches
                .entry(number.to_owned())
                .or_default()
                .push(name.clone());
        } else {
            flush(&mut path, &mut branches);
            path.push(name.clone());
        }
    }
    flush(&mut path, &mut branches);
    path
}

fn flush(path: &mut Vec<String>, branches: &mut BTreeMap<String, Vec<String>>) {
    for (number, names) in std::mem::take(branches) {
        path.push(format!("  {number}: {}", names.join(" → ")));
    }
}

/// A Task state of a workflow.
#[derive(Debug, Clone)]
pub struct TaskState {
    /// Its name.
    pub name: String,
    /// What it calls.
    pub resource: String,
    /// The agent, where it calls one.
    pub agent: Option<String>,
    /// The error names that its Retry repeats.
    pub retried: BTreeSet<String>,
    /// The states that its Catch leads to.
    pub caught_by: Vec<String>,
    /// The whole state.
    pub source: Value,
}

/// Every Task state of a workflow, those inside branches included.
pub fn tasks(workflow: Workflow) -> Vec<TaskState> {
    let definition: Value = serde_json::from_str(&definition(workflow)).expect("JSON");
    let mut tasks = Vec::new();
    collect(&definition["States"], &mut tasks);
    tasks
}

fn collect(states: &Value, tasks: &mut Vec<TaskState>) {
    for (name, state) in states.as_object().into_iter().flatten() {
        if state["Type"] == "Task" {
            tasks.push(task(name, state));
        }
        for branch in state["Branches"].as_array().into_iter().flatten() {
            collect(&branch["States"], tasks);
        }
        collect(&state["ItemProcessor"]["States"], tasks);
    }
}

fn task(name: &str, state: &Value) -> TaskState {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let names = |value: &Value| -> Vec<String> {
        list(value)
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    TaskState {
        name: name.to_owned(),
        resource: text(&state["Resource"]).unwrap_or_default(),
        agent: text(&state["Arguments"]["FunctionName"]),
        retried: list(&state["Retry"])
            .iter()
            .flat_map(|r| names(&r["ErrorEquals"]))
            .collect(),
        caught_by: list(&state["Catch"])
            .iter()
            .filter_map(|c| text(&c["Next"]))
            .collect(),
        source: state.clone(),
    }
}
