//! What the journals of runs must do on every store: one body, run on all of them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baton_app::{App, AppError, LoggedNotices, Ports, StartRun, SystemClock};
use baton_domain::ports::{Callbacks, Items, Told, WorkflowError, Workflows};
use baton_domain::run::{Call, CallStatus, Event, Run, RunStatus};
use baton_domain::{Money, RunId, TenantId};
use serde_json::{Value, json};

/// Asserts the contract on a store that holds nothing of the tenant `runs`; two writers append at
/// the same time in each of so many `rounds`.
pub async fn run_contract(items: Arc<dyn Items>, rounds: u32) {
    let world = RunWorld::over(items);
    writers_lose_nothing(&world, rounds).await;
    a_month_starts_once(&world).await;
    lists_follow(&world).await;
}

/// Use cases over a store, with workflows that only start.
pub struct RunWorld {
    /// The use cases.
    pub app: App,
    /// Whose runs they are.
    pub tenant: TenantId,
    /// What was started.
    pub workflows: Arc<StartedWorkflows>,
}

impl RunWorld {
    /// A world over a store.
    pub fn over(items: Arc<dyn Items>) -> Self {
        let workflows = Arc::<StartedWorkflows>::default();
        let app = App::new(Ports {
            items,
            workflows: Arc::clone(&workflows) as _,
            clock: Arc::new(SystemClock),
            callbacks: Arc::new(NobodyWaits),
            notices: Arc::new(LoggedNotices),
        });
        Self {
            app,
            tenant: "runs".parse().expect("a name"),
            workflows,
        }
    }

    /// A campaign of a brand that was started.
    pub async fn start(&self, brand: &str) -> RunId {
        let wanted = json!({"brand_id": brand, "selected_month": "2024-11"});
        let wanted: StartRun = serde_json::from_value(wanted).expect("it can be asked for");
        let started = self.app.start_run(&self.tenant, &wanted, None).await;
        started.expect("it starts").run_id
    }

    /// Says to the journal what happened.
    pub async fn record(&self, run: RunId, fields: Value) -> Value {
        let mut payload = json!({"op": "record", "tenant_id": self.tenant, "run_id": run});
        let Value::Object(fields) = fields else {
            panic!("fields are an object");
        };
        payload.as_object_mut().expect("an object").extend(fields);
        self.app.record(payload).await.expect("it is recorded")
    }
}

/// Workflows that are started and do nothing.
#[derive(Default)]
pub struct StartedWorkflows(Mutex<Vec<Run>>);

impl StartedWorkflows {
    /// What was started, in order.
    pub fn all(&self) -> Vec<Run> {
        self.0.lock().expect("no thread panics").clone()
    }
}

#[async_trait]
impl Workflows for StartedWorkflows {
    async fn run(&self, _: &Run) -> Result<Value, WorkflowError> {
        Err(WorkflowError::Unavailable("it only starts".to_owned()))
    }

    async fn start(&self, run: &Run) -> Result<(), WorkflowError> {
        self.0.lock().expect("no thread panics").push(run.clone());
        Ok(())
    }

    async fn stop(&self, _: &Run, _: &str) -> Result<(), WorkflowError> {
        Ok(())
    }
}

struct NobodyWaits;

#[async_trait]
impl Callbacks for NobodyWaits {
    async fn succeed(&self, _: &str, _: &Value) -> Result<Told, WorkflowError> {
        Ok(Told::NobodyWaits)
    }
}

fn call(agent: &str) -> Event {
    Event::AgentCalled(Call {
        agent: agent.to_owned(),
        about: String::new(),
        status: CallStatus::Ok,
        method: None,
        cost_usd: Money::from_micro_usd(1),
        duration_ms: 1.0,
        error: None,
    })
}

/// Two at a time, each of whom says everything twice.
async fn writers_lose_nothing(world: &RunWorld, rounds: u32) {
    let (app, tenant, run) = (&world.app, &world.tenant, world.start("races").await);
    let say = async |who: &str, round: u32| {
        let id = format!("{who}/{round}");
        for _ in 0..2 {
            // Who came too late too often asks again, as workflows do.
            while app.append(tenant, run, &id, vec![call(who)]).await == Err(AppError::Contended) {}
        }
    };
    for round in 0..rounds {
        futures::join!(say("ada", round), say("bob", round));
    }
    let head = app.load_run(tenant, run).await.expect("it is there");
    for who in ["ada", "bob"] {
        assert_eq!(head.agents[who].calls, rounds, "{who}");
    }
    assert_eq!(head.version, 1 + 2 * u64::from(rounds));
    assert_eq!(head.total_cost.micro_usd(), 2 * u64::from(rounds));
    let rebuilt = app.rebuild(tenant, run, None).await;
    assert_eq!(rebuilt, Ok(head.clone()), "it is what its events add up to");
    let then = app.rebuild(tenant, run, Some(2)).await;
    assert_eq!(then.map(|then| then.version), Ok(2));
}

async fn a_month_starts_once(world: &RunWorld) {
    let brand = (world.tenant.clone(), "scheduled".parse().expect("a name"));
    let now = "2026-01-15T12:00:00Z".parse().expect("a time");
    let brands = [brand];
    let schedule = || world.app.schedule_campaigns(&brands, now);
    let both = futures::join!(schedule(), schedule());
    let (first, second) = (both.0.expect("scheduled"), both.1.expect("scheduled"));
    let started = [&first[0], &second[0]].map(|scheduled| scheduled.run_id.is_some());
    assert_eq!(
        started.into_iter().filter(|yes| *yes).count(),
        1,
        "{first:?} {second:?}"
    );
}

async fn lists_follow(world: &RunWorld) {
    let (app, tenant) = (&world.app, &world.tenant);
    let brand = "lists".parse().expect("a name");
    let mut runs = Vec::new();
    for _ in 0..3 {
        let run = world.start("lists").await;
        runs.insert(0, run);
        // Ids of one millisecond do not sort by time.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    world
        .record(runs[1], json!({"event_id": "1/enter", "stage": "collect"}))
        .await;
    let listed = async |status, before, limit| {
        let page = app.list_runs(tenant, status, Some(&brand), before, limit);
        let page = page.await.expect("they are listed");
        let found: Vec<RunId> = page.runs.iter().map(|run| run.run_id).collect();
        (found, page.next)
    };
    assert_eq!(
        listed(None, None, 2).await,
        (runs[..2].to_vec(), Some(runs[1]))
    );
    assert_eq!(
        listed(None, Some(runs[1]), 2).await,
        (runs[2..].to_vec(), None)
    );
    assert_eq!(
        listed(Some(RunStatus::Running), None, 2).await,
        (vec![runs[1]], None)
    );
    let running = app
        .list_runs(tenant, Some(RunStatus::Running), None, None, 100)
        .await;
    let running = running.expect("they are listed").runs;
    assert!(
        running.iter().any(|run| run.run_id == runs[1]),
        "{running:?}"
    );
    let queued = app
        .list_runs(tenant, Some(RunStatus::Queued), None, None, 100)
        .await;
    let queued = queued.expect("they are listed").runs;
    assert!(queued.iter().all(|run| run.run_id != runs[1]), "{queued:?}");
}
