//! What the marketplace does wrong, and what becomes of the money.

use baton_domain::payment::PurchaseState;
use serde_json::json;

use super::{Shop, TOKEN, X402, usd};
use crate::PaymentError;
use crate::testing::market::Fault;

#[tokio::test]
async fn a_charge_whose_answer_is_lost_is_found_and_not_made_again() {
    for no_balance in [false, true] {
        let shop = Shop::new(50, TOKEN).await;
        if no_balance {
            shop.market.tell_no_balance();
        }
        shop.market.fail_pay(&[Fault::LoseAnswer]);
        let bought = shop.buy_patiently("a", 10).await;
        assert_eq!(bought["status"], "delivered", "{bought}");
        assert_eq!(shop.market.charges().len(), 1);
        shop.check_settled("lost").await;
    }
}

#[tokio::test]
async fn a_charge_that_was_lost_and_opens_nothing_yet_is_told_by_the_balance() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::LoseAnswer]);
    shop.market.fail_balance(1);
    let quoted = shop.call("quote", json!({"source_id": "a", "name": "A"}));
    quoted.await.unwrap();
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(
        error.code, "MarketplaceUnavailable",
        "no balance, no payment"
    );
    assert!(shop.market.charges().is_empty());
    let seen = [Fault::PaidAgain; 3];
    shop.market.fail_detail(&seen);
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "delivered", "{bought}");
    shop.check_settled("by the balance").await;
}

#[tokio::test]
async fn a_charge_that_was_not_made_is_made_once_more() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::LoseCall]);
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(error.code, PaymentError::CONFLICT);
    let early = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(early.code, PaymentError::CONFLICT, "an answer may be late");
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "delivered", "{bought}");
    shop.check_settled("once more").await;
}

#[tokio::test]
async fn where_nothing_tells_a_person_must_look() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.tell_no_balance();
    shop.market.fail_pay(&[Fault::LoseCall]);
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "needs_person", "{bought}");
    let totals = shop.totals().await;
    assert_eq!(totals.reserved, usd(10), "it stays held");
    shop.check_books("nobody knows").await;
    // The next source is paid with a token of its own, over what is left.
    let next = shop.buy_patiently("b", 20).await;
    assert_eq!(next["status"], "delivered", "{next}");
    assert_eq!(shop.market.tokens(), 2);
    shop.check_books("and another").await;
    let closed = shop.close_patiently().await;
    assert_eq!(closed["reserved"], 10.0);
    let facts = shop.call("facts", json!({})).await.unwrap();
    let reason = facts["missing"][0]["reason"].as_str().unwrap();
    let said = "disputed, $10.00 is held: nobody knows whether it was paid";
    assert!(reason.starts_with(said), "{reason}");
}

#[tokio::test]
async fn what_is_paid_and_asked_to_be_paid_again_is_not_paid_again() {
    for (again, status) in [(3, "delivered"), (40, "needs_person")] {
        let shop = Shop::new(50, TOKEN).await;
        let mut faults = vec![Fault::PaidAgain];
        faults.extend([Fault::PaidAgain].repeat(again));
        shop.market.fail_detail(&faults);
        let bought = shop.buy_patiently("a", 10).await;
        assert_eq!(bought["status"], status, "{bought}");
        assert_eq!(shop.market.charges().len(), 1);
        shop.check_settled(status).await;
    }
}

#[tokio::test]
async fn what_is_paid_and_not_answered_is_fetched_when_it_is() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market
        .fail_detail(&[Fault::PaidAgain, Fault::LoseCall, Fault::LoseCall]);
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(error.code, "MarketplaceTimedOut");
    assert_eq!(shop.totals().await.purchases[0].state, PurchaseState::Paid);
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "delivered", "{bought}");
    shop.check_settled("answered").await;
}

#[tokio::test]
async fn a_refusal_pays_nothing_and_holds_nothing() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Refuse]);
    let refused = shop.buy("a", 10).await.unwrap();
    assert_eq!(refused["status"], "released", "{refused}");
    let reason = refused["reason"].as_str().unwrap();
    assert_eq!(reason, "refused with status 422: not for …");
    shop.check_settled("refused").await;
}

#[tokio::test]
async fn a_refusal_that_says_nothing_is_looked_into() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Vague]);
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(error.code, PaymentError::CONFLICT);
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "delivered", "{bought}");
    shop.check_settled("vague").await;
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_replaced() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Unauthorised]);
    assert_eq!(shop.buy("a", 10).await.unwrap()["status"], "delivered");
    shop.market.forget_tokens();
    assert_eq!(shop.buy("b", 20).await.unwrap()["status"], "delivered");
    assert_eq!(shop.market.tokens(), 3);
    shop.check_settled("replaced").await;
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Unauthorised; 9]);
    assert_eq!(shop.buy("a", 10).await.unwrap()["status"], "released");
    shop.check_settled("never").await;
}

#[tokio::test]
async fn what_is_open_is_not_paid_for() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.unlock_all();
    assert_eq!(shop.buy("a", 10).await.unwrap()["cost"], 10.0);
    let open = shop.buy("b", 20).await.unwrap();
    assert_eq!(
        (&open["status"], &open["cost"], &open["rail"]),
        (&json!("delivered"), &json!(0.0), &json!("free"))
    );
    shop.check_settled("open").await;
    shop.market.set_price("a", 0);
    shop.market.list("c", 7, TOKEN);
    let quoted = shop.call("quote", json!({"source_id": "c", "name": "C"}));
    quoted.await.unwrap();
    shop.market.set_price("c", 0);
    assert_eq!(shop.buy("c", 7).await.unwrap()["cost"], 0.0);
}

#[tokio::test]
async fn what_was_signed_is_sent_again_and_never_signed_again() {
    for (faults, status) in [
        (vec![Fault::LoseAnswer], "delivered"),
        (vec![Fault::LoseCall, Fault::LoseCall], "delivered"),
        (
            vec![Fault::Pending, Fault::Pending, Fault::LoseAnswer],
            "delivered",
        ),
        (vec![Fault::Pending; 12], "delivered"),
        (vec![Fault::PaidAgain; 2], "delivered"),
        (vec![Fault::Refuse; 99], "needs_person"),
        (vec![Fault::PaidAgain; 99], "needs_person"),
        (vec![Fault::Pending; 99], "needs_person"),
        (vec![Fault::Unsettled; 4], "delivered"),
        (vec![Fault::Unsettled; 99], "released"),
        (
            [vec![Fault::LoseCall], vec![Fault::Unsettled; 99]].concat(),
            "needs_person",
        ),
        (vec![Fault::LoseCall; 99], "needs_person"),
    ] {
        let shop = Shop::new(50, X402).await;
        shop.market.fail_pay(&faults);
        let bought = shop.buy_patiently("a", 10).await;
        assert_eq!(bought["status"], status, "{faults:?}: {bought}");
        assert_eq!(shop.market.signed().len(), 1, "{faults:?}");
        shop.check_books(&format!("{faults:?}")).await;
        if status == "released" {
            assert_eq!(shop.totals().await.reserved, usd(0));
        }
        // Another source goes on.
        assert_eq!(shop.close_patiently().await["closed"], true);
    }
}

#[tokio::test]
async fn a_wallet_that_refuses_pays_nothing() {
    let shop = Shop::new(900, X402).await;
    shop.market.list("c", 600, X402);
    let fields = json!({"source_id": "c", "name": "C", "price": 600, "approved": true});
    let refused = shop.call("buy", fields).await.unwrap();
    assert_eq!(refused["status"], "released", "{refused}");
    shop.check_settled("refused").await;
}

#[tokio::test]
async fn data_that_cannot_be_kept_is_disputed_once_it_is_paid() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.set_data("a", json!({"name": "\u{0}"}));
    let bought = shop.buy("a", 10).await.unwrap();
    assert_eq!(bought["status"], "needs_person", "{bought}");
    let reason = bought["reason"].as_str().unwrap();
    assert!(reason.starts_with("the data cannot be kept"), "{reason}");
    shop.check_settled("kept").await;
    shop.market.set_data("free", json!("\u{0}"));
    let free = shop.call("quote", json!({"source_id": "free", "name": "F"}));
    assert_eq!(free.await.unwrap()["status"], "refused");
}

#[tokio::test]
async fn many_sources_of_one_run_share_its_token_and_its_budget() {
    let shop = Shop::new(45, TOKEN).await;
    for n in 0..8 {
        shop.market.list(&format!("s{n}"), 10, TOKEN);
    }
    let buys = (0..8).map(|n| {
        let source = format!("s{n}");
        let shop = &shop;
        async move {
            for _ in 0..400 {
                match shop.buy(&source, 10).await {
                    Ok(answer) => return answer["status"].as_str().unwrap().to_owned(),
                    Err(error) => assert!(super::is_transient(&error), "{error}"),
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            panic!("{source} comes to no end")
        }
    });
    let ends = side_by_side(buys.collect()).await;
    let delivered = ends.iter().filter(|end| *end == "delivered").count();
    assert_eq!(delivered, 4, "{ends:?}");
    assert!(
        ends.iter()
            .all(|end| end == "delivered" || end == "over_budget")
    );
    shop.check_settled("shared").await;
}

/// Drives futures side by side on one thread.
async fn side_by_side<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    use std::task::Poll;
    let mut running: Vec<_> = futures.into_iter().map(|it| Some(Box::pin(it))).collect();
    let mut done = Vec::new();
    std::future::poll_fn(move |context| {
        for slot in &mut running {
            if let Some(future) = slot
                && let Poll::Ready(output) = future.as_mut().poll(context)
            {
                done.push(output);
                *slot = None;
            }
        }
        if running.iter().all(Option::is_none) {
            Poll::Ready(std::mem::take(&mut done))
        } else {
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn what_is_stuck_is_swept_up() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::LoseAnswer]);
    shop.market
        .fail_detail(&[Fault::PaidAgain, Fault::LoseCall]);
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(error.code, PaymentError::CONFLICT);
    let swept = shop.app.sweep_payments().await.unwrap();
    assert_eq!((swept.ended, swept.left), (0, 0), "it is too early");
    shop.wait(3_600);
    let swept = shop.app.sweep_payments().await.unwrap();
    assert_eq!((swept.ended, swept.disputed, swept.left), (1, 0, 0));
    assert_eq!(shop.buy("a", 10).await.unwrap()["status"], "delivered");
    shop.check_settled("swept").await;
    let marks = shop.app.sweep_payments().await.unwrap();
    assert_eq!((marks.ended, marks.left), (0, 0), "nothing is left");
}
