//! Price policies: no tier, one, all alike, at the ends of what may be.

use serde_json::{Value, json};

use super::Expected::{Answer, Refusal};
use super::{Case, of};

/// A policy of these prices between two bounds.
fn policy(prices: &[f64], floor: f64, ceiling: f64) -> Value {
    let tier = |(i, price): (usize, &f64)| json!({"name": format!("t{i}"), "price": price, "demand": {"mean": 10, "std_dev": 3}});
    let tiers: Vec<Value> = prices.iter().enumerate().map(tier).collect();
    json!({"tiers": tiers, "list_tier": "t0", "floor": floor, "ceiling": ceiling, "max_step": 0.5, "capacity": 20})
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn prices() -> Vec<Case> {
    let offer = |policy: Value| json!({"policy": policy, "currency": "USD", "wtp": {"estimate": 50, "low": 30, "high": 80}});
    let with = |field: &str, value: Value| { let mut input = offer(policy(&[40.0, 60.0], 1.0, 100.0)); input[field] = value; input };
    let wtp = |estimate: f64, low: f64, high: f64| with("wtp", json!({"estimate": estimate, "low": low, "high": high}));
    of("dynamic-pricing", [
        ("no tier", offer(policy(&[], 1.0, 100.0)), Refusal("InvalidPolicy", "tiers")),
        ("one tier", offer(policy(&[40.0], 1.0, 100.0)), Answer),
        ("all alike", offer(policy(&[40.0; 20], 40.0, 40.0)), Answer),
        ("all free", offer(policy(&[0.0; 3], 0.0, 0.0)), Answer),
        ("tiny and large", offer(policy(&[1e-9, 1e9], 0.0, 1e9)), Answer),
        ("a huge price", offer(policy(&[1e15], 1.0, 100.0)), Refusal("InvalidInput", "tiers[0].price")),
        ("a negative price", offer(policy(&[-1.0], 1.0, 100.0)), Refusal("InvalidInput", "tiers[0].price")),
        ("a ceiling below the floor", offer(policy(&[40.0], 100.0, 1.0)), Refusal("InvalidPolicy", "ceiling")),
        ("every tier above the ceiling", offer(policy(&[40.0], 1.0, 30.0)), Refusal("InvalidPolicy", "price")),
        ("no unit left", { let mut none = offer(policy(&[40.0], 1.0, 100.0)); none["policy"]["capacity"] = json!(0); none }, Refusal("NoOffer", "capacity")),
        ("a belief of 0", wtp(0.0, 0.0, 0.0), Answer),
        ("a belief without width", wtp(50.0, 50.0, 50.0), Answer),
        ("a belief turned round", wtp(50.0, 80.0, 30.0), Answer),
        ("a belief of 1e-9 to 1e9", wtp(1.0, 1e-9, 1e9), Answer),
        ("a last price of 0", with("last_price", json!(0)), Answer),
        ("a last price far above", with("last_price", json!(1e9)), Refusal("NoOffer", "step")),
        ("nothing known", with("wtp", Value::Null), Answer),
    ])
}
