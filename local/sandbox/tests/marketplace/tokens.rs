//! The rail of tokens.

use baton_domain::marketplace::{
    Access, Fetched, MarketError, Marketplace as _, Offer, PaymentManager as _,
};
use baton_sandbox::marketplace::{Call, Fault, Kind, Sandbox, sources};

use crate::{World, dollars};

fn is_data(fetched: &Result<Fetched, MarketError>) -> bool {
    matches!(fetched, Ok(Fetched::Data { .. }))
}

fn is_unpaid(fetched: &Result<Fetched, MarketError>) -> bool {
    matches!(fetched, Ok(Fetched::PaymentRequired { .. }))
}

#[tokio::test]
async fn sources_are_found_by_their_names() {
    let world = World::new().await;
    let found = world.market.search("HEALTHCARE").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source_id, "6");
    assert_eq!(world.market.search("2025").await.unwrap().len(), 9);
    assert_eq!(world.market.search("no such thing").await, Ok(Vec::new()));
    let all = world.market.search("a").await.unwrap();
    assert_eq!(all.len(), sources().len());
    for bad in [String::new(), "k".repeat(201)] {
        let error = world.market.search(&bad).await.unwrap_err();
        assert_eq!(error.code(), MarketError::REFUSED);
    }
}

/// Every source offers what the catalogue says, whatever shape its answer has.
#[tokio::test]
async fn every_source_offers_its_prices() {
    let world = World::new().await;
    for source in sources() {
        let fetched = world.market.detail(&source.id, Access::None).await.unwrap();
        let Fetched::PaymentRequired { offers, refusals } = fetched else {
            assert!(source.is_free(), "{}: {fetched:?}", source.id);
            assert_eq!(fetched == Fetched::Nothing, source.data().is_null());
            continue;
        };
        assert_eq!(refusals, Vec::<String>::new(), "{}", source.id);
        let price = |rail: &str| {
            let offer = offers.iter().find(|offer| offer.rail() == rail);
            offer.map(|offer| offer.price().micro_usd())
        };
        assert_eq!(
            price("token"),
            source.token.map(|dollars| dollars * 1_000_000)
        );
        assert_eq!(price("x402"), source.x402);
    }
    assert_eq!(
        world.market.detail("9999", Access::None).await,
        Ok(Fetched::Nothing)
    );
    for bad in ["", "a b", "7&id=8", "ü", &"7".repeat(129)] {
        let error = world.market.detail(bad, Access::None).await.unwrap_err();
        assert_eq!(error.code(), MarketError::REFUSED);
    }
}

#[tokio::test]
async fn a_source_is_paid_and_stays_open_for_its_token() {
    let world = World::new().await;
    let token = world.token(50).await;
    let access = || Access::Token(&token);
    assert!(is_unpaid(&world.market.detail("1", access()).await));
    let charge = world
        .market
        .pay(&token, dollars(12), "run_1/1")
        .await
        .unwrap();
    assert_eq!(charge.charged, Some(dollars(12)));
    assert_eq!(charge.remaining, Some(dollars(38)));
    assert!(charge.transaction_id.is_some());
    for _ in 0..2 {
        let Ok(Fetched::Data { data, receipt }) = world.market.detail("1", access()).await else {
            panic!("it was paid");
        };
        assert_eq!((data["id"].as_str(), receipt), (Some("1"), None));
    }
    assert!(is_unpaid(&world.market.detail("3", access()).await));
    assert_eq!(world.manager.balance(&token).await, Ok(Some(dollars(38))));
    let books = world.sandbox.books();
    let account = &books.tokens[0];
    assert_eq!(account.charges.len(), 1);
    assert_eq!(account.charges[0].key.as_deref(), Some("run_1/1"));
    assert_eq!((account.unlocked.len(), account.credits.len()), (1, 0));
    assert_eq!(books.total, dollars(12));
}

#[tokio::test]
async fn a_credit_of_another_sum_opens_nothing() {
    let world = World::new().await;
    let token = world.token(50).await;
    world.market.pay(&token, dollars(11), "k").await.unwrap();
    assert!(is_unpaid(
        &world.market.detail("1", Access::Token(&token)).await
    ));
    assert_eq!(world.sandbox.books().tokens[0].credits, [11]);
}

#[tokio::test]
async fn a_key_prevents_nothing_unless_it_is_honoured() {
    let world = World::new().await;
    let token = world.token(50).await;
    for _ in 0..2 {
        world.market.pay(&token, dollars(12), "k").await.unwrap();
    }
    assert_eq!(world.total(), dollars(24));
    world.set(vec![Fault::always(Call::Pay, Kind::HonoursKeys)]);
    let again = world.market.pay(&token, dollars(12), "k").await.unwrap();
    assert_eq!(again.charged, Some(dollars(12)));
    assert_eq!(world.total(), dollars(24));
    world.market.pay(&token, dollars(12), "k2").await.unwrap();
    assert_eq!(world.total(), dollars(36));
}

#[tokio::test]
async fn what_is_not_there_is_not_charged() {
    let world = World::new().await;
    let token = world.token(20).await;
    let error = world
        .market
        .pay(&token, dollars(21), "k")
        .await
        .unwrap_err();
    let (required, available) = (dollars(21), dollars(20));
    assert_eq!(
        error,
        MarketError::InsufficientBalance {
            required,
            available
        }
    );
    let unknown = world
        .market
        .pay("tok-999999", dollars(1), "k")
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), MarketError::AUTHENTICATION);
    let stranger = world.market.detail("1", Access::Token("tok-999999")).await;
    assert_eq!(stranger.unwrap_err().code(), MarketError::AUTHENTICATION);
    let balance = world.manager.balance("tok-999999").await.unwrap_err();
    assert_eq!(balance.code(), MarketError::AUTHENTICATION);
    let fraction = baton_domain::Money::from_micro_usd(1_500_000);
    assert_eq!(
        world
            .market
            .pay(&token, fraction, "k")
            .await
            .unwrap_err()
            .code(),
        MarketError::REFUSED
    );
    for unsendable in ["", "a b", "a\nb", "ü"] {
        let error = world.market.detail("1", Access::Token(unsendable)).await;
        assert_eq!(error.unwrap_err().code(), MarketError::AUTHENTICATION);
    }
    assert_eq!(world.total(), dollars(0));
}

#[tokio::test]
async fn a_voice_that_is_not_known_gets_no_token() {
    let world = World::new().await;
    for voice in ["", "  ", "bad", "bad_voice_1"] {
        let error = world.manager.token(dollars(5), voice).await.unwrap_err();
        assert_eq!(error.code(), MarketError::AUTHENTICATION, "{voice:?}");
    }
    assert!(world.sandbox.books().tokens.is_empty());
    let before = baton_domain::Timestamp::now();
    let token = world.manager.token(dollars(5), "voice").await.unwrap();
    let life = token.expires_at.unwrap().as_second() - before.as_second();
    assert!((3_599..=3_601).contains(&life), "{life}");
    assert!(!format!("{token:?}").contains(&token.token_id));
}

#[tokio::test]
async fn a_token_that_ended_pays_no_more_and_keeps_what_it_opened() {
    let world = World::new().await;
    let token = world.token(50).await;
    world.market.pay(&token, dollars(12), "k").await.unwrap();
    assert!(is_data(
        &world.market.detail("1", Access::Token(&token)).await
    ));
    let later = "2199-01-01T00:00:00Z".parse().unwrap();
    world.sandbox.set_clock(Some(later));
    let error = world
        .market
        .pay(&token, dollars(12), "k")
        .await
        .unwrap_err();
    assert_eq!(error.code(), MarketError::AUTHENTICATION);
    assert!(is_data(
        &world.market.detail("1", Access::Token(&token)).await
    ));
    let other = world.market.detail("3", Access::Token(&token)).await;
    assert_eq!(other.unwrap_err().code(), MarketError::AUTHENTICATION);
}

#[tokio::test]
async fn books_outlive_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.jsonl");
    let world = World::of(Sandbox::open(&path).unwrap()).await;
    let token = world.token(50).await;
    world.market.pay(&token, dollars(12), "k").await.unwrap();
    world
        .market
        .detail("1", Access::Token(&token))
        .await
        .unwrap();
    let (offers, _) = world.offers("28").await;
    let payment = crate::x402::signed(&offers, "purchase-of-28-a", 1);
    world
        .market
        .detail("28", Access::Signed(&payment))
        .await
        .unwrap();
    let before = world.sandbox.books();
    assert!(Sandbox::open(&path).is_err(), "it is in use");
    // The servers hold the sandbox: a copy of the file is what a restart finds.
    let copy = folder.path().join("copy.jsonl");
    std::fs::copy(&path, &copy).unwrap();
    let again = World::of(Sandbox::open(&copy).unwrap()).await;
    let after = again.sandbox.books();
    assert_eq!((after.tokens, after.total), (before.tokens, before.total));
    assert!(is_data(
        &again.market.detail("1", Access::Token(&token)).await
    ));
    assert!(is_data(
        &again.market.detail("28", Access::Signed(&payment)).await
    ));
    assert_eq!(again.total(), before.total);
}

#[tokio::test]
async fn a_source_may_be_sold_on_both_rails() {
    let world = World::new().await;
    let (offers, _) = world.offers("6").await;
    assert_eq!(offers[0], Offer::Token { price: dollars(25) });
    assert_eq!((offers[1].rail(), offers[1].price()), ("x402", dollars(24)));
}
