//! `POST /requests/batch`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use baton_app::StartBatch;

use crate::body::JsonBody;
use crate::once::{idempotency_key, located, once};
use crate::runs::Accepted;
use crate::{Caller, Problem, Shared};

/// Answers many requests of one type in the background: `GET /runs/{id}` says how far it is, and the
/// run's artifacts `results.1`, `results.2`, … hold the answers. The run is `succeeded` when every
/// request was answered in full, `partial` when some were not, `failed` when none was answered or
/// answers were lost. Each request counts towards the tenant's limit of a minute; a batch larger than
/// the limit takes the whole minute.
#[utoipa::path(
    post, operation_id = "submit_batch", path = "/requests/batch", tag = "requests", request_body = StartBatch,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The same key and body start one batch and get the same answer for a day.")),
    responses(
        (status = 202, description = "The batch is accepted as a run; GET /runs/{id} says how it stands.", body = Accepted,
            headers(("Location" = String, description = "The run."))),
        (status = 409, description = "The key belongs to another body, or its first request still runs.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn submit(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<StartBatch>,
) -> Result<Response, Problem> {
    let requests = wanted
        .checked()
        .map_err(|errors| Problem::fields(&errors))?;
    let key = idempotency_key(&headers)?;
    let taken = shared.limit.take_others(&caller.tenant_id, requests.len());
    taken.map_err(Problem::too_many)?;
    let (app, tenant) = (shared.app.clone(), caller.tenant_id.clone());
    let scope = "POST /requests/batch".to_owned();
    let under = key.as_ref().map(|key| format!("{scope} {key}"));
    let work = async move {
        let started = app.start_batch(&tenant, &requests, under.as_deref()).await;
        started.map(Accepted::from)
    };
    let status = StatusCode::ACCEPTED;
    let answer = once(shared, caller, key, scope, wanted, status, work).await?;
    Ok(located(answer).await)
}
