//! Limits on free JSON that callers bring.

use serde_json::Value;

use crate::FieldError;

/// How deep free JSON may nest.
pub const MAX_DEPTH: usize = 16;

/// Checks JSON of no fixed type: bounded depth, and no control characters except line breaks and
/// tabs, since these would corrupt logs, terminals and prompts.
///
/// # Errors
/// The first field that breaks a limit, by its path from `field`.
pub fn check_free_json(field: &str, value: &Value) -> Result<(), FieldError> {
    check(field, value, 0)
}

fn check(field: &str, value: &Value, depth: usize) -> Result<(), FieldError> {
    if depth > MAX_DEPTH {
        return Err(FieldError::new(
            field,
            format!("nests deeper than {MAX_DEPTH} levels"),
        ));
    }
    match value {
        Value::String(text) => check_text(field, text),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .try_for_each(|(i, value)| check(&format!("{field}[{i}]"), value, depth + 1)),
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            check_text(&format!("{field} (a key)"), key)?;
            check(&format!("{field}.{key}"), value, depth + 1)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_text(field: &str, text: &str) -> Result<(), FieldError> {
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(FieldError::new(
            field,
            "contains control characters: remove them",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_the_field() {
        let error = check_free_json("context", &json!({"a": [1, {"b": "x\u{0}"}]})).unwrap_err();
        assert_eq!(error.field, "context.a[1].b");
        assert!(check_free_json("context", &json!({"a\u{1b}": 1})).is_err());
        assert!(check_free_json("context", &json!({"a": "two\nlines"})).is_ok());
    }

    #[test]
    fn bounds_the_depth() {
        let deep = (0..MAX_DEPTH + 2).fold(json!(1), |inner, _| json!([inner]));
        assert!(
            check_free_json("context", &deep)
                .unwrap_err()
                .message
                .contains("deeper")
        );
    }
}
