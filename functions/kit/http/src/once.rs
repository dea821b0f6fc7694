//! `Idempotency-Key`: the same key and body get the same answer.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use baton_app::{AppError, Claim, Once, StoredResponse};
use serde::Serialize;
use serde_json::Value;

use crate::{Caller, MAX_BODY_BYTES, Problem, Shared};

/// The header under which a caller may safely repeat a request.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Says that the answer was given before, under the same key.
const REPLAYED: &str = "idempotency-replayed";

/// The key of a request, if it has one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
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
        .then(|| Some(key.to_owned()))
        .ok_or_else(|| Problem::invalid("Idempotency-Key", &message))
}

/// Does `work` and answers `status` with what it gives; once, where the request has a key. `scope`
/// keeps routes apart.
///
/// It runs in a task of its own: a caller that hangs up ends the handler, and must not end the
/// work, which would then be half done and hold its key.
pub(crate) async fn once<T, B>(
    shared: Shared,
    caller: Caller,
    key: Option<String>,
    scope: String,
    body: B,
    status: StatusCode,
    work: impl Future<Output = Result<T, AppError>> + Send + 'static,
) -> Result<Response, Problem>
where
    T: Serialize + Send + 'static,
    B: Serialize + Send + Sync + 'static,
{
    let task = async move {
        let Some(key) = key else {
            return Ok((status, Json(work.await?)).into_response());
        };
        let claimed = shared.app.claim(&caller.tenant_id, &scope, &key, &body);
        match claimed.await? {
            Once::Replay(response) => Ok(replayed(response)),
            Once::Proceed(claim) => keep(&shared, &claim, status, work.await).await,
        }
    };
    tokio::spawn(task)
        .await
        .unwrap_or_else(|_| Err(Problem::internal()))
}

/// The same answer with the address of its run, also where it was given before.
pub(crate) async fn located(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return Problem::internal().into_response();
    };
    let accepted: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = accepted["run_id"].as_str().map(|id| format!("/runs/{id}"));
    if let Some(address) = path.and_then(|path| HeaderValue::try_from(path).ok()) {
        parts.headers.insert(LOCATION, address);
    }
    Response::from_parts(parts, Body::from(body))
}

async fn keep<T: Serialize>(
    shared: &Shared,
    claim: &Claim,
    status: StatusCode,
    done: Result<T, AppError>,
) -> Result<Response, Problem> {
    let answer = match done {
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
        status: status.as_u16(),
        body,
    };
    if let Err(error) = shared.app.keep_response(claim, &response).await {
        tracing::error!(%error, "an answer was not kept under its idempotency key");
    }
    Ok((status, Json(response.body)).into_response())
}

fn replayed(response: StoredResponse) -> Response {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::OK);
    (status, [(REPLAYED, "true")], Json(response.body)).into_response()
}
