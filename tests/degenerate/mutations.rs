//! What is odd, in the place of each value of an event.

use serde_json::{Value, json};

/// An event with something odd in it.
pub(crate) struct Mutation {
    /// Where, and what.
    pub(crate) what: String,
    /// The names of the fields on the way there; an error must contain one of them.
    pub(crate) names: Vec<String>,
    /// The event.
    pub(crate) payload: Value,
}

/// Each value of the event's input replaced by each thing that is odd for its kind.
pub(crate) fn of(event: &Value) -> Vec<Mutation> {
    let mut pointers = Vec::new();
    walk(&event["input"], "/input".to_owned(), &mut pointers);
    let mut mutations = Vec::new();
    for pointer in pointers {
        let Some(value) = event.pointer(&pointer) else {
            continue;
        };
        for (what, odd) in odd(value) {
            let mut payload = event.clone();
            if let Some(place) = payload.pointer_mut(&pointer) {
                *place = odd;
            }
            mutations.push(Mutation {
                what: format!("{pointer} = {what}"),
                names: names(&pointer),
                payload,
            });
        }
    }
    mutations
}

/// Pointers to every value. Of a list the first and the last entry stand for all.
fn walk(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(field, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            let mut ends = vec![0, items.len().saturating_sub(1)];
            ends.dedup();
            for i in ends {
                if let Some(item) = items.get(i) {
                    walk(item, format!("{pointer}/{i}"), pointers);
                }
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

fn names(pointer: &str) -> Vec<String> {
    let parts = pointer
        .split('/')
        .filter(|part| part.parse::<usize>().is_err());
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What is odd in the place of a value.
fn odd(value: &Value) -> Vec<(&'static str, Value)> {
    match value {
        Value::Number(_) => vec![
            ("0", json!(0)),
            ("-1", json!(-1)),
            ("a half", json!(0.5)),
            ("1e-9", json!(1e-9)),
            ("1e15", json!(1e15)),
            ("1e308", json!(1e308)),
            ("-1e308", json!(-1e308)),
            ("2^64-1", json!(u64::MAX)),
            ("text", json!("1")),
        ],
        Value::String(text) if text.parse::<baton_domain::Timestamp>().is_ok() => vec![
            ("the year 1", json!("0001-01-01T00:00:00Z")),
            ("the year 9999", json!("9999-12-30T00:00:00Z")),
            ("no time", json!("tomorrow")),
        ],
        Value::String(_) => vec![
            ("nothing", json!("")),
            ("a space", json!(" ")),
            ("100,000 letters", json!("x".repeat(100_000))),
            ("control characters", json!("a\u{0}\u{1b}[31mb")),
            ("other scripts", json!("靴👍\u{202e}ß")),
            ("a number", json!(7)),
        ],
        Value::Array(items) => {
            let mut odd = vec![("no entry", json!([])), ("an object", json!({}))];
            if let Some(first) = items.first() {
                odd.push(("one entry", json!([first])));
                odd.push(("the first entry 2,000 times", json!(vec![first; 2_000])));
                odd.push(("backwards", items.iter().rev().cloned().collect()));
            }
            odd
        }
        Value::Bool(_) => vec![("null", Value::Null)],
        Value::Object(_) => vec![
            ("empty", json!({})),
            ("a list", json!([])),
            ("null", Value::Null),
        ],
        Value::Null => Vec::new(),
    }
}
