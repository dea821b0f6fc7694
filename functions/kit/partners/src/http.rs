//! What every client here shares: a connection that follows no redirect, addresses, keys, and
//! answers that are read no further than agreed.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;

use crate::tls::tls;
use crate::{Secret, SettingError};

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

const CONNECT: Duration = Duration::from_secs(3);

/// The longest key that is sent.
const MAX_KEY: usize = 255;

/// The largest refusal that is read for what it says.
pub(crate) const MAX_REFUSAL: usize = 16 * 1024;

/// The longest message that is kept, in characters.
const MAX_MESSAGE: usize = 200;

/// No answer came; what was asked may have happened.
pub(crate) enum Unanswered {
    TimedOut,
    Broken(&'static str),
}

impl From<reqwest::Error> for Unanswered {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Broken("no connection")
        } else {
            Self::Broken("the connection broke")
        }
    }
}

/// A client that follows no redirect: one would take keys and content to an address that nobody
/// configured, and may turn a POST into a GET. `address` is the variable to mend when it cannot be
/// set up.
pub(crate) fn client(
    headers: HeaderMap,
    timeout: Duration,
    address: &'static str,
) -> Result<Client, SettingError> {
    let unusable = SettingError {
        variable: address,
        message: "no connection can be set up",
    };
    Client::builder()
        .tls_backend_preconfigured(tls().map_err(|_| unusable.clone())?)
        .default_headers(headers)
        .user_agent(concat!("baton/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT.min(timeout))
        .timeout(timeout)
        .redirect(Policy::none())
        .build()
        .map_err(|_| unusable)
}

/// An idempotency key as a header; none when it is not 1 to 255 visible ASCII characters.
pub(crate) fn key_header(key: &str) -> Option<HeaderValue> {
    let visible = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    HeaderValue::from_str(key).ok().filter(|_| visible)
}

/// The address under `base` whose path has these segments besides; none for a segment that no
/// address can hold: `.` and `..` would be steps of the path, another address altogether.
pub(crate) fn url<S: AsRef<str>>(base: &Url, path: &[S]) -> Option<Url> {
    let steps = |part: &S| matches!(part.as_ref(), "" | "." | "..");
    if path.iter().any(steps) {
        return None;
    }
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    Some(url)
}

/// The body; none when it is larger than `limit` bytes, which is found without reading more.
pub(crate) async fn bounded(
    mut response: Response,
    limit: usize,
) -> Result<Option<Vec<u8>>, Unanswered> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Ok(None);
    }
    let mut body = Vec::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// What a service says that cannot answer now.
pub(crate) fn busy(status: StatusCode, retry_after: Option<&HeaderValue>) -> String {
    let seconds = retry_after.and_then(|after| after.to_str().ok()?.parse::<u32>().ok());
    let status = status.as_u16();
    match seconds {
        Some(seconds) => format!("status {status}, to be tried again in {seconds} s"),
        None => format!("status {status}"),
    }
}

/// What a refusal says: `error.message`, `message`, `detail`, `description` or `error` of its JSON.
pub(crate) fn message(body: &[u8], secret: Option<&Secret>) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let places = [
        &body["error"]["message"],
        &body["message"],
        &body["detail"],
        &body["description"],
        &body["error"],
    ];
    let said = places.iter().find_map(|place| place.as_str());
    without_secret(said.unwrap_or("it does not say why"), secret)
}

/// A text without the secret, which a careless service may quote, on one line, of at most
/// [`MAX_MESSAGE`] characters. The secret goes first: half of one would not be found.
pub(crate) fn without_secret(text: &str, secret: Option<&Secret>) -> String {
    let text = secret.map_or_else(|| text.to_owned(), |secret| secret.hidden_in(text));
    one_line(&text, MAX_MESSAGE)
}

/// The beginning of a text, on one line.
pub(crate) fn one_line(text: &str, characters: usize) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_bounded_and_without_the_secret() {
        let key = Secret::new("k-12345");
        for (body, said) in [
            (
                r#"{"error":{"message":"no such segment"}}"#,
                "no such segment",
            ),
            (r#"{"message":"a\nb"}"#, "a b"),
            (r#"{"detail":"k-12345 is not a key"}"#, "… is not a key"),
            (
                r#"{"success":false,"error":"InvalidToken"}"#,
                "InvalidToken",
            ),
            ("<html>", "it does not say why"),
            ("", "it does not say why"),
        ] {
            assert_eq!(message(body.as_bytes(), Some(&key)), said);
        }
        let long = format!(r#"{{"message":"{}"}}"#, "ü".repeat(1_000));
        assert_eq!(message(long.as_bytes(), None).chars().count(), 200);
    }
}
