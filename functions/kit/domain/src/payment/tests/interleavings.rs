//! Any interleaving of those who buy, of their crashes, repetitions and late answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::super::*;
use super::{LEASE, SOURCES, artifact, dispute, now, offer, purchase, token, usd};
use crate::Money;

const TASKS: usize = 2;

/// Somebody who drives a purchase, and what they know.
#[derive(Debug, Clone)]
struct Actor {
    at: (usize, usize),
    /// The version under which they may call the marketplace.
    seen: u64,
    /// Whether it is written down that they do.
    may_call: bool,
    /// Whether the call was made, and charged.
    charged: Option<bool>,
}

/// The world: ledgers, the marketplace's own books, and those who are at work.
struct World {
    now: Timestamp,
    tenant: Account,
    tasks: Vec<Account>,
    purchases: BTreeMap<(usize, usize), Purchase>,
    charges: BTreeMap<(usize, usize), u32>,
    actors: Vec<Actor>,
    ended: BTreeMap<(usize, usize), PurchaseState>,
}

#[derive(Debug, Clone)]
enum Step {
    Quote(u64),
    Reserve,
    Begin,
    /// The token is about to be charged.
    Weigh,
    /// The call reaches the marketplace, which charges or refuses.
    Charge(bool),
    Answer,
    Lose,
    /// The actor is gone.
    Crash,
    /// Somebody looks after it, and pays again where nothing was charged.
    Resume,
    Undelivered,
    Deliver,
    Grant,
    Release,
    Dispute,
    TopUp(u64),
    Wait,
}

impl World {
    fn new(prices: &[u64], rails: &[bool], budget: u64, tenant: u64) -> Self {
        let mut purchases = BTreeMap::new();
        for task in 0..TASKS {
            for source in 0..SOURCES {
                let n = task * SOURCES + source;
                let rail = if rails[n] { Rail::Token } else { Rail::X402 };
                purchases.insert((task, source), purchase(task, source, prices[n], rail));
            }
        }
        let task = Account::new(Some(usd(budget))).with_next_token().unwrap();
        Self {
            now: now(),
            tenant: Account::new(Some(usd(tenant))),
            tasks: vec![task; TASKS],
            purchases,
            charges: BTreeMap::new(),
            actors: Vec::new(),
            ended: BTreeMap::new(),
        }
    }

    fn ledger(&self, at: (usize, usize)) -> Ledger {
        Ledger {
            purchase: self.purchases[&at].clone(),
            task: self.tasks[at.0].clone(),
            tenant: self.tenant.clone(),
        }
    }

    /// Whether it happened now.
    fn tell(&mut self, at: (usize, usize), event: &PaymentEvent, seen: u64) -> bool {
        match self.ledger(at).after(event, seen, self.now) {
            Ok(Some(next)) => {
                self.purchases.insert(at, next.purchase);
                self.tasks[at.0] = next.task;
                self.tenant = next.tenant;
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    fn charge(&mut self, at: (usize, usize)) {
        let token = self.purchases[&at].rail() == Rail::Token;
        let charges = self.charges.entry(at).or_default();
        // The other rail settles one payload once.
        *charges = if token { *charges + 1 } else { 1 };
    }

    fn step(&mut self, at: (usize, usize), step: &Step) {
        let purchase = self.purchases[&at].clone();
        let (version, rail, price) = (purchase.version(), purchase.rail(), purchase.price());
        let until = self.now + LEASE;
        let note = || "heard".to_owned();
        match step {
            Step::Quote(price) => {
                let price = usd(*price);
                self.tell(at, &PaymentEvent::Quoted { price, rail }, version);
            }
            Step::Reserve => {
                let offer = offer(rail, price);
                self.tell(at, &PaymentEvent::Reserved { offer }, version);
            }
            Step::Begin => self.begin(at, rail, until),
            Step::Weigh => self.weigh(at, until),
            Step::Charge(works) => self.call(at, *works),
            Step::Answer => self.answer(at, price),
            Step::Lose => {
                if let Some(n) = self.actors.iter().position(|actor| actor.at == at) {
                    let actor = self.actors.remove(n);
                    let note = note();
                    let until = self.now;
                    self.tell(at, &PaymentEvent::Unknown { note, until }, actor.seen);
                }
            }
            Step::Crash => self.actors.retain(|actor| actor.at != at),
            Step::Resume => self.resume(at, rail, price, until),
            Step::Undelivered => {
                let note = note();
                self.tell(at, &PaymentEvent::Undelivered { note, until }, version);
            }
            Step::Deliver => {
                let artifact = artifact();
                self.tell(at, &PaymentEvent::Delivered { artifact }, version);
            }
            Step::Grant => {
                let artifact = artifact();
                self.tell(at, &PaymentEvent::Granted { artifact }, version);
            }
            Step::Release => {
                let reason = note();
                self.tell(at, &PaymentEvent::Released { reason }, version);
            }
            Step::Dispute => {
                if !purchase.is_at_work(self.now) {
                    self.tell(at, &dispute(), version);
                }
            }
            Step::TopUp(dollars) => self.tasks[at.0] = self.tasks[at.0].topped_up(usd(*dollars)),
            Step::Wait => {
                // Calls are bounded by the lease: who is still there by then has given up.
                self.now += LEASE;
                self.actors.retain(|actor| actor.charged.is_some());
            }
        }
    }

    fn begin(&mut self, at: (usize, usize), rail: Rail, until: Timestamp) {
        let means = match rail {
            Rail::Token => token(&self.ledger(at)),
            _ => Means::Signed(json!(format!("{at:?}"))),
        };
        let seen = self.purchases[&at].version();
        if self.tell(at, &PaymentEvent::Began { until, means }, seen) {
            self.act(at);
        }
    }

    fn weigh(&mut self, at: (usize, usize), until: Timestamp) {
        let Some(n) = self.actors.iter().position(|actor| actor.at == at) else {
            return;
        };
        let balance = None;
        let event = PaymentEvent::Weighed { until, balance };
        if self.tell(at, &event, self.actors[n].seen) {
            self.actors[n].seen = self.purchases[&at].version();
            self.actors[n].may_call = true;
        }
    }

    fn act(&mut self, at: (usize, usize)) {
        let seen = self.purchases[&at].version();
        let purchase = &self.purchases[&at];
        self.actors.push(Actor {
            at,
            seen,
            may_call: purchase.rail() == Rail::X402 || purchase.is_weighed(),
            charged: None,
        });
    }

    fn call(&mut self, at: (usize, usize), works: bool) {
        let called = |actor: &Actor| actor.at == at && actor.may_call && actor.charged.is_none();
        if let Some(n) = self.actors.iter().position(called) {
            self.actors[n].charged = Some(works);
            if works {
                self.charge(at);
            }
        }
    }

    fn answer(&mut self, at: (usize, usize), price: Money) {
        let answered = |actor: &Actor| actor.at == at && actor.charged.is_some();
        let Some(n) = self.actors.iter().position(answered) else {
            return;
        };
        let actor = self.actors.remove(n);
        let paid = PaymentEvent::Paid {
            cost: price,
            transaction: None,
            until: self.now,
        };
        let note = String::new();
        if actor.charged == Some(true) {
            self.tell(at, &paid, actor.seen);
        } else {
            self.tell(at, &PaymentEvent::NotCharged { note }, actor.seen);
        }
    }

    fn resume(&mut self, at: (usize, usize), rail: Rail, price: Money, until: Timestamp) {
        let seen = self.purchases[&at].version();
        if !self.tell(at, &PaymentEvent::Resumed { until }, seen) {
            return;
        }
        let seen = self.purchases[&at].version();
        if self.charges.contains_key(&at) {
            let paid = PaymentEvent::Paid {
                cost: price,
                transaction: None,
                until,
            };
            self.tell(at, &paid, seen);
        } else if rail == Rail::Token && !self.purchases[&at].is_weighed() {
            let note = String::new();
            self.tell(at, &PaymentEvent::NotCharged { note }, seen);
        } else if rail == Rail::Token {
            if self.tell(at, &PaymentEvent::Retried { until }, seen) {
                self.act(at);
            }
        } else {
            self.act(at);
        }
    }

    fn check(&mut self) {
        let (mut tenant_spent, mut tenant_held) = (Money::ZERO, Money::ZERO);
        for (task, account) in self.tasks.iter().enumerate() {
            let of_task = || self.purchases.iter().filter(|((t, _), _)| *t == task);
            let held = of_task()
                .filter(|(_, purchase)| purchase.is_held())
                .map(|(_, purchase)| purchase.price())
                .sum();
            let spent = of_task()
                .filter_map(|(_, purchase)| purchase.cost())
                .sum::<Money>();
            assert_eq!((account.reserved(), account.spent()), (held, spent));
            let committed = spent + held;
            assert!(account.budget().is_none_or(|budget| committed <= budget));
            let with_token = |state| {
                of_task()
                    .filter(move |(_, purchase)| purchase.state() == state)
                    .filter(|(_, purchase)| purchase.rail() == Rail::Token)
                    .map(|(_, purchase)| purchase.source_id())
            };
            let paying: Vec<_> = with_token(PurchaseState::Paying).collect();
            let paid: Vec<_> = with_token(PurchaseState::Paid).collect();
            match account.paying() {
                Some(source) => assert!(paying == [source] || paid.contains(&source)),
                None => assert!(paying.is_empty()),
            }
            tenant_spent = tenant_spent + spent;
            tenant_held = tenant_held + held;
        }
        let tenant = &self.tenant;
        assert_eq!(
            (tenant.spent(), tenant.reserved()),
            (tenant_spent, tenant_held)
        );
        let committed = tenant_spent + tenant_held;
        assert!(tenant.budget().is_none_or(|budget| committed <= budget));
        for (at, charges) in &self.charges {
            assert!(*charges <= 1, "{at:?} was charged {charges} times");
            // What was charged is booked as paid, or its money is held.
            let purchase = &self.purchases[at];
            assert!(purchase.cost().is_some() || purchase.is_held());
        }
        for (at, purchase) in &self.purchases {
            if purchase.cost().is_some_and(|cost| cost > Money::ZERO) {
                assert!(self.charges.contains_key(at), "{at:?} is booked as paid");
            }
            if let Some(ended) = self.ended.get(at) {
                assert_eq!(purchase.state(), *ended, "{at:?} was over");
            }
            if purchase.state().is_over() {
                self.ended.insert(*at, purchase.state());
            }
            let text = serde_json::to_string(purchase).unwrap();
            let read: Purchase = serde_json::from_str(&text).unwrap();
            assert_eq!(read, *purchase, "nothing is lost in the store");
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (1_u64..40).prop_map(Step::Quote),
        4 => Just(Step::Reserve),
        4 => Just(Step::Begin),
        4 => Just(Step::Weigh),
        4 => any::<bool>().prop_map(Step::Charge),
        3 => Just(Step::Answer),
        1 => Just(Step::Lose),
        1 => Just(Step::Crash),
        3 => Just(Step::Resume),
        1 => Just(Step::Undelivered),
        1 => Just(Step::Deliver),
        1 => Just(Step::Grant),
        1 => Just(Step::Release),
        1 => Just(Step::Dispute),
        1 => (1_u64..20).prop_map(Step::TopUp),
        2 => Just(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_books_hold_whatever_happens(
        prices in prop::collection::vec(1_u64..40, TASKS * SOURCES),
        rails in prop::collection::vec(any::<bool>(), TASKS * SOURCES),
        budget in 1_u64..100,
        tenant in 1_u64..150,
        steps in prop::collection::vec(((0..TASKS, 0..SOURCES), step(), any::<bool>()), 1..120),
    ) {
        let mut world = World::new(&prices, &rails, budget, tenant);
        for (at, step, twice) in &steps {
            world.step(*at, step);
            world.check();
            if *twice {
                world.step(*at, step);
                world.check();
            }
        }
    }
}
