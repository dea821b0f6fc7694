//! `POST /runs/{id}/cancel`, `redrive`, `fork` and `rollback`. Each takes `If-Match`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use baton_app::{AppError, ForkRun};
use baton_domain::RunId;
use baton_domain::campaign::Stage;
use baton_domain::run::RunState;
use serde::{Deserialize, Serialize};

use crate::body::{JsonBody, OptionalJsonBody};
use crate::once::{idempotency_key, once};
use crate::runs::{Accepted, run, shown};
use crate::version::if_match;
use crate::{Caller, Problem, Shared};

/// Why a run is cancelled.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CancelRun {
    /// The reason, at most 1,000 characters; it is kept with the run.
    reason: Option<String>,
}

/// From where a run is run on.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RedriveRun {
    /// The stage; the one that the run ended in when it is not given.
    from: Option<Stage>,
}

/// Where a run's artifacts are taken back to.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBackRun {
    /// A version that the run had.
    to_version: u64,
}

/// Cancels a run: its workflow stops, its approvals are withdrawn, and mails that have not gone out
/// are taken back. Cancelling again clears away what could not be reached before.
#[utoipa::path(
    post, operation_id = "cancel_run", path = "/runs/{id}/cancel", tag = "runs", request_body = Option<CancelRun>,
    params(
        ("id" = RunId, Path, description = "The run."),
        ("If-Match" = Option<String>, Header, description = "The version that the caller knows: the run's ETag."),
    ),
    responses(
        (status = 200, description = "It is cancelled.", body = RunState),
        (status = 404, description = "There is no such run.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is over otherwise.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It is at another version.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn cancel(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    OptionalJsonBody(wanted): OptionalJsonBody<CancelRun>,
) -> Result<Response, Problem> {
    let (run, known) = (run(id)?, if_match(&headers)?);
    let reason = wanted.reason;
    if reason
        .as_ref()
        .is_some_and(|reason| reason.chars().count() > 1_000)
    {
        return Err(Problem::invalid(
            "reason",
            &"must be at most 1000 characters",
        ));
    }
    finished(async move {
        let app = shared.app;
        app.cancel_run(&caller.tenant_id, run, reason.as_deref(), known)
            .await
    })
    .await
}

/// Runs a run on after it failed, expired or was cancelled.
#[utoipa::path(
    post, operation_id = "redrive_run", path = "/runs/{id}/redrive", tag = "runs", request_body = Option<RedriveRun>,
    params(
        ("id" = RunId, Path, description = "The run."),
        ("If-Match" = Option<String>, Header, description = "The version that the caller knows: the run's ETag."),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters. The same key and body get the same answer for a day."),
    ),
    responses(
        (status = 202, description = "It is queued again.", body = Accepted),
        (status = 404, description = "There is no such run.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is at work, did what was asked, or has not what the stage needs.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It is at another version.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redrive(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    OptionalJsonBody(wanted): OptionalJsonBody<RedriveRun>,
) -> Result<Response, Problem> {
    let (run, known, key) = (run(id)?, if_match(&headers)?, idempotency_key(&headers)?);
    let (app, tenant, from) = (shared.app.clone(), caller.tenant_id.clone(), wanted.from);
    let work = async move {
        let redriven = app.redrive_run(&tenant, run, from, known).await;
        redriven.map(Accepted::from)
    };
    let scope = format!("POST /runs/{run}/redrive");
    once(
        shared,
        caller,
        key,
        scope,
        wanted,
        StatusCode::ACCEPTED,
        work,
    )
    .await
}

/// Starts a new run from a stage of this one, with what the earlier stages made, edited or not.
#[utoipa::path(
    post, operation_id = "fork_run", path = "/runs/{id}/fork", tag = "runs", request_body = ForkRun,
    params(
        ("id" = RunId, Path, description = "The run that is forked; it stays as it is."),
        ("If-Match" = Option<String>, Header, description = "The version that the caller knows: the run's ETag."),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters. The same key and body get the same answer for a day."),
    ),
    responses(
        (status = 202, description = "The new run is accepted.", body = Accepted),
        (status = 404, description = "There is no such run.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has not what the stage needs.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It is at another version.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn fork(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<ForkRun>,
) -> Result<Response, Problem> {
    let (run, known, key) = (run(id)?, if_match(&headers)?, idempotency_key(&headers)?);
    let (app, tenant, fork) = (shared.app.clone(), caller.tenant_id.clone(), wanted.clone());
    let scope = format!("POST /runs/{run}/fork");
    let under = key.as_ref().map(|key| format!("{scope} {key}"));
    let work = async move {
        let forked = app.fork_run(&tenant, run, &fork, known, under.as_deref());
        forked.await.map(Accepted::from)
    };
    once(
        shared,
        caller,
        key,
        scope,
        wanted,
        StatusCode::ACCEPTED,
        work,
    )
    .await
}

/// Takes the artifacts of a run that is over back to those of an earlier version. Redriven, it goes
/// on from there.
#[utoipa::path(
    post, operation_id = "roll_back_run", path = "/runs/{id}/rollback", tag = "runs", request_body = RollBackRun,
    params(
        ("id" = RunId, Path, description = "The run."),
        ("If-Match" = Option<String>, Header, description = "The version that the caller knows: the run's ETag."),
    ),
    responses(
        (status = 200, description = "Its artifacts are again those of then.", body = RunState),
        (status = 404, description = "There is no such run.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is at work.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It is at another version.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn roll_back(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<RollBackRun>,
) -> Result<Response, Problem> {
    let (run, known) = (run(id)?, if_match(&headers)?);
    finished(async move {
        let app = shared.app;
        app.roll_back_run(&caller.tenant_id, run, wanted.to_version, known)
            .await
    })
    .await
}

/// Does the work to its end, also when the caller hangs up, and shows the run.
async fn finished(
    work: impl Future<Output = Result<RunState, AppError>> + Send + 'static,
) -> Result<Response, Problem> {
    let done = tokio::spawn(work).await;
    let state = done.map_err(|_| Problem::internal())??;
    Ok(shown(state))
}
