//! The marketplace's routes.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use baton_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answered::{Refused, answered};
use super::catalogue::{search, source};
use super::desk::{Declined, LateCharge, Opened};
use super::faults::{Call, Faults, Kind};
use super::quote::{self, PAYMENT_RESPONSE, Price};
use super::settle::Outcome;
use super::{Ledger, Sandbox, State};
use crate::faults::Verdict;

/// The marketplace's routes, and the sandbox's own.
pub fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/company/basic", get(basic))
        .route("/company/detail", get(detail))
        .route("/pay", post(pay))
        .merge(own_routes())
        .with_state(sandbox)
}

/// The sandbox's own routes.
pub(crate) fn own_routes() -> Router<Sandbox> {
    Router::new()
        .route("/sandbox/books", get(read_books))
        .route("/sandbox/faults", put(set_faults).get(read_faults))
        .route("/sandbox/clock", put(set_clock))
}

#[derive(Deserialize)]
struct Keyword {
    #[serde(default)]
    keyword: String,
}

async fn basic(Shared(sandbox): Shared<Sandbox>, Query(asked): Query<Keyword>) -> Response {
    answered(&sandbox, Call::Search, |_, verdict| {
        let found = search(&asked.keyword);
        let mut data: Vec<Value> = found.map(|s| json!({"id": s.id, "name": s.name})).collect();
        if verdict.is(Kind::Duplicates) {
            data.extend(data.clone());
        }
        Ok(Json(json!({ "data": data })).into_response())
    })
    .await
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

async fn detail(
    Shared(sandbox): Shared<Sandbox>,
    Query(Id { id }): Query<Id>,
    headers: HeaderMap,
) -> Response {
    answered(&sandbox, Call::Detail, |state, verdict| {
        // Of what is not there it answers nothing, as of what is there and empty.
        let Some(source) = source(&id) else {
            return Ok(Json(Value::Null).into_response());
        };
        let rises = state.rises.get(&id).copied().unwrap_or(0);
        let price = Price { source, rises };
        let data = if verdict.is(Kind::PaidForNothing) {
            Value::Null
        } else {
            source.data()
        };
        let paid = match (
            headers.get("payment-signature"),
            headers.get("x-payment-token"),
        ) {
            _ if source.is_free() => return Ok(Json(source.data()).into_response()),
            (Some(signed), _) if price.source.x402.is_some() => {
                state.signed(price, signed.as_bytes(), verdict, &data)?
            }
            (_, Some(token)) => state.with_token(price, token.as_bytes(), verdict, &data)?,
            _ => None,
        };
        let quoted = || price.asked("PAYMENT-SIGNATURE header is required", verdict.kind());
        if paid.is_none() && verdict.is(Kind::PriceRises) {
            *state.rises.entry(id).or_default() += 1;
        }
        Ok(paid.unwrap_or_else(quoted))
    })
    .await
}

impl State {
    /// The answer to a request with a token; none when it did not pay.
    fn with_token(
        &mut self,
        price: Price,
        token: &[u8],
        verdict: &Verdict<Kind>,
        data: &Value,
    ) -> Result<Option<Response>, Refused> {
        let token = std::str::from_utf8(token).unwrap_or_default();
        if verdict.is(Kind::PaymentIgnored) {
            return Ok(None);
        }
        Ok(
            match self.open(token, price, verdict.keeps(Kind::UnlocksAll))? {
                Opened::Yes => Some(Json(data).into_response()),
                Opened::NotPaid => None,
                Opened::InvalidToken => {
                    let refused = Refused(StatusCode::UNAUTHORIZED, "invalid token".to_owned());
                    return Err(refused);
                }
            },
        )
    }

    /// The answer to a request with a signed payment; none when it passes over it.
    fn signed(
        &mut self,
        price: Price,
        header: &[u8],
        verdict: &Verdict<Kind>,
        data: &Value,
    ) -> Result<Option<Response>, Refused> {
        let outcome = self.settle(price, header, verdict.kind())?;
        if verdict.is(Kind::PaymentIgnored) {
            return Ok(None);
        }
        let (mut response, settlement) = match outcome {
            Outcome::Settled(settlement) => (Json(data).into_response(), settlement),
            Outcome::Refused(settlement) => {
                let reason = settlement["errorReason"].as_str().unwrap_or_default();
                (price.asked(reason, None), settlement)
            }
            Outcome::Conflict => {
                let message = "the payment identifier was used for another payment";
                return Err(Refused(StatusCode::CONFLICT, message.to_owned()));
            }
            Outcome::NoIdentifier => {
                let message = "a payment identifier is required";
                return Err(Refused(StatusCode::BAD_REQUEST, message.to_owned()));
            }
        };
        quote::put(response.headers_mut(), PAYMENT_RESPONSE, &settlement);
        Ok(Some(response))
    }
}

#[derive(Deserialize)]
struct Payment {
    #[serde(rename = "tokenId")]
    token_id: String,
    amount: u64,
}

async fn pay(
    Shared(sandbox): Shared<Sandbox>,
    headers: HeaderMap,
    body: Result<Json<Payment>, JsonRejection>,
) -> Response {
    answered(&sandbox, Call::Pay, |state, verdict| {
        let Json(Payment { token_id, amount }) =
            body.map_err(|wrong| Refused(wrong.status(), wrong.body_text()))?;
        let key = headers
            .get("idempotency-key")
            .and_then(|key| key.to_str().ok());
        let honours = verdict.keeps(Kind::HonoursKeys);
        if let Some((Kind::ChargesLate, time)) = verdict.wrong {
            let now = state.now();
            state.late.push(LateCharge {
                due: now.saturating_add(time).unwrap_or(now),
                token_id,
                amount,
                key: key.map(str::to_owned),
                honours_keys: honours,
            });
            let message = "no answer in time, on demand".to_owned();
            return Err(Refused(StatusCode::GATEWAY_TIMEOUT, message));
        }
        let mut charged = state.charge(&token_id, amount, key, honours);
        if charged.is_ok() && verdict.is(Kind::ChargedTwice) {
            charged = state.charge(&token_id, amount, key, false);
        }
        let charge = match charged {
            Ok(charge) => charge,
            Err(declined) => return declined.into_answer(amount),
        };
        Ok(Json(json!({
            "success": true,
            "transaction_id": charge.transaction_id,
            "amount_charged": charge.amount,
            "remaining_balance": state.balance(&token_id),
            "timestamp": charge.at,
        }))
        .into_response())
    })
    .await
}

impl Declined {
    fn into_answer(self, required: u64) -> Result<Response, Refused> {
        let (status, error) = match self {
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                json!({ "success": false, "error": "InvalidToken" }),
            ),
            Self::Insufficient { available } => (
                StatusCode::BAD_REQUEST,
                json!({
                    "success": false, "error": "InsufficientBalance",
                    "required": required, "available": available,
                }),
            ),
            Self::Books(error) => return Err(error.into()),
        };
        Ok((status, Json(error)).into_response())
    }
}

async fn read_books(Shared(sandbox): Shared<Sandbox>) -> Json<Ledger> {
    Json(sandbox.books())
}

async fn read_faults(Shared(sandbox): Shared<Sandbox>) -> Json<Faults> {
    Json(sandbox.state().faults.left().clone())
}

async fn set_faults(
    Shared(sandbox): Shared<Sandbox>,
    Json(faults): Json<Faults>,
) -> Result<Json<Faults>, Refused> {
    let set = sandbox.set_faults(faults.clone());
    set.map_err(|error| Refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    Ok(Json(faults))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    now: Option<Timestamp>,
}

async fn set_clock(
    Shared(sandbox): Shared<Sandbox>,
    Json(Clock { now }): Json<Clock>,
) -> Json<Clock> {
    sandbox.set_clock(now);
    let now = Some(sandbox.state().now());
    Json(Clock { now })
}
