//! What a Baton answers, and what its problems mean for a command.

use baton_domain::approval::ApprovalOutcome;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;
use crate::show::plain;

/// Why a call did not do what was asked.
#[derive(Debug)]
pub(crate) struct CallError {
    /// The HTTP status; none when nothing answered.
    pub(crate) status: Option<u16>,
    /// What happened and what to do: `field: detail` where a field is to be mended.
    pub(crate) message: String,
    /// What was decided, where that is the problem.
    pub(crate) decision: Option<Box<ApprovalOutcome>>,
    /// Whether the same call may do later.
    pub(crate) may_pass: bool,
}

/// A problem (RFC 9457), as far as a command needs it.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<Field>,
    #[serde(default)]
    decision: Option<Box<ApprovalOutcome>>,
}

#[derive(Deserialize)]
struct Field {
    field: String,
    message: String,
}

impl CallError {
    /// The call is wrong before anything is sent.
    pub(crate) fn wrong(message: &str) -> Self {
        Self {
            status: Some(422),
            message: message.to_owned(),
            decision: None,
            may_pass: false,
        }
    }

    pub(super) fn unreachable(url: &str, error: &reqwest::Error) -> Self {
        let message = if error.is_connect() {
            format!("nothing answers at {url}: is `baton serve` running there? --url names another")
        } else if error.is_timeout() {
            format!("{url} did not answer in time: what was asked may have happened")
        } else {
            format!("{url} broke off: what was asked may have happened")
        };
        Self {
            status: None,
            message,
            decision: None,
            may_pass: true,
        }
    }

    fn of(status: u16, body: &[u8]) -> Self {
        let problem = serde_json::from_slice::<Problem>(body).ok();
        let message = problem.as_ref().and_then(Problem::message);
        // A Baton's refusals are problems; gateways before it refuse in their own words.
        let is_stranger = message.is_none() && matches!(status, 300..=399 | 404 | 405 | 501);
        let message = message.unwrap_or_else(|| format!("HTTP {status}{}", said(body)));
        let hint = match status {
            _ if is_stranger => ": what answers there is no Baton; --url (or BATON_URL) names one",
            401 | 403 => ": BATON_TOKEN (or --token) must hold a token that may do this",
            _ => "",
        };
        Self {
            status: Some(status),
            message: format!("{message}{hint}"),
            decision: problem.and_then(|problem| problem.decision),
            may_pass: status == 429 || status >= 500,
        }
    }

    fn unusable(status: u16, url: &Url, why: &dyn std::fmt::Display) -> Self {
        Self {
            status: Some(status),
            message: format!(
                "{url} answered what this version does not understand: is that a Baton? {why}"
            ),
            decision: None,
            may_pass: false,
        }
    }

    /// Whether what was asked for contradicts what is.
    pub(crate) fn is_conflict(&self) -> bool {
        self.status == Some(409)
    }
}

impl Problem {
    fn message(&self) -> Option<String> {
        if !self.errors.is_empty() {
            let lines = self.errors.iter().map(|error| {
                let field = if error.field.is_empty() {
                    "the body"
                } else {
                    &error.field
                };
                format!("{}: {}", plain(field), plain(&error.message))
            });
            return Some(lines.collect::<Vec<_>>().join("\n"));
        }
        let said = [&self.detail, &self.title];
        let said = said.into_iter().find(|text| !text.is_empty());
        said.map(|text| plain(text))
    }
}

/// What a body that is no problem says: gateways have a `message`.
fn said(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = value["message"].as_str().unwrap_or_default();
    if message.is_empty() {
        String::new()
    } else {
        format!(": {}", plain(message))
    }
}

impl From<CallError> for Failure {
    /// What is wrong with a name, a field or a token is the command line's; what is refused or not
    /// there has run and failed.
    fn from(error: CallError) -> Self {
        match error.status {
            Some(400 | 401 | 403 | 404 | 413 | 422) => Self::wrong(&error.message),
            _ => Self::failed(&error.message),
        }
    }
}

/// The answer, or why there is none.
pub(super) async fn checked(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.bytes().await.unwrap_or_default();
    Err(CallError::of(status.as_u16(), &body))
}

/// A stream of events, or that there is nothing to hear any more.
pub(super) async fn streamed(response: Response) -> Result<Response, CallError> {
    let response = checked(response).await?;
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if response.status() == StatusCode::NO_CONTENT || kind.starts_with("text/event-stream") {
        return Ok(response);
    }
    let (status, url) = (response.status().as_u16(), response.url());
    Err(CallError::unusable(
        status,
        url,
        &"it is no stream of events",
    ))
}

/// The answer as its type.
pub(super) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    let response = checked(response).await?;
    let (status, url) = (response.status().as_u16(), response.url().clone());
    let unusable = |why: &dyn std::fmt::Display| CallError::unusable(status, &url, why);
    let body = response.bytes().await.map_err(|error| unusable(&error))?;
    serde_json::from_slice(&body).map_err(|error| unusable(&error))
}

/// The answer as text.
pub(super) async fn text(response: Response) -> Result<String, CallError> {
    let response = checked(response).await?;
    let (status, url) = (response.status().as_u16(), response.url().clone());
    let body = response.text().await;
    body.map_err(|error| CallError::unusable(status, &url, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, body: &str) -> Failure {
        CallError::of(status, body.as_bytes()).into()
    }

    #[test]
    fn a_problem_names_the_field() {
        let body = r#"{"type": "urn:baton:problem:invalid-field", "title": "A field is not valid",
            "status": 422, "detail": "brand_id: must not", "errors": [
            {"field": "brand_id", "message": "must\u001b[31m not"}, {"field": "", "message": "no"}]}"#;
        let failure = failure(422, body);
        assert_eq!(failure.message, "brand_id: must [31m not\nthe body: no");
        assert_eq!(failure.code, 2);
    }

    #[test]
    fn what_is_no_problem_is_still_said() {
        let unauthorized = failure(401, r#"{"message": "Unauthorized"}"#);
        assert!(unauthorized.message.starts_with("HTTP 401: Unauthorized"));
        assert!(unauthorized.message.contains("BATON_TOKEN"));
        for status in [302, 404, 501] {
            let stranger = failure(status, "<html>Not found").message;
            assert!(stranger.contains("is no Baton"), "{stranger}");
        }
        assert_eq!((unauthorized.code, failure(502, "<html>").code), (2, 1));
        assert_eq!(failure(409, r#"{"title": "No"}"#).message, "No");
    }
}
