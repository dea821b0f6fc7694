//! A workflow played on the engine over the sample data, in virtual time, with its tasks meddled
//! with: made to fail, to hang, or to happen twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baton_app::ExecutionEnd;
use baton_domain::item::{Item, Table};
use baton_domain::ports::{Alert, Alerts, Items, StoreError};
use baton_domain::run::Workflow;
use baton_domain::{TenantId, Timestamp};
use baton_embedded::{Agents, Integrations, SqliteItems, definition, kind};
pub use baton_engine::bench::Meddle;
use baton_engine::bench::{Plan, Scene, TaskState, undisturbed};
use baton_engine::{Finished, Outcome, TaskExecutor, WorkflowKind};
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

/// A store with the sample in it, and everyone that a workflow talks to.
pub struct World {
    /// The store.
    pub items: Arc<SqliteItems>,
    /// What was alerted.
    pub alerts: Arc<RecordedAlerts>,
    workflow: Workflow,
}

/// A workflow with its input, played at [`NOON`].
pub fn plan(workflow: Workflow, input: Value) -> Plan {
    let plan = Plan::new(&definition(workflow), input).at(noon());
    match kind(workflow) {
        WorkflowKind::Express => plan.express(),
        WorkflowKind::Standard => plan,
    }
}

impl Scene for World {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        let alerts = Arc::clone(&self.alerts);
        let items = Arc::clone(&self.items);
        Arc::new(Integrations::new(Agents::all(), items as _, alerts))
    }
}

impl Scene for &World {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        World::executor(self)
    }
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
            workflow,
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
        let played = plan(self.workflow, input).play(self, repeat, meddle).await;
        Played {
            path: path_of(&played.entered),
            finished: played.finished,
            called: played.called,
        }
    }

    /// Plays the workflow undisturbed.
    pub async fn play_plainly(&self, input: Value) -> Played {
        self.play(input, false, undisturbed()).await
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

/// How an execution ended, as whoever ends its run is told: the end, the error and the cause.
pub(crate) fn end_of(finished: &Finished) -> (ExecutionEnd, Option<&str>, Option<&str>) {
    match &finished.outcome {
        Outcome::Succeeded { output } => (ExecutionEnd::with_output(output), None, None),
        Outcome::Failed { error, cause } => {
            (ExecutionEnd::Failed, error.as_deref(), cause.as_deref())
        }
        Outcome::TimedOut => (ExecutionEnd::TimedOut, None, None),
        Outcome::Aborted { .. } => (ExecutionEnd::Aborted, None, None),
    }
}

/// Every Task state of a workflow.
pub fn tasks(workflow: Workflow) -> Vec<TaskState> {
    baton_engine::bench::tasks(&definition(workflow))
}
