//! What comes back: statuses, bounded bodies, and what each failure means.

use baton_domain::email_pilot::PartnerError;
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::Secret;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 5 * 1024 * 1024;

/// The largest refusal that is read for what it says.
const MAX_REFUSAL: usize = 16 * 1024;

/// The longest message that is kept, in characters.
const MAX_MESSAGE: usize = 200;

/// The body of a success.
pub(super) struct Answer<'a> {
    pub(super) body: Vec<u8>,
    /// What no message may quote from it.
    key: Option<&'a Secret>,
}

impl Answer<'_> {
    /// What is wrong with it: bounded, on one line, and without the key, which a careless service
    /// may quote.
    pub(super) fn malformed(&self, message: &str) -> PartnerError {
        PartnerError::Malformed(without_key(message, self.key))
    }
}

/// The answer to a request that succeeded, or what the failure means.
pub(super) async fn read(
    response: Response,
    key: Option<&Secret>,
) -> Result<Answer<'_>, PartnerError> {
    let status = response.status();
    if status.is_success() {
        let body = bounded(response, MAX_ANSWER).await?;
        let body = body.ok_or_else(|| PartnerError::Malformed("larger than 5 MB".to_owned()))?;
        return Ok(Answer { body, key });
    }
    let retry_after = response.headers().get(RETRY_AFTER).cloned();
    let retry_after = retry_after.and_then(|after| after.to_str().ok()?.parse::<u32>().ok());
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(PartnerError::Unavailable(busy(status, retry_after)));
    }
    // What a refusal says is worth having, but the refusal stands without it.
    let said = bounded(response, MAX_REFUSAL).await.ok().flatten();
    Err(refusal(status, &message(&said.unwrap_or_default(), key)))
}

/// A request that got no answer.
pub(super) fn unsent(error: &reqwest::Error) -> PartnerError {
    if error.is_timeout() {
        PartnerError::TimedOut
    } else if error.is_connect() {
        PartnerError::Unavailable("no connection".to_owned())
    } else {
        PartnerError::Unavailable("the connection broke".to_owned())
    }
}

/// The body; none when it is larger than `limit`, which is found without reading more.
async fn bounded(mut response: Response, limit: usize) -> Result<Option<Vec<u8>>, PartnerError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Ok(None);
    }
    let mut body = Vec::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await.map_err(|e| unsent(&e))? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn busy(status: StatusCode, retry_after: Option<u32>) -> String {
    let status = status.as_u16();
    match retry_after {
        Some(seconds) => format!("status {status}, to be tried again in {seconds} s"),
        None => format!("status {status}"),
    }
}

fn refusal(status: StatusCode, said: &str) -> PartnerError {
    let message = said.to_owned();
    match status.as_u16() {
        404 => PartnerError::NotFound(message),
        409 => PartnerError::Conflict(message),
        408 => PartnerError::TimedOut,
        status @ 300..=399 => PartnerError::Refused {
            status,
            message: "it redirects, and no redirect is followed".to_owned(),
        },
        status @ 400..=499 => PartnerError::Refused { status, message },
        status => PartnerError::Malformed(format!("status {status}")),
    }
}

/// What a refusal says: `error.message`, `message` or `detail` of its JSON.
fn message(body: &[u8], key: Option<&Secret>) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let places = [&body["error"]["message"], &body["message"], &body["detail"]];
    let said = places.iter().find_map(|place| place.as_str());
    without_key(said.unwrap_or("it does not say why"), key)
}

/// A text without the key, on one line, of at most [`MAX_MESSAGE`] characters. The key goes first:
/// half a key would not be found.
fn without_key(text: &str, key: Option<&Secret>) -> String {
    let text = key.map_or_else(|| text.to_owned(), |key| key.hidden_in(text));
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_bounded_and_without_the_key() {
        let key = Secret::new("k-12345");
        for (body, said) in [
            (
                r#"{"error":{"message":"no such segment"}}"#,
                "no such segment",
            ),
            (r#"{"message":"a\nb"}"#, "a b"),
            (r#"{"detail":"k-12345 is not a key"}"#, "… is not a key"),
            ("<html>", "it does not say why"),
            ("", "it does not say why"),
        ] {
            assert_eq!(message(body.as_bytes(), Some(&key)), said);
        }
        let long = format!(r#"{{"message":"{}"}}"#, "ü".repeat(1_000));
        assert_eq!(message(long.as_bytes(), None).chars().count(), 200);
    }

    #[test]
    fn statuses_mean_what_they_mean() {
        for (status, code) in [
            (302, PartnerError::REFUSED),
            (401, PartnerError::REFUSED),
            (404, PartnerError::NOT_FOUND),
            (408, PartnerError::TIMED_OUT),
            (409, PartnerError::CONFLICT),
            (422, PartnerError::REFUSED),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(refusal(status, "").code(), code, "{status}");
        }
    }
}
