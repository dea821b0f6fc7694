//! Payload templates: JSON whose `.$` fields are paths or intrinsic functions.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::source::{PathFault, Sight, Source};

/// A JSON value whose `.$` fields are parsed.
#[derive(Debug)]
pub(crate) enum Payload {
    /// No path anywhere within: shared, never copied.
    Literal(Arc<Value>),
    /// The field as it is written, with its `.$`, and what stands in it.
    Source(String, Source),
    Object(Vec<(String, Payload)>),
    Array(Vec<Payload>),
}

impl Payload {
    /// Parses every field; `problem` is told the place and message of those that do not.
    pub(crate) fn parse(value: &Value, problem: &mut dyn FnMut(&str, String)) -> Self {
        Self::parse_at(value, "", problem)
    }

    fn parse_at(value: &Value, at: &str, problem: &mut dyn FnMut(&str, String)) -> Self {
        match value {
            Value::Object(fields) if has_path(value) => {
                let mut names = BTreeSet::new();
                let mut parsed = Vec::with_capacity(fields.len());
                for (key, field) in fields {
                    let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                    let (name, field) = Self::field(key, field, &place, problem);
                    if !names.insert(name.clone()) {
                        problem(&place, format!("the field '{name}' is there twice"));
                    }
                    parsed.push((name, field));
                }
                Self::Object(parsed)
            }
            Value::Array(items) if has_path(value) => Self::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self::parse_at(item, &format!("{at}/{index}"), problem))
                    .collect(),
            ),
            literal => Self::Literal(Arc::new(literal.clone())),
        }
    }

    fn field(
        key: &str,
        value: &Value,
        place: &str,
        problem: &mut dyn FnMut(&str, String),
    ) -> (String, Self) {
        let Some(name) = key.strip_suffix(".$") else {
            return (key.to_owned(), Self::parse_at(value, place, problem));
        };
        let source = value
            .as_str()
            .ok_or_else(|| "must be a path or an intrinsic function".to_owned())
            .and_then(Source::parse);
        let parsed = match source {
            Ok(source) => Self::Source(key.to_owned(), source),
            Err(message) => {
                problem(place, message);
                Self::Literal(Arc::new(Value::Null))
            }
        };
        (name.to_owned(), parsed)
    }

    /// The value, with every path replaced by what it names.
    pub(crate) fn value(&self, sight: Sight<'_>) -> Result<Arc<Value>, PathFault> {
        match self {
            Self::Literal(value) => Ok(Arc::clone(value)),
            Self::Source(field, source) => {
                source.value(sight, |path| PathFault::not_found(path, field, sight))
            }
            Self::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (key, field) in fields {
                    object.insert(key.clone(), Arc::unwrap_or_clone(field.value(sight)?));
                }
                Ok(Arc::new(Value::Object(object)))
            }
            Self::Array(items) => {
                let item = |item: &Self| item.value(sight).map(Arc::unwrap_or_clone);
                let items = items.iter().map(item).collect::<Result<_, _>>()?;
                Ok(Arc::new(Value::Array(items)))
            }
        }
    }
}

fn has_path(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_path),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, field)| key.ends_with(".$") || has_path(field)),
        _ => false,
    }
}
