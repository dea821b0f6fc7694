//! Bodies: bounded, JSON, and of the type that the route takes.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The largest body that is read (X4).
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// A body of type `T`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = request.headers().get(CONTENT_TYPE).is_none_or(|value| {
            value
                .to_str()
                .is_ok_and(|kind| kind.to_ascii_lowercase().contains("json"))
        });
        if !is_json {
            return Err(Problem::not_json());
        }
        let body = to_bytes(request.into_body(), MAX_BODY_BYTES);
        parse(&body.await.map_err(|_| Problem::body_too_large())?).map(Self)
    }
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::malformed("the body is empty: send a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            refused_field(&path, &inner.to_string())
        } else {
            broken(&inner)
        }
    })?;
    json.end().map_err(|error| broken(&error))?;
    Ok(value)
}

fn broken(error: &serde_json::Error) -> Problem {
    Problem::malformed(&format!("the body is not JSON: {error}"))
}

/// Serde blames the object that misses a field; a caller looks for the field.
fn refused_field(path: &str, message: &str) -> Problem {
    let path = if path == "." { "" } else { path };
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    let field = match (path, missing) {
        ("", Some(missing)) => missing.to_owned(),
        (path, Some(missing)) => format!("{path}.{missing}"),
        (path, None) => path.to_owned(),
    };
    Problem::invalid(&field, &message)
}
