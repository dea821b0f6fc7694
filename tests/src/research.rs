//! Research played on the engine in virtual time: the real agents and platform functions over a
//! store, the sandbox marketplace with its books, and people who decide as a test says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use baton_app::{App, Approving, LoggedNotices, PaymentSettings, Ports, Settings, StartTask};
use baton_domain::Money;
use baton_domain::approval::ApprovalStatus;
use baton_domain::ports::Clock;
use baton_domain::run::{Run, RunState, Workflow};
use baton_embedded::{Agents, Integrations, Platform, SqliteItems};
use baton_engine::bench::{Plan, Scene};
use baton_engine::{Finished, Task, TaskError, TaskExecutor};
use baton_partners::{
    AllowedAssets, EvmWallet, MarketplaceClient, MarketplaceSettings, PaymentManagerClient,
    PaymentManagerSettings, Secret,
};
use baton_sandbox::marketplace::{Fault, Faults, Ledger, Sandbox};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::people::{Desk, People, Starts, StoppedClock, WithPeople, tenant};
use crate::workflow::{RecordedAlerts, end_of, noon, plan};

/// How long a call to the marketplace may take: short, since some tests let calls time out.
const HASTE: Duration = Duration::from_millis(400);

/// Signs payments to the sandbox.
const PLAY_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// A world with one queued task in it.
pub struct ResearchWorld {
    /// The use cases.
    pub app: Arc<App>,
    /// The marketplace, with its books.
    pub sandbox: Sandbox,
    /// The run of the task.
    pub run: Run,
    executor: Arc<dyn TaskExecutor>,
    clock: Arc<StoppedClock>,
    serving: Vec<JoinHandle<()>>,
}

mod books;

pub use books::Double;

/// What a task spent, by the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Spent {
    /// What might be spent, in millionths of a dollar.
    pub budget: u64,
    /// What was.
    pub spent: u64,
    /// What is still set aside.
    pub reserved: u64,
    /// The states of the purchases, by source.
    pub purchases: BTreeMap<String, String>,
}

impl ResearchWorld {
    /// A world in which a theme is to be researched within a budget of whole dollars.
    pub async fn of(theme: &str, budget: u32, people: Arc<People>, faults: Vec<Fault>) -> Self {
        let payments = PaymentSettings::default();
        Self::careful(theme, budget, people, faults, payments).await
    }

    /// A world whose faults happen by chance, drawn from a seed.
    pub async fn seeded(
        theme: &str,
        budget: u32,
        people: Arc<People>,
        faults: Vec<Fault>,
        seed: u64,
    ) -> Self {
        let world = Self::of(theme, budget, people, Vec::new()).await;
        let set = world.sandbox.set_faults(Faults { seed, faults });
        set.expect("the faults mean something");
        world
    }

    /// A world with settings of its own for payments.
    pub async fn careful(
        theme: &str,
        budget: u32,
        people: Arc<People>,
        faults: Vec<Fault>,
        payments: PaymentSettings,
    ) -> Self {
        let sandbox = Sandbox::in_memory();
        sandbox.set_clock(Some(noon()));
        let set = sandbox.set_faults(Faults { seed: 1, faults });
        set.expect("the faults mean something");
        let (market, first) = serve(baton_sandbox::marketplace::router(sandbox.clone())).await;
        let (manager, second) = serve(baton_sandbox::payments::router(sandbox.clone())).await;
        let items = Arc::new(SqliteItems::in_memory().expect("SQLite opens in memory"));
        let clock = Arc::<StoppedClock>::default();
        let (starts, desk) = (Arc::new(Starts::default()), Arc::new(Desk::default()));
        let approving = Approving {
            may_auto_approve: true,
            ..Approving::default()
        };
        let app = App::new(Ports {
            items: Arc::clone(&items) as _,
            workflows: Arc::clone(&starts) as _,
            clock: Arc::clone(&clock) as _,
            callbacks: Arc::clone(&desk) as _,
            notices: Arc::new(LoggedNotices),
        });
        let settings = Settings {
            payments,
            ..Settings::default()
        };
        let app = app.with_settings(settings).with_approving(approving);
        let app = Arc::new(buying(app, &market, &manager));
        let platform = Platform::default();
        platform.is(&app);
        let alerts = Arc::<RecordedAlerts>::default();
        let integrations = Integrations::new(Agents::all(), items, alerts);
        let executor = Arc::new(Slowly {
            clock: Arc::clone(&clock),
            sandbox: sandbox.clone(),
            tasks: WithPeople {
                rest: integrations.with_platform(platform),
                app: Arc::clone(&app),
                desk,
                people,
            },
        });
        let task = StartTask {
            theme: theme.to_owned(),
            budget,
            voice_id: "user_voice_123".to_owned(),
            max_cost_usd: None,
        };
        let started = app.start_task(&tenant(), &task, None).await;
        started.expect("a task starts");
        let run = starts.last().expect("its workflow was started");
        Self {
            app,
            sandbox,
            run,
            executor,
            clock,
            serving: vec![first, second],
        }
    }

    /// The workflow with the run's input.
    pub fn plan(&self) -> Plan {
        plan(Workflow::Research, self.run.input.clone())
    }

    /// What the marketplace charged and settled.
    pub fn books(&self) -> Ledger {
        self.sandbox.books()
    }

    /// The ledger of the task.
    pub async fn spent(&self) -> Spent {
        let payload = json!({"op": "status", "tenant_id": tenant(), "run_id": self.run.run_id});
        let status = match self.app.payments(payload).await {
            Ok(status) => status,
            // Its account was never opened.
            Err(_) => json!({"budget": 0, "spent": 0, "reserved": 0, "purchases": []}),
        };
        let micro = |name: &str| {
            let amount: Money = serde_json::from_value(status[name].clone()).expect("an amount");
            amount.micro_usd()
        };
        let purchases = status["purchases"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Spent {
            budget: micro("budget"),
            spent: micro("spent"),
            reserved: micro("reserved"),
            purchases: purchases
                .iter()
                .map(|p| (text(&p["source_id"]), text(&p["state"])))
                .collect(),
        }
    }

    /// Hours later the marketplace is well again, and what was left under way is looked after.
    pub async fn hours_later(&self) {
        let mended = self.sandbox.set_faults(Faults::default());
        mended.expect("no faults mean nothing");
        for _ in 0..3 {
            self.clock.wait(2 * 60 * 60);
            self.sandbox.set_clock(Some(self.clock.now()));
            let swept = self.app.sweep_payments().await;
            swept.expect("the store answers");
        }
    }

    /// Writes down how the task ended. It is over, and nothing waits for anybody.
    pub async fn ended(&self, finished: &Finished) -> RunState {
        let (end, error, cause) = end_of(finished);
        let (tenant, name) = (tenant(), self.run.execution_name());
        let ended = self.app.end_of_execution(&tenant, &name, end, error, cause);
        let state = ended.await.expect("the end can be written");
        assert!(state.status.is_over(), "{:?}", state.status);
        let pending = Some(ApprovalStatus::Pending);
        let pending = self.app.list_approvals(&tenant, pending, None, 10).await;
        let pending = pending.expect("approvals are listed").approvals;
        assert_eq!(pending, [], "approvals that wait");
        state
    }

    /// Checks what must hold however research ended, where the marketplace does what it should, and
    /// answers how it did.
    pub async fn check(&self, finished: &Finished, what: &str) -> RunState {
        let state = self.ended(finished).await;
        let mut wrong = self.violations(Double::Never).await;
        self.hours_later().await;
        wrong.extend(self.unreconciled(Double::Never).await);
        assert_eq!(wrong, Vec::<String>::new(), "{what}");
        state
    }
}

/// The use cases, buying at these addresses.
pub fn buying(app: App, market: &str, manager: &str) -> App {
    let assets = AllowedAssets::usual(true);
    let settings = MarketplaceSettings::new(market, assets.clone()).expect("an address");
    let market = MarketplaceClient::new(settings.with_timeout(HASTE)).expect("a client");
    let settings = PaymentManagerSettings::new(manager).expect("an address");
    let manager = PaymentManagerClient::new(settings.with_timeout(HASTE)).expect("a client");
    let wallet = EvmWallet::new(&Secret::new(PLAY_KEY), assets).expect("a key");
    app.with_marketplace(Arc::new(market))
        .with_payment_manager(Arc::new(manager))
        .with_wallet(Some(Arc::new(wallet)))
}

/// Does tasks, each of which takes some seconds, for everybody.
struct Slowly {
    tasks: WithPeople,
    clock: Arc<StoppedClock>,
    sandbox: Sandbox,
}

#[async_trait]
impl TaskExecutor for Slowly {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        self.clock.wait(3);
        self.sandbox.set_clock(Some(self.clock.now()));
        self.tasks.execute(task).await
    }
}

async fn serve(router: Router) -> (String, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move {
        axum::serve(listener, router).await.expect("it serves");
    });
    (format!("http://{address}"), serving)
}

impl Drop for ResearchWorld {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}

impl Scene for ResearchWorld {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Arc::clone(&self.executor)
    }
}
