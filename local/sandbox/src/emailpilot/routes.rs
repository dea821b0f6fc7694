//! The routes, and what faults do to them.

use std::time::Duration;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use baton_domain::campaign::{Delivery, Month};
use baton_domain::email_pilot::NewCampaign;
use baton_domain::{BrandId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{self, Cancel, Schedule, TestSend};
use super::faults::{Call, Faults, Kind};
use super::history::past_campaigns;
use super::refusal::Refusal;
use super::{Ledger, Sandbox, State};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The most months of history that one call answers.
const MAX_MONTHS: u32 = 36;

type Body<T> = Result<Json<T>, JsonRejection>;

/// The sandbox's routes, EmailPilot's and its own.
pub fn router(sandbox: Sandbox) -> Router {
    let api = Router::new()
        .route("/v1/brands/{id}", get(read_brand))
        .route("/v1/brands/{id}/campaigns", get(read_history))
        .route("/v1/campaigns", post(create))
        .route("/v1/campaigns/{id}", get(look))
        .route("/v1/campaigns/{id}/test-sends", post(test_send))
        .route("/v1/campaigns/{id}/schedule", post(schedule))
        .route("/v1/campaigns/{id}/cancel", post(cancel))
        .layer(from_fn_with_state(sandbox.clone(), admit));
    Router::new()
        .route("/sandbox/books", get(read_books))
        .route("/sandbox/faults", put(set_faults).get(read_faults))
        .route("/sandbox/clock", put(set_clock))
        .merge(api)
        .with_state(sandbox)
}

/// Lets in who brings the key, where one is required.
async fn admit(Shared(sandbox): Shared<Sandbox>, request: Request, next: Next) -> Response {
    let brought = request.headers().get(header::AUTHORIZATION);
    let brought = brought.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if sandbox.0.api_key.is_some() && sandbox.0.api_key.as_deref() != brought {
        let message = "the bearer token is not a key of this account";
        return Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message).into_response();
    }
    next.run(request).await
}

async fn read_brand(Shared(sandbox): Shared<Sandbox>, Path(id): Path<String>) -> Response {
    answered(&sandbox, Call::Brand, |_| {
        let brand = desk::known(&brand_id(&id)?)?;
        Ok((StatusCode::OK, json!(brand)))
    })
    .await
}

#[derive(Deserialize)]
struct Window {
    before: Month,
    months: u32,
}

async fn read_history(
    Shared(sandbox): Shared<Sandbox>,
    Path(id): Path<String>,
    window: Result<Query<Window>, QueryRejection>,
) -> Response {
    answered(&sandbox, Call::History, |_| {
        let brand = desk::known(&brand_id(&id)?)?;
        let Query(Window { before, months }) =
            window.map_err(|rejection| Refusal::field("query", &rejection.body_text()))?;
        if !(1..=MAX_MONTHS).contains(&months) {
            return Err(Refusal::field("months", "must be from 1 to 36"));
        }
        let campaigns = past_campaigns(brand, before, months);
        Ok((StatusCode::OK, json!({ "campaigns": campaigns })))
    })
    .await
}

async fn create(
    Shared(sandbox): Shared<Sandbox>,
    headers: HeaderMap,
    body: Body<NewCampaign>,
) -> Response {
    answered(&sandbox, Call::Create, |state| {
        let Json(campaign) = body?;
        let delivery = state.accept(key(&headers)?, None, &campaign)?;
        Ok((StatusCode::CREATED, state.shown(&delivery)))
    })
    .await
}

async fn look(Shared(sandbox): Shared<Sandbox>, Path(id): Path<String>) -> Response {
    answered(&sandbox, Call::Look, |state| {
        let now = state.now();
        state.books.send_what_is_due(now)?;
        let campaign = state.books.campaign(&id).ok_or(Refusal::NO_CAMPAIGN)?;
        Ok((StatusCode::OK, json!(campaign)))
    })
    .await
}

async fn test_send(
    Shared(sandbox): Shared<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body<TestSend>,
) -> Response {
    act(&sandbox, Call::TestSend, &id, &headers, body).await
}

async fn schedule(
    Shared(sandbox): Shared<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body<Schedule>,
) -> Response {
    act(&sandbox, Call::Schedule, &id, &headers, body).await
}

async fn cancel(
    Shared(sandbox): Shared<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body<Cancel>,
) -> Response {
    act(&sandbox, Call::Cancel, &id, &headers, body).await
}

async fn act<R: desk::Request>(
    sandbox: &Sandbox,
    call: Call,
    id: &str,
    headers: &HeaderMap,
    body: Body<R>,
) -> Response {
    answered(sandbox, call, |state| {
        let Json(request) = body?;
        let delivery = state.accept(key(headers)?, Some(id), &request)?;
        Ok((StatusCode::OK, state.shown(&delivery)))
    })
    .await
}

impl State {
    /// A delivery as it is on the wire.
    fn shown(&self, delivery: &Delivery) -> Value {
        let campaign = self.books.campaign(&delivery.campaign_id);
        let send_at = campaign.and_then(|campaign| campaign.send_at);
        json!({
            "campaign_id": delivery.campaign_id,
            "email_id": delivery.email_id,
            "state": delivery.state,
            "send_at": send_at,
        })
    }
}

/// Does the work, and lets go wrong what should.
async fn answered(
    sandbox: &Sandbox,
    call: Call,
    work: impl FnOnce(&mut State) -> Result<(StatusCode, Value), Refusal>,
) -> Response {
    let verdict = sandbox.state().faults.next(call);
    tokio::time::sleep(verdict.delay).await;
    match verdict.wrong {
        Some((Kind::Error500, _)) => return broken(),
        Some((Kind::RateLimited, _)) => {
            let message = "too many requests";
            let limited = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
            return ([(header::RETRY_AFTER, "1")], limited).into_response();
        }
        Some((Kind::Refused, _)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Refusal::new(status, "refused", "refused on demand").into_response();
        }
        _ => {}
    }
    // From here to the end of the work nothing waits: a caller that hangs up leaves it whole.
    let (status, body) = match work(&mut sandbox.state()) {
        Ok(done) => done,
        Err(refusal) => return refusal.into_response(),
    };
    match verdict.wrong {
        Some((Kind::Error500AfterAccepting, _)) => broken(),
        Some((Kind::TimeoutAfterAccepting, time)) => unanswered(time).await,
        Some((Kind::Malformed, _)) => torn(status, &body),
        _ => (status, Json(body)).into_response(),
    }
}

fn broken() -> Response {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Refusal::new(status, "internal", "an error on demand").into_response()
}

async fn unanswered(time: Duration) -> Response {
    tokio::time::sleep(time).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// The first half of an answer.
fn torn(status: StatusCode, body: &Value) -> Response {
    let text: String = body.to_string();
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    (status, [(header::CONTENT_TYPE, "application/json")], half).into_response()
}

fn brand_id(id: &str) -> Result<BrandId, Refusal> {
    id.parse().map_err(|_| Refusal::NO_BRAND)
}

fn key(headers: &HeaderMap) -> Result<&str, Refusal> {
    let key = headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|key| key.to_str().ok());
    let key = key.filter(|key| (1..=255).contains(&key.len()));
    let message = "the header Idempotency-Key is missing: 1 to 255 visible characters";
    key.ok_or(Refusal::new(StatusCode::BAD_REQUEST, "no_key", message))
}

async fn read_books(Shared(sandbox): Shared<Sandbox>) -> Result<Json<Ledger>, Refusal> {
    Ok(Json(sandbox.books()?))
}

async fn read_faults(Shared(sandbox): Shared<Sandbox>) -> Json<Faults> {
    Json(sandbox.state().faults.left().clone())
}

async fn set_faults(
    Shared(sandbox): Shared<Sandbox>,
    faults: Body<Faults>,
) -> Result<Json<Faults>, Refusal> {
    let Json(faults) = faults?;
    let set = sandbox.set_faults(faults.clone());
    set.map_err(|error| Refusal::field("faults", &error.to_string()))?;
    Ok(Json(faults))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    now: Option<Timestamp>,
}

async fn set_clock(
    Shared(sandbox): Shared<Sandbox>,
    clock: Body<Clock>,
) -> Result<Json<Clock>, Refusal> {
    let Json(Clock { now }) = clock?;
    sandbox.set_clock(now);
    let now = sandbox.state().now();
    Ok(Json(Clock { now: Some(now) }))
}
