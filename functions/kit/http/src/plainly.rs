//! What serde says of a body, a form or a query, in words for who sent it.

use axum::extract::rejection::QueryRejection;

use crate::Problem;

/// The field that a refusal names, where it names one, and what is wrong.
pub(crate) fn plainly(said: &str) -> (Option<&str>, String) {
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
    let is_no_object = ["invalid type: ", "invalid length "]
        .iter()
        .any(|start| said.contains(start) && said.contains(", expected struct "));
    let message = if is_no_object {
        "must be a JSON object"
    } else {
        said
    };
    (None, message.to_owned())
}

impl Problem {
    /// A query that cannot be read.
    pub(crate) fn query(rejection: &QueryRejection) -> Self {
        let said = rejection.body_text();
        match plainly(&said) {
            (Some(name), wrong) => {
                Self::invalid(name, &format!("query parameter `{name}` {wrong}"))
            }
            (None, wrong) => Self::invalid("query", &wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused matters")]
    struct Wanted {
        #[serde(default)]
        limit: Option<String>,
        #[serde(default)]
        before: Option<String>,
    }

    #[test]
    fn a_query_parameter_is_named() {
        for (query, field, message) in [
            (
                "foo=1",
                "foo",
                "query parameter `foo` is unknown; known: `limit` or `before`",
            ),
            (
                "limit=1&limit=2",
                "limit",
                "query parameter `limit` is there twice",
            ),
        ] {
            let uri = format!("http://x/?{query}").parse().unwrap();
            let error = Query::<Wanted>::try_from_uri(&uri).unwrap_err();
            let problem = Problem::query(&error);
            assert_eq!(problem.errors[0].field, field);
            assert_eq!(problem.errors[0].message, message);
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
                "invalid type: string \"a\", expected struct Edits",
                "must be a JSON object",
            ),
        ] {
            assert_eq!(plainly(said), (None, plain.to_owned()));
        }
    }
}
