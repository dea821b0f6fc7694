//! How work is answered, and what faults do to that.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::faults::{Call, Kind};
use super::{Sandbox, State};
use crate::faults::Verdict;
use crate::journal::BooksError;

/// How it says no: a status and `{"detail": "…"}`.
pub(crate) struct Refused(pub(crate) StatusCode, pub(crate) String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "detail": self.1 }))).into_response()
    }
}

impl From<BooksError> for Refused {
    fn from(error: BooksError) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl Verdict<Kind> {
    /// What goes wrong.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.wrong.map(|(kind, _)| kind)
    }

    /// Whether this goes wrong.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind() == Some(kind)
    }

    /// Whether this rule is kept to.
    pub(crate) fn keeps(&self, rule: Kind) -> bool {
        self.rules.contains(&rule)
    }
}

/// Does the work, and lets go wrong what should.
pub(crate) async fn answered(
    sandbox: &Sandbox,
    call: Call,
    work: impl FnOnce(&mut State, &Verdict<Kind>) -> Result<Response, Refused>,
) -> Response {
    let verdict = sandbox.state().faults.next(call);
    tokio::time::sleep(verdict.delay).await;
    let refused = |status, message: &str| Refused(status, message.to_owned()).into_response();
    match verdict.kind() {
        Some(Kind::Error500) => return broken(),
        Some(Kind::RateLimited) => {
            let limited = refused(StatusCode::TOO_MANY_REQUESTS, "too many requests");
            return ([(header::RETRY_AFTER, "1")], limited).into_response();
        }
        Some(Kind::Refused) => {
            return refused(StatusCode::UNPROCESSABLE_ENTITY, "refused on demand");
        }
        Some(Kind::Redirect) => {
            let elsewhere = [(header::LOCATION, "http://elsewhere.invalid/")];
            return (StatusCode::TEMPORARY_REDIRECT, elsewhere).into_response();
        }
        _ => {}
    }
    // From here to the end of the work nothing waits: a caller that hangs up leaves it whole.
    let done = work(&mut sandbox.state(), &verdict);
    let response = match done {
        Ok(response) => response,
        Err(refused) => return refused.into_response(),
    };
    match verdict.wrong {
        Some((Kind::Error500AfterCharging, _)) => broken(),
        Some((Kind::TimeoutAfterCharging, time)) => unanswered(time).await,
        Some((Kind::Malformed, _)) => torn(response).await,
        _ => response,
    }
}

fn broken() -> Response {
    let message = "an error on demand".to_owned();
    Refused(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
}

async fn unanswered(time: Duration) -> Response {
    tokio::time::sleep(time).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// The first half of an answer.
async fn torn(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await;
    let whole = whole.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    (parts.status, content_type, half).into_response()
}
