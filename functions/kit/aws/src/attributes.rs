//! Items as DynamoDB holds them: plain JSON as the native types, so that workflows and people
//! read them without Baton.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use baton_domain::Timestamp;
use baton_domain::item::{EXPIRES_AT, Item, Key};
use baton_domain::ports::StoreError;
use serde_json::{Map, Number, Value};

pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// The item with its key and its time to live. The key wins over attributes of the same name.
pub(crate) fn from_item(item: &Item) -> Attributes {
    let mut attributes: Attributes = item
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), from_json(value)))
        .collect();
    attributes.remove(EXPIRES_AT);
    attributes.extend(from_key(&item.key));
    if let Some(at) = item.expires_at {
        attributes.insert(EXPIRES_AT.to_owned(), from_time(at));
    }
    attributes
}

pub(crate) fn from_key(key: &Key) -> Attributes {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// Whole seconds, as DynamoDB's own time to live wants them.
pub(crate) fn from_time(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
}

/// Numbers keep their value, not their spelling: DynamoDB gives `1.0` back as `1`.
pub(crate) fn from_json(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Number(value) => AttributeValue::N(value.to_string()),
        Value::String(value) => AttributeValue::S(value.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(from_json).collect()),
        Value::Object(members) => {
            let members = members.iter();
            AttributeValue::M(members.map(|(k, v)| (k.clone(), from_json(v))).collect())
        }
    }
}

/// # Errors
/// An attribute of a type that Baton never writes.
pub(crate) fn to_item(mut attributes: Attributes) -> Result<Item, StoreError> {
    let key = Key {
        pk: take_text(&mut attributes, "pk")?,
        sk: take_text(&mut attributes, "sk")?,
    };
    let expires_at = attributes
        .remove(EXPIRES_AT)
        .as_ref()
        .map(to_time)
        .transpose()?;
    // Sorted, since DynamoDB's maps have no order and answers should not change by chance.
    let mut attributes: Vec<_> = attributes.into_iter().collect();
    attributes.sort_by(|(a, _), (b, _)| a.cmp(b));
    let attributes = attributes
        .into_iter()
        .map(|(name, value)| {
            let value = to_json(value).ok_or_else(|| unreadable(&name))?;
            Ok((name, value))
        })
        .collect::<Result<Map<_, _>, StoreError>>()?;
    Ok(Item {
        key,
        attributes,
        expires_at,
    })
}

fn take_text(attributes: &mut Attributes, name: &str) -> Result<String, StoreError> {
    match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(unreadable(name)),
    }
}

fn to_time(value: &AttributeValue) -> Result<Timestamp, StoreError> {
    let second = value.as_n().ok().and_then(|text| text.parse().ok());
    second
        .and_then(|second| Timestamp::from_second(second).ok())
        .ok_or_else(|| unreadable(EXPIRES_AT))
}

/// `None` for bytes and sets, which Baton never writes.
fn to_json(value: AttributeValue) -> Option<Value> {
    Some(match value {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(value) => Value::Bool(value),
        AttributeValue::N(text) => Value::Number(text.parse::<Number>().ok()?),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::L(values) => {
            Value::Array(values.into_iter().map(to_json).collect::<Option<_>>()?)
        }
        AttributeValue::M(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            let members = members.into_iter();
            let members = members.map(|(k, v)| to_json(v).map(|v| (k, v)));
            Value::Object(members.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn unreadable(name: &str) -> StoreError {
    StoreError(format!(
        "the attribute `{name}` of a stored item has an unexpected type"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(attributes: Value) -> Item {
        let Value::Object(attributes) = attributes else {
            panic!("attributes are an object");
        };
        Item {
            key: Key {
                pk: "TENANT#t".into(),
                sk: "s".into(),
            },
            attributes,
            expires_at: Some(Timestamp::from_second(1_700_000_000).unwrap()),
        }
    }

    #[test]
    fn every_kind_of_json_round_trips() {
        let item = item(json!({
            "text": "ünï ✓ \u{0}", "empty": "", "null": null, "yes": true, "no": false,
            "big": u64::MAX, "small": i64::MIN, "share": 0.1, "tiny": 1e-100,
            "list": [1, [], {}, null], "map": {"": {"deep": [true]}}
        }));
        assert_eq!(to_item(from_item(&item)).unwrap(), item);
    }

    #[test]
    fn the_key_and_the_expiry_win_over_attributes_of_their_names() {
        let item = item(json!({"pk": "TENANT#other", "expires_at": 0}));
        let stored = to_item(from_item(&item)).unwrap();
        assert_eq!(stored.key, item.key);
        assert_eq!(stored.expires_at, item.expires_at);
        assert!(stored.attributes.is_empty());
    }

    #[test]
    fn what_baton_never_writes_is_an_error_that_names_it() {
        let mut attributes = from_item(&item(json!({})));
        attributes.insert("tags".into(), AttributeValue::Ss(vec!["a".into()]));
        assert!(to_item(attributes).unwrap_err().0.contains("`tags`"));
    }
}
