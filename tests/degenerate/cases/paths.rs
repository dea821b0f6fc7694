//! Journeys and paths: none, one, of one channel, of very many.

use serde_json::{Value, json};

use super::Expected::{Answer, Refusal};
use super::{Case, of};

#[rustfmt::skip] // A line for each case.
pub(crate) fn journeys() -> Vec<Case> {
    let one = |events: Value, converted: bool| json!({"journeys": [{"events": events, "converted": converted}]});
    let many = |converted: fn(usize) -> bool| -> Value {
        let journey = |i| json!({"events": [{"stage": "home"}, {"stage": "cart"}], "converted": converted(i)});
        json!({"journeys": (0..500).map(journey).collect::<Vec<_>>()})
    };
    let timed = |a: &str, b: &str| one(json!([{"stage": "home", "at": a}, {"stage": "cart", "at": b}]), true);
    let stages = |count: usize| -> Value {
        let journey = |i| json!({"events": [{"stage": format!("s{i}")}], "converted": false});
        json!({"journeys": (0..count).map(journey).collect::<Vec<_>>()})
    };
    let home = json!({"stage": "home"});
    of("journey-analysis", [
        ("nobody", json!({"journeys": []}), Refusal("NotEnoughData", "no journey")),
        ("one event", one(json!([home]), false), Answer),
        ("one that converted", one(json!([home]), true), Answer),
        ("no event", one(json!([]), true), Refusal("InvalidJourneys", "journeys[0].events")),
        ("all converted", many(|_| true), Answer),
        ("none converted", many(|_| false), Answer),
        ("one stage 10,000 times", one(json!(vec![home.clone(); 10_000]), true), Answer),
        ("too long a journey", one(json!(vec![home; 10_001]), true), Refusal("InvalidJourneys", "journeys[0].events")),
        ("100,000 stages", stages(100_000), Answer),
        ("all at one moment", timed("2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z"), Answer),
        ("backwards", timed("2026-10-02T00:00:00Z", "2026-10-01T00:00:00Z"), Answer),
        ("10,000 years long", timed("0001-01-01T00:00:00Z", "9999-12-30T00:00:00Z"), Answer),
        ("a stage without a name", one(json!([{"stage": ""}]), true), Refusal("InvalidJourneys", "journeys[0].events[0].stage")),
        ("a stage called (start)", one(json!([{"stage": "(start)"}]), true), Refusal("InvalidJourneys", "journeys[0].events[0].stage")),
        ("a funnel of stages that nobody saw", json!({"journeys": stages(3)["journeys"], "funnel": ["x", "y"]}), Answer),
        ("a level of 1", json!({"journeys": stages(3)["journeys"], "level": 1}), Refusal("InvalidSettings", "level")),
    ])
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn attribution() -> Vec<Case> {
    let one = |path: Value| json!({"paths": [path]});
    let counts = |conversions: f64, value: f64, nulls: f64| {
        one(json!({"steps": ["A", "B"], "conversions": conversions, "value": value, "nulls": nulls}))
    };
    let channels = |count: usize| -> Value {
        let path = |i| json!({"steps": [format!("c{i}")], "conversions": 1, "nulls": 1});
        json!({"paths": (0..count).map(path).collect::<Vec<_>>()})
    };
    let long = |steps: usize| one(json!({"steps": vec!["A"; steps], "conversions": 1, "nulls": 1}));
    let same = vec![json!({"steps": ["A", "B", "A"], "conversions": 1, "nulls": 3}); 10_000];
    of("attribution", [
        ("nobody", json!({"paths": []}), Refusal("NotEnoughData", "no path")),
        ("walked by nobody", counts(0.0, 0.0, 0.0), Refusal("NotEnoughData", "walked")),
        ("one channel, one path", long(1), Answer),
        ("one channel 1,000 times", long(1_000), Answer),
        ("too long a path", long(1_001), Refusal("InvalidPaths", "paths[0]")),
        ("no touch", one(json!({"steps": [], "conversions": 1})), Refusal("InvalidPaths", "paths[0]")),
        ("all converted", counts(9.0, 90.0, 0.0), Answer),
        ("none converted", counts(0.0, 0.0, 9.0), Answer),
        ("converted without value", counts(9.0, 0.0, 9.0), Answer),
        ("tiny counts", counts(1e-9, 1e-9, 1e-9), Answer),
        ("tiny among the largest", counts(1e-9, 1e12, 1e12), Answer),
        ("a huge count", counts(1e15, 1.0, 1.0), Refusal("InvalidPaths", "paths[0].conversions")),
        ("a huge value", counts(1.0, 1e15, 1.0), Refusal("InvalidPaths", "paths[0].value")),
        ("a negative count", counts(1.0, 1.0, -1.0), Refusal("InvalidPaths", "paths[0].nulls")),
        ("10,000 times the same, order 3", json!({"paths": same, "order": 3}), Answer),
        ("300 channels, order 3", { let mut all = channels(300); all["order"] = json!(3); all }, Answer),
        ("100,000 channels", channels(100_000), Refusal("InvalidPaths", "channels")),
        ("an order of 0", json!({"paths": channels(2)["paths"], "order": 0}), Refusal("InvalidSettings", "order")),
        ("an order of 4", json!({"paths": channels(2)["paths"], "order": 4}), Refusal("InvalidSettings", "order")),
        ("a half-life of 0", json!({"paths": channels(2)["paths"], "half_life_days": 0}), Refusal("InvalidSettings", "half_life_days")),
        ("touches to come, 9,000 years apart", one(json!({"touches": [
            {"channel": "A", "at": "9999-12-30T00:00:00Z"}, {"channel": "B", "at": "0999-01-01T00:00:00Z"}], "conversions": 1})), Answer),
    ])
}
