//! What comes back: statuses, bounded bodies, and what each failure means.

use baton_domain::email_pilot::PartnerError;
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};

use crate::Secret;
use crate::http::{MAX_REFUSAL, Unanswered, bounded, busy, message, without_secret};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 5 * 1024 * 1024;

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
        PartnerError::Malformed(without_secret(message, self.key))
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
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        let said = busy(status, response.headers().get(RETRY_AFTER));
        return Err(PartnerError::Unavailable(said));
    }
    // What a refusal says is worth having, but the refusal stands without it.
    let said = bounded(response, MAX_REFUSAL).await.ok().flatten();
    Err(refusal(status, &message(&said.unwrap_or_default(), key)))
}

impl From<Unanswered> for PartnerError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TimedOut => Self::TimedOut,
            Unanswered::Broken(how) => Self::Unavailable(how.to_owned()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
