//! Which keywords of JSON Schema (2020-12) are checked.

use serde_json::Value;

/// Keywords that hold one schema.
const ONE: [&str; 3] = ["items", "additionalProperties", "propertyNames"];

/// Keywords that hold a list of schemas.
const LIST: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Keywords that hold named schemas.
const NAMED: [&str; 2] = ["properties", "$defs"];

/// Keywords that hold values.
const VALUES: [&str; 16] = [
    "type",
    "enum",
    "const",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "$ref",
];

/// Keywords that tell and do not demand. What a format means is for the type to parse.
const TOLD: [&str; 8] = [
    "$schema",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "format",
    "$comment",
];

/// Refuses a schema with a keyword that is not checked.
pub(super) fn refuse_unknown(schema: &Value) -> Result<(), String> {
    let keywords = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(keywords) => keywords,
        _ => return Err("a schema is neither an object nor a boolean".to_owned()),
    };
    for (keyword, value) in keywords {
        let keyword = keyword.as_str();
        if ONE.contains(&keyword) {
            refuse_unknown(value)?;
        } else if LIST.contains(&keyword) {
            let mut list = value.as_array().into_iter().flatten();
            list.try_for_each(refuse_unknown)?;
        } else if NAMED.contains(&keyword) {
            let mut named = value
                .as_object()
                .into_iter()
                .flat_map(|named| named.values());
            named.try_for_each(refuse_unknown)?;
        } else if !VALUES.contains(&keyword) && !TOLD.contains(&keyword) {
            return Err(format!(
                "`{keyword}` in the schema of an answer is not supported: check it in code"
            ));
        }
    }
    Ok(())
}
