use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::*;

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Plan {
    #[schemars(length(min = 1, max = 5))]
    name: String,
    #[schemars(range(min = 0.0, max = 1.0))]
    share: Option<f64>,
    count: u8,
    channel: Channel,
    #[schemars(length(max = 3))]
    steps: Vec<Step>,
    tags: BTreeSet<String>,
    scores: BTreeMap<String, i32>,
    pair: (bool, String),
    #[serde(default)]
    note: String,
}

/// How it goes out.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Channel {
    /// By mail.
    Email,
    Sms,
}

#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(dead_code)]
enum Step {
    Wait {
        hours: u32,
    },
    Send {
        subject: String,
        then: Option<Box<Step>>,
    },
}

fn good() -> Value {
    json!({
        "name": "née", "share": null, "count": 255, "channel": "sms",
        "steps": [
            {"kind": "wait", "hours": 4},
            {"kind": "send", "subject": "x", "then": {"kind": "wait", "hours": 1}},
        ],
        "tags": ["a", "b"], "scores": {"a": -1}, "pair": [true, "x"],
    })
}

fn problem(pointer: &str, value: Value) -> String {
    let mut plan = good();
    *plan.pointer_mut(pointer).unwrap() = value;
    Checked::of::<Plan>().unwrap().check(&plan).unwrap_err()
}

#[test]
fn a_good_value_follows() {
    let schema = Checked::of::<Plan>().unwrap();
    assert_eq!(schema.check(&good()), Ok(()));
}

#[test]
fn every_fault_names_its_place() {
    for (pointer, value, expected) in [
        (
            "/name",
            json!(""),
            "name: has 0 characters, at least 1 are wanted",
        ),
        (
            "/name",
            json!("ééé éé"),
            "name: has 6 characters, at most 5 are allowed",
        ),
        ("/name", json!(1), "name: must be string"),
        ("/share", json!(1.5), "share: must be at most 1"),
        ("/share", json!("1"), "share: must be number or null"),
        ("/count", json!(256), "count: must be at most 255"),
        ("/count", json!(1.5), "count: must be integer"),
        (
            "/channel",
            json!("fax"),
            "channel: fits no allowed form: must be one of \"sms\"; or must be \"email\"",
        ),
        (
            "/steps",
            json!([{}, {}, {}, {}]),
            "steps: has 4 items, at most 3 are allowed",
        ),
        (
            "/steps/0/hours",
            json!(-1),
            "steps[0].hours: must be at least 0",
        ),
        (
            "/steps/1/then/hours",
            json!("1"),
            "steps[1].then.hours: must be integer",
        ),
        ("/tags", json!(["a", "a"]), "tags[1]: is there twice"),
        ("/scores/a", json!("1"), "scores.a: must be integer"),
        ("/pair", json!([1, "x"]), "pair[0]: must be boolean"),
        (
            "/pair",
            json!([true]),
            "pair: has 1 items, at least 2 are wanted",
        ),
        ("", json!([]), "must be object"),
        ("", json!({}), "name: is missing"),
    ] {
        assert_eq!(problem(pointer, value), expected);
    }
    let mut plan = good();
    plan["extra"] = json!(1);
    let found = Checked::of::<Plan>().unwrap().check(&plan).unwrap_err();
    assert_eq!(found, "extra: is not a known field");
}

#[test]
fn what_is_not_checked_is_refused_at_once() {
    let refused = |schema: Value| Checked::new(schema).unwrap_err();
    let pattern = json!({"type": "object", "properties": {"a": {"pattern": "x"}}});
    assert!(refused(pattern).starts_with("`pattern` in the schema"));
    let deep = json!({"type": "object", "anyOf": [{"items": {"if": true}}]});
    assert!(refused(deep).starts_with("`if` in the schema"));
    assert!(refused(json!({"type": "array"})).contains("must be a struct"));
}

#[test]
fn a_circle_of_references_ends() {
    let circle = json!({"type": "object", "$ref": "#"});
    let found = Checked::new(circle).unwrap().check(&json!({})).unwrap_err();
    assert!(found.contains("leads nowhere"), "{found}");
}

/// Values that are often right and often a little wrong.
fn near() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-2_i64..300).prop_map(Value::from),
        (-20_i32..20).prop_map(|n| Value::from(f64::from(n) / 10.0 + 0.05)),
        prop_oneof!["email", "sms", "wait", "send", "[a-c]{0,6}"].prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("kind"),
            Just("hours"),
            Just("subject"),
            Just("then"),
            Just("x")
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    /// Where the reference implementation agrees, so do we; changes at up to two places.
    #[test]
    fn agrees_with_the_reference(changes in proptest::collection::vec((0_usize..14, near()), 1..3)) {
        const PLACES: [&str; 14] = [
            "/name", "/share", "/count", "/channel", "/steps", "/steps/0", "/steps/0/kind",
            "/steps/1/then", "/steps/1/subject", "/tags", "/tags/0", "/scores", "/pair", "/pair/1",
        ];
        let schema = Checked::of::<Plan>().unwrap();
        let reference = jsonschema::validator_for(schema.json()).unwrap();
        let mut plan = good();
        for (place, value) in changes {
            if let Some(old) = plan.pointer_mut(PLACES[place]) {
                *old = value;
            }
        }
        let ours = schema.check(&plan);
        prop_assert_eq!(ours.is_ok(), reference.is_valid(&plan), "{:?} {}", ours, plan);
    }
}
