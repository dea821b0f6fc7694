//! What serde says of an input, in words for who sent it.

/// The field that a refusal names, where it names one, and what is wrong.
pub fn plainly(said: &str) -> (Option<&str>, String) {
    let said = said.split(" at line ").next().unwrap_or_default();
    let named = |start| {
        let (_, rest) = said.split_once(start)?;
        rest.split('`').next()
    };
    if let Some(name) = named("missing field `") {
        return (Some(name), "is missing".to_owned());
    }
    if let Some(name) = named("duplicate field `") {
        return (Some(name), "is there twice".to_owned());
    }
    if let Some(name) = named("unknown field `") {
        let known = said.split_once(", expected ").map(|(_, known)| known);
        let known = known.map(|known| known.trim_start_matches("one of "));
        let known = known.map_or_else(String::new, |known| format!("; known: {known}"));
        return (Some(name), format!("is unknown{known}"));
    }
    if is_of_no_time(said) {
        return (
            None,
            "must be a time such as 2026-01-15T12:00:00Z".to_owned(),
        );
    }
    (None, mistyped(said).unwrap_or_else(|| said.to_owned()))
}

/// Whether a text was no time: what reads times tells of the digits that it looked for.
fn is_of_no_time(said: &str) -> bool {
    let starts = [
        "failed to parse",
        "failed to find",
        "parsed ",
        "successfully parsed",
        "expected four digit",
    ];
    starts.iter().any(|start| said.starts_with(start))
}

/// What a value should have been, where it is of another type; the names of our types mean nothing to
/// who sent it.
fn mistyped(said: &str) -> Option<String> {
    let (found, expected) = said.rsplit_once(", expected ")?;
    let kinds = ["invalid type: ", "invalid value: ", "invalid length "];
    let found = kinds.iter().find_map(|kind| found.strip_prefix(kind))?;
    let must = match expected {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number of 0 or more",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a JSON object",
        expected if expected.starts_with("struct ") => {
            return Some("must be a JSON object".to_owned());
        }
        expected if expected.starts_with("a nonzero u") => "a whole number of 1 or more",
        _ => return None,
    };
    let found = found.replace('`', "").replacen("string ", "the text ", 1);
    let found = found
        .trim_start_matches("integer ")
        .trim_start_matches("floating point ");
    Some(format!("must be {must}, got {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_none_is_told_as_one() {
        for wrong in [
            "01/02/2024",
            "",
            "2024-01-02",
            "2024-01-02T10:00:00",
            "2024-13-02T10:00:00Z",
            "2024-01-32T10:00:00Z",
            "2024-01-02T25:00:00Z",
            "2024-01-02T10:00:00Zz",
            "yesterday",
        ] {
            let read: Result<crate::Timestamp, _> =
                serde_json::from_value(serde_json::json!(wrong));
            let said = read.unwrap_err().to_string();
            let plain = "must be a time such as 2026-01-15T12:00:00Z".to_owned();
            assert_eq!(plainly(&said), (None, plain), "{wrong}: {said}");
        }
    }

    #[test]
    fn places_in_the_text_and_names_of_types_are_left_out() {
        for (said, plain) in [
            (
                "a sum must be positive at line 1 column 9",
                "a sum must be positive",
            ),
            (
                "invalid length 1, expected struct ForkRun with 5 elements at line 1 column 2",
                "must be a JSON object",
            ),
            (
                "invalid value: integer `-1`, expected usize",
                "must be a whole number of 0 or more, got -1",
            ),
            (
                "invalid type: string \"1\", expected f64",
                "must be a number, got the text \"1\"",
            ),
            (
                "invalid type: floating point `1.5`, expected u32",
                "must be a whole number of 0 or more, got 1.5",
            ),
            (
                "invalid type: map, expected a sequence",
                "must be a list, got map",
            ),
            (
                "invalid type: string \"a\", expected struct Edits",
                "must be a JSON object",
            ),
        ] {
            assert_eq!(plainly(said), (None, plain.to_owned()));
        }
    }
}
