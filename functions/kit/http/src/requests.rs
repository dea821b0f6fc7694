//! `POST /requests`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use baton_app::{Claim, Once, StoredResponse};
use baton_domain::request::{Answer, OrchestrationRequest};

use crate::body::JsonBody;
use crate::{Caller, Problem, Shared};

/// The header under which a caller may safely repeat a request.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Says that the answer was given before, under the same key.
const REPLAYED: &str = "idempotency-replayed";

/// Answers a request with the fewest agents that can.
#[utoipa::path(
    post, operation_id = "submit_request", path = "/requests", tag = "requests", request_body = OrchestrationRequest,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The same key and body get the same answer for a day.")),
    responses(
        (status = 200, description = "The answer. `status` says whether agents failed.", body = Answer),
        (status = 409, description = "The key belongs to another body, or its first request still runs.", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "The workflow failed.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn submit(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(request): JsonBody<OrchestrationRequest>,
) -> Result<Response, Problem> {
    request.validate().map_err(baton_app::AppError::from)?;
    let key = idempotency_key(&headers)?.map(str::to_owned);
    let work = async move { answer(&shared, &caller, &request, key.as_deref()).await };
    // A task of its own: a caller that hangs up ends the handler, and must not end the request,
    // which would then stay unlogged and hold its key.
    tokio::spawn(work)
        .await
        .unwrap_or_else(|_| Err(Problem::internal()))
}

async fn answer(
    shared: &Shared,
    caller: &Caller,
    request: &OrchestrationRequest,
    key: Option<&str>,
) -> Result<Response, Problem> {
    let Some(key) = key else {
        let answer = shared
            .app
            .submit_request(&caller.tenant_id, request)
            .await?;
        return Ok(Json(answer).into_response());
    };
    match shared
        .app
        .claim(&caller.tenant_id, "POST /requests", key, request)
        .await?
    {
        Once::Replay(response) => Ok(replayed(response)),
        Once::Proceed(claim) => submit_claimed(shared, caller, request, &claim).await,
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Problem::invalid("Idempotency-Key", &"must be sent once"));
    }
    let key = value.to_str().unwrap_or_default();
    let sound = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let message = "must be 1 to 255 visible ASCII characters";
    sound
        .then_some(Some(key))
        .ok_or_else(|| Problem::invalid("Idempotency-Key", &message))
}

async fn submit_claimed(
    shared: &Shared,
    caller: &Caller,
    request: &OrchestrationRequest,
    claim: &Claim,
) -> Result<Response, Problem> {
    let answer = match shared.app.submit_request(&caller.tenant_id, request).await {
        Ok(answer) => answer,
        Err(error) => {
            // The failure is not the answer: the caller may repeat the request at once.
            if let Err(error) = shared.app.release(claim).await {
                tracing::warn!(%error, "a claim was not released: it expires by itself");
            }
            return Err(error.into());
        }
    };
    let body = serde_json::to_value(&answer).unwrap_or_default();
    let response = StoredResponse {
        status: StatusCode::OK.as_u16(),
        body,
    };
    if let Err(error) = shared.app.keep_response(claim, &response).await {
        tracing::error!(%error, "an answer was not kept under its idempotency key");
    }
    Ok(Json(response.body).into_response())
}

fn replayed(response: StoredResponse) -> Response {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::OK);
    (status, [(REPLAYED, "true")], Json(response.body)).into_response()
}
