//! A process that dies at any of its writes, before or after them, with a marketplace that fails
//! too: nothing is charged twice, nothing is lost, and everything comes to an end.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Shop, TOKEN, X402, call, dollars, is_transient, usd};
use crate::testing::market::{Fault, TestMarket};
use crate::testing::{TestWorld, tenant};
use crate::{PaymentSettings, Settings};

/// What the marketplace does wrong meanwhile: at charges, and at requests with a token.
const WRONG: [(&[Fault], &[Fault]); 8] = [
    (&[], &[]),
    (&[Fault::LoseAnswer], &[]),
    (&[Fault::LoseCall], &[]),
    (
        &[Fault::LoseAnswer],
        &[Fault::PaidAgain, Fault::LoseCall, Fault::PaidAgain],
    ),
    (&[], &[Fault::PaidAgain, Fault::PaidAgain, Fault::LoseCall]),
    (&[Fault::Refuse], &[]),
    (&[Fault::Pending, Fault::LoseAnswer], &[]),
    (&[Fault::Unauthorised], &[Fault::Unauthorised]),
];

#[derive(Debug, Clone, Copy)]
enum Balance {
    Told,
    Fails,
    Untold,
}

async fn shop(rails: (bool, bool), wrong: (&[Fault], &[Fault]), balance: Balance) -> Shop {
    let shop = Shop::new(50, rails).await;
    shop.market.fail_pay(wrong.0);
    shop.market.fail_detail(wrong.1);
    match balance {
        Balance::Told => {}
        Balance::Fails => shop.market.fail_balance(2),
        Balance::Untold => shop.market.tell_no_balance(),
    }
    shop
}

/// Dies at the `n`th write while it buys, however often it must be called; answers whether there was
/// such a write.
async fn dies_at(shop: &Shop, n: i64, after: bool, what: &str) -> bool {
    shop.items.die_at(n, after);
    for _ in 0..40 {
        let bought = shop.buy("a", 10).await;
        let died = shop.items.revive();
        shop.check_books(what).await;
        match bought {
            Ok(_) => return died,
            Err(_) if died => return true,
            Err(error) => assert!(is_transient(&error), "{what}: {error}"),
        }
        shop.wait(30);
    }
    panic!("{what}: it comes to no end");
}

/// It is over, once, and the books say so.
async fn check_end(shop: &Shop, end: &Value, what: &str) {
    let status = end["status"].as_str().unwrap();
    let known = ["delivered", "released", "needs_person"].contains(&status);
    assert!(known, "{what}: {end}");
    shop.check_books(what).await;
    assert!(shop.market.signed().len() <= 2, "{what}");
    let reserved = shop.totals().await.reserved;
    if status == "needs_person" {
        assert!(reserved <= usd(10), "{what}");
    } else {
        shop.check_settled(what).await;
        assert_eq!(
            shop.market.charges().len() == 1,
            status == "delivered",
            "{what}"
        );
    }
    assert_eq!(&shop.buy("a", 10).await.unwrap(), end, "{what}: it stays");
}

#[tokio::test]
async fn a_buyer_that_dies_at_any_write_pays_once_and_comes_to_an_end() {
    for rails in [TOKEN, X402] {
        for wrong in WRONG {
            for balance in [Balance::Told, Balance::Fails, Balance::Untold] {
                for after in [false, true] {
                    for n in 1.. {
                        let what = format!("{rails:?} {wrong:?} {balance:?} {after} {n}");
                        let shop = shop(rails, wrong, balance).await;
                        if !dies_at(&shop, n, after, &what).await {
                            assert!(n > 4, "{what}: it writes");
                            break;
                        }
                        shop.wait(30);
                        let end = shop.buy_patiently("a", 10).await;
                        check_end(&shop, &end, &what).await;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_buyer_that_never_comes_back_is_swept_up() {
    for rails in [TOKEN, X402] {
        for wrong in WRONG {
            for after in [false, true] {
                for n in 1.. {
                    let what = format!("{rails:?} {wrong:?} {after} {n}");
                    let shop = shop(rails, wrong, Balance::Told).await;
                    if !dies_at(&shop, n, after, &what).await {
                        break;
                    }
                    for _ in 0..40 {
                        shop.wait(660);
                        shop.app.sweep_payments().await.unwrap();
                        shop.check_books(&what).await;
                    }
                    for purchase in shop.totals().await.purchases {
                        assert!(!purchase.state.is_under_way(), "{what}: {purchase:?}");
                    }
                    let closed = shop.close_patiently().await;
                    let reserved = dollars(&closed["reserved"]);
                    let spent = dollars(&closed["spent"]);
                    assert!(shop.market.charged() <= spent + reserved, "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn opening_topping_up_and_closing_survive_any_death() {
    for after in [false, true] {
        for n in 1..40 {
            let shop = Shop::unopened(TOKEN).await;
            shop.items.die_at(n, after);
            let script = async |shop: &Shop| {
                shop.open(20).await?;
                let top_up = json!({"event_id": "one", "amount": 10});
                shop.call("top_up", top_up).await?;
                shop.buy("a", 10).await?;
                shop.buy("b", 20).await?;
                shop.call("close", json!({})).await
            };
            let first = script(&shop).await;
            shop.items.revive();
            let mut end = first;
            for _ in 0..10 {
                shop.wait(30);
                if let Err(error) = &end {
                    assert!(is_transient(error), "{after} {n}: {error}");
                    end = script(&shop).await;
                }
            }
            let end: Value = end.unwrap();
            assert_eq!(
                (&end["budget"], &end["spent"]),
                (&json!(30.0), &json!(30.0))
            );
            shop.check_settled(&format!("{after} {n}")).await;
            if !shop.items.has_died() {
                assert!(n > 10);
                break;
            }
        }
    }
}

#[tokio::test]
async fn two_who_buy_the_same_at_once_buy_it_once() {
    for rails in [TOKEN, X402] {
        let shop = Shop::new(50, rails).await;
        let buy = async || {
            for _ in 0..400 {
                match shop.buy("a", 10).await {
                    Ok(answer) => return answer,
                    Err(error) => assert!(is_transient(&error), "{error}"),
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            panic!("it comes to no end")
        };
        let (one, other) = tokio::join!(buy(), buy());
        assert_eq!(one["status"], "delivered");
        assert_eq!(one, other);
        assert_eq!(shop.market.charges().len(), 1);
        shop.check_settled("both").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_runs_share_a_tenants_budget() {
    let (world, acme) = (TestWorld::new(|_| Ok(Value::Null)), tenant("acme"));
    let market = Arc::<TestMarket>::default();
    market.list("a", 10, TOKEN);
    let payments = PaymentSettings {
        tenant_budget: Some(usd(205)),
        ..PaymentSettings::default()
    };
    let app = world
        .app()
        .with_marketplace(Arc::clone(&market) as _)
        .with_payment_manager(Arc::clone(&market) as _)
        .with_settings(Settings {
            payments,
            ..Settings::default()
        });
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let (app, acme) = (app.clone(), acme.clone());
        tasks.spawn(async move {
            let run = app.begin_test_run(&acme, n).await;
            let open = json!({"budget": 50, "voice_id": "ada"});
            call(&app, &acme, run, "open", open).await.unwrap();
            let buy = json!({"source_id": "a", "name": "A", "price": 10});
            for _ in 0..100 {
                match call(&app, &acme, run, "buy", buy.clone()).await {
                    Ok(answer) => return answer["status"].as_str().unwrap().to_owned(),
                    Err(error) => assert!(is_transient(&error), "{error}"),
                }
            }
            panic!("a run comes to no end")
        });
    }
    let ends = tasks.join_all().await;
    let delivered = ends.iter().filter(|end| *end == "delivered").count();
    assert_eq!(delivered, 20, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| *end == "over_budget").count(), 30);
    assert_eq!(market.charged(), usd(200));
}
