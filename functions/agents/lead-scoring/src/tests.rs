use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&LeadScoring, payload))
}

fn event(case: &str) -> Value {
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/lead-scoring");
    let text = std::fs::read_to_string(format!("{events}/{case}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn probability(answer: &Value) -> f64 {
    answer["output"]["probability"].as_f64().unwrap()
}

const AS_OF: &str = "2026-11-01T09:00:00Z";

/// Leads by company size, of which the larger convert more often, and by a coin.
fn history(n: usize) -> Vec<Value> {
    let mut rng = fastrand::Rng::with_seed(2);
    let mut one = || {
        let (size, coin) = (rng.f64(), f64::from(u8::from(rng.bool())));
        let converted = rng.f64() < logistic::chance(4.0 * size - 2.0);
        json!({"converted": converted, "features": {"size": size, "coin": coin}})
    };
    (0..n).map(|_| one()).collect()
}

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(happy["status"], "ok");
    assert_eq!(
        happy["method"],
        json!({"name": "logistic-prior", "version": "1"})
    );
    assert!(
        probability(&happy) > 0.1,
        "an abandoned cart is above the average"
    );
    let drivers = happy["output"]["drivers"].as_array().unwrap();
    assert_eq!(drivers.len(), features::NAMES.len());
    let thin = answer(event("thin")).unwrap();
    assert_eq!(thin["status"], "degraded");
    assert_eq!(thin["method"]["name"], "count-prior");
    let bad = answer(event("bad")).unwrap_err();
    assert_eq!(bad.code, "InvalidInput");
    assert!(bad.message.starts_with("input.events[0].kind: "), "{bad}");
}

#[test]
fn a_history_is_fitted_calibrated_and_kept() {
    let mut input = json!({"as_of": AS_OF, "features": {"size": 0.9}, "history": history(600)});
    let fitted = answer(json!({"input": input})).unwrap();
    assert_eq!(fitted["method"]["name"], "logistic-history");
    assert!(
        (probability(&fitted) - logistic::chance(1.6)).abs() < 0.08,
        "{fitted}"
    );
    assert_eq!(fitted["output"]["drivers"][0]["feature"], "size");
    assert!(
        fitted["warnings"]
            .to_string()
            .contains("count as average: coin")
    );
    let reliability = &fitted["output"]["reliability"];
    assert_eq!(reliability["rows"], 600);
    let brier = |of: &str| reliability[of].as_f64().unwrap();
    assert!(
        brier("brier") < brier("brier_of_base_rate") - 0.03,
        "{reliability}"
    );
    for bin in reliability["bins"].as_array().unwrap() {
        if bin["rows"].as_u64().unwrap() >= 60 {
            let off = bin["predicted"].as_f64().unwrap() - bin["observed"].as_f64().unwrap();
            assert!(off.abs() < 0.12, "{bin}");
        }
    }
    // What was fitted once scores without the history, and the same.
    input["model"] = fitted["output"]["fitted"].clone();
    input["history"] = json!([]);
    let again = answer(json!({"input": input})).unwrap();
    assert_eq!(again["method"]["name"], "logistic");
    assert_eq!(
        again["output"]["probability"],
        fitted["output"]["probability"]
    );
}

#[test]
fn too_short_a_history_leaves_the_prior_and_says_so() {
    let mut input = json!({"as_of": AS_OF, "features": {"size": 0.9}, "history": history(49)});
    let found = answer(json!({"input": input})).unwrap();
    assert_eq!(found["method"]["name"], "logistic-prior");
    assert!(found["warnings"].to_string().contains("49 leads"));
    assert!(
        (probability(&found) - 0.05).abs() < 1e-3,
        "nothing that the prior knows"
    );
    // A feature that separates is no reason to fail, not even without a ridge.
    let separated: Vec<Value> = (0..60)
        .map(|i| json!({"converted": i >= 30, "features": {"size": i}}))
        .collect();
    (input["history"], input["ridge"]) = (json!(separated), json!(0));
    let found = answer(json!({"input": input})).unwrap();
    assert!(
        found["warnings"]
            .to_string()
            .contains("a ridge of 1 was taken"),
        "{found}"
    );
}

#[test]
fn profiles_of_the_past_are_features_as_the_lead_s_own_is() {
    let example = |i: u32| {
        let cart = json!([{"at": "2026-09-30T00:00:00Z", "kind": "add_to_cart"}]);
        let view = json!([{"at": "2026-09-01T00:00:00Z", "kind": "view"}]);
        json!({"converted": i.is_multiple_of(4) || (!i.is_multiple_of(2) && !i.is_multiple_of(5)),
            "as_of": "2026-10-01T00:00:00Z", "events": if i.is_multiple_of(2) { view } else { cart }})
    };
    let history: Vec<Value> = (0..80).map(example).collect();
    let of = |kind: &str| {
        let events = json!([{"at": "2026-10-31T09:00:00Z", "kind": kind}]);
        let input = json!({"as_of": AS_OF, "events": events, "history": history});
        probability(&answer(json!({"input": input})).unwrap())
    };
    assert!(of("add_to_cart") > of("view") + 0.03);
}

#[test]
fn errors_have_their_codes() {
    let mut rows = history(80);
    rows[7]["features"]["more"] = json!(1);
    let model = json!({
        "version": {"method": "logistic-irls/1", "data_until": AS_OF, "rows": 90},
        "intercept": 0, "features": {"size": {"coefficient": 1e300, "mean": 0}},
    });
    for (input, code, word) in [
        (json!({"as_of": AS_OF}), "NotEnoughData", "no event"),
        (
            json!({"as_of": AS_OF, "features": {"a": 1e13}}),
            "InvalidFeatures",
            "features.a",
        ),
        (
            json!({"as_of": AS_OF, "features": {"a": 1}, "model": model}),
            "InvalidModel",
            "model.features.size.coefficient",
        ),
        (
            json!({"as_of": AS_OF, "features": {"a": 1}, "history": rows}),
            "InvalidHistory",
            "history[7].features",
        ),
        (
            json!({"as_of": AS_OF, "features": {"a": 1}, "ridge": -1}),
            "InvalidInput",
            "input.ridge",
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
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_lead_and_history_have_an_answer(
        rows in prop::collection::vec((-1e12_f64..1e12, 0.0_f64..1.0, any::<bool>()), 0..90),
        a in -1e12_f64..1e12, ridge in prop::sample::select(vec![0.0, 0.1, 1.0, 1e6]),
    ) {
        let row = |(a, b, converted): (f64, f64, bool)| {
            json!({"converted": converted, "features": {"a": a, "b": b}})
        };
        let history: Vec<Value> = rows.into_iter().map(row).collect();
        let input = json!({"as_of": AS_OF, "features": {"a": a, "b": 0.5}, "history": history,
            "ridge": ridge});
        let found = answer(json!({"input": input}));
        prop_assert!(found.is_ok(), "{found:?}");
    }

    /// By the prior, a later sign and another cart never lower the chance.
    #[test]
    fn the_prior_is_monotone(days in 0_i64..300, carts in 0_usize..20) {
        let of = |days: i64, carts: usize| {
            let as_of: Timestamp = AS_OF.parse().unwrap();
            let at = Timestamp::from_second(as_of.as_second() - days * 86_400).unwrap();
            let mut events = vec![json!({"at": at, "kind": "click"})];
            events.extend(vec![json!({"at": at, "kind": "add_to_cart"}); carts]);
            let input = json!({"as_of": as_of, "events": events});
            probability(&answer(json!({"input": input})).unwrap())
        };
        prop_assert!(of(days, carts + 1) >= of(days, carts));
        prop_assert!(of(days, carts) >= of(days + 1, carts));
    }
}
