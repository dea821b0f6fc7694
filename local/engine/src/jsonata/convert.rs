//! JSON values to and from the evaluator's values.

use jsonata_core::value::{JArray, JValue};
use serde_json::{Map, Number, Value};

/// Deeper values are refused: dropping or printing them would need unbounded stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// Integers up to here survive the trip through a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A copy of a JSON value for the evaluator.
pub(super) fn to_jsonata(value: &Value) -> JValue {
    match value {
        Value::Null => JValue::Null,
        Value::Bool(flag) => JValue::Bool(*flag),
        Value::Number(number) => JValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => JValue::string(text.as_str()),
        Value::Array(items) => {
            let flat = !items.iter().any(Value::is_array);
            let items = items.iter().map(to_jsonata).collect();
            JValue::Array(JArray::new_flat(items, flat))
        }
        Value::Object(fields) => JValue::object(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), to_jsonata(value)))
                .collect(),
        ),
    }
}

/// What an expression gave, as JSON.
///
/// Nothing at all is `Ok(None)`; functions, regular expressions and numbers that JSON
/// cannot hold are errors, in the evaluator's wording.
pub(super) fn from_jsonata(value: &JValue) -> Result<Option<Value>, String> {
    convert(value, 0)
}

fn convert(value: &JValue, depth: usize) -> Result<Option<Value>, String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "The value is nested deeper than {MAX_DEPTH} levels"
        ));
    }
    Ok(Some(match value {
        JValue::Undefined => return Ok(None),
        JValue::Null => Value::Null,
        JValue::Bool(flag) => Value::Bool(*flag),
        JValue::Number(number) => number_of(*number),
        JValue::String(text) => Value::String(text.to_string()),
        JValue::Array(items) => Value::Array(array_of(items, depth)?),
        JValue::Object(fields) => {
            let mut object = Map::with_capacity(fields.len());
            for (key, field) in fields.iter() {
                if let Some(field) = convert(field, depth + 1)? {
                    object.insert(key.clone(), field);
                }
            }
            Value::Object(object)
        }
        _ => return Err("A function is not a JSON value".to_owned()),
    }))
}

fn array_of(items: &[JValue], depth: usize) -> Result<Vec<Value>, String> {
    let mut array = Vec::with_capacity(items.len());
    for item in items {
        array.extend(convert(item, depth + 1)?);
    }
    Ok(array)
}

fn number_of(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Value::from(number as i64);
    }
    // AWS has words for what JSON has no numbers for, wherever they stand: the emulator Floci
    // captured it with TestState (`JsonataEvaluatorTest`). As in jsonata-js, only who uses such
    // a number throws: an operator D1001, `$string` D3001.
    Number::from_f64(number).map_or_else(|| Value::from(word(number)), Value::Number)
}

fn word(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_survives_the_round_trip() {
        let value = json!({"a": [1, 2.5, "x", null, true, {"b": []}], "z": -3});
        assert_eq!(from_jsonata(&to_jsonata(&value)), Ok(Some(value)));
    }

    #[test]
    fn infinity_is_a_word_and_depth_an_error() {
        let infinite = from_jsonata(&JValue::Number(f64::INFINITY));
        assert_eq!(infinite, Ok(Some(json!("Infinity"))));
        let mut deep = JValue::Null;
        for _ in 0..200 {
            deep = JValue::array(vec![deep]);
        }
        assert!(from_jsonata(&deep).is_err());
    }
}
