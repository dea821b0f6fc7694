//! The rules that every expression of a workflow keeps, so that all implementations of JSONata read it alike.

use baton_domain::run::Workflow;
use baton_embedded::definition;
use serde_json::Value;

/// What looks for the end of a regular expression takes a bracket behind a backslash for an escaped one, also
/// where the backslash is escaped itself: jsonata-js and its ports then find no end (`S0302`). The engine
/// here does, so that only this test would tell.
#[test]
fn no_bracket_stands_behind_an_escaped_backslash() {
    let mut expressions = Vec::new();
    for workflow in Workflow::ALL {
        let machine = serde_json::from_str(&definition(workflow)).expect("JSON");
        collect(&machine, workflow.name(), &mut expressions);
    }
    assert!(expressions.len() > 100, "the expressions are found");
    for (place, expression) in &expressions {
        for bracket in ['(', ')', '[', ']', '{', '}'] {
            let wrong = format!(r"\\{bracket}");
            assert!(
                !expression.contains(&wrong),
                "{place}: put another character between `\\\\` and `{bracket}`: {expression}"
            );
        }
    }
}

/// Every expression below a place.
fn collect(value: &Value, place: &str, expressions: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.starts_with("{%") => {
            expressions.push((place.to_owned(), text.clone()));
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                collect(value, &format!("{place}/{index}"), expressions);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(value, &format!("{place}/{name}"), expressions);
            }
        }
        _ => {}
    }
}
