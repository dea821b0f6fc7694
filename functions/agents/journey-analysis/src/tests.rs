use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::journeys::Event;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&JourneyAnalysis, payload))
}

fn primary(input: &Value) -> Result<Value, Failure> {
    answer(json!({ "input": input }))
}

fn journey(steps: &str, converted: bool) -> Value {
    // Two hours apart, written from the last to the first: times decide the order.
    let count = steps.split('>').count();
    let event = |(i, stage): (usize, &str)| json!({"stage": stage, "at": format!("2026-10-01T{:02}:00:00Z", 2 * (count - 1 - i))});
    let events: Vec<Value> = steps.rsplit('>').enumerate().map(event).collect();
    json!({"user": "u", "events": events, "converted": converted})
}

fn shop() -> Value {
    json!([
        journey("home>product>cart>pay", true),
        journey("home>product>cart>pay", true),
        journey("home>product>cart", false),
        journey("home>cart>pay", false),
        journey("home>product", false),
        journey("product>product>home", false),
        journey("home", false),
        journey("home", false)
    ])
}

fn shop_output(extra: &Value) -> Output {
    let mut input = json!({"journeys": shop()});
    input
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    let answer = primary(&input).unwrap();
    serde_json::from_value(answer["output"].clone()).unwrap()
}

#[test]
fn the_chain_converts_as_often_as_the_journeys() {
    let output = shop_output(&json!({}));
    let start = output.start.unwrap();
    assert!((start.conversion_probability - 0.25).abs() < 1e-12);
    assert!(
        (start.expected_steps - 21.0 / 8.0).abs() < 1e-12,
        "{start:?}"
    );
    assert_eq!(output.totals.events, 21);
    let pay = output.states.iter().find(|s| s.state == "pay").unwrap();
    assert!((pay.outlook.conversion_probability - 2.0 / 3.0).abs() < 1e-7);
    assert_eq!((pay.dropped, pay.visits), (1, 3));
    assert_eq!(pay.outlook.expected_hours_to_convert, Some(0.0));
    let cart = output.states.iter().find(|s| s.state == "cart").unwrap();
    assert_eq!(cart.outlook.expected_hours_to_convert, Some(2.0));
}

#[test]
fn a_funnel_wants_its_order() {
    let output = shop_output(&json!({"funnel": ["home", "product", "pay"]}));
    let funnel = output.funnel.unwrap();
    let counts: Vec<u64> = funnel.steps.iter().map(|step| step.journeys).collect();
    assert_eq!(counts, [8, 4, 2, 2]);
    assert!((funnel.steps[1].from_previous.rate - 0.5).abs() < 1e-12);
    assert_eq!(funnel.steps[1].median_hours, Some(2.0));
    assert_eq!(funnel.steps[2].median_hours, Some(4.0));
    assert_eq!(funnel.steps[3].stage, "(conversion)");
    assert!(!funnel.derived);
}

#[test]
fn without_stages_the_funnel_is_that_of_the_path_that_converts() {
    let funnel = shop_output(&json!({})).funnel.unwrap();
    let stages: Vec<&str> = funnel.steps.iter().map(|step| &*step.stage).collect();
    assert_eq!(stages, ["home", "product", "cart", "pay", "(conversion)"]);
    assert!(funnel.derived);
}

#[test]
fn what_flows_in_flows_out() {
    let output = shop_output(&json!({}));
    for state in &output.states {
        let sum = |of: &dyn Fn(&&Link) -> bool| -> u64 {
            output.links.iter().filter(of).map(|link| link.count).sum()
        };
        assert_eq!(sum(&|link| link.to == state.state), state.visits);
        assert_eq!(sum(&|link| link.from == state.state), state.visits);
    }
    let begun: u64 = output
        .flows
        .iter()
        .filter(|f| f.step == 0)
        .map(|f| f.count)
        .sum();
    assert_eq!(begun, 8);
    assert_eq!(output.paths[0].steps, ["home", "product", "cart", "pay"]);
    assert_eq!(
        (output.paths[0].journeys, output.paths[0].converted),
        (2, 2)
    );
}

#[test]
fn without_times_there_are_no_hours() {
    let events = json!([{"page": "home"}, {"page": "cart", "at": "2026-10-01T00:00:00Z"}]);
    let input = json!({"journeys": [{"events": events, "converted": true}]});
    let answer = primary(&input).unwrap();
    assert_eq!(answer["output"]["start"]["expected_steps_to_convert"], 2.0);
    assert!(
        answer["output"]["start"]
            .get("expected_hours_to_convert")
            .is_none()
    );
    assert!(
        answer["warnings"][1]
            .as_str()
            .unwrap()
            .contains("lack times")
    );
}

#[test]
fn what_is_wrong_is_named() {
    for (journeys, code, field) in [
        (json!([]), "NotEnoughData", ""),
        (
            json!([{"events": []}]),
            "InvalidJourneys",
            "journeys[0].events",
        ),
        (
            json!([{"events": [{"stage": ""}]}]),
            "InvalidJourneys",
            "events[0].stage",
        ),
        (
            json!([{"events": [{"stage": "(start)"}]}]),
            "InvalidJourneys",
            "events[0].stage",
        ),
        (
            json!([{"events": [{"stage": 1}]}]),
            "InvalidInput",
            "events[0].stage",
        ),
    ] {
        let failure = primary(&json!({"journeys": journeys})).unwrap_err();
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(field), "{}", failure.message);
    }
    for setting in [
        json!({"level": 1.0}),
        json!({"paths": 101}),
        json!({"funnel": ["a", "a"]}),
        json!({"funnel": vec!["a"; 21]}),
        json!({"funnel": ["a".repeat(201)]}),
    ] {
        let mut input = json!({"journeys": shop()});
        input
            .as_object_mut()
            .unwrap()
            .extend(setting.as_object().unwrap().clone());
        assert_eq!(primary(&input).unwrap_err().code, "InvalidSettings");
    }
}

#[test]
fn many_pages_are_joined() {
    let page = |n: usize| Event {
        stage: format!("page {n}"),
        at: None,
    };
    let journey = |n: usize| Journey {
        events: (0..=n % 3).map(|k| page(n * k)).collect(),
        converted: n.is_multiple_of(5),
        ..Journey::default()
    };
    let journeys: Vec<Journey> = (0..900).map(journey).collect();
    let (output, warnings) = analyse(&journeys, &Settings::default()).unwrap();
    assert_eq!(output.states.len(), journeys::MAX_STAGES);
    assert!(warnings.iter().any(|warning| warning.contains("(other)")));
    assert_eq!(JourneyAnalysis.validate(&output), Ok(()));
    let chance = output.start.unwrap().conversion_probability;
    assert!((chance - 0.2).abs() < 1e-9, "{chance}");
}

/// Two hundred stages under the longest names, in every order, with the longest funnel and paths.
#[test]
fn the_largest_answer_is_small_enough() {
    let mut random = fastrand::Rng::with_seed(2);
    let name = |n: usize| format!("{n:0>200}");
    let journey = |k: usize| {
        let mut stages: Vec<usize> = (0..15).map(|_| random.usize(0..200)).collect();
        // The last stage of all is the most frequent one.
        stages.push(199);
        let at = |i: usize| format!("2026-10-{:02}T00:{i:02}:07Z", 1 + k % 28);
        let events: Vec<Value> = stages
            .iter()
            .enumerate()
            .map(|(i, s)| json!({"stage": name(*s), "at": at(i)}))
            .collect();
        json!({"events": events, "converted": k.is_multiple_of(3)})
    };
    let journeys: Vec<Value> = (0..900).map(journey).collect();
    let funnel: Vec<String> = (180..200).map(name).collect();
    let input = json!({"journeys": journeys, "funnel": funnel, "paths": 100});
    let found = primary(&input).unwrap();
    let bytes = baton_agent::json_bytes(&found["output"]);
    assert!(
        (50_000..=baton_agent::MAX_OUTPUT_BYTES).contains(&bytes),
        "{bytes}"
    );
    let output: Output = serde_json::from_value(found["output"].clone()).unwrap();
    assert!(output.states.len() < 200 && output.states.iter().any(|s| s.state == name(199)));
    let steps: Vec<usize> = output.flows.iter().map(|flow| flow.step).collect();
    assert!(steps.is_sorted() && !output.paths.is_empty());
    let said = found["warnings"].to_string();
    assert!(
        said.contains("of 200 stages") && said.contains("of 500 links"),
        "{said}"
    );
}

#[test]
fn the_fallback_knows_counts_only() {
    let fallback = |input: Value| answer(json!({"mode": "fallback", "input": input}));
    let found = fallback(json!({"journeys": 20, "converted": 5})).unwrap();
    assert_eq!(found["output"]["totals"]["conversion"]["rate"], 0.25);
    assert_eq!(found["method"]["name"], "journey-count");
    assert_eq!(fallback(json!({})).unwrap_err().code, "NotEnoughData");
    assert!(fallback(json!({"journeys": 1, "converted": 9})).is_ok());
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound = shop_output(&json!({}));
    assert_eq!(JourneyAnalysis.validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 5] = [
        |output| output.totals.conversion.low = 0.9,
        |output| output.states[0].outlook.expected_steps = f64::INFINITY,
        |output| output.links[0].share = 1.1,
        |output| output.funnel.as_mut().unwrap().steps[1].journeys = 99,
        |output| output.paths[0].share = f64::NAN,
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(JourneyAnalysis.validate(&output).is_err(), "{output:?}");
    }
}

/// A shop of known chances: from each of four stages on with 0.6, back to the first with 0.1, out
/// with 0.3. What the chain says of 20,000 journeys is what it was made with.
#[test]
fn a_known_chain_is_found_again() {
    let mut random = fastrand::Rng::with_seed(3);
    let mut walk = || {
        let (mut at, mut events) = (0_usize, Vec::new());
        loop {
            let stage = format!("s{at}");
            events.push(Event { stage, at: None });
            let dice = random.f64();
            match (dice, at) {
                (0.3.., 3) => break (events, true),
                (..0.3, _) => break (events, false),
                (..0.4, _) => at = 0,
                _ => at += 1,
            }
        }
    };
    let journeys = (0..20_000).map(|_| {
        let (events, converted) = walk();
        Journey {
            events,
            converted,
            ..Journey::default()
        }
    });
    let (output, _) = analyse(&journeys.collect::<Vec<_>>(), &Settings::default()).unwrap();
    // h3 = 0.7, h2 = 0.6 h3 + 0.1 h0, h1 = 0.6 h2 + 0.1 h0, h0 = 0.6 h1 + 0.1 h0.
    let h0 = 0.216 * 0.7 / (1.0 - 0.1 - 0.06 - 0.036);
    for (i, wanted) in [h0, (0.36 * 0.7) + 0.16 * h0, 0.42 + 0.1 * h0, 0.7]
        .iter()
        .enumerate()
    {
        let state = &output.states[i];
        let found = state.outlook.conversion_probability;
        // Three standard errors of a share of the journeys that came through the stage.
        let error = (wanted * (1.0 - wanted) / state.journeys as f64).sqrt();
        assert!(
            (found - wanted).abs() < 3.0 * error,
            "s{i}: {found}, not {wanted} ± {error}"
        );
    }
}

proptest! {
    /// The kit validates every output; the chain converts as often as the journeys.
    #[test]
    fn any_journeys_are_answered_soundly(
        walks in prop::collection::vec((prop::collection::vec(0..6_u8, 1..15), any::<bool>()), 1..30)
    ) {
        let journey = |(steps, converted): &(Vec<u8>, bool)| {
            let at = |i: usize| format!("2026-10-01T00:{i:02}:00Z");
            let event = |(i, step): (usize, &u8)| json!({"stage": step.to_string(), "at": at(i)});
            let events: Vec<Value> = steps.iter().enumerate().map(event).collect();
            json!({"events": events, "converted": converted})
        };
        let journeys: Vec<Value> = walks.iter().map(journey).collect();
        let answer = primary(&json!({"journeys": journeys})).unwrap();
        let output: Output = serde_json::from_value(answer["output"].clone()).unwrap();
        let start = output.start.unwrap();
        prop_assert!((start.conversion_probability - output.totals.conversion.rate).abs() < 2e-7);
        let mean = output.totals.events as f64 / output.totals.journeys as f64;
        prop_assert!((start.expected_steps - mean).abs() < 1e-6 * mean);
    }
}
