//! Any interleaving of those who buy, of their crashes, repetitions and late answers.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
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
    /// Charges that are on their way although nobody waits for them, and when they are made.
    late: Vec<((usize, usize), Timestamp)>,
    ended: BTreeMap<(usize, usize), Purchase>,
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
    /// The caller hangs up, and the call is done so many seconds after it was made.
    ChargeLate(i64),
    Answer,
    Lose,
    /// The actor is gone.
    Crash,
    /// Somebody looks after it, and pays again where nothing was charged.
    Resume,
    /// A person says what became of it, and knows.
    Resolve,
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
            late: Vec::new(),
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
        self.land();
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
                self.tell(at, &PaymentEvent::Reserved { offer, limit: None }, version);
            }
            Step::Begin => self.begin(at, rail, until),
            Step::Weigh => self.weigh(at, until),
            Step::Charge(works) => self.call(at, *works),
            Step::ChargeLate(seconds) => self.call_late(at, *seconds),
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
            Step::Resolve => {
                // What is on its way is not known yet to anybody.
                if !self.is_on_its_way(at) {
                    let paid = self.charges.contains_key(&at);
                    self.tell(at, &PaymentEvent::Resolved { paid }, version);
                }
            }
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
                let decided = price.micro_usd() % 2 == 0;
                self.tell(at, &PaymentEvent::Released { reason, decided }, version);
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
        let means = if rail == Rail::Token {
            token(&self.ledger(at))
        } else {
            let before = (until + LEASE).as_second().to_string();
            Means::Signed(json!({"payload": {"authorization": {"validBefore": before}}}))
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

    /// Whether it may be paid without anybody's doing any more.
    fn is_on_its_way(&self, at: (usize, usize)) -> bool {
        let by_actor = self.actors.iter().any(|actor| actor.at == at);
        by_actor || self.late.iter().any(|(late, _)| *late == at)
    }

    /// Makes the charges whose time has come.
    fn land(&mut self) {
        let now = self.now;
        let due: Vec<_> = self.late.extract_if(.., |(_, due)| *due <= now).collect();
        for (at, _) in due {
            self.charge(at);
        }
    }

    fn call_late(&mut self, at: (usize, usize), seconds: i64) {
        let called = |actor: &Actor| actor.at == at && actor.may_call && actor.charged.is_none();
        let Some(n) = self.actors.iter().position(called) else {
            return;
        };
        let actor = self.actors.remove(n);
        let written = self.purchases[&at].updated_at();
        self.late
            .push((at, written + SignedDuration::from_secs(seconds)));
        let (note, until) = ("hung up".to_owned(), self.now);
        self.tell(at, &PaymentEvent::Unknown { note, until }, actor.seen);
    }

    fn call(&mut self, at: (usize, usize), works: bool) {
        let called = |actor: &Actor| actor.at == at && actor.may_call && actor.charged.is_none();
        if let Some(n) = self.actors.iter().position(called) {
            let purchase = &self.purchases[&at];
            let valid = purchase.signed_until().is_none_or(|until| self.now < until);
            let works = works && valid;
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
        let (note, until, refused) = (String::new(), self.now, true);
        if actor.charged == Some(true) {
            self.tell(at, &paid, actor.seen);
        } else if self.purchases[&at].rail() == Rail::X402 {
            self.tell(at, &PaymentEvent::Unpaid { note, until }, actor.seen);
        } else {
            let event = PaymentEvent::NotCharged { note, refused };
            self.tell(at, &event, actor.seen);
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
            let (note, refused) = (String::new(), false);
            self.tell(at, &PaymentEvent::NotCharged { note, refused }, seen);
        } else if rail == Rail::Token {
            if self.tell(at, &PaymentEvent::Retried { until }, seen) {
                self.act(at);
            } else {
                // It is too early to know: it is looked at again.
                let (note, until) = (String::new(), self.now);
                let unpaid = PaymentEvent::Unpaid { note, until };
                if !self.tell(at, &unpaid, seen) {
                    let (note, until) = (String::new(), self.now);
                    self.tell(at, &PaymentEvent::Unknown { note, until }, seen);
                }
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
            let more = of_task().map(|(_, it)| it.overcharged()).sum::<Money>();
            assert_eq!(account.overcharged(), more);
            let disputed = of_task()
                .filter(|(_, it)| it.state() == PurchaseState::Disputed && it.is_held())
                .map(|(_, it)| it.price())
                .sum::<Money>();
            assert_eq!(account.disputed(), disputed);
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
                let same = purchase.state() == ended.state();
                let late = purchase.cost() > ended.cost();
                let resolved = ended.state() == PurchaseState::Disputed;
                let again = ended.may_be_bought_again();
                assert!(same || late || resolved || again, "{at:?} was over");
            }
            self.ended.remove(at);
            if purchase.state().is_over() {
                self.ended.insert(*at, purchase.clone());
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
        2 => (0_i64..SETTLES.as_secs()).prop_map(Step::ChargeLate),
        3 => Just(Step::Answer),
        1 => Just(Step::Lose),
        1 => Just(Step::Crash),
        5 => Just(Step::Resume),
        1 => Just(Step::Resolve),
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
