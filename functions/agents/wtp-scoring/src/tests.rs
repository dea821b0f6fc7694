use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&WtpScoring, payload))
}

fn primary(extra: &Value) -> Result<Value, Failure> {
    let mut input = json!({"as_of": "2026-11-01T00:00:00Z", "currency": "USD"});
    input
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    answer(json!({"input": input}))
}

fn number(answer: &Value, pointer: &str) -> f64 {
    answer.pointer(pointer).and_then(Value::as_f64).unwrap()
}

#[test]
fn all_sources_speak() {
    let answer = primary(&json!({
        "orders": [{"at": "2026-10-01T00:00:00Z", "total": 60}, {"at": "2026-09-01T00:00:00Z", "total": 55}],
        "survey": {"too_cheap": 20, "cheap": 40, "expensive": 65, "too_expensive": 90},
        "choices": [{"price": 49, "accepted": true}, {"price": 85, "accepted": false}],
        "reference_price": 69
    }))
    .unwrap();
    let sources = answer["output"]["sources"].as_array().unwrap();
    let names: Vec<&Value> = sources.iter().map(|source| &source["source"]).collect();
    assert_eq!(names, ["survey", "choices", "behaviour"]);
    assert!((50.0..75.0).contains(&number(&answer, "/output/wtp")));
    assert_eq!(answer["method"]["name"], "precision-weighted-wtp");
    assert!(number(&answer, "/confidence") > 0.5);
}

#[test]
fn more_evidence_narrows_the_interval() {
    let width = |orders: usize| {
        let orders = vec![json!({"at": "2026-10-30T00:00:00Z", "total": 60}); orders];
        let answer = primary(&json!({ "orders": orders })).unwrap();
        number(&answer, "/output/interval/high") / number(&answer, "/output/interval/low")
    };
    assert!(width(1) > width(5) && width(5) > width(50));
}

#[test]
fn without_a_price_there_is_not_enough_data() {
    let view = json!({"at": "2026-10-30T00:00:00Z", "kind": "view", "item_id": "a"});
    let free = json!({"at": "2026-10-30T00:00:00Z", "total": 0});
    for extra in [
        json!({}),
        json!({"events": [view]}),
        json!({"orders": [free]}),
        json!({"reference_price": 5}),
    ] {
        assert_eq!(primary(&extra).unwrap_err().code, "NotEnoughData");
    }
}

#[test]
fn a_survey_that_contradicts_itself_is_named() {
    let survey = json!({"too_cheap": 9, "cheap": 8, "expensive": 7, "too_expensive": 6});
    let answer =
        primary(&json!({"survey": survey, "choices": [{"price": 5, "accepted": true}]})).unwrap();
    assert!(answer["warnings"][0].as_str().unwrap().contains("survey"));
    assert_eq!(answer["output"]["sources"].as_array().unwrap().len(), 1);
}

#[test]
fn the_fallback_believes_in_the_reference_price() {
    let fallback = |input: Value| answer(json!({"mode": "fallback", "input": input}));
    let found = fallback(json!({"currency": "USD", "reference_price": 69})).unwrap();
    assert!((number(&found, "/output/wtp") - 69.0).abs() < 1e-9);
    assert_eq!(found["status"], "degraded");
    for input in [
        json!({"currency": "USD"}),
        json!({"currency": "USD", "reference_price": 0}),
    ] {
        assert_eq!(fallback(input).unwrap_err().code, "NotEnoughData");
    }
}

#[test]
fn a_wrong_field_is_named() {
    let failure = primary(&json!({"choices": [{"price": "cheap", "accepted": true}]})).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
    assert!(
        failure.message.starts_with("input.choices[0].price"),
        "{}",
        failure.message
    );
    assert_eq!(
        primary(&json!({"surprise": 1})).unwrap_err().code,
        "InvalidInput"
    );
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound = describe(&Belief::prior(4.0), "USD".to_owned(), &[]);
    assert_eq!(WtpScoring.validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 5] = [
        |output| output.wtp = f64::NAN,
        |output| output.interval.low = output.wtp + 1.0,
        |output| output.interval.level = 1.0,
        |output| output.acceptance[1].probability = 1.0,
        |output| output.acceptance.clear(),
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(WtpScoring.validate(&output).is_err(), "{output:?}");
    }
}

/// Prices of every size, with zero and the extremes among them.
fn any_price() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1e9), Just(5e-324), 0.0..200.0, 0.0..1e9]
}

proptest! {
    /// The kit validates every output, so that an answer is a sound one.
    #[test]
    fn any_input_is_answered_soundly(
        totals in prop::collection::vec(any_price(), 0..6),
        seen in prop::collection::vec((any_price(), 0..6usize), 0..6),
        choices in prop::collection::vec((any_price(), any::<bool>()), 0..6),
        survey in prop::option::of(prop::array::uniform4(any_price())),
        reference in prop::option::of(any_price()),
    ) {
        let kinds = ["view", "click", "add_to_cart", "abandon_checkout", "purchase", "dismiss"];
        let at = "2026-09-01T00:00:00Z";
        let orders: Vec<Value> = totals.iter().map(|total| json!({"at": at, "total": total})).collect();
        let events: Vec<Value> = seen.iter().map(|(price, kind)| json!({"at": at, "kind": kinds[*kind], "price": price})).collect();
        let choices: Vec<Value> = choices.iter().map(|(price, accepted)| json!({"price": price, "accepted": accepted})).collect();
        let survey = survey.map(|[a, b, c, d]| json!({"too_cheap": a, "cheap": b, "expensive": c, "too_expensive": d}));
        let found = primary(&json!({
            "orders": orders, "events": events, "choices": choices, "survey": survey, "reference_price": reference,
        }));
        if let Err(failure) = found {
            prop_assert_eq!(failure.code, "NotEnoughData");
        }
    }
}
