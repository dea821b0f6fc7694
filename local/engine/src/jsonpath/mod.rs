//! The JSONPath dialect: paths, payload templates and intrinsic functions.
//!
//! The evaluator follows the one that Step Functions uses and not RFC 9535: a path that
//! names one place fails when it is not there, a path that looks around gives an array,
//! `['a', 'b']` gives an object, and filters are written `[?(@.a > 1)]`.

mod accept;
mod arrays;
mod call;
mod compile;
mod data;
mod filter;
mod find;
mod functions;
mod parse;
mod path;
mod payload;
mod reference;
mod source;

pub(crate) use data::{PathData, ResultPath, Selection};
pub(crate) use path::Path;
pub(crate) use payload::Payload;
pub(crate) use source::{PathFault, Sight, Source};

use serde_json::Value;

/// Whether two values are the same; `1` and `1.0` are.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
        }
        (Value::Object(left), Value::Object(right)) => {
            let found = |(key, value): (&String, &Value)| {
                right.get(key).is_some_and(|other| same(value, other))
            };
            left.len() == right.len() && left.iter().all(found)
        }
        _ => left == right,
    }
}
