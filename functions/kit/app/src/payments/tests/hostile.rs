//! A marketplace that charges late, more than agreed, or while it says that it does not; and people
//! who stop, resolve and run on.

use baton_domain::payment::PurchaseState;
use baton_domain::run::Event;
use serde_json::json;

use super::{Shop, TOKEN, X402, usd};
use crate::testing::market::Fault;
use crate::{AppError, PaymentError};

#[tokio::test]
async fn a_charge_that_lands_late_is_not_made_again() {
    for seconds in [1, 6, 30, 60] {
        let shop = Shop::new(50, TOKEN).await;
        shop.market.fail_pay(&[Fault::Late]);
        shop.buy("a", 10).await.unwrap_err();
        shop.wait(seconds);
        let early = shop.buy("a", 10).await.unwrap_err();
        assert_eq!(early.code, PaymentError::CONFLICT);
        shop.market.land();
        shop.check_books("late").await;
        let bought = shop.buy_patiently("a", 10).await;
        assert_eq!(bought["status"], "delivered", "{bought}");
        shop.check_settled("late").await;
    }
}

#[tokio::test]
async fn a_charge_that_lands_between_two_readings_is_found() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Late]);
    shop.buy("a", 10).await.unwrap_err();
    shop.wait(66);
    shop.buy("a", 10).await.unwrap_err();
    shop.market.land();
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "delivered", "{bought}");
    shop.check_settled("between").await;
}

#[tokio::test]
async fn a_charge_that_lands_while_the_account_closes_is_booked() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Late]);
    shop.buy("a", 10).await.unwrap_err();
    shop.wait(6);
    let early = shop.call("close", json!({})).await.unwrap_err();
    assert_eq!(early.code, PaymentError::CONFLICT, "it may be paid yet");
    shop.market.land();
    shop.close_patiently().await;
    shop.check_settled("closed").await;
}

/// Beyond all waiting: what is found gone from the token is booked, and not spent a second time.
#[tokio::test]
async fn a_charge_that_lands_after_all_is_found_on_the_token() {
    let shop = Shop::new(30, TOKEN).await;
    shop.market.list("c", 5, TOKEN);
    shop.market.fail_pay(&[Fault::Late; 3]);
    let given_up = shop.buy_patiently("a", 10).await;
    assert_eq!(given_up["status"], "released", "{given_up}");
    shop.market.land();
    assert_eq!(shop.market.charged(), usd(30));
    let next = shop.buy_patiently("c", 5).await;
    let totals = shop.totals().await;
    assert_eq!(totals.overcharged, usd(30), "{next} {totals:?}");
    let over = shop.buy_patiently("b", 20).await;
    assert_eq!(over["status"], "over_budget", "{over}");
    assert_eq!(shop.market.charged(), usd(30));
    let audit = shop.app.payment_audit(&shop.tenant, shop.run).await;
    let said = |name: &str| audit.as_ref().unwrap().iter().any(|it| it.event == name);
    assert!(said("charged_unasked"), "{audit:?}");
}

#[tokio::test]
async fn a_refusal_after_charging_is_found_and_the_budget_holds() {
    let shop = Shop::new(25, TOKEN).await;
    shop.market.fail_pay(&[Fault::SeeOther]);
    let a = shop.buy_patiently("a", 10).await;
    assert_eq!(a["status"], "delivered", "{a}");
    let b = shop.buy_patiently("b", 20).await;
    assert_eq!(b["status"], "over_budget", "{b}");
    shop.check_settled("see other").await;
    let shop = Shop::new(13, TOKEN).await;
    shop.market.fail_pay(&[Fault::Half; 3]);
    let a = shop.buy_patiently("a", 10).await;
    assert_eq!(a["status"], "delivered", "{a}");
    shop.check_settled("half").await;
}

#[tokio::test]
async fn a_refusal_that_no_balance_confirms_needs_a_person() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.tell_no_balance();
    shop.market.fail_pay(&[Fault::Refuse]);
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "needs_person", "{bought}");
    assert_eq!(shop.totals().await.reserved, usd(10));
}

#[tokio::test]
async fn an_overcharge_is_booked_and_not_spent_again() {
    for fault in [Fault::Overcharge, Fault::OverchargeUnsaid] {
        let shop = Shop::new(30, TOKEN).await;
        shop.market.fail_pay(&[fault]);
        let a = shop.buy_patiently("a", 10).await;
        let status = match fault {
            Fault::Overcharge => "needs_person",
            _ => "delivered",
        };
        assert_eq!(a["status"], status, "{a}");
        let b = shop.buy_patiently("b", 20).await;
        assert_ne!(b["status"], "delivered", "{b}");
        assert_eq!(shop.market.charged(), usd(25), "{fault:?}");
        let totals = shop.totals().await;
        assert_eq!((totals.spent, totals.overcharged), (usd(10), usd(15)));
        assert_eq!(totals.reserved, usd(0));
        shop.check_books("overcharged").await;
    }
}

#[tokio::test]
async fn a_run_that_is_cancelled_buys_nothing_more() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_balance(1);
    shop.buy("a", 10).await.unwrap_err();
    let cancelled = shop.app.cancel_run(&shop.tenant, shop.run, None, None);
    cancelled.await.unwrap();
    let totals = shop.totals().await;
    assert!(totals.closed, "{totals:?}");
    assert_eq!(totals.reserved, usd(0));
    assert!(shop.buy("a", 10).await.is_err());
    let error = shop.open(50).await.unwrap_err();
    assert_eq!(error.code, crate::FunctionError::RUN_ENDED, "{error}");
    assert!(shop.market.charges().is_empty(), "paid after cancel");
    // What is on its way is looked into by the sweep.
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Late]);
    shop.buy("a", 10).await.unwrap_err();
    let cancelled = shop.app.cancel_run(&shop.tenant, shop.run, None, None);
    cancelled.await.unwrap();
    shop.market.land();
    shop.wait(660);
    let swept = shop.app.sweep_payments().await.unwrap();
    assert_eq!((swept.ended, swept.left), (1, 0));
    shop.check_settled("swept").await;
}

#[tokio::test]
async fn what_a_run_may_cost_holds_for_purchases_side_by_side() {
    for rails in [TOKEN, X402] {
        let shop = Shop::new(50, rails).await;
        let limit = Event::CostLimitRaised {
            max_cost_usd: usd(25),
            by: "ada".to_owned(),
        };
        let limited = shop
            .app
            .append(&shop.tenant, shop.run, "limit", vec![limit]);
        limited.await.unwrap();
        let (a, b) = tokio::join!(shop.buy("a", 10), shop.buy("b", 20));
        let statuses = [&a, &b].map(|it| it.as_ref().unwrap()["status"].clone());
        assert!(statuses.contains(&json!("over_budget")), "{statuses:?}");
        assert!(statuses.contains(&json!("delivered")), "{statuses:?}");
        shop.check_settled("side by side").await;
    }
}

#[tokio::test]
async fn being_asked_to_pay_again_at_once_is_no_dispute() {
    let shop = Shop::new(50, X402).await;
    shop.market.fail_pay(&[Fault::Refuse; 4]);
    let early = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(early.code, PaymentError::CONFLICT);
    let bought = shop.buy_patiently("a", 10).await;
    assert_eq!(bought["status"], "delivered", "{bought}");
    shop.check_settled("402 again").await;
}

#[tokio::test]
async fn a_person_resolves_a_dispute() {
    for paid in [false, true] {
        let shop = Shop::new(50, TOKEN).await;
        shop.market.tell_no_balance();
        let fault = if paid {
            Fault::LoseAnswer
        } else {
            Fault::LoseCall
        };
        shop.market.fail_pay(&[fault]);
        // It is seen to be closed before it is charged, and not seen after.
        let unseen = [Fault::PaidAgain; 6];
        shop.market.fail_detail(if paid { &unseen } else { &[] });
        let bought = shop.buy_patiently("a", 10).await;
        assert_eq!(bought["status"], "needs_person", "{bought}");
        // To approve a price, or to decline without a name, says nothing about it.
        let approved = json!({"source_id": "a", "name": "A", "price": 10, "approved": true});
        let same = shop.call("buy", approved).await.unwrap();
        assert_eq!(same["status"], "needs_person");
        let declined = json!({"source_id": "a", "reason": "expired"});
        let same = shop.call("decline", declined).await.unwrap();
        assert_eq!(same["status"], "needs_person");
        let resolve = json!({"source_id": "a", "paid": paid, "by": "ada"});
        let nobody = json!({"source_id": "a", "paid": paid, "by": " "});
        assert!(shop.call("resolve", nobody).await.is_err());
        let resolved = shop.call("resolve", resolve.clone()).await.unwrap();
        let status = if paid { "delivered" } else { "released" };
        assert_eq!(resolved["status"], status, "{resolved}");
        assert_eq!(shop.call("resolve", resolve).await.unwrap(), resolved);
        shop.check_settled("resolved").await;
        let other = json!({"source_id": "a", "paid": !paid, "by": "bob"});
        let error = shop.call("resolve", other).await.unwrap_err();
        assert_eq!(error.code, PaymentError::NOT_DISPUTED);
        let audit = shop.app.payment_audit(&shop.tenant, shop.run).await;
        let by_ada = |event: &str| {
            let mut all = audit.as_ref().unwrap().iter();
            all.any(|it| it.event == event && it.by.as_deref() == Some("ada"))
        };
        let event = if paid {
            "resolved_as_paid"
        } else {
            "resolved_as_not_paid"
        };
        assert!(by_ada(event), "{audit:?}");
    }
}

#[tokio::test]
async fn a_dispute_is_resolved_at_the_gate_and_over_the_api() {
    let disputed = async || {
        let shop = Shop::new(50, TOKEN).await;
        shop.market.tell_no_balance();
        shop.market.fail_pay(&[Fault::LoseCall]);
        shop.buy_patiently("a", 10).await;
        shop
    };
    let shop = disputed().await;
    let rejected = json!({"source_id": "a", "reason": "declined", "resolves": true, "by": "ada"});
    let released = shop.call("decline", rejected).await.unwrap();
    assert_eq!(released["status"], "released");
    shop.check_settled("rejected").await;
    let shop = disputed().await;
    let approved = json!({"source_id": "a", "name": "A", "price": 10, "approved": true,
        "resolves": true, "by": "ada"});
    let bought = shop.call("buy", approved).await.unwrap();
    // It was not: the marketplace gives nothing, which is now another dispute.
    assert_eq!(bought["status"], "needs_person");
    assert_eq!(shop.totals().await.spent, usd(10));
    let shop = disputed().await;
    let resolve = async |source: &str, paid, by| {
        let (tenant, run) = (&shop.tenant, shop.run);
        shop.app
            .resolve_purchase(tenant, run, source, paid, by)
            .await
    };
    let unknown = resolve("zz", false, "ada").await;
    assert!(matches!(unknown, Err(AppError::NotFound(_))), "{unknown:?}");
    let nobody = resolve("a", false, "").await;
    assert!(matches!(nobody, Err(AppError::Invalid(_))), "{nobody:?}");
    let shown = resolve("a", false, "ada").await.unwrap();
    assert_eq!(shown.state, PurchaseState::Released);
    let other = resolve("a", true, "ada").await;
    assert!(matches!(other, Err(AppError::RunConflict(_))), "{other:?}");
    shop.check_settled("over the API").await;
    // The budget is whole again.
    shop.market.list("c", 50, TOKEN);
    assert_eq!(shop.buy_patiently("c", 50).await["status"], "delivered");
}

#[tokio::test]
async fn what_closing_released_is_bought_by_the_next_attempt() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_balance(1);
    shop.buy("a", 10).await.unwrap_err();
    shop.close_patiently().await;
    assert_eq!(shop.buy("a", 10).await.unwrap()["status"], "released");
    shop.open(50).await.unwrap();
    let quoted = shop.call("quote", json!({"source_id": "a", "name": "A"}));
    assert_eq!(quoted.await.unwrap()["price"], 10.0);
    let again = shop.buy("a", 10).await.unwrap();
    assert_eq!(again["status"], "delivered", "{again}");
    shop.check_settled("again").await;
}

#[tokio::test]
async fn what_the_wallet_signed_is_shown_nowhere() {
    let shop = Shop::new(50, X402).await;
    shop.market.fail_pay(&[Fault::Echo; 99]);
    let bought = shop.buy_patiently("a", 10).await;
    let audit = shop.app.payment_audit(&shop.tenant, shop.run).await;
    let shown = format!("{bought} {:?} {audit:?}", shop.totals().await);
    assert!(shown.contains("bad signature"), "{shown}");
    assert!(!shown.contains("secret-signature"), "{shown}");
}

#[tokio::test]
async fn whoever_raises_the_budget_is_in_the_audit_trail() {
    let shop = Shop::new(15, TOKEN).await;
    let up = json!({"event_id": "1/top-up/2", "budget": 60, "by": "ada"});
    shop.call("top_up", up).await.unwrap();
    let audit = shop.app.payment_audit(&shop.tenant, shop.run).await;
    let by = audit.unwrap().into_iter().filter_map(|entry| entry.by);
    assert_eq!(by.collect::<Vec<_>>(), ["ada"]);
}

#[tokio::test]
async fn no_purchase_that_is_stuck_hides_another() {
    let shop = Shop::new(50, TOKEN).await;
    shop.market.fail_pay(&[Fault::Late]);
    shop.buy("a", 10).await.unwrap_err();
    shop.market.land();
    shop.wait(660);
    // Others that came later, whose keys come first.
    let mark = |n: u32| {
        let run = baton_domain::RunId::new(shop.app.ports.clock.now(), u128::from(n));
        let key = baton_domain::item::Key::open_purchase(&shop.tenant, run, "zz");
        let mark = super::super::items::Mark {
            tenant_id: shop.tenant.clone(),
            run_id: run,
            source_id: "zz".to_owned(),
            since: shop.app.ports.clock.now(),
        };
        let item = baton_domain::item::Item::document(key, &mark);
        let always = baton_domain::item::Condition::Always;
        baton_domain::item::Write::put(baton_domain::item::Table::Payments, item, always)
    };
    for n in 0..150 {
        assert_eq!(
            shop.app.ports.items.transact(&[mark(n)]).await,
            Ok(baton_domain::item::Written::Yes)
        );
    }
    let swept = shop.app.sweep_payments().await.unwrap();
    assert_eq!((swept.ended, swept.left), (1, 0));
    shop.check_settled("swept").await;
}
