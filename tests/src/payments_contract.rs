//! What payments must do on every store: one body, run on all of them.

#[path = "../../functions/kit/app/src/testing/dying_items.rs"]
mod dying_items;
#[path = "../../functions/kit/app/src/testing/market.rs"]
#[allow(dead_code, reason = "the use cases' own tests use the rest")]
mod market;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baton_app::{
    App, FunctionError, LoggedNotices, PaymentError, PaymentSettings, Ports, Settings,
};
use baton_domain::marketplace::MarketError;
use baton_domain::ports::{Callbacks, Clock, Items, Told, WorkflowError, Workflows};
use baton_domain::run::{Event, Run, Subject, Workflow};
use baton_domain::{Money, RunId, TenantId};
use serde_json::{Value, json};

use crate::set_clock::SetClock;

use dying_items::DyingItems;
use market::{Fault, TestMarket, usd};

const TOKEN: (bool, bool) = (true, false);
const X402: (bool, bool) = (false, true);

/// How many runs share one tenant's budget.
const RUNS: usize = 50;

/// Asserts the contract on a store that holds nothing of the tenants `payments` and `payments-2`.
pub async fn payments_contract(items: Arc<dyn Items>) {
    bought_once_on_each_rail(&items).await;
    any_death_is_survived(&items).await;
    runs_share_a_tenants_budget(&items).await;
}

/// A run that buys, over a store that may die.
struct Shop {
    app: App,
    market: Arc<TestMarket>,
    items: Arc<DyingItems>,
    clock: Arc<SetClock>,
    tenant: TenantId,
    run: RunId,
}

impl Shop {
    async fn new(items: &Arc<dyn Items>, tenant: &str, rails: (bool, bool)) -> Self {
        let market = Arc::<TestMarket>::default();
        market.list("a", 10, rails);
        let clock = Arc::<SetClock>::default();
        let items = Arc::new(DyingItems::over(Arc::clone(items)));
        let app = App::new(Ports {
            items: Arc::clone(&items) as _,
            workflows: Arc::new(Nobody),
            clock: Arc::clone(&clock) as _,
            callbacks: Arc::new(Nobody),
            notices: Arc::new(LoggedNotices),
        });
        let app = app
            .with_marketplace(Arc::clone(&market) as _)
            .with_payment_manager(Arc::clone(&market) as _)
            .with_wallet(Some(Arc::clone(&market) as _));
        let tenant: TenantId = tenant.parse().expect("a name");
        let run = begin(&app, &tenant, &*clock).await;
        let shop = Self {
            app,
            market,
            items,
            clock,
            tenant,
            run,
        };
        let opened = shop.call("open", json!({"budget": 15, "voice_id": "ada"}));
        opened.await.expect("it opens");
        shop
    }

    async fn call(&self, op: &str, fields: Value) -> Result<Value, FunctionError> {
        call(&self.app, &self.tenant, self.run, op, fields).await
    }

    async fn buy(&self) -> Result<Value, FunctionError> {
        let fields = json!({"source_id": "a", "name": "Source a", "price": 10});
        self.call("buy", fields).await
    }

    /// Buys until it comes to an end, over a death.
    async fn buy_patiently(&self, what: &str) -> Value {
        for _ in 0..40 {
            let bought = self.buy().await;
            let died = self.items.revive();
            self.check_books(what).await;
            match bought {
                Ok(answer) => return answer,
                Err(error) => assert!(died || is_transient(&error), "{what}: {error}"),
            }
            self.clock.advance(Duration::from_secs(30));
        }
        panic!("{what}: it comes to no end");
    }

    async fn check_books(&self, what: &str) {
        let totals = self.app.payment_totals(&self.tenant, self.run).await;
        let totals = totals.expect("the store answers");
        let charged = self.market.charged();
        assert!(self.market.charges().len() <= 1, "{what}: charged twice");
        assert!(self.market.sent().len() <= 1, "{what}: two payloads");
        assert!(totals.spent + totals.reserved <= totals.budget, "{what}");
        assert!(totals.spent <= charged, "{what}: {totals:?}");
        assert!(
            charged <= totals.spent + totals.reserved,
            "{what}: {totals:?}"
        );
    }
}

async fn bought_once_on_each_rail(items: &Arc<dyn Items>) {
    for rails in [TOKEN, X402] {
        let shop = Shop::new(items, "payments", rails).await;
        let bought = shop.buy().await.expect("it is bought");
        assert_eq!(bought["status"], "delivered", "{bought}");
        assert_eq!(shop.buy().await.as_ref(), Ok(&bought), "once");
        let state = shop.app.load_run(&shop.tenant, shop.run).await;
        assert_eq!(state.expect("the run").total_cost, usd(10));
        let (other, source) = ("payments-2".parse().expect("a name"), json!({}));
        let theirs = call(&shop.app, &other, shop.run, "facts", source.clone()).await;
        assert_eq!(theirs.expect("an answer")["facts"], json!([]));
        let ours = shop.call("facts", source).await.expect("an answer");
        assert_eq!(ours["facts"][0]["source_id"], "a");
        let closed = shop.call("close", json!({})).await.expect("it closes");
        assert_eq!(
            (&closed["spent"], &closed["reserved"]),
            (&json!(10.0), &json!(0.0))
        );
        let audit = shop.app.payment_audit(&shop.tenant, shop.run).await;
        let audit = audit.expect("the store answers");
        assert!(audit.len() >= 6 && audit.iter().all(|entry| entry.spent <= usd(10)));
        let trail = serde_json::to_string(&audit).expect("JSON");
        assert!(!trail.contains("secret-"), "{trail}");
    }
}

/// Dies at every write, before and after it, with answers of the marketplace that are lost.
async fn any_death_is_survived(items: &Arc<dyn Items>) {
    for rails in [TOKEN, X402] {
        for faults in [&[][..], &[Fault::LoseAnswer], &[Fault::LoseCall]] {
            for after in [false, true] {
                for n in 1.. {
                    let what = format!("{rails:?} {faults:?} {after} {n}");
                    let shop = Shop::new(items, "payments", rails).await;
                    shop.market.fail_pay(faults);
                    shop.items.die_at(n, after);
                    let end = shop.buy_patiently(&what).await;
                    assert_eq!(end["status"], "delivered", "{what}: {end}");
                    assert_eq!(shop.market.charged(), usd(10), "{what}");
                    if !shop.items.has_died() {
                        assert!(n > 5, "{what}: it writes");
                        break;
                    }
                }
            }
        }
    }
}

/// Half of them find the tenant's budget spent, and nothing is charged beyond it.
async fn runs_share_a_tenants_budget(items: &Arc<dyn Items>) {
    let shop = Shop::new(items, "payments-2", TOKEN).await;
    let budget = usd(RUNS as u64 / 2 * 10 + 5);
    let app = shop.app.clone().with_settings(Settings {
        payments: PaymentSettings {
            tenant_budget: Some(budget),
            ..PaymentSettings::default()
        },
        ..Settings::default()
    });
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..RUNS {
        let (app, tenant) = (app.clone(), shop.tenant.clone());
        let run = begin(&app, &tenant, &*shop.clock).await;
        tasks.spawn(async move { buy_alone(&app, &tenant, run).await });
    }
    let ends = tasks.join_all().await;
    let delivered = ends.iter().filter(|end| *end == "delivered").count();
    assert_eq!(delivered, RUNS / 2, "{ends:?}");
    let over = ends.iter().filter(|end| *end == "over_budget").count();
    assert_eq!(over, RUNS - delivered, "{ends:?}");
    let charged = shop.market.charged();
    assert_eq!(
        charged,
        Money::from_micro_usd(usd(10).micro_usd() * delivered as u64)
    );
}

async fn buy_alone(app: &App, tenant: &TenantId, run: RunId) -> String {
    let open = json!({"budget": 50, "voice_id": "ada"});
    let buy = json!({"source_id": "a", "name": "Source a", "price": 10});
    for _ in 0..200 {
        let bought = match call(app, tenant, run, "open", open.clone()).await {
            Ok(_) => call(app, tenant, run, "buy", buy.clone()).await,
            Err(error) => Err(error),
        };
        match bought {
            Ok(answer) => return answer["status"].as_str().unwrap_or_default().to_owned(),
            Err(error) => assert!(is_transient(&error), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a run comes to no end")
}

async fn call(
    app: &App,
    tenant: &TenantId,
    run: RunId,
    op: &str,
    fields: Value,
) -> Result<Value, FunctionError> {
    let mut payload = json!({"op": op, "tenant_id": tenant, "run_id": run});
    for (name, value) in fields.as_object().into_iter().flatten() {
        payload[name] = value.clone();
    }
    let answer = app.payments(payload).await;
    let shown = format!("{answer:?}");
    assert!(!shown.contains("secret-"), "{op}: {shown}");
    answer
}

async fn begin(app: &App, tenant: &TenantId, clock: &dyn Clock) -> RunId {
    let run = RunId::new(clock.now(), clock.entropy());
    let queued = Event::Queued {
        workflow: Workflow::Campaign,
        subject: Subject::default(),
        origin: None,
        max_cost_usd: None,
        auto_approve: false,
    };
    let begun = app.begin_run(tenant, run, vec![queued], Vec::new()).await;
    assert!(begun.expect("the store answers").is_some());
    run
}

fn is_transient(error: &FunctionError) -> bool {
    FunctionError::TRANSIENT.contains(&error.code)
        || PaymentError::TRANSIENT.contains(&error.code)
        || MarketError::TRANSIENT.contains(&error.code)
}

/// No workflows, and nobody who waits.
struct Nobody;

#[async_trait]
impl Workflows for Nobody {
    async fn run(&self, _: &Run) -> Result<Value, WorkflowError> {
        Err(WorkflowError::Unavailable("there are none here".to_owned()))
    }

    async fn start(&self, _: &Run) -> Result<(), WorkflowError> {
        Ok(())
    }

    async fn stop(&self, _: &Run, _: &str) -> Result<(), WorkflowError> {
        Ok(())
    }
}

#[async_trait]
impl Callbacks for Nobody {
    async fn succeed(&self, _: &str, _: &Value) -> Result<Told, WorkflowError> {
        Ok(Told::NobodyWaits)
    }
}
