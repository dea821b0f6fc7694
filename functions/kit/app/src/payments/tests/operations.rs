//! What each operation answers.

use baton_domain::marketplace::MarketError;
use baton_domain::research::SourceFacts;
use baton_domain::run::{Event, RunStatus};
use serde_json::json;

use super::super::deliver::artifact_name;
use super::{Shop, TOKEN, X402, usd};
use crate::{FunctionError, PaymentError, PaymentSettings, Settings};

#[tokio::test]
async fn an_account_is_opened_once_in_a_voice_that_is_known() {
    let shop = Shop::unopened(TOKEN).await;
    let stranger = json!({"budget": 50, "voice_id": "stranger"});
    let error = shop.call("open", stranger).await.unwrap_err();
    assert_eq!(error.code, MarketError::AUTHENTICATION);
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(error.code, PaymentError::NOT_OPEN);
    let closed = shop.call("close", json!({})).await.unwrap();
    assert_eq!(closed["spent"], 0.0);
    let opened = shop.open(50).await.unwrap();
    assert_eq!(
        opened,
        json!({"budget": 50.0, "spent": 0.0, "reserved": 0.0, "rails": ["token", "x402"]})
    );
    assert_eq!(shop.open(50).await.unwrap(), opened);
    assert_eq!(shop.market.tokens(), 1);
    for (field, wrong) in [("budget", json!(0)), ("budget", json!(1.5))] {
        let mut fields = json!({"budget": 1, "voice_id": "ada"});
        fields[field] = wrong;
        let error = shop.call("open", fields).await.unwrap_err();
        assert_eq!(error.code, FunctionError::INVALID_INPUT);
        assert!(error.message.starts_with(field), "{error}");
    }
}

#[tokio::test]
async fn sources_are_found_once_each_and_by_wider_words_only_where_nothing_is() {
    let shop = Shop::new(50, TOKEN).await;
    let search = |keywords: &[&str], wider: &[&str]| {
        let fields = json!({"keywords": keywords, "wider": wider});
        let found = shop.call("search", fields);
        async { found.await.unwrap()["listings"].clone() }
    };
    let found = search(&["Source a", "Source"], &["free"]).await;
    assert_eq!(found.as_array().unwrap().len(), 3, "{found}");
    assert_eq!(
        found[0],
        json!({"source_id": "a", "name": "Source a", "found_by": "Source a"})
    );
    let found = search(&["nothing", " "], &["free"]).await;
    assert_eq!(found[0]["source_id"], "free");
    for n in 0..60 {
        shop.market.list(&format!("many-{n}"), 1, TOKEN);
    }
    let found = search(&["many"], &[]).await;
    assert_eq!(found.as_array().unwrap().len(), 40);
}

#[tokio::test]
async fn a_quote_is_a_source_and_what_is_free_is_there_at_once() {
    let shop = Shop::new(50, TOKEN).await;
    let quote = |id: &str| {
        let fields = json!({"source_id": id, "name": format!("Source {id}"), "found_by": "S"});
        shop.call("quote", fields)
    };
    assert_eq!(
        quote("a").await.unwrap(),
        json!({"source_id": "a", "name": "Source a", "found_by": "S", "price": 10.0, "rail": "token"})
    );
    let free = quote("free").await.unwrap();
    assert_eq!(
        (&free["price"], &free["rail"]),
        (&json!(0.0), &json!("free"))
    );
    assert_eq!(quote("free").await.unwrap(), free);
    let loaded = shop
        .app
        .load_artifact(&shop.tenant, shop.run, "source.free", None);
    let facts: SourceFacts = serde_json::from_value(loaded.await.unwrap().1).unwrap();
    assert_eq!(
        (facts.cost, facts.data["revenue"].as_u64()),
        (usd(0), Some(12))
    );
    assert_eq!(
        quote("none").await.unwrap(),
        json!({"status": "refused", "source_id": "none", "name": "Source none", "reason": "not found"})
    );
    shop.market.list("odd", 5, (false, false));
    let refused = quote("odd").await.unwrap();
    assert_eq!(refused["status"], "refused");
    let error = quote("a#b").await.unwrap_err();
    assert!(error.message.starts_with("source_id"), "{error}");
}

#[tokio::test]
async fn what_is_bought_is_there_booked_and_bought_once() {
    for rails in [TOKEN, X402] {
        let shop = Shop::new(50, rails).await;
        let bought = shop.buy("a", 10).await.unwrap();
        assert_eq!(bought["status"], "delivered", "{bought}");
        assert_eq!(bought["cost"], 10.0);
        assert!(bought["transaction"].is_string(), "{bought}");
        assert_eq!(bought["artifact"]["name"], "source.a");
        assert_eq!(shop.buy("a", 10).await.unwrap(), bought);
        shop.check_settled("bought").await;
        let state = shop.state().await;
        assert_eq!(state.purchases["a"].cost, usd(10));
        assert_eq!(state.total_cost, usd(10));
        let facts = shop.call("facts", json!({})).await.unwrap();
        assert_eq!(facts["facts"][0]["cost"], 10.0, "{facts}");
        assert_eq!(facts["missing"], json!([]));
        let audit = shop
            .app
            .payment_audit(&shop.tenant, shop.run)
            .await
            .unwrap();
        let events: Vec<&str> = audit.iter().map(|entry| &*entry.event).collect();
        assert_eq!(events.first(), Some(&"opened"));
        assert_eq!(events.last(), Some(&"delivered"));
        assert!(!serde_json::to_string(&audit).unwrap().contains("secret-"));
    }
}

#[tokio::test]
async fn a_person_is_asked_before_what_is_dear_dearer_or_over_budget_is_paid() {
    let mut shop = Shop::new(25, TOKEN).await;
    let payments = PaymentSettings {
        auto_approve_price: usd(15),
        ..PaymentSettings::default()
    };
    shop.app = shop.app.with_settings(Settings {
        payments,
        ..Settings::default()
    });
    let dear = shop.buy("b", 20).await.unwrap();
    assert_eq!(dear["status"], "needs_approval", "{dear}");
    assert_eq!(dear["reason"], "it costs more than $15.00");
    shop.market.set_price("a", 12);
    let changed = shop.buy("a", 10).await.unwrap();
    assert_eq!(
        (&changed["status"], &changed["price"]),
        (&json!("price_changed"), &json!(12.0))
    );
    assert_eq!(shop.buy("a", 12).await.unwrap()["status"], "delivered");
    let approved = json!({"source_id": "b", "name": "Source b", "price": 20, "approved": true});
    let over = shop.call("buy", approved.clone()).await.unwrap();
    assert_eq!(over["status"], "over_budget", "{over}");
    assert_eq!(
        over["reason"],
        "the budget of the task is too small by $7.00"
    );
    shop.check_settled("asked").await;
    let top_up = json!({"event_id": "1/top-up/1", "amount": 10});
    for _ in 0..2 {
        let raised = shop.call("top_up", top_up.clone()).await.unwrap();
        assert_eq!(raised["budget"], 35.0);
    }
    // The first token knows nothing of it.
    assert_eq!(
        shop.call("buy", approved).await.unwrap()["status"],
        "delivered"
    );
    assert_eq!(shop.market.tokens(), 2);
    shop.check_settled("approved").await;
    let raise = json!({"event_id": "1/top-up/2", "budget": 30});
    let raised = shop.call("top_up", raise).await.unwrap();
    assert_eq!(raised["budget"], 35.0, "a budget is not lowered");
}

#[tokio::test]
async fn the_tenants_and_the_runs_limits_hold_too() {
    let mut shop = Shop::new(50, TOKEN).await;
    let settings = |dollars| Settings {
        payments: PaymentSettings {
            tenant_budget: Some(usd(dollars)),
            ..PaymentSettings::default()
        },
        ..Settings::default()
    };
    shop.app = shop.app.with_settings(settings(15));
    assert_eq!(shop.buy("a", 10).await.unwrap()["status"], "delivered");
    let over = shop.buy("b", 20).await.unwrap();
    assert_eq!(
        over["reason"],
        "the budget of the tenant is too small by $15.00"
    );
    shop.app = shop.app.with_settings(Settings::default());
    let limit = Event::CostLimitRaised {
        max_cost_usd: usd(20),
        by: "ada".to_owned(),
    };
    let limited = shop
        .app
        .append(&shop.tenant, shop.run, "limit", vec![limit]);
    limited.await.unwrap();
    let over = shop.buy("b", 20).await.unwrap();
    assert_eq!(over["reason"], "the run may cost $20.00");
    shop.check_settled("limits").await;
}

#[tokio::test]
async fn what_is_declined_or_closed_is_not_bought() {
    let shop = Shop::new(50, TOKEN).await;
    let asked = shop.call("quote", json!({"source_id": "a", "name": "A"}));
    asked.await.unwrap();
    let decline = json!({"source_id": "a", "reason": "too dear", "by": "ada"});
    let declined = shop.call("decline", decline.clone()).await.unwrap();
    assert_eq!(
        (&declined["status"], &declined["reason"]),
        (&json!("released"), &json!("too dear"))
    );
    assert_eq!(shop.buy("a", 10).await.unwrap()["status"], "released");
    let unknown = json!({"source_id": "zz", "reason": "-"});
    let error = shop.call("decline", unknown).await.unwrap_err();
    assert_eq!(error.code, PaymentError::NOT_FOUND);
    let closed = shop.close_patiently().await;
    assert_eq!(
        (&closed["closed"], &closed["spent"]),
        (&json!(true), &json!(0.0))
    );
    assert_eq!(shop.close_patiently().await, closed);
    let error = shop.buy("b", 20).await.unwrap_err();
    assert_eq!(error.code, PaymentError::CLOSED);
    // A run that is run on opens it again.
    shop.open(50).await.unwrap();
    assert_eq!(shop.buy("b", 20).await.unwrap()["status"], "delivered");
    assert_eq!(
        shop.call("decline", json!({"source_id": "b", "reason": "-"}))
            .await
            .unwrap()["status"],
        "delivered"
    );
    shop.check_settled("declined").await;
}

#[tokio::test]
async fn a_run_that_is_over_buys_nothing() {
    let shop = Shop::new(50, TOKEN).await;
    let ended = Event::Ended {
        status: RunStatus::Cancelled,
        error: None,
        cause: None,
    };
    let ended = shop.app.append(&shop.tenant, shop.run, "end", vec![ended]);
    ended.await.unwrap();
    let error = shop.buy("a", 10).await.unwrap_err();
    assert_eq!(error.code, FunctionError::RUN_ENDED);
    shop.check_settled("over").await;
}

#[tokio::test]
async fn bad_payloads_name_their_field() {
    let shop = Shop::new(50, TOKEN).await;
    let buy = || json!({"source_id": "a", "name": "A", "price": 10});
    for (op, field, wrong) in [
        ("buy", "price", json!(-1)),
        ("buy", "name", json!("")),
        ("buy", "source_id", json!("a b")),
        ("buy", "surprise", json!(1)),
        ("buy", "run_id", json!("x")),
        ("top_up", "event_id", json!("ü")),
        ("top_up", "amount", json!(null)),
        ("open", "voice_id", json!(1)),
        ("nothing", "op", json!("nothing")),
    ] {
        let mut fields = match op {
            "buy" => buy(),
            "top_up" => json!({"event_id": "x", "amount": 1}),
            _ => json!({"budget": 1, "voice_id": "x"}),
        };
        fields[field] = wrong;
        let error = shop.call(op, fields).await.unwrap_err();
        assert_eq!(error.code, FunctionError::INVALID_INPUT, "{op} {field}");
        assert!(error.message.contains(field), "{error}");
    }
    let other = json!({"source_id": "a", "name": "A", "price": 10, "tenant_id": "eve"});
    let error = shop.call("buy", other).await.unwrap_err();
    assert_eq!(error.code, FunctionError::RUN_NOT_FOUND);
}

#[test]
fn sources_that_differ_have_artifacts_that_differ() {
    let long = "x".repeat(128);
    let names = [
        "a",
        "A",
        "a_b",
        "a-b",
        "a:b",
        &long,
        &format!("{long}y")[1..],
    ];
    let mut artifacts: Vec<String> = names.iter().map(|id| artifact_name(id)).collect();
    assert_eq!(artifacts[0], "source.a");
    for name in &artifacts {
        assert!(baton_domain::campaign::check_name(name).is_ok(), "{name}");
    }
    artifacts.sort();
    artifacts.dedup();
    assert_eq!(artifacts.len(), names.len());
}
