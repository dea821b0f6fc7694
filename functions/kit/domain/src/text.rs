//! Text for people, and limits on JSON that callers bring.

use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::FieldError;

/// How deep JSON may nest.
pub const MAX_DEPTH: usize = 16;

/// The largest integer that JSON numbers hold exactly everywhere (RFC 8259, section 6).
const MAX_EXACT: u64 = (1 << 53) - 1;

/// A moment as people read it: to the second, in UTC.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Text as the content of an element or of an attribute, in HTML and in XML alike: the five
/// characters of markup escaped, and what no XML 1.0 document may hold, such as control characters,
/// replaced by a space.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            c if c.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A sentence that begins with a capital letter.
pub fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next();
    first.map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Checks what holds for all JSON that comes from outside: bounded depth, integers that are exact
/// everywhere, and no control characters except line breaks and tabs, since these would corrupt
/// logs, terminals and prompts.
///
/// # Errors
/// The first field that breaks a limit, by its path from the root.
pub fn check_json(value: &Value) -> Result<(), FieldError> {
    check("", value, 0)
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
            let path = if field.is_empty() {
                key.clone()
            } else {
                format!("{field}.{key}")
            };
            check_text(&path.escape_debug().to_string(), key)?;
            check(&path, value, depth + 1)
        }),
        Value::Number(number) => check_number(field, number),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn check_number(field: &str, number: &Number) -> Result<(), FieldError> {
    let magnitude = number
        .as_u64()
        .or_else(|| number.as_i64().map(i64::unsigned_abs));
    if magnitude.is_some_and(|magnitude| magnitude > MAX_EXACT) {
        let message = format!("is an integer beyond {MAX_EXACT}: send it as text");
        return Err(FieldError::new(field, message));
    }
    Ok(())
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn names_the_field() {
        let error = check_json(&json!({"a": [1, {"b": "x\u{0}"}]})).unwrap_err();
        assert_eq!(error.field, "a[1].b");
        assert_eq!(
            check_json(&json!({"a\u{1b}": 1})).unwrap_err().field,
            "a\\u{1b}"
        );
        assert!(check_json(&json!({"a": "two\nlines"})).is_ok());
    }

    #[test]
    fn bounds_depth_and_integers() {
        let deep = (0..MAX_DEPTH + 2).fold(json!(1), |inner, _| json!([inner]));
        assert!(check_json(&deep).unwrap_err().message.contains("deeper"));
        assert!(
            check_json(&json!({"n": 1_u64 << 53}))
                .unwrap_err()
                .message
                .contains("as text")
        );
        assert!(check_json(&json!([-(1_i64 << 53)])).is_err());
        assert!(check_json(&json!([(1_u64 << 53) - 1, 1e300])).is_ok());
    }

    proptest! {
        /// Whatever a stranger writes, it opens no element and ends no attribute.
        #[test]
        fn what_is_escaped_is_text(text in "[<>\"'&a-z ]{0,40}") {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']), "{}", escaped);
            let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            prop_assert_eq!(back.replace("&#39;", "'").replace("&amp;", "&"), text);
        }

        #[test]
        fn nothing_escaped_is_forbidden_in_xml(text in any::<String>()) {
            let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
            prop_assert!(!escaped(&text).contains(forbidden));
        }
    }
}
