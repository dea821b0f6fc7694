//! Purchases against a marketplace with books of its own.

mod crashes;
mod faults;
mod hostile;
mod operations;

use std::sync::Arc;

use baton_domain::payment::PurchaseState;
use baton_domain::ports::Clock as _;
use baton_domain::run::{Event, RunState, Subject, Workflow};
use baton_domain::{Money, RunId, TenantId};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::PaymentTotals;
use crate::testing::dying_items::DyingItems;
use crate::testing::market::{TestMarket, usd};
use crate::testing::{TestWorld, tenant};
use crate::{App, FunctionError, PaymentError};

pub(super) const TOKEN: (bool, bool) = (true, false);
pub(super) const X402: (bool, bool) = (false, true);

/// A run that buys.
pub(super) struct Shop {
    pub(super) world: TestWorld,
    pub(super) app: App,
    pub(super) market: Arc<TestMarket>,
    pub(super) items: Arc<DyingItems>,
    pub(super) tenant: TenantId,
    pub(super) run: RunId,
}

impl Shop {
    /// A run with a budget of so many dollars, and three sources: `a` for 10 dollars and `b` for 20
    /// on the rails that are named, and `free`.
    pub(super) async fn new(budget: u64, rails: (bool, bool)) -> Self {
        let shop = Self::unopened(rails).await;
        shop.open(budget).await.unwrap();
        shop
    }

    pub(super) async fn unopened(rails: (bool, bool)) -> Self {
        let (world, acme) = (TestWorld::new(|_| Ok(Value::Null)), tenant("acme"));
        let market = Arc::<TestMarket>::default();
        market.list("a", 10, rails);
        market.list("b", 20, rails);
        market.list("free", 0, rails);
        let items = Arc::new(DyingItems::over(Arc::clone(&world.items) as _));
        let mut app = world
            .app()
            .with_marketplace(Arc::clone(&market) as _)
            .with_payment_manager(Arc::clone(&market) as _)
            .with_wallet(Some(Arc::clone(&market) as _));
        app.ports.items = Arc::clone(&items) as _;
        let run = RunId::new(world.clock.now(), 1);
        let queued = Event::Queued {
            workflow: Workflow::Research,
            subject: Subject::default(),
            origin: None,
            max_cost_usd: None,
            auto_approve: false,
        };
        let begun = app.begin_run(&acme, run, vec![queued], Vec::new());
        begun.await.unwrap().expect("it is new");
        Self {
            world,
            app,
            market,
            items,
            tenant: acme,
            run,
        }
    }

    pub(super) async fn open(&self, budget: u64) -> Result<Value, FunctionError> {
        self.call("open", json!({"budget": budget, "voice_id": "ada"}))
            .await
    }

    pub(super) async fn call(&self, op: &str, fields: Value) -> Result<Value, FunctionError> {
        call(&self.app, &self.tenant, self.run, op, fields).await
    }

    pub(super) async fn buy(&self, source: &str, price: u64) -> Result<Value, FunctionError> {
        let name = format!("Source {source}");
        let fields = json!({"source_id": source, "name": name, "price": price});
        self.call("buy", fields).await
    }

    /// Buys as a workflow does: again after a while, where it may pass by itself.
    pub(super) async fn buy_patiently(&self, source: &str, price: u64) -> Value {
        for _ in 0..40 {
            match self.buy(source, price).await {
                Ok(answer) => return answer,
                Err(error) => assert!(is_transient(&error), "{error}"),
            }
            self.wait(30);
        }
        panic!("`{source}` comes to no end");
    }

    pub(super) async fn close_patiently(&self) -> Value {
        for _ in 0..40 {
            match self.call("close", json!({})).await {
                Ok(answer) => return answer,
                Err(error) => assert!(is_transient(&error), "{error}"),
            }
            self.wait(30);
        }
        panic!("the account cannot be closed");
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.world.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub(super) async fn totals(&self) -> PaymentTotals {
        let totals = self.app.payment_totals(&self.tenant, self.run).await;
        totals.unwrap()
    }

    pub(super) async fn state(&self) -> RunState {
        self.app.load_run(&self.tenant, self.run).await.unwrap()
    }

    /// The ledger is what the marketplace's own books are.
    pub(super) async fn check_books(&self, what: &str) {
        let totals = self.totals().await;
        assert!(
            totals.spent + totals.reserved <= totals.budget,
            "{what}: {totals:?}"
        );
        let charged = self.market.charged();
        assert!(totals.spent <= charged, "{what}: {charged} {totals:?}");
        assert!(
            charged <= totals.spent + totals.reserved + totals.overcharged,
            "{what}: {charged} {totals:?}"
        );
        let paid = self.market.charges().into_iter().map(|(id, _)| id);
        assert!(each_once(paid.collect()), "{what}: charged twice");
        assert!(each_once(self.market.sent()), "{what}: two signed payloads");
        let booked = self.state().await;
        let undelivered = |state| totals.purchases.iter().any(|it| it.state == state);
        if !undelivered(PurchaseState::Paid) {
            assert_eq!(booked.total_cost, totals.spent, "{what}: the run's cost");
        }
    }

    /// Nothing is held, and all that was charged is spent.
    pub(super) async fn check_settled(&self, what: &str) {
        self.check_books(what).await;
        let totals = self.totals().await;
        assert_eq!(totals.reserved, Money::ZERO, "{what}: {totals:?}");
        assert_eq!(totals.spent, self.market.charged(), "{what}");
    }
}

pub(super) async fn call(
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

pub(super) fn is_transient(error: &FunctionError) -> bool {
    let market = baton_domain::marketplace::MarketError::TRANSIENT;
    FunctionError::TRANSIENT.contains(&error.code)
        || PaymentError::TRANSIENT.contains(&error.code)
        || market.contains(&error.code)
}

fn each_once(mut names: Vec<String>) -> bool {
    let all = names.len();
    names.sort();
    names.dedup();
    names.len() == all
}

pub(super) fn dollars(value: &Value) -> Money {
    usd(value.as_f64().unwrap() as u64)
}
