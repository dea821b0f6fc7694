//! Every fault of the marketplace, once and always: no task spends over its budget, nothing is
//! charged that the ledger does not know, and every task ends in a defined state.

use baton_engine::bench::undisturbed;
use baton_sandbox::marketplace::{Call, Fault, Kind};
use baton_tests::people::{approving, nobody};
use baton_tests::research::ResearchWorld;

use super::THEME;

const CALLS: [Call; 5] = [
    Call::Search,
    Call::Detail,
    Call::Pay,
    Call::Token,
    Call::Balance,
];

const KINDS: [Kind; 16] = [
    Kind::Error500,
    Kind::Error500AfterCharging,
    Kind::Malformed,
    Kind::RateLimited,
    Kind::Refused,
    Kind::Redirect,
    Kind::Duplicates,
    Kind::PriceRises,
    Kind::NegativePrice,
    Kind::HugePrice,
    Kind::TextPrice,
    Kind::ForeignAsset,
    Kind::PaymentIgnored,
    Kind::PaidForNothing,
    Kind::SettlementPending,
    Kind::SettlementFails,
];

async fn researched(faults: Vec<Fault>, what: &str, with_people: bool) {
    let people = if with_people { approving() } else { nobody() };
    let world = ResearchWorld::of(THEME, 50, people, faults).await;
    let played = world.plan().play(world, false, undisturbed()).await;
    played.scene.check(&played.finished, what).await;
}

#[tokio::test]
async fn every_fault_once() {
    for call in CALLS {
        for kind in KINDS {
            let what = format!("{call:?} {kind:?}, once");
            researched(vec![Fault::once(call, kind)], &what, true).await;
        }
    }
}

#[tokio::test]
async fn every_fault_always() {
    for call in CALLS {
        for kind in KINDS {
            let what = format!("{call:?} {kind:?}, always");
            researched(vec![Fault::always(call, kind)], &what, false).await;
        }
    }
}

/// An answer that is lost after the money moved, and nobody who could say what was charged.
#[tokio::test]
async fn a_charge_whose_answer_never_comes() {
    for call in [Call::Pay, Call::Detail] {
        let lost = Fault::once(call, Kind::TimeoutAfterCharging);
        researched(vec![lost.clone()], "lost", true).await;
        let silent = Fault::always(Call::Balance, Kind::NoBalance);
        researched(vec![lost, silent], "lost, and no balance", true).await;
    }
}
