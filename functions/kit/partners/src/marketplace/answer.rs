//! What failures of the marketplace and the Payment Manager mean.

use baton_domain::Money;
use baton_domain::marketplace::MarketError;
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::price::units;
use crate::Secret;
use crate::http::{MAX_REFUSAL, Unanswered, bounded, busy, message, without_secret};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;

impl From<Unanswered> for MarketError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TimedOut => Self::TimedOut,
            Unanswered::Broken(how) => Self::Unavailable(how.to_owned()),
        }
    }
}

/// A call that is wrong before anything is sent.
pub(crate) fn not_sent(message: &str) -> MarketError {
    MarketError::Refused {
        status: 422,
        message: message.to_owned(),
    }
}

/// The JSON of a success.
pub(crate) async fn success(response: Response) -> Result<Value, MarketError> {
    let malformed = |wrong: &str| MarketError::Malformed(wrong.to_owned());
    let body = bounded(response, MAX_ANSWER).await?;
    let body = body.ok_or_else(|| malformed("larger than 1 MB"))?;
    serde_json::from_slice(&body).map_err(|_| malformed("it is no JSON"))
}

/// What an answer that is no success means; no message holds `secret`.
pub(crate) async fn failure(response: Response, secret: Option<&Secret>) -> MarketError {
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return MarketError::Unavailable(busy(status, response.headers().get(RETRY_AFTER)));
    }
    // What a refusal says is worth having, but the refusal stands without it.
    let said = bounded(response, MAX_REFUSAL).await.ok().flatten();
    refusal(status, &said.unwrap_or_default(), secret)
}

fn refusal(status: StatusCode, body: &[u8], secret: Option<&Secret>) -> MarketError {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    // A name counts where the status says no as well: a redirect after a charge may carry any.
    if matches!(status.as_u16(), 400..=404 | 422)
        && let Some(declined) = declined(&said)
    {
        return declined;
    }
    let message = message(body, secret);
    match status.as_u16() {
        401 => MarketError::Authentication(message),
        408 => MarketError::TimedOut,
        status @ 300..=399 => MarketError::Refused {
            status,
            message: "it redirects, and no redirect is followed".to_owned(),
        },
        status @ 400..=499 => MarketError::Refused { status, message },
        status => MarketError::Malformed(format!("status {status}")),
    }
}

/// What a charge was declined for, by its name; the name may lie in `detail`.
pub(super) fn declined(said: &Value) -> Option<MarketError> {
    let places = [said, &said["detail"]];
    places.into_iter().find_map(|place| {
        let sum = |field: &str| units(&place[field]).unwrap_or(Money::ZERO);
        match place["error"].as_str()? {
            "InsufficientBalance" => Some(MarketError::InsufficientBalance {
                required: sum("required"),
                available: sum("available"),
            }),
            "InvalidToken" => {
                let message = "the token is not accepted".to_owned();
                Some(MarketError::Authentication(message))
            }
            _ => None,
        }
    })
}

/// A charge that was declined with a success's status.
pub(super) fn declined_softly(said: &Value, secret: &Secret) -> MarketError {
    declined(said).unwrap_or_else(|| MarketError::Refused {
        status: 400,
        message: without_secret(
            said["error"].as_str().unwrap_or("it does not say why"),
            Some(secret),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_answers_say_that_nothing_was_charged() {
        for (status, declined) in [
            (302, false),
            (400, false),
            (401, true),
            (402, true),
            (403, true),
            (404, true),
            (409, false),
            (422, true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                refusal(status, b"", None).is_decline(),
                declined,
                "{status}"
            );
        }
    }

    #[test]
    fn statuses_mean_what_they_mean() {
        for (status, code) in [
            (302, MarketError::REFUSED),
            (400, MarketError::REFUSED),
            (401, MarketError::AUTHENTICATION),
            (403, MarketError::REFUSED),
            (408, MarketError::TIMED_OUT),
            (422, MarketError::REFUSED),
            (600, MarketError::MALFORMED),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(refusal(status, b"", None).code(), code, "{status}");
        }
    }

    #[test]
    fn a_charge_is_declined_by_name_wherever_it_stands() {
        for body in [
            r#"{"success":false,"error":"InsufficientBalance","required":40,"available":3}"#,
            r#"{"detail":{"error":"InsufficientBalance","required":40,"available":3}}"#,
        ] {
            let Err(error) = Err::<(), _>(refusal(StatusCode::BAD_REQUEST, body.as_bytes(), None))
            else {
                unreachable!();
            };
            let expected = MarketError::InsufficientBalance {
                required: Money::from_micro_usd(40_000_000),
                available: Money::from_micro_usd(3_000_000),
            };
            assert_eq!(error, expected);
        }
        let invalid = refusal(
            StatusCode::BAD_REQUEST,
            br#"{"error":"InvalidToken"}"#,
            None,
        );
        assert_eq!(invalid.code(), MarketError::AUTHENTICATION);
        for status in [StatusCode::SEE_OTHER, StatusCode::CONFLICT] {
            let odd = refusal(status, br#"{"error":"InvalidToken"}"#, None);
            assert_eq!(odd.code(), MarketError::REFUSED);
            assert!(!odd.is_decline(), "{odd}");
        }
    }
}
