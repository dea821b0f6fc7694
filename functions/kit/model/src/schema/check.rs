//! The check itself: each keyword as JSON Schema 2020-12 defines it, except that a number with a
//! decimal point is no integer, since no integer type would take it.

use std::fmt;

use serde_json::{Map, Value};

use super::choices;

/// More references in a row than this are a circle.
const MAX_REFERENCES: usize = 32;

/// How much of a name that a model invented is repeated.
const SHOWN: usize = 40;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) path: String,
    pub(super) depth: usize,
    pub(super) problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "{}: {}", self.path, self.problem)
        }
    }
}

/// Where we are: the root that references are resolved in, and the way from it.
#[derive(Clone)]
pub(super) struct Place<'a> {
    root: &'a Value,
    pub(super) path: String,
    pub(super) depth: usize,
}

impl Place<'_> {
    pub(super) fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault {
            path: self.path.clone(),
            depth: self.depth,
            problem: problem.into(),
        }
    }

    fn field(&self, name: &str) -> Self {
        let name: String = name.chars().take(SHOWN).collect();
        let path = if self.path.is_empty() {
            name
        } else {
            format!("{}.{name}", self.path)
        };
        Self {
            path,
            depth: self.depth + 1,
            ..*self
        }
    }

    fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            depth: self.depth + 1,
            ..*self
        }
    }
}

/// Whether `value` follows the whole schema `root`.
pub(super) fn follows(root: &Value, value: &Value) -> Result<(), Fault> {
    let place = Place {
        root,
        path: String::new(),
        depth: 0,
    };
    check(&place, root, value, 0)
}

pub(super) fn check(
    place: &Place<'_>,
    schema: &Value,
    value: &Value,
    references: usize,
) -> Result<(), Fault> {
    let Value::Object(schema) = schema else {
        return match schema {
            Value::Bool(false) => Err(place.fault("is not allowed")),
            _ => Ok(()),
        };
    };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix('#');
        let target = target.and_then(|pointer| place.root.pointer(pointer));
        match target {
            Some(target) if references < MAX_REFERENCES => {
                check(place, target, value, references + 1)?;
            }
            _ => return Err(place.fault(format!("the schema's {reference} leads nowhere"))),
        }
    }
    kind(place, schema, value)?;
    choices::check_forms(place, schema, value, references)?;
    match value {
        Value::Object(fields) => object(place, schema, fields),
        Value::Array(items) => array(place, schema, items),
        Value::String(text) => string(place, schema, text),
        Value::Number(_) => number(place, schema, value.as_f64().unwrap_or(f64::NAN)),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

/// `type`, `enum` and `const`.
fn kind(place: &Place<'_>, schema: &Map<String, Value>, value: &Value) -> Result<(), Fault> {
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
    if !types.is_empty() && !types.iter().any(|name| is(name, value)) {
        return Err(place.fault(format!("must be {}", types.join(" or "))));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return Err(place.fault(format!("must be one of {}", allowed.join(", "))));
    }
    match schema.get("const") {
        Some(only) if only != value => Err(place.fault(format!("must be {only}"))),
        _ => Ok(()),
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn object(
    place: &Place<'_>,
    schema: &Map<String, Value>,
    fields: &Map<String, Value>,
) -> Result<(), Fault> {
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Err(place.field(name).fault("is missing"));
        }
    }
    size(
        place,
        schema,
        fields.len(),
        ["minProperties", "maxProperties"],
        "fields",
    )?;
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, value) in fields {
        let inner = place.field(name);
        if let Some(names) = schema.get("propertyNames") {
            check(&inner, names, &Value::String(name.clone()), 0)?;
        }
        match properties.and_then(|properties| properties.get(name)) {
            Some(property) => check(&inner, property, value, 0)?,
            None => match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => return Err(inner.fault("is not a known field")),
                Some(other) => check(&inner, other, value, 0)?,
                None => {}
            },
        }
    }
    Ok(())
}

fn array(place: &Place<'_>, schema: &Map<String, Value>, items: &[Value]) -> Result<(), Fault> {
    size(
        place,
        schema,
        items.len(),
        ["minItems", "maxItems"],
        "items",
    )?;
    let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
    let first = schema.get("prefixItems").and_then(Value::as_array);
    let first = first.map_or(&[][..], Vec::as_slice);
    for (index, value) in items.iter().enumerate() {
        let inner = place.item(index);
        if unique && items[..index].contains(value) {
            return Err(inner.fault("is there twice"));
        }
        if let Some(item) = first.get(index).or_else(|| schema.get("items")) {
            check(&inner, item, value, 0)?;
        }
    }
    Ok(())
}

fn string(place: &Place<'_>, schema: &Map<String, Value>, text: &str) -> Result<(), Fault> {
    if schema.contains_key("minLength") || schema.contains_key("maxLength") {
        let length = text.chars().count();
        size(
            place,
            schema,
            length,
            ["minLength", "maxLength"],
            "characters",
        )?;
    }
    Ok(())
}

fn size(
    place: &Place<'_>,
    schema: &Map<String, Value>,
    size: usize,
    [least, most]: [&str; 2],
    what: &str,
) -> Result<(), Fault> {
    let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    if let Some(least) = limit(least)
        && (size as f64) < least
    {
        return Err(place.fault(format!("has {size} {what}, at least {least} are wanted")));
    }
    if let Some(most) = limit(most)
        && size as f64 > most
    {
        return Err(place.fault(format!("has {size} {what}, at most {most} are allowed")));
    }
    Ok(())
}

fn number(place: &Place<'_>, schema: &Map<String, Value>, number: f64) -> Result<(), Fault> {
    type Holds = fn(f64, f64) -> bool;
    let rules: [(&str, &str, Holds); 4] = [
        ("minimum", "at least", |n, limit| n >= limit),
        ("maximum", "at most", |n, limit| n <= limit),
        ("exclusiveMinimum", "more than", |n, limit| n > limit),
        ("exclusiveMaximum", "less than", |n, limit| n < limit),
    ];
    for (keyword, words, holds) in rules {
        if let Some(limit) = schema.get(keyword).and_then(Value::as_f64)
            && !holds(number, limit)
        {
            return Err(place.fault(format!("must be {words} {limit}")));
        }
    }
    Ok(())
}
