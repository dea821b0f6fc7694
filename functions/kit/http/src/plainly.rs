//! What is wrong with a query, in words for who sent it.

use axum::extract::rejection::QueryRejection;
use baton_domain::plainly::plainly;

use crate::Problem;

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
}
