//! What goes wrong, and what the clients make of it.

use baton_domain::marketplace::{
    Access, Fetched, MarketError, Marketplace as _, PaymentManager as _,
};
use baton_sandbox::marketplace::{Call, Fault, Kind};

use crate::{World, dollars, x402};

#[tokio::test]
async fn every_fault_has_its_error_with_every_operation() {
    let world = World::new().await;
    let token = world.token(1_000).await;
    for (kind, code) in [
        (Kind::Error500, MarketError::UNAVAILABLE),
        (Kind::Error500AfterCharging, MarketError::UNAVAILABLE),
        (Kind::RateLimited, MarketError::UNAVAILABLE),
        (Kind::Malformed, MarketError::MALFORMED),
        (Kind::Refused, MarketError::REFUSED),
        (Kind::Redirect, MarketError::REFUSED),
    ] {
        for call in [
            Call::Token,
            Call::Balance,
            Call::Search,
            Call::Detail,
            Call::Pay,
        ] {
            world.set(vec![Fault::once(call, kind)]);
            let error = match call {
                Call::Token => world.manager.token(dollars(1), "v").await.err(),
                Call::Balance => world.manager.balance(&token).await.err(),
                Call::Search => world.market.search("a").await.err(),
                // A free one: a torn 402 is a refusal and no error.
                Call::Detail => world.market.detail("12", Access::None).await.err(),
                Call::Pay => world.market.pay(&token, dollars(1), "k").await.err(),
            };
            let error = error.unwrap_or_else(|| panic!("{call:?} went well with {kind:?}"));
            assert_eq!(error.code(), code, "{call:?} {kind:?}: {error}");
            assert!(!format!("{error} {error:?}").contains(&token));
        }
    }
    // Twice it was charged, and nobody heard of it.
    assert_eq!(world.total(), dollars(2));
}

#[tokio::test]
async fn a_charge_that_was_lost_is_found_by_looking() {
    let world = World::new().await;
    for (kind, budget) in [
        (Kind::Error500AfterCharging, 20),
        (Kind::TimeoutAfterCharging, 30),
        (Kind::Malformed, 40),
    ] {
        let token = world.token(budget).await;
        world.set(vec![Fault::once(Call::Pay, kind)]);
        let lost = world
            .hasty()
            .pay(&token, dollars(12), "k")
            .await
            .unwrap_err();
        assert!(lost.may_have_happened(), "{lost:?}");
        let left = world.manager.balance(&token).await;
        assert_eq!(left, Ok(Some(dollars(budget - 12))));
        let fetched = world.market.detail("1", Access::Token(&token)).await;
        assert!(matches!(fetched, Ok(Fetched::Data { .. })), "{fetched:?}");
    }
}

#[tokio::test]
async fn a_settlement_that_was_lost_is_found_by_the_same_payment() {
    let world = World::new().await;
    let (offers, _) = world.offers("4").await;
    for (n, kind) in [
        Kind::Error500AfterCharging,
        Kind::TimeoutAfterCharging,
        Kind::Malformed,
        Kind::PaymentIgnored,
    ]
    .into_iter()
    .enumerate()
    {
        let payment = x402::signed(&offers, &format!("purchase-{n:016}"), n as u8);
        world.set(vec![Fault::once(Call::Detail, kind)]);
        let lost = world.hasty().detail("4", Access::Signed(&payment)).await;
        assert!(!matches!(lost, Ok(Fetched::Data { .. })), "{kind:?}");
        let found = world.market.detail("4", Access::Signed(&payment)).await;
        assert!(matches!(found, Ok(Fetched::Data { .. })), "{found:?}");
    }
    assert_eq!(world.total().micro_usd(), 4 * 250_000);
}

#[tokio::test]
async fn prices_that_are_none_are_refused_and_never_offered() {
    let world = World::new().await;
    for kind in [
        Kind::NegativePrice,
        Kind::HugePrice,
        Kind::TextPrice,
        Kind::ForeignAsset,
        Kind::Malformed,
    ] {
        // Flat, nested, x402 alone, both.
        for source in ["1", "2", "4", "6"] {
            world.set(vec![Fault::once(Call::Detail, kind)]);
            let (offers, refusals) = world.offers(source).await;
            assert_eq!(offers, [], "{kind:?} {source}");
            assert!(!refusals.is_empty(), "{kind:?} {source}");
            assert!(refusals.iter().all(|said| said.chars().count() <= 500));
        }
    }
}

#[tokio::test]
async fn a_charge_is_made_after_its_caller_was_told_that_it_failed() {
    let world = World::new().await;
    let token = world.token(50).await;
    let noon: baton_domain::Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
    world.sandbox.set_clock(Some(noon));
    let late = Fault {
        ms: Some(30_000),
        ..Fault::once(Call::Pay, Kind::ChargesLate)
    };
    world.set(vec![late]);
    let error = world
        .market
        .pay(&token, dollars(12), "k")
        .await
        .unwrap_err();
    assert!(!error.is_decline() && error.may_have_happened(), "{error}");
    let seconds = std::time::Duration::from_secs;
    for (passed, total) in [(0, 0), (29, 0), (30, 12), (90, 12)] {
        world.sandbox.set_clock(Some(noon + seconds(passed)));
        assert_eq!(world.total(), dollars(total), "{passed}");
    }
    let fetched = world.market.detail("1", Access::Token(&token)).await;
    assert!(matches!(fetched, Ok(Fetched::Data { .. })), "{fetched:?}");
}

#[tokio::test]
async fn a_price_that_rises_leaves_a_credit_behind() {
    let world = World::new().await;
    let token = world.token(50).await;
    world.set(vec![Fault::once(Call::Detail, Kind::PriceRises)]);
    let (offers, _) = world.offers("1").await;
    assert_eq!(offers[0].price(), dollars(12));
    world.market.pay(&token, dollars(12), "k").await.unwrap();
    let fetched = world.market.detail("1", Access::Token(&token)).await;
    let Ok(Fetched::PaymentRequired { offers, .. }) = fetched else {
        panic!("{fetched:?}");
    };
    assert_eq!(offers[0].price(), dollars(13));
    assert_eq!(world.sandbox.books().tokens[0].credits, [12]);

    world.set(vec![Fault::once(Call::Detail, Kind::PriceRises)]);
    let (offers, _) = world.offers("4").await;
    let payment = x402::signed(&offers, "purchase-of-source-4", 1);
    let fetched = world.market.detail("4", Access::Signed(&payment)).await;
    assert!(
        matches!(fetched, Ok(Fetched::NotSettled { certain: true, .. })),
        "{fetched:?}"
    );
    let (offers, _) = world.offers("4").await;
    assert_eq!(offers[0].price().micro_usd(), 260_000);
    assert_eq!(world.total(), dollars(12));
}

#[tokio::test]
async fn a_payment_may_be_ignored_charged_twice_or_bring_nothing() {
    let world = World::new().await;
    let token = world.token(100).await;
    world.set(vec![
        Fault::once(Call::Pay, Kind::ChargedTwice),
        Fault::once(Call::Detail, Kind::PaymentIgnored),
        Fault::once(Call::Detail, Kind::PaidForNothing),
    ]);
    world.market.pay(&token, dollars(12), "k").await.unwrap();
    assert_eq!(world.total(), dollars(24));
    let access = || Access::Token(&token);
    let ignored = world.market.detail("1", access()).await;
    assert!(matches!(ignored, Ok(Fetched::PaymentRequired { .. })));
    assert_eq!(
        world.market.detail("1", access()).await,
        Ok(Fetched::Nothing)
    );
    let found = world.market.detail("1", access()).await;
    assert!(matches!(found, Ok(Fetched::Data { .. })));
    assert_eq!(world.sandbox.books().tokens[0].credits, [12]);
}

#[tokio::test]
async fn other_rules_are_kept_to_beside_what_goes_wrong() {
    let world = World::new().await;
    let token = world.token(100).await;
    world.market.pay(&token, dollars(1), "k").await.unwrap();
    world.set(vec![
        Fault::always(Call::Detail, Kind::UnlocksAll),
        Fault::once(Call::Detail, Kind::Error500),
        Fault::once(Call::Balance, Kind::NoBalance),
    ]);
    let access = || Access::Token(&token);
    assert!(world.market.detail("1", access()).await.is_err());
    for source in ["1", "3", "6"] {
        let fetched = world.market.detail(source, access()).await;
        assert!(matches!(fetched, Ok(Fetched::Data { .. })), "{fetched:?}");
    }
    assert_eq!(world.manager.balance(&token).await, Ok(None));
    assert_eq!(world.manager.balance(&token).await, Ok(Some(dollars(99))));
}

#[tokio::test]
async fn what_is_said_twice_is_heard_once_in_searches() {
    let world = World::new().await;
    let once = world.market.search("Voltara").await;
    world.set(vec![
        Fault::once(Call::Search, Kind::Duplicates),
        Fault::once(Call::Detail, Kind::Duplicates),
    ]);
    assert_eq!(world.market.search("Voltara").await, once);
    let (offers, _) = world.offers("4").await;
    assert_eq!(offers[0], offers[1]);
}
