//! Versions of runs on the wire: `ETag` says which one was read, `If-Match` which one a change is
//! meant for.

use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderName};

use crate::Problem;

/// The header that says which version an answer shows.
pub(crate) fn etag(version: u64) -> [(HeaderName, String); 1] {
    [(ETAG, format!("\"{version}\""))]
}

/// The version that a change is meant for; any when it is not said.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        let sent = headers.contains_key(IF_MATCH);
        let twice = Problem::invalid("If-Match", &"must be sent once");
        return if sent { Err(twice) } else { Ok(None) };
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let quoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let version = quoted.and_then(|digits| digits.parse().ok());
    let message = "must be the ETag of a run, such as \"7\", or *";
    version
        .map(Some)
        .ok_or_else(|| Problem::invalid("If-Match", &message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<u64>, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, value.parse().unwrap());
        }
        if_match(&headers).map_err(|problem| problem.errors[0].field.clone())
    }

    #[test]
    fn a_version_is_quoted() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["*"]), Ok(None));
        assert_eq!(read(&[" \"12\" "]), Ok(Some(12)));
        for bad in [
            &["12"][..],
            &["W/\"12\""],
            &["\"\""],
            &["\"1\", \"2\""],
            &["\"1\"", "\"1\""],
        ] {
            assert_eq!(read(bad), Err("If-Match".to_owned()), "{bad:?}");
        }
        assert_eq!(etag(12)[0].1, "\"12\"");
    }
}
