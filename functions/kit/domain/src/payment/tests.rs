//! What accounts and purchases keep, whatever happens in whatever order.

mod interleavings;

use std::collections::{BTreeMap, BTreeSet};

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
    PaymentEvent::Reserved { offer, limit: None }
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
    let refused = PaymentEvent::NotCharged {
        note,
        refused: true,
    };
    let back = then(&weighed, &refused);
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
    assert_eq!(disputed.task.for_a_token(None), Some(usd(70)));
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
    let back = paying.after(
        &PaymentEvent::NotCharged {
            note,
            refused: true,
        },
        3,
        now(),
    );
    assert!(matches!(back, Err(Refused::NotInTable { .. })), "{back:?}");
    assert_eq!(paying.purchase.signed(), Some(&json!("first-secret")));
    let shown = format!("{:?} {:?}", paying.purchase, signed("first-secret"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
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
            PaymentEvent::Unpaid {
                note: reason(),
                until,
            },
            PaymentEvent::NotCharged {
                note: reason(),
                refused: true,
            },
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
            PaymentEvent::Released {
                reason: reason(),
                decided: false,
            },
            dispute(),
            PaymentEvent::Resolved { paid: true },
            PaymentEvent::Resolved { paid: false },
        ]
    };
    let mut reached = BTreeMap::new();
    let kind = |ledger: &Ledger| {
        let purchase = &ledger.purchase;
        let read = purchase.unpaid_at.is_some();
        (purchase.state(), purchase.is_weighed(), read)
    };
    let first = ledger(100, Some(100), 5, Rail::Token);
    reached.insert(kind(&first), first);
    let mut table = Vec::new();
    let mut later = now();
    for _ in PurchaseState::ALL {
        later += SETTLES + APART;
        for (_, from) in reached.clone() {
            for event in events(&from) {
                let next = from.after(&event, from.purchase.version(), later);
                if let Ok(Some(next)) = next {
                    let (from, to) = (from.purchase.state(), next.purchase.state());
                    table.push(format!("{} {} {}", from.name(), event.name(), to.name()));
                    reached.entry(kind(&next)).or_insert(next);
                }
            }
        }
    }
    table.sort();
    table.dedup();
    let states: BTreeSet<_> = reached.keys().map(|(state, ..)| *state).collect();
    assert_eq!(states.len(), PurchaseState::ALL.len());
    let expected = "\
delivered paid delivered
disputed paid paid
disputed resolved_as_not_paid released
disputed resolved_as_paid paid
paid delivered delivered
paid disputed disputed
paid not_delivered paid
paying disputed disputed
paying not_charged reserved
paying paid paid
paying payment_looked_into paying
paying payment_made paying
paying payment_not_seen paying
paying payment_retried paying
paying payment_unknown paying
quoted granted delivered
quoted paid disputed
quoted quoted quoted
quoted released released
quoted reserved reserved
released paid disputed
released quoted quoted
reserved granted delivered
reserved paid paid
reserved payment_began paying
reserved quoted quoted
reserved released released";
    assert_eq!(table.join("\n"), expected);
}

fn paid(cost: u64) -> PaymentEvent {
    PaymentEvent::Paid {
        cost: usd(cost),
        transaction: None,
        until: now() + LEASE,
    }
}

fn weighed(ledger: &Ledger, left: u64) -> Ledger {
    let reserved = then(ledger, &reserve(Rail::Token, 10));
    let paying = then(&reserved, &begin(&reserved));
    let (task, _) = paying.task.with_token_left(usd(left));
    let (until, balance) = (now() + LEASE, Some(usd(left)));
    let weigh = PaymentEvent::Weighed { until, balance };
    then(&Ledger { task, ..paying }, &weigh)
}

#[test]
fn what_is_charged_beyond_the_price_is_booked_and_not_spent_again() {
    let weighed = weighed(&ledger(30, Some(100), 10, Rail::Token), 30);
    let paid = then(&weighed, &paid(25));
    for account in [&paid.task, &paid.tenant] {
        let booked = (account.spent(), account.reserved(), account.overcharged());
        assert_eq!(booked, (usd(10), usd(0), usd(15)));
    }
    assert_eq!(paid.task.free(), Some(usd(5)));
    assert_eq!(paid.task.for_a_token(None), Some(usd(5)));
    let next = Ledger {
        purchase: purchase(0, 1, 6, Rail::Token),
        ..paid
    };
    let over = next.after(&reserve(Rail::Token, 6), 1, now());
    let (limit, short) = (Limit::Task, usd(1));
    assert_eq!(over, Err(Refused::OverBudget { limit, short }));
}

#[test]
fn a_promise_for_which_too_little_is_left_is_not_paid() {
    let first = weighed(&ledger(30, None, 10, Rail::Token), 30);
    let other = Ledger {
        purchase: purchase(0, 1, 20, Rail::X402),
        ..first.clone()
    };
    let other = then(&other, &reserve(Rail::X402, 20));
    let robbed = then(
        &Ledger {
            purchase: first.purchase,
            ..other.clone()
        },
        &paid(25),
    );
    let other = Ledger {
        purchase: other.purchase,
        ..robbed
    };
    let (until, means) = (now() + LEASE, Means::Signed(json!({})));
    let began = PaymentEvent::Began { until, means };
    let refused = other.after(&began, other.purchase.version(), now());
    let (limit, short) = (Limit::Task, usd(15));
    assert_eq!(refused, Err(Refused::OverBudget { limit, short }));
}

#[test]
fn the_next_token_has_no_more_than_was_left_and_added() {
    let account = Account::new(Some(usd(50))).with_next_token().unwrap();
    assert_eq!(account.for_a_token(Some(usd(35))), Some(usd(35)));
    let added = account.topped_up(usd(10));
    assert_eq!(added.for_a_token(Some(usd(35))), Some(usd(45)));
    let (read, gone) = account.with_token_left(usd(50));
    assert_eq!(gone, Money::ZERO);
    let (read, gone) = read.with_token_left(usd(40));
    assert_eq!((gone, read.overcharged()), (usd(10), usd(10)));
    let same = read.with_token_left(usd(40));
    assert_eq!(same, (read, Money::ZERO));
}

#[test]
fn a_charge_is_made_again_only_after_two_readings_apart() {
    let weighed = weighed(&ledger(50, None, 10, Rail::Token), 50);
    let version = weighed.purchase.version();
    let note = || "nothing is gone".to_owned();
    let unpaid = |until| PaymentEvent::Unpaid {
        note: note(),
        until,
    };
    let again = |until| PaymentEvent::Retried { until };
    let given_up = PaymentEvent::NotCharged {
        note: note(),
        refused: false,
    };
    let early = now() + SETTLES - SignedDuration::from_secs(1);
    assert!(weighed.after(&unpaid(early), version, early).is_err());
    let first = now() + SETTLES;
    assert!(weighed.after(&again(first), version, first).is_err());
    let read = weighed.after(&unpaid(first), version, first);
    let read = read.unwrap().unwrap();
    let version = read.purchase.version();
    let second = first + APART;
    for event in [again(second), given_up] {
        assert!(read.after(&event, version, first).is_err(), "{event:?}");
        assert!(read.after(&event, version, second).is_ok(), "{event:?}");
    }
    let again = read.after(&again(second), version, second);
    let again = again.unwrap().unwrap();
    assert!(!again.purchase.was_unpaid_before(second + APART + APART));
}

#[test]
fn what_is_paid_late_is_booked_however_it_stands() {
    let quoted = ledger(15, Some(100), 10, Rail::Token);
    let weighed = weighed(&quoted, 15);
    let disputed = then(&weighed, &dispute());
    let late = then(&disputed, &paid(10));
    assert_eq!(late.purchase.state(), PurchaseState::Paid);
    let booked = |ledger: &Ledger| (ledger.task.spent(), ledger.task.overcharged());
    assert_eq!(booked(&late), (usd(10), usd(0)));
    assert_eq!(
        (late.task.reserved(), late.task.disputed()),
        (usd(0), usd(0))
    );
    let (note, refused) = (String::new(), true);
    let back = then(&weighed, &PaymentEvent::NotCharged { note, refused });
    let (reason, decided) = ("closed".to_owned(), false);
    let released = then(&back, &PaymentEvent::Released { reason, decided });
    // Another has most of the budget by now.
    let other = Ledger {
        purchase: purchase(0, 1, 12, Rail::X402),
        ..released.clone()
    };
    let other = then(&other, &reserve(Rail::X402, 12));
    let late = Ledger {
        purchase: released.purchase,
        ..other
    };
    let late = then(&late, &paid(10));
    assert_eq!(late.purchase.state(), PurchaseState::Disputed);
    assert_eq!(booked(&late), (usd(3), usd(7)));
    assert!(late.after(&paid(10), 0, now()).unwrap().is_none(), "once");
}

#[test]
fn a_person_says_what_became_of_a_dispute() {
    let weighed = weighed(&ledger(50, Some(50), 10, Rail::Token), 50);
    let disputed = then(&weighed, &dispute());
    let paid = then(&disputed, &PaymentEvent::Resolved { paid: true });
    assert_eq!(paid.purchase.state(), PurchaseState::Paid);
    assert_eq!(
        (paid.tenant.spent(), paid.tenant.reserved()),
        (usd(10), usd(0))
    );
    let no = PaymentEvent::Resolved { paid: false };
    let unpaid = then(&disputed, &no);
    assert_eq!(unpaid.purchase.state(), PurchaseState::Released);
    assert_eq!(
        (unpaid.tenant.spent(), unpaid.tenant.reserved()),
        (usd(0), usd(0))
    );
    assert!(!unpaid.purchase.may_be_bought_again());
    // It lay on a token, and the next has it again.
    assert_eq!(unpaid.task.for_a_token(Some(usd(40))), Some(usd(50)));
    let undelivered = then(&paid, &dispute());
    let version = undelivered.purchase.version();
    assert!(undelivered.after(&no, version, now()).is_err());
    let fetched = then(&undelivered, &PaymentEvent::Resolved { paid: true });
    assert_eq!(fetched.task.spent(), usd(10));
}

#[test]
fn what_was_signed_is_released_when_nobody_can_settle_it_any_more() {
    let until = now() + LEASE;
    let before = until.as_second().to_string();
    let payload = json!({"payload": {"authorization": {"validBefore": before}}});
    let reserved = then(&ledger(100, None, 30, Rail::X402), &reserve(Rail::X402, 30));
    let means = Means::Signed(payload);
    let sent = then(&reserved, &PaymentEvent::Began { until, means });
    let note = || "insufficient funds".to_owned();
    let unpaid = then(
        &sent,
        &PaymentEvent::Unpaid {
            note: note(),
            until,
        },
    );
    let (reason, decided) = (note(), false);
    let release = PaymentEvent::Released { reason, decided };
    let over = until + EXPIRED;
    assert!(unpaid.after(&release, 0, until).is_err(), "it is valid");
    let released = unpaid.after(&release, 0, over).unwrap().unwrap();
    assert_eq!(released.task.reserved(), Money::ZERO);
    assert!(!released.purchase.may_be_bought_again(), "signed once");
    assert!(sent.after(&release, 0, over).is_err(), "nobody heard of it");
    for doubt in [
        PaymentEvent::Unknown {
            note: note(),
            until,
        },
        PaymentEvent::Resumed { until },
    ] {
        let later = sent.after(&doubt, sent.purchase.version(), over);
        let doubtful = later.unwrap().unwrap();
        let version = doubtful.purchase.version();
        let event = PaymentEvent::Unpaid {
            note: note(),
            until,
        };
        let heard = doubtful.after(&event, version, over).unwrap().unwrap();
        assert!(heard.after(&release, 0, over).is_err(), "{doubt:?}");
    }
}
