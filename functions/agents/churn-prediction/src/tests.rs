use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&ChurnPrediction, payload))
}

fn event(case: &str) -> Value {
    let events = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../events/churn-prediction"
    );
    let text = std::fs::read_to_string(format!("{events}/{case}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn output(input: &Value) -> Value {
    answer(json!({"input": input})).unwrap()
}

fn cdnow() -> Value {
    json!({
        "version": {"method": "bgnbd-ml/1", "data_until": "1997-09-30T00:00:00Z", "customers": 2357},
        "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    })
}

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(
        (&happy["status"], &happy["warnings"]),
        (&json!("ok"), &json!([]))
    );
    assert_eq!(happy["method"], json!({"name": "bgnbd", "version": "1"}));
    assert_eq!(happy["output"]["history"]["x"], 3);
    assert!(happy["output"]["probability_alive"].as_f64().unwrap() > 0.7);
    let thin = answer(event("thin")).unwrap();
    assert_eq!(thin["status"], "degraded");
    assert_eq!(thin["method"]["name"], "order-count-prior");
    let bad = answer(event("bad")).unwrap_err();
    assert_eq!(bad.code, "InvalidInput");
    assert!(bad.message.starts_with("input.horizon_days: "), "{bad}");
}

/// The customer of Fader, Hardie and Lee: two repeats, the last in week 30.43 of 38.86, and 1.226
/// purchases expected in the 39 weeks to come.
#[test]
fn the_published_customer_is_expected_to_buy_as_published() {
    let found = output(&json!({
        "as_of": "1997-09-30T12:00:00Z", "horizon_days": 273, "parameters": cdnow(),
        "orders": [
            {"at": "1997-01-01T00:00:00Z", "total": 29.33},
            {"at": "1997-01-18T00:00:00Z", "total": 29.73},
            {"at": "1997-08-02T00:00:00Z", "total": 14.96},
        ],
    }));
    let expected = found["output"]["expected_purchases"].as_f64().unwrap();
    assert!((expected - 1.226).abs() < 6e-4, "{found}");
    assert_eq!(
        found["output"]["interval"],
        json!({"low": 0, "high": 4, "level": 0.9})
    );
}

#[test]
fn without_parameters_a_cohort_is_fitted_or_a_prior_named() {
    let mut input = json!({
        "as_of": "2026-06-30T00:00:00Z", "orders": [{"at": "2026-03-01T00:00:00Z", "total": 5}],
    });
    let prior = output(&input);
    assert_eq!(prior["method"]["name"], "bgnbd-prior");
    assert!(prior["warnings"].to_string().contains("weak prior"));
    assert!(prior["warnings"].to_string().contains("bought once"));
    assert!(prior["confidence"].as_f64().unwrap() < 0.3);
    input["cohort"] = json!([
        {"x": 0, "t_x": 0, "t": 30.0, "customers": 60},
        {"x": 1, "t_x": 9.0, "t": 28.0, "customers": 25},
        {"x": 4, "t_x": 24.0, "t": 30.0, "customers": 20},
    ]);
    let fitted = output(&input);
    assert_eq!(fitted["method"]["name"], "bgnbd-cohort");
    assert_eq!(fitted["output"]["version"]["customers"], 105);
    // What was fitted once scores without the cohort, and the same.
    input["parameters"] = fitted["output"]["fitted"].clone();
    input["cohort"] = json!([]);
    let again = output(&input);
    assert_eq!(again["method"]["name"], "bgnbd");
    assert_eq!(
        again["output"]["churn_probability"],
        fitted["output"]["churn_probability"]
    );
    input["parameters"] = json!(null);
    input["cohort"] = json!([{"x": 1, "t_x": 9.0, "t": 28.0, "customers": 25}]);
    assert!(
        output(&input)["warnings"]
            .to_string()
            .contains("100 are needed")
    );
}

/// Fader and Hardie's high-end segment: α 0.668, β 3.806, so that the first renewal has 3.806/4.474.
#[test]
fn a_contract_churns_at_its_renewals() {
    let mut input = json!({
        "as_of": "2026-06-30T00:00:00Z", "horizon_days": 365,
        "contract": {"started": "2026-01-01T00:00:00Z", "period_days": 365},
        "survivors": [1000, 869, 743, 653, 593, 551, 517, 491],
    });
    let found = output(&input);
    assert_eq!(found["method"]["name"], "sbg-cohort");
    let churn = found["output"]["churn_probability"].as_f64().unwrap();
    assert!((churn - 0.668 / 4.474).abs() < 1e-3, "{churn}");
    assert_eq!(
        found["output"]["interval"],
        json!({"low": 0, "high": 1, "level": 0.9})
    );
    input["horizon_days"] = json!(30);
    let near = output(&input);
    assert_eq!(near["output"]["churn_probability"], 0.0);
    assert!(near["warnings"].to_string().contains("no renewal is due"));
    input["contract"]["ended"] = json!("2026-05-01T00:00:00Z");
    let ended = output(&input);
    assert_eq!(ended["output"]["churn_probability"], 1.0);
    input["contract"] = json!({"started": "2024-01-01T00:00:00Z", "period_days": 30});
    input["survivors"] = json!([]);
    assert_eq!(output(&input)["method"]["name"], "sbg-prior");
}

#[test]
fn errors_have_their_codes() {
    let as_of = "2026-06-30T00:00:00Z";
    let orders = json!([{"at": "2026-03-01T00:00:00Z", "total": 5}]);
    let mut broken = cdnow();
    broken["bg_nbd"]["a"] = json!(-1);
    for (input, code, word) in [
        (json!({"as_of": as_of}), "NotEnoughData", "neither"),
        (
            json!({"as_of": as_of, "orders": orders, "parameters": broken}),
            "InvalidParameters",
            "parameters.bg_nbd.a",
        ),
        (
            json!({"as_of": as_of, "orders": orders, "cohort": [{"x": 0, "t_x": 3, "t": 9}]}),
            "InvalidCohort",
            "cohort: row 0",
        ),
        (
            json!({"as_of": as_of, "survivors": [100, 50, 60],
                "contract": {"started": "2026-01-01T00:00:00Z", "period_days": 30}}),
            "InvalidCohort",
            "survivors: row 2",
        ),
        (
            json!({"as_of": as_of,
                "contract": {"started": "2027-01-01T00:00:00Z", "period_days": 30}}),
            "InvalidContract",
            "contract.started",
        ),
        (
            json!({"as_of": as_of,
                "contract": {"started": "2026-01-01T00:00:00Z", "period_days": 0}}),
            "InvalidInput",
            "input.contract.period_days",
        ),
    ] {
        let failure = answer(json!({"input": input})).unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(word), "{failure}");
        assert!(
            code == "InvalidInput" || Error::CODES.contains(&code),
            "{code}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_has_an_answer(
        days in prop::collection::vec(0_i64..40_000, 1..60), horizon in 1_u32..3_650, stored: bool,
    ) {
        let orders: Vec<Value> = days.iter().map(|day| {
            let at = Timestamp::from_second(day * 86_400).unwrap();
            json!({"at": at, "total": 10})
        }).collect();
        let parameters = if stored { cdnow() } else { json!(null) };
        let as_of = Timestamp::from_second(40_000 * 86_400).unwrap();
        let input = json!({"as_of": as_of, "horizon_days": horizon, "orders": orders,
            "parameters": parameters});
        let found = answer(json!({"input": input}));
        prop_assert!(found.is_ok(), "{found:?}");
    }

    #[test]
    fn any_contract_has_an_answer(
        age in 0_i64..20_000, period_days in 1_u16..4_000, horizon in 1_u32..3_650,
    ) {
        let as_of = Timestamp::from_second(20_000 * 86_400).unwrap();
        let started = Timestamp::from_second((20_000 - age) * 86_400).unwrap();
        let contract = json!({"started": started, "period_days": period_days});
        let input = json!({"as_of": as_of, "horizon_days": horizon, "contract": contract});
        let found = answer(json!({"input": input}));
        prop_assert!(found.is_ok(), "{found:?}");
    }
}
