//! The part of JSON Schema that providers constrain a model's decoding to.
//!
//! `OpenAI` (strict mode), Anthropic, Gemini and Bedrock each take a little less than the whole, and
//! refuse a request with anything else. What all of them take is objects with known fields, lists,
//! `enum`, `anyOf` and references. Bounds are left out here, and told in the prompt and checked on
//! the answer instead.

use serde_json::{Map, Value, json};

/// The schema with nothing but what every provider takes, or none when it says something, such as a
/// map with free keys, that they cannot be held to.
pub(crate) fn portable(schema: &Value) -> Option<Value> {
    let Value::Object(from) = schema else {
        return None;
    };
    if let Some(reference) = from.get("$ref") {
        // Nothing may stand beside a reference.
        return Some(json!({"$ref": reference}));
    }
    let mut to = Map::new();
    for keyword in ["description", "enum"] {
        if let Some(value) = from.get(keyword) {
            to.insert(keyword.to_owned(), value.clone());
        }
    }
    if let Some(only) = from.get("const") {
        to.insert("enum".to_owned(), json!([only]));
    }
    if let Some(definitions) = from.get("$defs") {
        to.insert("$defs".to_owned(), each(definitions)?);
    }
    if let Some(forms) = from.get("anyOf").or_else(|| from.get("oneOf")) {
        let forms: Option<Vec<Value>> = forms.as_array()?.iter().map(portable).collect();
        to.insert("anyOf".to_owned(), json!(forms?));
        // A tagged type with fields beside its forms cannot be said so.
        return (!from.contains_key("properties")).then_some(Value::Object(to));
    }
    match from.get("type") {
        Some(Value::Array(types)) => {
            let kinds = types.iter().map(|one| {
                let mut form = from.clone();
                form.insert("type".to_owned(), one.clone());
                form.remove("description");
                portable(&Value::Object(form))
            });
            let kinds: Option<Vec<Value>> = kinds.collect();
            to.remove("enum");
            to.insert("anyOf".to_owned(), json!(kinds?));
        }
        Some(Value::String(kind)) => typed(&mut to, from, kind)?,
        _ if to.contains_key("enum") => {}
        _ => return None,
    }
    Some(Value::Object(to))
}

fn typed(to: &mut Map<String, Value>, from: &Map<String, Value>, kind: &str) -> Option<()> {
    to.insert("type".to_owned(), json!(kind));
    match kind {
        "object" => {
            let extra = from.get("additionalProperties");
            if extra.is_some_and(|extra| *extra != json!(false)) {
                return None;
            }
            to.insert("properties".to_owned(), each(from.get("properties")?)?);
            let required = from.get("required").cloned().unwrap_or_else(|| json!([]));
            to.insert("required".to_owned(), required);
            to.insert("additionalProperties".to_owned(), json!(false));
        }
        "array" => {
            if from.contains_key("prefixItems") {
                return None;
            }
            to.insert("items".to_owned(), portable(from.get("items")?)?);
        }
        // The values of an `enum` need not fit each of several types.
        "null" => {
            to.remove("enum");
        }
        _ => {}
    }
    Some(())
}

fn each(schemas: &Value) -> Option<Value> {
    let schemas = schemas.as_object()?.iter();
    let each = schemas.map(|(name, schema)| Some((name.clone(), portable(schema)?)));
    Some(Value::Object(each.collect::<Option<_>>()?))
}

/// The schema with every field of every object required, as `OpenAI`'s strict mode wants, where a
/// field that may be absent may be null as well; none where one may be absent and not null.
pub(crate) fn with_all_required(schema: Value) -> Option<Value> {
    match schema {
        Value::Object(mut keywords) => {
            if let Some(Value::Object(properties)) = keywords.get("properties") {
                let required = keywords.get("required").and_then(Value::as_array);
                let is_required =
                    |name: &String| required.is_some_and(|list| list.contains(&json!(name)));
                let mut optional = properties.iter().filter(|(name, _)| !is_required(name));
                if !optional.all(|(_, schema)| is_nullable(schema)) {
                    return None;
                }
                let names: Vec<&String> = properties.keys().collect();
                let names = json!(names);
                keywords.insert("required".to_owned(), names);
            }
            let inner = keywords.into_iter();
            let inner = inner.map(|(keyword, value)| Some((keyword, with_all_required(value)?)));
            inner.collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        Value::Array(schemas) => {
            let schemas = schemas.into_iter().map(with_all_required);
            schemas.collect::<Option<Vec<_>>>().map(Value::Array)
        }
        other => Some(other),
    }
}

fn is_nullable(schema: &Value) -> bool {
    let forms = schema.get("anyOf").and_then(Value::as_array);
    let mut forms = forms.into_iter().flatten();
    forms.any(|form| form["type"] == "null")
}

/// Whether a definition leads back to itself, which Anthropic's and Bedrock's decoding refuse.
pub(crate) fn is_recursive(schema: &Value) -> bool {
    let Some(Value::Object(definitions)) = schema.get("$defs") else {
        return false;
    };
    definitions.keys().any(|name| {
        let own = format!("#/$defs/{name}");
        let mut seen = Vec::new();
        let mut open = references(&definitions[name]);
        while let Some(reference) = open.pop() {
            if reference == own {
                return true;
            }
            if !seen.contains(&reference) {
                let target = reference.strip_prefix("#/$defs/");
                let target = target.and_then(|target| definitions.get(target));
                open.extend(target.map(references).unwrap_or_default());
                seen.push(reference);
            }
        }
        false
    })
}

fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(keywords) => keywords
            .iter()
            .flat_map(|(keyword, value)| match value {
                Value::String(target) if keyword == "$ref" => vec![target.clone()],
                value => references(value),
            })
            .collect(),
        Value::Array(schemas) => schemas.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_provider_takes_is_left() {
        let schema = json!({
            "$schema": "x", "title": "T", "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": 5, "description": "Short."},
                "share": {"type": ["number", "null"], "minimum": 0},
                "kind": {"$ref": "#/$defs/Kind", "description": "beside"},
                "list": {"type": "array", "items": {"type": "integer", "format": "uint8"}, "maxItems": 2},
            },
            "required": ["name", "kind", "list"],
            "$defs": {"Kind": {"oneOf": [{"type": "string", "const": "a"}, {"enum": ["b"]}]}},
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "Short."},
                "share": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                "kind": {"$ref": "#/$defs/Kind"},
                "list": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["name", "kind", "list"],
            "additionalProperties": false,
            "$defs": {"Kind": {"anyOf": [{"type": "string", "enum": ["a"]}, {"enum": ["b"]}]}},
        });
        assert_eq!(portable(&schema), Some(expected.clone()));
        assert!(!is_recursive(&schema));
        // A field that may be null need not be absent.
        let strict = with_all_required(expected).unwrap();
        let required = strict["required"].as_array().unwrap();
        assert!(required.len() == 4 && required.contains(&json!("share")));
    }

    #[test]
    fn what_cannot_be_said_is_not_said_half() {
        for free in [
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"type": "object"}),
            json!({"type": "array", "items": true}),
            json!({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}}),
            json!({}),
        ] {
            let schema = json!({"type": "object", "properties": {"x": free}, "required": ["x"]});
            assert_eq!(portable(&schema), None, "{schema}");
        }
    }

    #[test]
    fn a_field_that_is_absent_or_something_cannot_be_required() {
        let inner =
            json!({"type": "object", "properties": {"x": {"type": "string"}}, "required": []});
        let schema = json!({"properties": {"a": {"items": inner}}, "required": ["a"]});
        assert_eq!(with_all_required(schema), None);
    }

    #[test]
    fn a_definition_that_leads_back_is_found() {
        let schema = json!({"$defs": {
            "A": {"properties": {"b": {"$ref": "#/$defs/B"}}},
            "B": {"items": {"$ref": "#/$defs/A"}},
        }});
        assert!(is_recursive(&schema));
        assert!(!is_recursive(
            &json!({"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {}}})
        ));
    }
}
