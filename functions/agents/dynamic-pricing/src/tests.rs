use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&DynamicPricing, payload))
}

fn policy() -> Value {
    json!({
        "tiers": [
            {"name": "saver", "price": 40}, {"name": "list", "price": 60},
            {"name": "plus", "price": 80}, {"name": "top", "price": 100}
        ],
        "list_tier": "list", "floor": 35, "ceiling": 110, "max_step": 0.3
    })
}

/// The answer for the policy and the rest of the input, each with some fields set.
fn priced(policy_extra: &Value, extra: &Value) -> Result<Value, Failure> {
    let mut input = json!({"policy": policy(), "currency": "USD"});
    let merge = |into: &mut Value, from: &Value| {
        let into = into.as_object_mut().unwrap();
        into.extend(from.as_object().unwrap().clone());
    };
    merge(&mut input["policy"], policy_extra);
    merge(&mut input, extra);
    answer(json!({ "input": input }))
}

fn offer(policy_extra: &Value, extra: &Value) -> (String, f64) {
    let answer = priced(policy_extra, extra).unwrap();
    let output = &answer["output"];
    (
        output["tier"].as_str().unwrap().to_owned(),
        output["price"].as_f64().unwrap(),
    )
}

fn rules(answer: &Value) -> Vec<&str> {
    let reasons = answer["output"]["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|reason| reason["rule"].as_str().unwrap())
        .collect()
}

fn sure(estimate: f64) -> Value {
    json!({"wtp": {"estimate": estimate, "low": estimate * 0.9, "high": estimate * 1.1}})
}

#[test]
fn a_sure_willingness_buys_the_tier_below_it() {
    for (estimate, tier) in [
        (45.0, "saver"),
        (67.0, "list"),
        (90.0, "plus"),
        (500.0, "top"),
    ] {
        assert_eq!(offer(&json!({}), &sure(estimate)).0, tier);
    }
    // Whoever would pay nothing near is offered the cheapest, not nothing.
    assert_eq!(offer(&json!({}), &sure(0.5)).0, "saver");
}

#[test]
fn nothing_known_is_the_list_tier() {
    let answer = priced(&json!({}), &json!({})).unwrap();
    assert_eq!(answer["output"]["tier"], "list");
    assert_eq!(rules(&answer), ["list_tier"]);
    assert_eq!(
        answer["output"]["open_tiers"],
        json!(["top", "plus", "list", "saver"])
    );
}

#[test]
fn a_step_is_never_longer_than_allowed() {
    let mut input = sure(500.0);
    input["last_price"] = json!(65);
    let answer = priced(&json!({}), &input).unwrap();
    assert_eq!(answer["output"]["tier"], "plus");
    assert_eq!(rules(&answer), ["max_step", "max_step", "expected_revenue"]);
    let failure = priced(&json!({}), &json!({"last_price": 200})).unwrap_err();
    assert!(
        failure.code == "NoOffer" && failure.message.contains("above the ceiling"),
        "{failure}"
    );
    let narrow = priced(&json!({"max_step": 0.01}), &json!({"last_price": 50})).unwrap_err();
    assert!(
        narrow.message.contains("between 49.50 and 50.50"),
        "{narrow}"
    );
}

#[test]
fn a_segment_discount_stops_at_the_floor() {
    let discounts = json!({"segment_discounts": {"at_risk": 0.2}});
    let mut input = sure(45.0);
    input["segment"] = json!("at_risk");
    let answer = priced(&discounts, &input).unwrap();
    assert_eq!(answer["output"]["tier"], "saver");
    assert_eq!(answer["output"]["price"], 35.0);
    assert_eq!(
        rules(&answer),
        ["segment_discount", "floor", "expected_revenue"]
    );
    assert_eq!(answer["output"]["discount"], 0.4167);
    input["segment"] = json!("champions");
    assert_eq!(offer(&discounts, &input), ("saver".to_owned(), 40.0));
}

/// The fares and demands of the four-class example of Talluri and van Ryzin 2004.
fn fares(capacity: u32) -> Value {
    let tier = |name: &str, price: f64, mean: f64, std_dev: f64| json!({"name": name, "price": price, "demand": {"mean": mean, "std_dev": std_dev}});
    json!({
        "tiers": [
            tier("y", 1050.0, 17.3, 5.8), tier("b", 567.0, 45.1, 15.0),
            tier("m", 534.0, 39.6, 13.2), tier("q", 520.0, 34.0, 11.3)
        ],
        "list_tier": "y", "floor": 500, "ceiling": 1100, "capacity": capacity
    })
}

#[test]
fn scarce_units_close_cheap_tiers() {
    let open = |capacity: u32| {
        priced(&fares(capacity), &json!({})).unwrap()["output"]["open_tiers"].clone()
    };
    assert_eq!(open(120), json!(["y", "b", "m", "q"]));
    assert_eq!(open(83), json!(["y", "b", "m"]));
    assert_eq!(open(50), json!(["y", "b"]));
    assert_eq!(open(16), json!(["y"]));
    let answer = priced(&fares(16), &sure(530.0)).unwrap();
    assert_eq!(answer["output"]["protection_levels"][2], 83.1548);
    assert_eq!(answer["output"]["tier"], "y");
    let failure = priced(&fares(0), &json!({})).unwrap_err();
    assert!(failure.message.contains("capacity"), "{failure}");
}

#[test]
fn a_step_wins_over_scarcity() {
    let answer = priced(&fares(16), &json!({"last_price": 510})).unwrap();
    assert_eq!(answer["output"]["tier"], "b");
    assert_eq!(
        rules(&answer),
        ["max_step", "protection_levels", "max_step", "list_tier"]
    );
}

#[test]
fn unknown_demand_is_said() {
    let answer = priced(&json!({"capacity": 3}), &json!({})).unwrap();
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .contains("capacity is ignored")
    );
    assert!(answer["output"].get("protection_levels").is_none());
}

#[test]
fn a_policy_must_be_sound_and_fair() {
    for extra in [
        json!({"floor": 200}),
        json!({"list_tier": "none"}),
        json!({"segment_discounts": {"female": 0.1}}),
        json!({"segment_discounts": {"age_60": 0.0}}),
    ] {
        let failure = priced(&extra, &json!({})).unwrap_err();
        assert_eq!(failure.code, "InvalidPolicy", "{failure}");
        assert!(failure.message.contains("pricing."), "{failure}");
    }
}

#[test]
fn attributes_of_the_user_are_not_an_input() {
    let failure = priced(&json!({}), &json!({"attributes": {"plan": "gold"}})).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
}

#[test]
fn the_fallback_offers_the_list_tier_within_the_bounds() {
    let fallback = |last_price: Value| {
        answer(
            json!({"mode": "fallback", "input": {"policy": policy(), "currency": "USD", "last_price": last_price}}),
        )
    };
    assert_eq!(fallback(Value::Null).unwrap()["output"]["price"], 60.0);
    let raised = fallback(json!(100)).unwrap();
    assert_eq!(raised["output"]["price"], 70.0);
    assert_eq!(rules(&raised), ["list_tier", "max_step"]);
    assert_eq!(fallback(json!(1_000)).unwrap_err().code, "NoOffer");
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let answer = priced(&fares(50), &sure(530.0)).unwrap();
    let sound: Output = serde_json::from_value(answer["output"].clone()).unwrap();
    assert_eq!(DynamicPricing.validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 6] = [
        |output| output.price = f64::NAN,
        |output| output.price = output.bounds.highest + 1.0,
        |output| output.discount = -0.1,
        |output| output.tier = "q".to_owned(),
        |output| output.reasons.clear(),
        |output| output.protection_levels = Some(vec![2.0, 1.0]),
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(DynamicPricing.validate(&output).is_err(), "{output:?}");
    }
}

/// A policy whose tiers lie between its floor and its ceiling, with or without capacity.
fn any_policy() -> impl Strategy<Value = Value> {
    let tier = (0.0..=1.0, 0.0..1e6, 0.0..1e6);
    let bounds = (0.0..1e4, prop_oneof![Just(0.0), 0.0..1e4, 0.0..1e8]);
    let tiers = prop::collection::vec(tier, 1..6);
    (bounds, tiers, 0.001..=1.0, prop::option::of(0u32..500), 0.0..=1.0).prop_map(
        |((floor, width), tiers, max_step, capacity, discount)| {
            let tiers = tiers.iter().enumerate().map(|(i, (share, mean, std_dev))| {
                let price = f64::min(floor + share * width, floor + width);
                json!({"name": format!("t{i}"), "price": price, "demand": {"mean": mean, "std_dev": std_dev}})
            });
            json!({
                "tiers": tiers.collect::<Vec<_>>(), "list_tier": "t0", "floor": floor, "ceiling": floor + width,
                "max_step": max_step, "capacity": capacity, "segment_discounts": {"at_risk": discount}
            })
        },
    )
}

proptest! {
    #[test]
    fn a_price_keeps_to_its_policy(
        policy in any_policy(),
        wtp in prop::option::of((0.0..2e4, 0.0..2e4, 0.0..2e4)),
        at_risk in any::<bool>(),
        last_price in prop::option::of(0.0..2e4),
    ) {
        let wtp = wtp.map(|(estimate, low, high)| json!({"estimate": estimate, "low": low, "high": high}));
        let segment = at_risk.then_some("at_risk");
        let input = json!({"policy": policy, "currency": "USD", "wtp": wtp, "segment": segment, "last_price": last_price});
        let answer = match answer(json!({ "input": input })) {
            Ok(answer) => answer,
            Err(failure) => {
                prop_assert_eq!(&failure.code, "NoOffer", "{}", failure);
                return Ok(());
            }
        };
        let number = |pointer: &str| answer.pointer(pointer).and_then(Value::as_f64).unwrap();
        let price = number("/output/price");
        prop_assert!(policy["floor"].as_f64().unwrap() <= price && price <= policy["ceiling"].as_f64().unwrap());
        if let Some(last) = last_price.filter(|last| *last > 0.0) {
            let step = policy["max_step"].as_f64().unwrap() * last;
            prop_assert!(f64::abs(price - last) <= step * (1.0 + 1e-12) + 1e-9);
        }
        // The price is the tier's, or lies between the tier's discounted price and the tier's.
        let tiers = policy["tiers"].as_array().unwrap();
        let tier = tiers.iter().find(|tier| tier["name"] == answer["output"]["tier"]).unwrap();
        let (full, off) = (tier["price"].as_f64().unwrap(), policy["segment_discounts"]["at_risk"].as_f64().unwrap());
        let least = if at_risk { full * (1.0 - off) } else { full };
        prop_assert!(least - 0.01 <= price && price <= full + 0.01, "{} {} {}", least, price, full);
    }

    #[test]
    fn who_would_pay_more_is_not_offered_less(a in 1.0..200.0, b in 1.0..200.0, wide in 1.05..4.0) {
        let wtp = |estimate: f64| json!({"wtp": {"estimate": estimate, "low": estimate / wide, "high": estimate * wide}});
        let (low, high) = (offer(&json!({}), &wtp(f64::min(a, b))), offer(&json!({}), &wtp(f64::max(a, b))));
        prop_assert!(low.1 <= high.1, "{:?} {:?}", low, high);
    }
}
