//! `POST /requests`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use baton_app::AcceptedRequest;
use baton_domain::request::{Answer, OrchestrationRequest};

use crate::body::JsonBody;
use crate::once::{idempotency_key, located, once};
use crate::{Caller, Problem, Shared};

/// Answers a request with the fewest agents that can.
#[utoipa::path(
    post, operation_id = "submit_request", path = "/requests", tag = "requests", request_body = OrchestrationRequest,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The same key and body get the same answer for a day.")),
    responses(
        (status = 200, description = "The answer. `status` says whether agents failed.", body = Answer),
        (status = 202, description = "The request, of type `avatar`, is accepted: its run answers.", body = AcceptedRequest,
            headers(("Location" = String, description = "The run."))),
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
    let key = idempotency_key(&headers)?;
    let (app, tenant, wanted) = (
        shared.app.clone(),
        caller.tenant_id.clone(),
        request.clone(),
    );
    let scope = "POST /requests".to_owned();
    if request.request_type.takes_a_run() {
        let under = key.as_ref().map(|key| format!("{scope} {key}"));
        let work = async move { app.accept_request(&tenant, &wanted, under.as_deref()).await };
        let status = StatusCode::ACCEPTED;
        let answer = once(shared, caller, key, scope, request, status, work).await?;
        return Ok(located(answer).await);
    }
    let work = async move { app.submit_request(&tenant, &wanted).await };
    once(shared, caller, key, scope, request, StatusCode::OK, work).await
}
