use baton_agent::{Failure, invoke};
use serde_json::{Value, json};

use super::*;
mod properties;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&SourceRanking, payload))
}

fn event(case: &str) -> Value {
    let events = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../events/source-ranking"
    );
    let text = std::fs::read_to_string(format!("{events}/{case}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn source(id: &str, name: &str, price: f64) -> Value {
    let rail = if price > 0.0 { "token" } else { "free" };
    json!({"source_id": id, "name": name, "found_by": "Tesla", "price": price, "rail": rail})
}

fn payload(sources: &[Value], budget: f64) -> Value {
    json!({"input": {
        "theme": "Tesla and Ford revenue",
        "search": {"keywords": ["Tesla", "Ford"], "wider": ["motor"], "aspects": ["revenue"]},
        "sources": sources, "budget": budget, "already_spent": 0,
    }})
}

fn ranking(sources: &[Value], budget: f64) -> Ranking {
    let answer = answer(payload(sources, budget)).unwrap();
    serde_json::from_value(answer["output"].clone()).unwrap()
}

fn bought(ranking: &Ranking) -> Vec<&str> {
    let bought = ranking.sources.iter().filter(|ranked| ranked.buy);
    bought
        .map(|ranked| ranked.source.source_id.as_str())
        .collect()
}

const LEFT_OUT: &str =
    "1 sources were left out: the keywords stand only within words of their names";

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(
        (&happy["status"], &happy["warnings"]),
        (&json!("ok"), &json!([LEFT_OUT])),
        "Fordham is not Ford"
    );
    assert_eq!(
        happy["method"],
        json!({"name": "knapsack-exact", "version": "1"})
    );
    assert_eq!(happy["output"]["cost"], 44.0);
    let thin = answer(event("thin")).unwrap();
    assert_eq!(
        (&thin["status"], &thin["method"]["name"]),
        (&json!("degraded"), &json!("cheapest-first"))
    );
    assert_eq!(thin["output"]["cost"], 20.0);
    let bad = answer(event("bad")).unwrap_err();
    assert_eq!(bad.code, "InvalidInput");
    assert!(bad.message.starts_with("input.sources[0].price: "), "{bad}");
}

#[test]
fn the_best_set_is_bought_and_every_source_has_its_reason() {
    let sources = [
        source("a", "Tesla", 60.0),
        source("b", "Tesla Energy", 30.0),
        source("c", "Ford", 30.0),
        source("d", "Tesla Inc", 70.0),
        source("e", "Motor Museum", 0.0),
        source("f", "Tesla Motors", 900.0),
    ];
    let ranking = ranking(&sources, 100.0);
    assert_eq!(bought(&ranking), ["e", "c", "a"], "{ranking:#?}");
    assert_eq!(ranking.cost, Money::from_micro_usd(90_000_000));
    let reason = |id: &str| {
        let ranked = ranking
            .sources
            .iter()
            .find(|ranked| ranked.source.source_id == id);
        ranked.unwrap().reason.clone()
    };
    assert_eq!(
        reason("a"),
        "To buy for 60.00 USD. Value 0.90: relevance 1.00, and 90 % of what is asked expected in it."
    );
    assert!(
        reason("d")
            .contains("others are worth more for the 100.00 USD left, and 10.00 USD of it remains")
    );
    assert!(reason("d").contains("Value 0.45, as the second source about the same company"));
    assert!(reason("f").starts_with("Not bought: 900.00 USD is more than the 100.00 USD left."));
    assert!(reason("e").starts_with("Taken, since it is free."));
}

#[test]
fn what_was_spent_is_not_spent_again() {
    let mut payload = payload(
        &[source("a", "Tesla", 60.0), source("b", "Ford", 0.0)],
        100.0,
    );
    payload["input"]["already_spent"] = json!(50.0);
    let some = answer(payload.clone()).unwrap();
    assert_eq!(
        (
            &some["output"]["cost"],
            &some["output"]["sources"][0]["buy"]
        ),
        (&json!(0.0), &json!(true))
    );
    payload["input"]["already_spent"] = json!(500.0);
    let none = answer(payload).unwrap();
    assert!(
        none["warnings"].to_string().contains("more was spent"),
        "{none}"
    );
}

#[test]
fn a_source_that_several_keywords_found_is_one() {
    let mut again = source("a", "Tesla", 10.0);
    again["found_by"] = json!("motor");
    let sources = [again.clone(), source("a", "Tesla", 10.0)];
    let answer = answer(payload(&sources, 10.0)).unwrap();
    assert_eq!(answer["output"]["sources"].as_array().unwrap().len(), 1);
    assert_eq!(answer["output"]["sources"][0]["found_by"], "Tesla");
    assert_eq!(answer["output"]["cost"], 10.0);
}

#[test]
fn no_sources_are_an_empty_ranking() {
    let answer = answer(payload(&[], 10.0)).unwrap();
    assert_eq!(answer["output"], json!({"sources": [], "cost": 0.0}));
    assert_eq!(
        answer["warnings"],
        json!(["there are no sources to choose from"])
    );
}

#[test]
fn what_only_contains_a_keyword_is_left_out() {
    let sources = [
        source("a", "Teslarossa Spa", 10.0),
        source("b", "Fordham Free", 0.0),
        source("c", "Fords of Kent", 10.0),
        source("d", "Motorways", 5.0),
    ];
    let answer = answer(payload(&sources, 100.0)).unwrap();
    let ranked = answer["output"]["sources"].as_array().unwrap();
    let ids: Vec<&Value> = ranked.iter().map(|ranked| &ranked["source_id"]).collect();
    assert_eq!(ids, ["d", "c"], "{answer:#}");
    let warning = "2 sources were left out: the keywords stand only within words of their names";
    assert_eq!(answer["warnings"], json!([warning]));
    let mut none = payload(&sources[..1], 100.0);
    none["input"]["search"]["wider"] = json!([]);
    let none = self::answer(none).unwrap();
    assert_eq!(none["warnings"][0], "there are no sources to choose from");
    assert_eq!(none["output"], json!({"sources": [], "cost": 0.0}));
}

#[test]
fn contradictions_are_named() {
    let fails = |field: &str, value: Value| {
        let mut sources = [source("a", "Tesla", 10.0), source("b", "Ford", 5.0)];
        sources[1][field] = value;
        answer(payload(&sources, 10.0)).unwrap_err()
    };
    for (field, value, expected) in [
        ("rail", json!("barter"), "sources[1].rail: "),
        ("rail", json!("free"), "sources[1].price: "),
        ("source_id", json!(""), "sources[1].source_id: "),
        ("source_id", json!("a"), "sources[1].price: the same source"),
    ] {
        let failure = fails(field, value);
        assert_eq!(failure.code, "InvalidSource");
        assert!(failure.message.starts_with(expected), "{failure}");
    }
    assert_eq!(fails("colour", json!("red")).code, "InvalidInput");
    let many: Vec<Value> = (0..=MAX_SOURCES)
        .map(|i| source(&format!("s{i}"), "Tesla", 1.0))
        .collect();
    assert!(
        answer(payload(&many, 10.0))
            .unwrap_err()
            .message
            .starts_with("sources: are 501")
    );
}

#[test]
fn the_fallback_takes_what_the_method_takes() {
    let mut payload = payload(
        &[source("a", "Tesla", 10.0), source("b", "Ford", 5.0)],
        12.0,
    );
    payload["mode"] = json!("fallback");
    payload["input"]["sources"][1]["rail"] = json!("barter");
    let within = source("c", "Teslarossa", 1.0);
    payload["input"]["sources"]
        .as_array_mut()
        .unwrap()
        .push(within);
    let answer = answer(payload).unwrap();
    assert_eq!(
        (&answer["output"]["cost"], &answer["status"]),
        (&json!(10.0), &json!("degraded"))
    );
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound = ranking(
        &[source("a", "Tesla", 10.0), source("b", "Ford", 5.0)],
        12.0,
    );
    assert_eq!(SourceRanking.validate(&sound), Ok(()));
    let broken: [fn(&mut Ranking); 5] = [
        |ranking| ranking.cost = Money::ZERO,
        |ranking| ranking.sources[0].value = 1.5,
        |ranking| ranking.sources[0].value = f64::NAN,
        |ranking| ranking.sources[0].reason.clear(),
        |ranking| ranking.sources[0].source.source_id = ranking.sources[1].source.source_id.clone(),
    ];
    for break_it in broken {
        let mut ranking = sound.clone();
        break_it(&mut ranking);
        assert!(SourceRanking.validate(&ranking).is_err(), "{ranking:?}");
    }
}
