//! Bodies: bounded, JSON, and of the type that the route takes.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use baton_domain::text::check_json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Problem;
use baton_domain::plainly::plainly;

/// The largest body that is read (X4).
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// A body of type `T`.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A body of type `T` that may be left out.
pub(crate) struct OptionalJsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Serialize> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        parse(&bytes(request).await?).map(Self)
    }
}

impl<S, T> FromRequest<S> for OptionalJsonBody<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Serialize + Default,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = bytes(request).await?;
        let left_out = body.is_empty();
        let read = if left_out {
            Ok(T::default())
        } else {
            parse(&body)
        };
        read.map(Self)
    }
}

/// What a body holds: at most [`MAX_BODY_BYTES`], sent as JSON.
pub(crate) async fn bytes(request: Request) -> Result<Bytes, Problem> {
    let is_json = request.headers().get(CONTENT_TYPE).is_none_or(|value| {
        value
            .to_str()
            .is_ok_and(|kind| kind.to_ascii_lowercase().contains("json"))
    });
    if !is_json {
        return Err(Problem::not_json());
    }
    let body = to_bytes(request.into_body(), MAX_BODY_BYTES);
    body.await.map_err(|error| unread(&error))
}

/// A body that is too large, or that ended early.
fn unread(error: &axum::Error) -> Problem {
    use std::error::Error as _;
    // The type of the source is not exported; its message is all there is.
    let too_large = error
        .source()
        .is_some_and(|source| source.to_string().contains("limit"));
    if too_large {
        Problem::body_too_large()
    } else {
        Problem::malformed("the body ended early")
    }
}

fn parse<T: DeserializeOwned + Serialize>(body: &Bytes) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::malformed("the body is empty: send a JSON object"));
    }
    let sent: Value = serde_json::from_slice(body).map_err(|error| broken(&error))?;
    check_json(&sent).map_err(|error| Problem::invalid(&error.field, &error.message))?;
    if !sent.is_object() {
        return Err(Problem::invalid("", &"must be a JSON object"));
    }
    // Read again from the text, where a field that is there twice still shows.
    let mut json = serde_json::Deserializer::from_slice(body);
    let read: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        refused_field(&path, &error.into_inner().to_string())
    })?;
    let meant = serde_json::to_value(&read).unwrap_or_default();
    match misread("", &sent, &meant) {
        Some(field) => Err(Problem::invalid(&field, &"must be a JSON object")),
        None => Ok(read),
    }
}

/// The first place where a list was sent and an object is meant: serde would take its entries for
/// the fields, in order.
fn misread(field: &str, sent: &Value, meant: &Value) -> Option<String> {
    match (sent, meant) {
        (Value::Array(_), Value::Object(_)) => Some(field.to_owned()),
        (Value::Object(sent), Value::Object(meant)) => sent.iter().find_map(|(key, sent)| {
            let path = if field.is_empty() {
                key.clone()
            } else {
                format!("{field}.{key}")
            };
            misread(&path, sent, meant.get(key)?)
        }),
        (Value::Array(sent), Value::Array(meant)) => {
            let mut pairs = sent.iter().zip(meant).enumerate();
            pairs.find_map(|(i, (sent, meant))| misread(&format!("{field}[{i}]"), sent, meant))
        }
        _ => None,
    }
}

fn broken(error: &serde_json::Error) -> Problem {
    Problem::malformed(&format!("the body is not JSON: {error}"))
}

/// Serde blames the object in which a field is missing or twice; a caller looks for the field.
fn refused_field(path: &str, said: &str) -> Problem {
    let path = if path == "." { "" } else { path };
    let (named, message) = plainly(said);
    let field = match (path, named) {
        ("", Some(named)) => named.to_owned(),
        (path, Some(named)) if !path.ends_with(named) => format!("{path}.{named}"),
        (path, _) => path.to_owned(),
    };
    Problem::invalid(&field, &message)
}
