//! The rail of x402.

use baton_domain::Timestamp;
use baton_domain::marketplace::{
    Access, Fetched, MarketError, Marketplace as _, Offer, Wallet as _,
};
use baton_sandbox::marketplace::{Call, Fault, Kind};
use serde_json::{Value, json};

use crate::{World, dollars, wallet};

/// A payment for the offer of x402 among these.
pub(crate) fn signed(offers: &[Offer], id: &str, nonce: u8) -> Value {
    signed_at(offers, id, nonce, Timestamp::now())
}

fn signed_at(offers: &[Offer], id: &str, nonce: u8, now: Timestamp) -> Value {
    let offer = offers.iter().find(|offer| offer.rail() == "x402").unwrap();
    wallet().sign(offer, id, now, [nonce; 32]).unwrap()
}

/// Asserts that a payment was not taken, and answers why.
fn refused(fetched: Result<Fetched, MarketError>) -> String {
    match fetched {
        Ok(Fetched::NotSettled { reason, .. }) => reason,
        Ok(Fetched::PaymentRequired { offers, refusals }) => {
            assert!(!offers.is_empty(), "new offers are kept");
            refusals.join("; ")
        }
        other => panic!("{other:?}"),
    }
}

fn settlements(world: &World) -> usize {
    let books = world.sandbox.books();
    books
        .wallets
        .iter()
        .map(|wallet| wallet.settlements.len())
        .sum()
}

const ID: &str = "run-01JD2Z5Y8N3V9QK7-4";

#[tokio::test]
async fn a_signed_payment_is_settled_once_however_often_it_is_sent() {
    let world = World::new().await;
    let (offers, _) = world.offers("4").await;
    let payment = signed(&offers, ID, 1);
    let mut receipts = Vec::new();
    for _ in 0..3 {
        let fetched = world.market.detail("4", Access::Signed(&payment)).await;
        let Ok(Fetched::Data { data, receipt }) = fetched else {
            panic!("{fetched:?}");
        };
        assert_eq!(data["id"], "4");
        receipts.push(receipt.unwrap());
    }
    receipts.dedup();
    let books = world.sandbox.books();
    let [wallet_account] = &books.wallets[..] else {
        panic!("{books:?}");
    };
    assert_eq!(wallet_account.address, wallet().address().to_lowercase());
    let [settled] = &wallet_account.settlements[..] else {
        panic!("{books:?}");
    };
    assert_eq!(receipts, std::slice::from_ref(&settled.transaction));
    assert_eq!(settled.payment_id.as_deref(), Some(ID));
    assert_eq!(settled.amount.micro_usd(), 250_000);
    assert_eq!(books.total, settled.amount);
}

#[tokio::test]
async fn another_payment_under_the_same_identifier_is_a_conflict() {
    let world = World::new().await;
    let (offers, _) = world.offers("4").await;
    let first = signed(&offers, ID, 1);
    world
        .market
        .detail("4", Access::Signed(&first))
        .await
        .unwrap();
    let second = signed(&offers, ID, 2);
    let error = world
        .market
        .detail("4", Access::Signed(&second))
        .await
        .unwrap_err();
    assert!(
        matches!(error, MarketError::Refused { status: 409, .. }),
        "{error:?}"
    );
    assert_eq!(settlements(&world), 1);
}

#[tokio::test]
async fn without_an_identifier_a_replay_is_refused() {
    let world = World::new().await;
    let (offers, _) = world.offers("5").await;
    let payment = signed(&offers, ID, 1);
    let fetched = world.market.detail("5", Access::Signed(&payment)).await;
    assert!(matches!(fetched, Ok(Fetched::Data { .. })));
    let said = refused(world.market.detail("5", Access::Signed(&payment)).await);
    assert!(said.contains("nonce_already_used"), "{said}");
    assert_eq!(settlements(&world), 1);
}

#[tokio::test]
async fn a_missing_identifier_is_refused() {
    let world = World::new().await;
    let (offers, _) = world.offers("4").await;
    let mut payment = signed(&offers, ID, 1);
    payment["extensions"] = json!({});
    let error = world
        .market
        .detail("4", Access::Signed(&payment))
        .await
        .unwrap_err();
    assert!(
        matches!(error, MarketError::Refused { status: 400, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_pending_settlement_is_confirmed_by_the_same_payment() {
    let world = World::new().await;
    // With an identifier and without one.
    for source in ["4", "5"] {
        let (offers, _) = world.offers(source).await;
        let payment = signed(&offers, ID, source.as_bytes()[0]);
        world.set(vec![Fault::once(Call::Detail, Kind::SettlementPending)]);
        let fetched = world.market.detail(source, Access::Signed(&payment)).await;
        let Ok(Fetched::Pending {
            transaction: Some(transaction),
        }) = fetched
        else {
            panic!("{fetched:?}");
        };
        let fetched = world.market.detail(source, Access::Signed(&payment)).await;
        let Ok(Fetched::Data { receipt, .. }) = fetched else {
            panic!("{fetched:?}");
        };
        assert_eq!(receipt, Some(transaction));
    }
    assert_eq!(settlements(&world), 2);
    let books = world.sandbox.books();
    assert!(
        books.wallets[0]
            .settlements
            .iter()
            .all(|settled| !settled.pending)
    );
}

#[tokio::test]
async fn a_settlement_that_failed_says_why_and_costs_nothing() {
    let world = World::new().await;
    let (offers, _) = world.offers("11").await;
    let payment = signed(&offers, ID, 1);
    world.set(vec![Fault::once(Call::Detail, Kind::SettlementFails)]);
    let said = refused(world.market.detail("11", Access::Signed(&payment)).await);
    assert!(said.contains("insufficient_funds"), "{said}");
    assert_eq!(world.total(), dollars(0));
    let fetched = world.market.detail("11", Access::Signed(&payment)).await;
    assert!(matches!(fetched, Ok(Fetched::Data { .. })), "{fetched:?}");
}

#[tokio::test]
async fn a_wallet_runs_out() {
    let world = World::new().await;
    let (offers, _) = world.offers("25").await;
    let mut said = String::new();
    for nonce in 1..40 {
        let payment = signed(&offers, &format!("purchase-{nonce:016}"), nonce);
        match world.market.detail("25", Access::Signed(&payment)).await {
            Ok(Fetched::Data { .. }) => {}
            other => {
                said = refused(other);
                break;
            }
        }
    }
    assert!(said.contains("insufficient_funds"), "{said}");
    assert_eq!(world.total(), dollars(27 * 36));
}

/// What is changed after it was signed, or was signed for something else, is not taken.
#[tokio::test]
async fn what_was_tampered_with_is_not_settled() {
    let world = World::new().await;
    let (offers, _) = world.offers("4").await;
    let good = signed(&offers, ID, 1);
    let other_nonce = json!(format!("0x{}", "02".repeat(32)));
    let elsewhere = json!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    for (pointer, value, reason) in [
        ("/payload/authorization/nonce", other_nonce, "signature"),
        (
            "/payload/authorization/from",
            elsewhere.clone(),
            "signature",
        ),
        ("/payload/authorization/to", elsewhere.clone(), "recipient"),
        ("/payload/authorization/value", json!("249999"), "value"),
        (
            "/payload/authorization/validBefore",
            json!("4102444800"),
            "signature",
        ),
        (
            "/payload/authorization/validBefore",
            json!("1"),
            "valid_before",
        ),
        (
            "/payload/authorization/validAfter",
            json!("4102444800"),
            "valid_after",
        ),
        ("/payload/signature", json!("0x00"), "signature"),
        ("/accepted/amount", json!("1"), "requirements"),
        ("/accepted/payTo", elsewhere, "requirements"),
        ("/x402Version", json!(1), "invalid_payload"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let said = refused(world.market.detail("4", Access::Signed(&bad)).await);
        assert!(said.contains(reason), "{pointer}: {said}");
    }
    // A signature's other half, which contracts refuse as well.
    let mut mirrored = good.clone();
    mirrored["payload"]["signature"] =
        json!(mirror(good["payload"]["signature"].as_str().unwrap()));
    let said = refused(world.market.detail("4", Access::Signed(&mirrored)).await);
    assert!(said.contains("signature"), "{said}");
    assert_eq!(settlements(&world), 0);
    let fetched = world.market.detail("4", Access::Signed(&good)).await;
    assert!(matches!(fetched, Ok(Fetched::Data { .. })));
}

/// The signature with the same meaning whose s is in the upper half.
fn mirror(signature: &str) -> String {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let byte = |text: &str, at: usize| i16::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    let s = &signature[66..130];
    let mut digits = Vec::new();
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = byte(order, at) - byte(s, at) - borrow;
        borrow = i16::from(difference < 0);
        digits.push(format!("{:02x}", difference.rem_euclid(256)));
    }
    digits.reverse();
    let v = if signature.ends_with("1b") {
        "1c"
    } else {
        "1b"
    };
    format!("{}{}{v}", &signature[..66], digits.concat())
}

#[tokio::test]
async fn a_payment_ends_with_its_time() {
    let world = World::new().await;
    let (offers, _) = world.offers("4").await;
    let then: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let payment = signed_at(&offers, ID, 1, then);
    for (now, reason) in [
        ("2026-01-01T00:02:01Z", "valid_before"),
        ("2025-12-31T23:58:00Z", "valid_after"),
    ] {
        world.sandbox.set_clock(Some(now.parse().unwrap()));
        let said = refused(world.market.detail("4", Access::Signed(&payment)).await);
        assert!(said.contains(reason), "{said}");
    }
    world
        .sandbox
        .set_clock(Some("2026-01-01T00:01:59Z".parse().unwrap()));
    let fetched = world.market.detail("4", Access::Signed(&payment)).await;
    assert!(matches!(fetched, Ok(Fetched::Data { .. })));
}
