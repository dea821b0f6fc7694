use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&Attribution, payload))
}

fn primary(input: &Value) -> Result<Value, Failure> {
    answer(json!({ "input": input }))
}

fn code(input: &Value) -> (String, String) {
    let failure = primary(input).unwrap_err();
    (failure.code, failure.message)
}

fn example() -> Value {
    json!([
        {"steps": ["Ads"], "conversions": 2, "value": 100, "nulls": 1},
        {"steps": ["Mail"], "conversions": 1, "value": 50},
        {"steps": ["Ads", "Mail"], "conversions": 1, "value": 50}
    ])
}

#[test]
fn the_models_stand_side_by_side() {
    let answer = primary(&json!({"paths": example()})).unwrap();
    let output: Output = serde_json::from_value(answer["output"].clone()).unwrap();
    let of = |model: Model| {
        let found = output.models.iter().find(|m| m.model == model).unwrap();
        let of = |credit: &Credit| (credit.channel.clone(), credit.conversions);
        found.credits.iter().map(of).collect::<Vec<_>>()
    };
    let both = |ads: f64, mail: f64| vec![("Ads".to_owned(), ads), ("Mail".to_owned(), mail)];
    assert_eq!(of(Model::Markov), both(2.4, 1.6));
    assert_eq!(of(Model::Shapley), both(2.5, 1.5));
    assert_eq!(of(Model::First), both(3.0, 1.0));
    assert_eq!(of(Model::Last), both(2.0, 2.0));
    assert_eq!(of(Model::Linear), both(2.5, 1.5));
    assert!((output.removal_effects[0].conversions - 0.75).abs() < 1e-12);
    assert!((output.totals.conversion_rate - 0.8).abs() < 1e-12);
    assert_eq!(answer["method"]["name"], "markov-removal-1");
}

#[test]
fn times_count_in_time_decay() {
    let touches = json!([
        {"channel": "Mail", "at": "2026-10-15T00:00:00Z"},
        {"channel": "Ads", "at": "2026-10-01T00:00:00Z"}
    ]);
    let paths = json!([{"touches": touches, "conversions": 3, "nulls": 1}]);
    let input = json!({"paths": paths, "models": ["time_decay", "first"], "half_life_days": 14});
    let answer = primary(&input).unwrap();
    let credit = |pointer: &str| answer.pointer(pointer).and_then(Value::as_f64);
    assert_eq!(
        answer["output"]["models"][0]["credits"][0]["channel"],
        "Ads"
    );
    assert_eq!(
        credit("/output/models/0/credits/0/conversions"),
        Some(3.0),
        "first"
    );
    assert_eq!(
        credit("/output/models/1/credits/0/conversions"),
        Some(1.0),
        "half of Mail's"
    );
    assert_eq!(answer["output"]["removal_effects"], json!([]));
    assert_eq!(answer["warnings"], json!([]));
}

#[test]
fn nothing_converted_is_credited_to_nobody() {
    let input = json!({"paths": [{"steps": ["A", "B"], "conversions": 0, "nulls": 5}]});
    let answer = primary(&input).unwrap();
    assert_eq!(answer["output"]["models"][0]["credits"][1]["share"], 0.0);
    assert_eq!(answer["confidence"], 0.0);
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .contains("nothing converted")
    );
}

#[test]
fn what_is_wrong_is_named() {
    let one = |path: Value| code(&json!({"paths": [{"steps": ["A"], "conversions": 1}, path]}));
    let touch = json!({"channel": "A", "at": "2026-10-15T00:00:00Z"});
    for (path, field) in [
        (json!({"conversions": 1}), "paths[1]:"),
        (
            json!({"steps": ["A"], "touches": [touch], "conversions": 1}),
            "paths[1]:",
        ),
        (
            json!({"steps": ["A", ""], "conversions": 1}),
            "paths[1].steps[1]",
        ),
        (
            json!({"steps": ["A"], "conversions": -1}),
            "paths[1].conversions",
        ),
        (
            json!({"steps": ["A"], "conversions": 1e13}),
            "paths[1].conversions",
        ),
        (
            json!({"steps": ["A"], "conversions": 0, "nulls": 1, "value": 5}),
            "paths[1].value",
        ),
        (
            json!({"steps": vec!["A"; 1_001], "conversions": 1}),
            "paths[1]:",
        ),
    ] {
        let (code, message) = one(path);
        assert_eq!(code, "InvalidPaths");
        assert!(message.contains(field), "{message}");
    }
    assert_eq!(
        one(json!({"steps": ["A"], "conversions": "1"})).0,
        "InvalidInput"
    );
    let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
    assert_eq!(
        one(json!({"steps": many, "conversions": 1})).0,
        "InvalidPaths"
    );
    for setting in [
        json!({"order": 4}),
        json!({"order": 0}),
        json!({"half_life_days": 0}),
    ] {
        let mut input = json!({"paths": example()});
        input
            .as_object_mut()
            .unwrap()
            .extend(setting.as_object().unwrap().clone());
        assert_eq!(code(&input).0, "InvalidSettings");
    }
    assert_eq!(code(&json!({"paths": []})).0, "NotEnoughData");
    assert_eq!(
        code(&json!({"paths": [{"steps": ["A"], "conversions": 0}]})).0,
        "NotEnoughData"
    );
}

#[test]
fn a_chain_of_too_many_states_is_refused_with_advice() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut steps = || (0..900).map(|_| random.u8(0..200).to_string()).collect();
    let paths: Vec<Path> = (0..70)
        .map(|_| Path {
            steps: steps(),
            conversions: 1.0,
            ..Path::default()
        })
        .collect();
    let error = attribute(&paths, 3, 7.0, &[Model::Markov])
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.code(), "TooManyStates");
    assert!(attribute(&paths, 1, 7.0, &[Model::Linear]).is_ok());
}

#[test]
fn the_fallback_knows_positions_alone() {
    let answer = answer(json!({"mode": "fallback", "input": {"paths": example()}})).unwrap();
    assert_eq!(answer["method"]["name"], "path-rules");
    assert_eq!(answer["output"]["models"].as_array().unwrap().len(), 3);
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let paths: Vec<Path> = serde_json::from_value(example()).unwrap();
    let (sound, _) = attribute(&paths, 1, 7.0, &Model::ALL).unwrap();
    assert_eq!(Attribution.validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 4] = [
        |output| output.models[0].credits[0].conversions += 0.1,
        |output| output.models[1].credits[0].value = f64::NAN,
        |output| output.removal_effects[0].conversions = 1.5,
        |output| output.totals.conversion_rate = -0.1,
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(Attribution.validate(&output).is_err(), "{output:?}");
    }
}

/// All channels there may be, under the longest names, in all models.
#[test]
fn the_largest_answer_is_small_enough() {
    let name = |n: u32| format!("{n:0>200}");
    let walk = |n: u32| json!({"steps": [name(n), name((n * 7 + 1) % 300)], "conversions": f64::from(n + 1) / 3.0, "value": 1e11 / f64::from(n + 1), "nulls": 5});
    let paths: Vec<Value> = (0..300).map(walk).collect();
    let found = primary(&json!({"paths": paths})).unwrap();
    assert!(baton_agent::json_bytes(&found["output"]) <= baton_agent::MAX_OUTPUT_BYTES);
    let output: Output = serde_json::from_value(found["output"].clone()).unwrap();
    let linear = &output.models[4].credits;
    let (kept, other) = (linear.len() - 1, &linear[linear.len() - 1]);
    assert!(kept > 30 && output.removal_effects.len() == kept, "{kept}");
    assert_eq!(other.channel, "(other)");
    let sum: f64 = linear.iter().map(|credit| credit.conversions).sum();
    assert!((sum - output.totals.conversions).abs() < 1e-3, "{sum}");
    // A path of many conversions makes its channels large.
    assert!(linear.iter().any(|credit| credit.channel == name(299)));
    assert!(!linear.iter().any(|credit| credit.channel == name(2)));
    let said = found["warnings"].to_string();
    assert!(
        said.contains("of 300 channels") && said.contains("models"),
        "{said}"
    );
    let one = primary(&json!({"paths": example(), "models": ["linear"]})).unwrap();
    assert!(!one["warnings"].to_string().contains("of 2 channels"));
}

/// Counts of every size, with nothing and the extremes among them.
fn any_count() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), Just(1e12), 0.0..50.0, 0.0..1e12]
}

proptest! {
    /// The kit validates every output: credits sum to the conversions, effects are shares.
    #[test]
    fn any_paths_are_answered_soundly(
        walks in prop::collection::vec(
            (prop::collection::vec(0..9_u8, 1..12), any_count(), any_count(), any_count()), 0..12),
        order in 1..4_u8,
    ) {
        let path = |(steps, conversions, nulls, value): &(Vec<u8>, f64, f64, f64)| {
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            let value = if *conversions > 0.0 { *value } else { 0.0 };
            json!({"steps": steps, "conversions": conversions, "nulls": nulls, "value": value})
        };
        let paths: Vec<Value> = walks.iter().map(path).collect();
        if let Err(failure) = primary(&json!({"paths": paths, "order": order})) {
            prop_assert_eq!(failure.code, "NotEnoughData");
        }
    }
}
