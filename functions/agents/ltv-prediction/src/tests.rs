use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&LtvPrediction, payload))
}

fn event(case: &str) -> Value {
    let events = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../events/ltv-prediction"
    );
    let text = std::fs::read_to_string(format!("{events}/{case}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn cdnow() -> Value {
    json!({
        "version": {"method": "bgnbd-ml/1", "data_until": "1997-09-30T00:00:00Z", "customers": 2357},
        "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        "gamma_gamma": {"USD": {"p": 6.25, "q": 3.74, "gamma": 15.44}},
    })
}

/// CDNOW's first customer.
fn first(currency: &str, rate: f64) -> Value {
    json!({
        "as_of": "1997-09-30T12:00:00Z", "currency": currency, "horizon_days": 273,
        "annual_rate": rate, "parameters": cdnow(),
        "orders": [
            {"at": "1997-01-01T00:00:00Z", "total": 29.33},
            {"at": "1997-01-18T00:00:00Z", "total": 29.73},
            {"at": "1997-08-02T00:00:00Z", "total": 14.97},
        ],
    })
}

fn output(input: &Value) -> Value {
    answer(json!({"input": input})).unwrap()
}

fn number(answer: &Value, field: &str) -> f64 {
    answer["output"][field].as_f64().unwrap()
}

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(
        (&happy["status"], &happy["warnings"]),
        (&json!("ok"), &json!([]))
    );
    assert_eq!(
        happy["method"],
        json!({"name": "bgnbd-gamma-gamma", "version": "1"})
    );
    assert!(number(&happy, "amount") > 0.0);
    let thin = answer(event("thin")).unwrap();
    assert_eq!(thin["status"], "degraded");
    assert_eq!(thin["method"]["name"], "order-count-prior");
    let bad = answer(event("bad")).unwrap_err();
    assert_eq!(bad.code, "InvalidInput");
    assert!(bad.message.starts_with("input.annual_rate: "), "{bad}");
}

/// 1.226 purchases (Fader, Hardie, Lee 2005) at what the Gamma-Gamma formula gives for two of 22.35.
#[test]
fn the_published_customer_is_worth_what_the_models_say() {
    let found = output(&first("USD", 0.0));
    assert!((number(&found, "expected_purchases") - 1.226).abs() < 6e-4);
    let mean = 6.25 * (15.44 + 2.0 * 22.35) / (6.25 * 2.0 + 3.74 - 1.0);
    assert!((number(&found, "mean_spend") - mean).abs() < 0.01);
    assert!((number(&found, "amount") - 1.226 * mean).abs() < 0.03);
    let dear = output(&first("USD", 0.5));
    assert!(number(&dear, "amount") < 0.95 * number(&found, "amount"));
    assert!((number(&dear, "expected_purchases") - 1.226).abs() < 6e-4);
}

#[test]
fn spend_is_known_by_currency() {
    let found = output(&first("EUR", 0.1));
    assert_eq!(found["method"]["name"], "bgnbd-gamma-gamma-spend-prior");
    assert!(
        found["warnings"]
            .to_string()
            .contains("no spend was fitted in EUR")
    );
    assert_eq!(found["output"]["currency"], "EUR");
}

#[test]
fn a_cohort_is_fitted_and_kept() {
    let mut input = first("USD", 0.1);
    input["parameters"] = json!(null);
    assert_eq!(output(&input)["method"]["name"], "bgnbd-gamma-gamma-prior");
    input["cohort"] = json!([
        {"x": 0, "t_x": 0, "t": 30.0, "customers": 60},
        {"x": 1, "t_x": 9.0, "t": 28.0, "mean_spend": 20, "customers": 15},
        {"x": 1, "t_x": 12.0, "t": 28.0, "mean_spend": 55, "customers": 10},
        {"x": 4, "t_x": 24.0, "t": 30.0, "mean_spend": 30, "customers": 20},
    ]);
    let fitted = output(&input);
    assert_eq!(fitted["method"]["name"], "bgnbd-gamma-gamma-cohort");
    input["parameters"] = fitted["output"]["fitted"].clone();
    input["cohort"] = json!([]);
    let again = output(&input);
    assert_eq!(again["output"]["amount"], fitted["output"]["amount"]);
    assert_eq!(again["method"]["name"], "bgnbd-gamma-gamma");
}

#[test]
fn errors_have_their_codes() {
    let with = |field: &str, value: Value| {
        let mut input = first("USD", 0.1);
        input[field] = value;
        answer(json!({"input": input})).unwrap_err()
    };
    let mut broken = cdnow();
    broken["gamma_gamma"]["USD"]["q"] = json!(0.9);
    let free = json!([{"at": "1997-01-01T00:00:00Z", "total": 0}]);
    let failure = with("parameters", broken);
    assert_eq!(failure.code, "InvalidParameters");
    assert!(
        failure.message.contains("parameters.gamma_gamma.USD.q"),
        "{failure}"
    );
    assert_eq!(with("orders", json!([])).code, "NotEnoughData");
    let mut unpaid = first("EUR", 0.1);
    unpaid["orders"] = free;
    assert_eq!(
        answer(json!({"input": unpaid})).unwrap_err().code,
        "NotEnoughData"
    );
    let mut rows = first("USD", 0.1);
    (rows["parameters"], rows["cohort"]) = (json!(null), json!([{"x": 1, "t_x": 9, "t": 3}]));
    assert_eq!(
        answer(json!({"input": rows})).unwrap_err().code,
        "InvalidCohort"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_history_has_an_answer(
        days in prop::collection::vec((0_i64..40_000, 0.0_f64..1e9), 1..40), paid in 0.01_f64..1e9,
        horizon in 1_u32..3_650, rate in 0.0_f64..1.0, stored: bool,
    ) {
        let order = |(day, total): (i64, f64)| {
            json!({"at": Timestamp::from_second(day * 86_400).unwrap(), "total": total})
        };
        let mut orders: Vec<Value> = days.into_iter().map(order).collect();
        orders.push(order((7, paid)));
        let as_of = Timestamp::from_second(40_000 * 86_400).unwrap();
        let parameters = if stored { cdnow() } else { json!(null) };
        let input = json!({"as_of": as_of, "currency": "USD", "horizon_days": horizon,
            "annual_rate": rate, "orders": orders, "parameters": parameters});
        let found = answer(json!({"input": input}));
        prop_assert!(found.is_ok(), "{found:?}");
    }

    /// Where only the prior and the customer's own orders speak, amounts scale with them.
    #[test]
    fn values_scale_with_what_was_spent(factor in 0.5_f64..200.0) {
        let of = |factor: f64| {
            let mut input = first("USD", 0.1);
            input["parameters"] = json!(null);
            for order in input["orders"].as_array_mut().unwrap() {
                order["total"] = json!(1_000.0 * factor);
            }
            number(&output(&input), "amount")
        };
        prop_assert!((of(factor) / of(1.0) / factor - 1.0).abs() < 1e-3);
    }
}
