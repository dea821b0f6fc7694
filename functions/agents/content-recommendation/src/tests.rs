use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&ContentRecommendation, payload))
}

fn items() -> Value {
    json!([
        {"item_id": "boot", "title": "Boot", "category": "footwear", "tags": ["winter"], "popularity": 0.3},
        {"item_id": "shoe", "title": "Shoe", "category": "footwear", "tags": ["running"], "popularity": 0.4},
        {"item_id": "sock", "title": "Sock", "category": "footwear", "tags": ["winter"], "popularity": 0.2},
        {"item_id": "tent", "title": "Tent", "category": "tents", "tags": ["camping"], "popularity": 0.9},
        {"item_id": "kit", "title": "Starter Kit", "category": "sets", "popularity": 0.1, "segments": ["prospects"]}
    ])
}

fn primary(extra: &Value) -> Result<Value, Failure> {
    let mut input = json!({"as_of": "2026-11-01T00:00:00Z", "items": items(), "limit": 3});
    input
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    answer(json!({ "input": input }))
}

fn ids(answer: &Value) -> Vec<&str> {
    let items = answer["output"]["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["item_id"].as_str().unwrap())
        .collect()
}

fn event(kind: &str, item_id: &str, at: &str) -> Value {
    json!({"at": at, "kind": kind, "item_id": item_id})
}

#[test]
fn history_comes_before_popularity() {
    let events = json!([event("add_to_cart", "boot", "2026-10-30T00:00:00Z")]);
    let answer = primary(&json!({ "events": events })).unwrap();
    assert_eq!(ids(&answer)[0], "boot");
    assert_eq!(answer["output"]["cold_start"], false);
    assert_eq!(
        answer["output"]["items"][0]["reason"],
        "follows recent activity around footwear"
    );
}

#[test]
fn what_was_bought_is_not_shown() {
    let orders = json!([{"at": "2026-10-30T00:00:00Z", "total": 9, "item_ids": ["boot", "tent"]}]);
    let events = json!([event("purchase", "shoe", "2026-10-01T00:00:00Z")]);
    let answer = primary(&json!({"orders": orders, "events": events, "limit": 50})).unwrap();
    let mut shown = ids(&answer);
    shown.sort_unstable();
    assert_eq!(shown, ["kit", "sock"]);
}

#[test]
fn who_bought_everything_is_told_so() {
    let all = json!(["boot", "shoe", "sock", "tent", "kit"]);
    let orders = json!([{"at": "2026-10-30T00:00:00Z", "total": 9, "item_ids": all}]);
    let answer = primary(&json!({ "orders": orders })).unwrap();
    assert!(ids(&answer).is_empty());
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .contains("every item")
    );
}

#[test]
fn what_was_dismissed_is_not_shown_and_takes_its_kind_along() {
    let events = json!([event("dismiss", "boot", "2026-10-30T00:00:00Z")]);
    let answer = primary(&json!({"events": events, "limit": 5})).unwrap();
    let shown = ids(&answer);
    assert!(!shown.contains(&"boot"));
    assert_eq!(shown[3], "sock");
    assert_eq!(answer["output"]["cold_start"], false);
}

#[test]
fn old_events_count_less_than_new_ones() {
    let events = json!([
        event("click", "tent", "2026-10-30T00:00:00Z"),
        event("click", "shoe", "2026-01-30T00:00:00Z")
    ]);
    assert_eq!(
        ids(&primary(&json!({"events": events})).unwrap())[0],
        "tent"
    );
}

#[test]
fn interests_count_in_their_order() {
    let answer = primary(&json!({"interests": ["Winter", "camping"], "limit": 1})).unwrap();
    assert_eq!(ids(&answer), ["boot"]);
    assert_eq!(
        answer["output"]["items"][0]["reason"],
        "matches the interest in winter"
    );
}

#[test]
fn a_cold_start_goes_by_the_segment_and_popularity() {
    let stranger = primary(&json!({"interests": ["opera"]})).unwrap();
    assert_eq!(stranger["output"]["cold_start"], true);
    assert_eq!(ids(&stranger)[0], "tent");
    let prospect = primary(&json!({"segment": "prospects"})).unwrap();
    assert!(ids(&prospect).contains(&"kit"), "{prospect}");
    let champion = primary(&json!({"segment": "champions"})).unwrap();
    assert!(!ids(&champion).contains(&"kit"), "{champion}");
}

#[test]
fn an_empty_catalogue_has_no_items() {
    assert_eq!(primary(&json!({"items": []})).unwrap_err().code, "NoItems");
    let fallback = json!({"mode": "fallback", "input": {"items": [], "limit": 3}});
    assert_eq!(answer(fallback).unwrap_err().code, "NoItems");
}

#[test]
fn the_fallback_goes_by_popularity() {
    let payload = json!({"mode": "fallback", "input": {"items": items(), "limit": 2}});
    let answer = answer(payload).unwrap();
    assert_eq!(ids(&answer), ["tent", "shoe"]);
    assert_eq!(answer["output"]["cold_start"], true);
    assert_eq!(answer["method"]["name"], "popularity");
}

#[test]
fn a_wrong_field_is_named() {
    for (extra, field) in [
        (json!({"limit": 0}), "input.limit"),
        (json!({"limit": 51}), "input.limit"),
        (json!({"limit": "ten"}), "input.limit"),
        (json!({"items": [{"item_id": 7}]}), "input.items[0].item_id"),
    ] {
        let failure = primary(&extra).unwrap_err();
        assert_eq!(failure.code, "InvalidInput");
        assert!(failure.message.starts_with(field), "{}", failure.message);
    }
}

fn any_item() -> impl Strategy<Value = Value> {
    let popularity = prop_oneof![Just(0.0), Just(-3.0), Just(1e300), 0.0..1.0];
    (
        0..30usize,
        0..4usize,
        prop::collection::vec(0..6usize, 0..4),
        popularity,
    )
        .prop_map(|(id, category, tags, popularity)| {
            let tags: Vec<String> = tags.iter().map(|tag| format!("t{tag}")).collect();
            json!({
                "item_id": format!("i{id}"), "title": "", "category": format!("c{category}"),
                "tags": tags, "popularity": popularity
            })
        })
}

proptest! {
    /// The kit validates every output, so that an answer is a sound one: also where popularities
    /// are absurd and ids stand twice.
    #[test]
    fn any_input_is_answered_soundly(
        items in prop::collection::vec(any_item(), 1..40),
        seen in prop::collection::vec((0..6usize, 0..40usize, 1u32..3_000), 0..30),
        limit in 1u64..=50,
    ) {
        let kinds = ["view", "click", "add_to_cart", "abandon_checkout", "purchase", "dismiss"];
        let now = Timestamp::from_second(1_793_491_200).unwrap().as_second();
        let event = |(kind, item, days): &(usize, usize, u32)| {
            let at = Timestamp::from_second(now - i64::from(*days) * 86_400).unwrap();
            event(kinds[*kind], &format!("i{item}"), &at.to_string())
        };
        let events: Vec<Value> = seen.iter().map(event).collect();
        let answer = primary(&json!({"items": items, "events": events, "limit": limit}));
        prop_assert!(answer.is_ok(), "{:?}", answer);
        let fallback = json!({"mode": "fallback", "input": {"items": items, "limit": limit}});
        prop_assert!(super::tests::answer(fallback).is_ok());
    }

    #[test]
    fn the_order_of_the_catalogue_does_not_matter(items in prop::collection::vec(any_item(), 1..20)) {
        let unique: std::collections::BTreeMap<String, Value> =
            items.into_iter().map(|item| (item["item_id"].to_string(), item)).collect();
        let forth: Vec<&Value> = unique.values().collect();
        let back: Vec<&Value> = unique.values().rev().collect();
        let extra = |items: &[&Value]| json!({"items": items, "interests": ["t1", "c2"], "limit": 9});
        let (a, b) = (primary(&extra(&forth)).unwrap(), primary(&extra(&back)).unwrap());
        prop_assert_eq!(ids(&a), ids(&b));
    }
}
