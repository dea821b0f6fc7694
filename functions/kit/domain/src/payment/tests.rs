//! What accounts and purchases keep, whatever happens in whatever order.

mod interleavings;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::marketplace::Offer;
use crate::run::ArtifactRef;
use crate::{Money, PurchaseId, RunId};

const LEASE: SignedDuration = SignedDuration::from_secs(60);
const SOURCES: usize = 3;

fn usd(dollars: u64) -> Money {
    Money::from_micro_usd(dollars * 1_000_000)
}

fn now() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

fn artifact() -> ArtifactRef {
    ArtifactRef {
        name: "source.x".to_owned(),
        version: 1,
        hash: "0".repeat(64),
    }
}

fn offer(rail: Rail, price: Money) -> Offer {
    match rail {
        Rail::X402 => Offer::X402 {
            price,
            accepted: json!({}),
            resource: json!({}),
            extensions: json!(null),
        },
        _ => Offer::Token { price },
    }
}

fn purchase(task: usize, source: usize, price: u64, rail: Rail) -> Purchase {
    let entropy = (task * SOURCES + source) as u128;
    let new = NewPurchase {
        purchase_id: PurchaseId::new(now(), entropy),
        tenant_id: "acme".parse().unwrap(),
        run_id: RunId::new(now(), task as u128),
        source_id: format!("s{source}"),
        name: format!("Source {source}"),
        found_by: "x".to_owned(),
        price: usd(price),
        rail,
    };
    Purchase::new(new, now())
}

fn ledger(budget: u64, tenant: Option<u64>, price: u64, rail: Rail) -> Ledger {
    let task = Account::new(Some(usd(budget))).with_next_token().unwrap();
    Ledger {
        purchase: purchase(0, 0, price, rail),
        task,
        tenant: Account::new(tenant.map(usd)),
    }
}

fn token(ledger: &Ledger) -> Means {
    let number = ledger.task.token();
    Means::Token { number }
}

fn then(ledger: &Ledger, event: &PaymentEvent) -> Ledger {
    let seen = ledger.purchase.version();
    let next = ledger.after(event, seen, now()).unwrap();
    next.unwrap_or_else(|| panic!("{event:?} is news"))
}

fn reserve(rail: Rail, price: u64) -> PaymentEvent {
    let offer = offer(rail, usd(price));
    PaymentEvent::Reserved { offer }
}

fn begin(ledger: &Ledger) -> PaymentEvent {
    PaymentEvent::Began {
        until: now() + LEASE,
        means: token(ledger),
    }
}

fn dispute() -> PaymentEvent {
    PaymentEvent::Disputed {
        reason: "nobody knows".to_owned(),
    }
}

#[test]
fn money_goes_from_held_to_spent() {
    let quoted = ledger(100, Some(100), 30, Rail::Token);
    let reserved = then(&quoted, &reserve(Rail::Token, 30));
    assert_eq!(reserved.task.reserved(), usd(30));
    let paying = then(&reserved, &begin(&reserved));
    assert_eq!(paying.task.paying(), Some("s0"));
    let paid = PaymentEvent::Paid {
        cost: usd(20),
        transaction: Some("tx".to_owned()),
        until: now() + LEASE,
    };
    let paid = then(&paying, &paid);
    for account in [&paid.task, &paid.tenant] {
        assert_eq!((account.spent(), account.reserved()), (usd(20), usd(0)));
    }
    assert_eq!(paid.task.paying(), Some("s0"), "it is fetched first");
    let artifact = artifact();
    let delivered = then(&paid, &PaymentEvent::Delivered { artifact });
    assert_eq!(delivered.purchase.state(), PurchaseState::Delivered);
    assert_eq!(delivered.task.paying(), None);
}

#[test]
fn no_limit_is_passed() {
    let refused = |budget, tenant, price| {
        let quoted = ledger(budget, tenant, price, Rail::Token);
        quoted.after(&reserve(Rail::Token, price), 1, now())
    };
    let over = |limit, short| {
        let short = usd(short);
        Err(Refused::OverBudget { limit, short })
    };
    assert_eq!(refused(10, None, 11), over(Limit::Task, 1));
    assert_eq!(refused(10, Some(4), 6), over(Limit::Tenant, 2));
    assert!(refused(10, Some(10), 10).is_ok());
    let closed = Ledger {
        task: Account::new(Some(usd(9))).with_closed(true),
        ..ledger(9, None, 1, Rail::Token)
    };
    let refused = closed.after(&reserve(Rail::Token, 1), 1, now());
    assert_eq!(refused, Err(Refused::Closed));
}

#[test]
fn an_account_that_breaks_its_budget_cannot_be_read() {
    let mut stored = serde_json::to_value(Account::new(Some(usd(5)))).unwrap();
    assert!(serde_json::from_value::<Account>(stored.clone()).is_ok());
    stored["spent"] = json!(6);
    let error = serde_json::from_value::<Account>(stored).unwrap_err();
    assert!(error.to_string().contains("too small by $1"), "{error}");
}

#[test]
fn a_lower_limit_keeps_what_was_promised() {
    let reserved = then(
        &ledger(50, Some(50), 30, Rail::Token),
        &reserve(Rail::Token, 30),
    );
    let lower = reserved.tenant.with_limit(Some(usd(10)));
    assert_eq!(lower.budget(), Some(usd(30)));
    assert_eq!(lower.free(), Some(Money::ZERO));
}

#[test]
fn one_payment_at_a_time_uses_a_token() {
    let first = then(
        &ledger(100, None, 10, Rail::Token),
        &reserve(Rail::Token, 10),
    );
    let paying = then(&first, &begin(&first));
    let second = Ledger {
        purchase: purchase(0, 1, 10, Rail::Token),
        ..paying.clone()
    };
    let second = then(&second, &reserve(Rail::Token, 10));
    let busy = second.after(&begin(&second), 2, now());
    let source_id = "s0".to_owned();
    assert_eq!(busy, Err(Refused::Busy { source_id }));
    assert_eq!(second.task.with_next_token(), None);
    // Nor one that is no longer good.
    let stale = Ledger {
        task: first.task.with_stale_token(),
        ..first.clone()
    };
    assert_eq!(stale.after(&begin(&stale), 2, now()), Err(Refused::Stale));
}

#[test]
fn a_token_is_charged_after_that_was_written_down() {
    let reserved = then(&ledger(50, None, 9, Rail::Token), &reserve(Rail::Token, 9));
    let paying = then(&reserved, &begin(&reserved));
    assert!(!paying.purchase.is_weighed() && paying.purchase.attempts() == 0);
    let (until, balance) = (now() + LEASE, Some(usd(50)));
    let weigh = PaymentEvent::Weighed { until, balance };
    assert_eq!(paying.after(&weigh, 1, now()), Err(Refused::Stale));
    let weighed = then(&paying, &weigh);
    assert_eq!(weighed.purchase.balance_before(), balance);
    assert!(weighed.after(&weigh, 4, now()).is_err(), "once");
    let note = String::new();
    let back = then(&weighed, &PaymentEvent::NotCharged { note });
    assert!(!back.purchase.is_weighed() && back.task.paying().is_none());
}

#[test]
fn what_nobody_knows_stays_held_and_takes_its_token_along() {
    let reserved = then(
        &ledger(100, Some(100), 30, Rail::Token),
        &reserve(Rail::Token, 30),
    );
    let disputed = then(&then(&reserved, &begin(&reserved)), &dispute());
    assert_eq!(disputed.tenant.reserved(), usd(30));
    assert!(disputed.task.token_is_stale() && disputed.purchase.is_held());
    assert_eq!(disputed.task.for_a_token(), Some(usd(70)));
    assert_eq!(disputed.task.paying(), None);
}

#[test]
fn what_was_signed_is_signed_once_and_never_taken_for_not_charged() {
    let reserved = then(&ledger(100, None, 30, Rail::X402), &reserve(Rail::X402, 30));
    let signed = |payload: &str| PaymentEvent::Began {
        until: now() + LEASE,
        means: Means::Signed(json!(payload)),
    };
    let paying = then(&reserved, &signed("first-secret"));
    assert!(paying.after(&signed("second-secret"), 3, now()).is_err());
    let note = String::new();
    let back = paying.after(&PaymentEvent::NotCharged { note }, 3, now());
    assert!(matches!(back, Err(Refused::NotInTable { .. })), "{back:?}");
    assert_eq!(paying.purchase.signed(), Some(&json!("first-secret")));
    let shown = format!("{:?} {:?}", paying.purchase, signed("first-secret"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn every_state_allows_what_the_table_says_and_no_more() {
    let reason = || "why".to_owned();
    let until = now() + LEASE;
    let events = |ledger: &Ledger| {
        vec![
            PaymentEvent::Quoted {
                price: usd(7),
                rail: Rail::Token,
            },
            PaymentEvent::Granted {
                artifact: artifact(),
            },
            reserve(Rail::Token, 5),
            begin(ledger),
            PaymentEvent::Weighed {
                until,
                balance: None,
            },
            PaymentEvent::Resumed { until },
            PaymentEvent::Retried { until },
            PaymentEvent::Unknown {
                note: reason(),
                until,
            },
            PaymentEvent::NotCharged { note: reason() },
            PaymentEvent::Paid {
                cost: usd(5),
                transaction: None,
                until,
            },
            PaymentEvent::Undelivered {
                note: reason(),
                until,
            },
            PaymentEvent::Delivered {
                artifact: artifact(),
            },
            PaymentEvent::Released { reason: reason() },
            dispute(),
        ]
    };
    let mut reached = BTreeMap::new();
    reached.insert(
        PurchaseState::Quoted,
        ledger(100, Some(100), 5, Rail::Token),
    );
    let mut table = Vec::new();
    for _ in PurchaseState::ALL {
        for (_, from) in reached.clone() {
            for event in events(&from) {
                let later = now() + LEASE + LEASE;
                let next = from.after(&event, from.purchase.version(), later);
                if let Ok(Some(next)) = next {
                    let (from, to) = (from.purchase.state(), next.purchase.state());
                    table.push(format!("{} {} {}", from.name(), event.name(), to.name()));
                    reached.entry(to).or_insert(next);
                }
            }
        }
    }
    table.sort();
    table.dedup();
    assert_eq!(reached.len(), PurchaseState::ALL.len());
    let expected = "\
paid delivered delivered
paid disputed disputed
paid not_delivered paid
paying disputed disputed
paying not_charged reserved
paying paid paid
paying payment_looked_into paying
paying payment_made paying
paying payment_retried paying
paying payment_unknown paying
quoted granted delivered
quoted quoted quoted
quoted released released
quoted reserved reserved
reserved granted delivered
reserved paid paid
reserved payment_began paying
reserved quoted quoted
reserved released released";
    assert_eq!(table.join("\n"), expected);
}
