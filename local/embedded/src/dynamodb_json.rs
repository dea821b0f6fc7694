//! DynamoDB's JSON, in which every value says its type, and plain JSON, which the store keeps.

use serde_json::{Map, Value, json};

/// Plain JSON of an attribute in DynamoDB's JSON; `None` when it is not one. Sets become lists,
/// binary is not supported.
pub(crate) fn to_plain(attribute: &Value) -> Option<Value> {
    let (kind, value) = attribute
        .as_object()
        .filter(|o| o.len() == 1)?
        .iter()
        .next()?;
    match kind.as_str() {
        "S" => value.as_str().map(Value::from),
        "N" => number(value.as_str()?),
        "BOOL" => value.as_bool().map(Value::from),
        "NULL" => Some(Value::Null),
        "L" => value.as_array()?.iter().map(to_plain).collect(),
        "SS" => value.as_array().cloned().map(Value::from),
        "NS" => value
            .as_array()?
            .iter()
            .map(|n| number(n.as_str()?))
            .collect(),
        "M" => map_to_plain(value.as_object()?).map(Value::from),
        _ => None,
    }
}

/// Plain JSON of a whole item.
pub(crate) fn map_to_plain(item: &Map<String, Value>) -> Option<Map<String, Value>> {
    item.iter()
        .map(|(name, value)| Some((name.clone(), to_plain(value)?)))
        .collect()
}

/// DynamoDB's JSON of plain JSON.
pub(crate) fn from_plain(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(value) => json!({"BOOL": value}),
        Value::Number(value) => json!({"N": value.to_string()}),
        Value::String(value) => json!({"S": value}),
        Value::Array(values) => json!({"L": values.iter().map(from_plain).collect::<Vec<_>>()}),
        Value::Object(fields) => json!({"M": map_from_plain(fields)}),
    }
}

/// DynamoDB's JSON of a whole item.
pub(crate) fn map_from_plain(item: &Map<String, Value>) -> Map<String, Value> {
    item.iter()
        .map(|(name, value)| (name.clone(), from_plain(value)))
        .collect()
}

fn number(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_round_trips() {
        let plain = json!({"a": [1, 2.5, "x", null, true, {"b": []}], "n": 4e-6});
        assert_eq!(to_plain(&from_plain(&plain)), Some(plain));
    }

    #[test]
    fn what_is_not_an_attribute_is_refused() {
        for bad in [
            json!(1),
            json!({}),
            json!({"S": 1}),
            json!({"N": "x"}),
            json!({"B": "eA=="}),
        ] {
            assert_eq!(to_plain(&bad), None, "{bad}");
        }
    }
}
