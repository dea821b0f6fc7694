//! A process that dies after every write, while the marketplace does what it can to be paid twice:
//! no task spends over its budget, nothing is paid twice, the ledger is what the books say once
//! everything has come to an end, and every task ends in a defined state.

use std::fmt::Write as _;

use baton_engine::bench::{Played, every_death};
use baton_sandbox::marketplace::{Call, Fault, Kind};
use baton_tests::people::{approving, nobody};
use baton_tests::research::{Double, ResearchWorld};

use super::THEME;

/// Every kind of fault, with the calls that it is met at: all where none is named.
const FAULTS: [(Kind, Option<Call>); 23] = [
    (Kind::Slow, None),
    (Kind::Error500, None),
    (Kind::Error500AfterCharging, None),
    (Kind::TimeoutAfterCharging, Some(Call::Pay)),
    (Kind::TimeoutAfterCharging, Some(Call::Detail)),
    (Kind::ChargesLate, Some(Call::Pay)),
    (Kind::Malformed, None),
    (Kind::RateLimited, None),
    (Kind::Refused, None),
    (Kind::Redirect, None),
    (Kind::Duplicates, None),
    (Kind::PriceRises, None),
    (Kind::NegativePrice, None),
    (Kind::HugePrice, None),
    (Kind::TextPrice, None),
    (Kind::ForeignAsset, None),
    (Kind::PaymentIgnored, None),
    (Kind::PaidForNothing, None),
    (Kind::ChargedTwice, None),
    (Kind::SettlementPending, None),
    (Kind::SettlementFails, None),
    (Kind::NoBalance, None),
    (Kind::UnlocksAll, None),
];

/// A fault that is met at some of the calls, by chance.
fn sometimes(kind: Kind, operation: Option<Call>) -> Fault {
    let waits = kind == Kind::TimeoutAfterCharging;
    Fault {
        operation,
        kind,
        ms: (kind == Kind::Slow).then_some(3),
        // Time that runs out is waited for.
        times: waits.then_some(1),
        probability: (kind != Kind::UnlocksAll).then_some(0.4),
    }
}

/// What is wrong after one task, and hours later.
async fn wrong(world: &ResearchWorld, played: &Played<ResearchWorld>, kind: Kind) -> Vec<String> {
    let double = if kind == Kind::ChargedTwice {
        Double::ByTheMarketplace
    } else {
        Double::Never
    };
    world.ended(&played.finished).await;
    let mut wrong = world.violations(double).await;
    world.hours_later().await;
    wrong.extend(world.unreconciled(double).await);
    wrong
}

#[tokio::test]
async fn a_process_that_dies_and_a_marketplace_that_fails() {
    let (mut table, mut all) = (String::new(), Vec::new());
    let mut runs = 0;
    for (number, (kind, call)) in FAULTS.into_iter().enumerate() {
        let (mut plays, mut violations) = (0_u32, Vec::new());
        let seed = std::cell::Cell::new(1000 * number as u64);
        let scene = async || {
            seed.set(seed.get() + 1);
            let faults = vec![sometimes(kind, call)];
            // So little that one charge too many would pass it.
            let budget = if kind == Kind::ChargedTwice { 13 } else { 50 };
            ResearchWorld::seeded(THEME, budget, approving(), faults, seed.get()).await
        };
        let plan = scene().await.plan();
        let check = async |played: &Played<ResearchWorld>, _: u64, what: &str| {
            plays += 1;
            let wrong = wrong(&played.scene, played, kind).await;
            let wrong = wrong.into_iter();
            violations.extend(wrong.map(|wrong| format!("{kind:?}, {what}: {wrong}")));
        };
        every_death(&plan, scene, check).await;
        let name = call.map_or_else(
            || format!("{kind:?}"),
            |call| format!("{kind:?} at {call:?}"),
        );
        let _ = writeln!(table, "{name:32} {plays:6} {:6}", violations.len());
        all.extend(violations);
        runs += plays;
    }
    println!(
        "{:32} {:>6} {:>6}\n{table}{:32} {runs:6} {:6}",
        "fault",
        "runs",
        "wrong",
        "all",
        all.len()
    );
    assert_eq!(all, Vec::<String>::new());
    assert!(runs >= 1000, "{runs} runs");
}

/// The same at every call for ever, and nobody who decides.
#[tokio::test]
async fn every_fault_for_ever() {
    for (kind, call) in FAULTS {
        if kind == Kind::TimeoutAfterCharging {
            continue;
        }
        let fault = Fault {
            probability: None,
            ..sometimes(kind, call)
        };
        let world = ResearchWorld::of(THEME, 50, nobody(), vec![fault]).await;
        let played = world
            .plan()
            .play(world, false, baton_engine::bench::undisturbed())
            .await;
        let wrong = wrong(&played.scene, &played, kind).await;
        assert_eq!(wrong, Vec::<String>::new(), "{kind:?}");
    }
}

/// An answer that is lost after the money moved, and nobody who could say what was charged.
#[tokio::test]
async fn a_charge_whose_answer_never_comes() {
    for call in [Call::Pay, Call::Detail] {
        let lost = Fault::once(call, Kind::TimeoutAfterCharging);
        let silent = Fault::always(Call::Balance, Kind::NoBalance);
        let world = ResearchWorld::of(THEME, 50, approving(), vec![lost, silent]).await;
        let played = world
            .plan()
            .play(world, false, baton_engine::bench::undisturbed())
            .await;
        let wrong = wrong(&played.scene, &played, Kind::NoBalance).await;
        assert_eq!(wrong, Vec::<String>::new(), "{call:?}");
    }
}
