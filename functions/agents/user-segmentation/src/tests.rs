use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&UserSegmentation, payload))
}

fn primary(orders: &Value, events: &Value) -> Result<Value, Failure> {
    let input = json!({
        "as_of": "2026-11-01T00:00:00Z", "orders": orders, "events": events,
        "items": [{"item_id": "boot", "category": "footwear", "title": "tolerated"}],
    });
    answer(json!({ "input": input }))
}

fn order(at: &str, total: f64) -> Value {
    json!({"at": at, "total": total, "item_ids": ["boot"]})
}

#[test]
fn a_frequent_recent_buyer_is_a_champion() {
    let orders = vec![order("2026-10-30T12:00:00Z", 200.0); 12];
    let answer = primary(&json!(orders), &json!([])).unwrap();
    let output = &answer["output"];
    assert_eq!(output["segment"], "champions");
    assert_eq!(output["micro_segment"], "champions/footwear");
    assert_eq!(output["rfm"]["recency_days"], 1.5);
    assert_eq!(
        answer["method"],
        json!({"name": "rfm-quintiles", "version": "1"})
    );
}

#[test]
fn one_order_is_new_or_lost_by_its_age() {
    let segment = |at: &str| {
        let answer = primary(&json!([order(at, 30.0)]), &json!([])).unwrap();
        answer["output"]["segment"].clone()
    };
    assert_eq!(segment("2026-10-31T00:00:00Z"), "new_customers");
    assert_eq!(segment("2024-10-31T00:00:00Z"), "lost");
}

#[test]
fn who_only_looks_is_a_prospect() {
    let events = json!([{"at": "2026-10-30T00:00:00Z", "kind": "view", "item_id": "boot"}]);
    let answer = primary(&json!([]), &events).unwrap();
    assert_eq!(answer["output"]["micro_segment"], "prospects/footwear");
    assert!(answer["output"].get("rfm").is_none());
}

#[test]
fn of_whom_nothing_is_known_there_is_not_enough_data() {
    assert_eq!(
        primary(&json!([]), &json!([])).unwrap_err().code,
        "NotEnoughData"
    );
}

#[test]
fn the_fallback_needs_nothing() {
    let fallback = |input: Value| answer(json!({"mode": "fallback", "input": input})).unwrap();
    assert_eq!(
        fallback(json!({}))["output"]["micro_segment"],
        "prospects/general"
    );
    let regular = fallback(json!({"orders_count": 9, "events_count": 2}));
    assert_eq!(regular["output"]["segment"], "loyal");
    assert_eq!(regular["status"], "degraded");
}

#[test]
fn a_wrong_field_is_named() {
    let failure = primary(&json!([{"at": "yesterday", "total": 1}]), &json!([])).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
    assert!(
        failure.message.starts_with("input.orders[0].at"),
        "{}",
        failure.message
    );
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let answer = primary(&json!([order("2026-10-31T00:00:00Z", 30.0)]), &json!([])).unwrap();
    let sound: Output = serde_json::from_value(answer["output"].clone()).unwrap();
    assert_eq!(UserSegmentation.validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 5] = [
        |output| output.segment = "vip".to_owned(),
        |output| output.micro_segment = "lost/footwear".to_owned(),
        |output| output.label.clear(),
        |output| output.rfm.as_mut().unwrap().r = 6,
        |output| output.rfm.as_mut().unwrap().monetary = f64::INFINITY,
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(UserSegmentation.validate(&output).is_err(), "{output:?}");
    }
}

proptest! {
    /// The kit validates every output, so that an answer is a sound one.
    #[test]
    fn any_history_is_answered_soundly(
        orders in prop::collection::vec((-4_000i64..400, prop_oneof![Just(0.0), Just(1e9), 0.0..500.0]), 0..20),
        events in 1usize..5,
    ) {
        let now = Timestamp::from_second(1_793_491_200).unwrap().as_second();
        let at = |day: i64| Timestamp::from_second(now + day * 86_400).unwrap().to_string();
        let orders: Vec<Value> = orders.iter().map(|(day, total)| order(&at(*day), *total)).collect();
        let events = vec![json!({"at": at(-1), "kind": "dismiss", "item_id": "unknown"}); events];
        prop_assert!(primary(&json!(orders), &json!(events)).is_ok());
    }
}
