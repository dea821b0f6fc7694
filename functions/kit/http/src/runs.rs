//! `POST /runs/start`, `GET /runs` and `GET /runs/{id}`.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use baton_app::{MAX_PAGE, RunPage, StartRun};
use baton_domain::run::{RunState, RunStatus, RunSummary};
use baton_domain::{BrandId, RunId};
use serde::{Deserialize, Serialize};

use crate::body::JsonBody;
use crate::once::{idempotency_key, once};
use crate::version::etag;
use crate::{Caller, Problem, Shared};

/// Which runs.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RunsQuery {
    /// Only runs that stand so, such as `waiting_approval`.
    status: Option<String>,
    /// Only runs of this brand.
    brand: Option<String>,
    /// Only runs older than this one.
    before: Option<String>,
    /// 1 to 100 runs; 20 when it is not given.
    limit: Option<String>,
}

/// One page of runs.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RunsAnswer {
    /// The runs, newest first.
    runs: Vec<RunSummary>,
    /// What to pass as `before` for the next page; absent when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<RunId>,
}

/// A run that was accepted.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Accepted {
    /// The run.
    pub(crate) run_id: RunId,
    /// How it stands: `queued` until its workflow is heard of.
    pub(crate) status: RunStatus,
    /// Which execution of the run is at work, counting from 1.
    pub(crate) attempt: u32,
}

impl From<RunState> for Accepted {
    fn from(state: RunState) -> Self {
        let RunState {
            run_id,
            status,
            attempt,
            ..
        } = state;
        Self {
            run_id,
            status,
            attempt,
        }
    }
}

/// Starts a month's campaign of a brand.
#[utoipa::path(
    post, operation_id = "start_run", path = "/runs/start", tag = "runs", request_body = StartRun,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The same key and body start one run and get the same answer for a day.")),
    responses(
        (status = 202, description = "The run is accepted; GET /runs/{id} says how it stands.", body = Accepted),
        (status = 409, description = "The key belongs to another body, or its first request still runs.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn start(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<StartRun>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let (app, tenant, start) = (shared.app.clone(), caller.tenant_id.clone(), wanted.clone());
    let scope = "POST /runs/start".to_owned();
    let under = key.as_ref().map(|key| format!("{scope} {key}"));
    let work = async move {
        let started = app.start_run(&tenant, &start, under.as_deref()).await;
        started.map(Accepted::from)
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

/// The tenant's runs, newest first.
#[utoipa::path(
    get, operation_id = "list_runs", path = "/runs", tag = "runs", params(RunsQuery),
    responses(
        (status = 200, description = "One page. With both a status and a brand it may hold fewer than `limit` and not be the last.", body = RunsAnswer),
    )
)]
pub(crate) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    query: Result<Query<RunsQuery>, QueryRejection>,
) -> Result<Json<RunsAnswer>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let status = query.status.as_deref().map(status).transpose()?;
    let brand: Option<BrandId> = parsed("brand", query.brand.as_deref())?;
    let before: Option<RunId> = parsed("before", query.before.as_deref())?;
    let limit = query.limit.as_deref().map_or(Ok(20), page_limit)?;
    let listed = shared
        .app
        .list_runs(&caller.tenant_id, status, brand.as_ref(), before, limit);
    let RunPage { runs, next } = listed.await?;
    Ok(Json(RunsAnswer { runs, next }))
}

/// How a run stands.
#[utoipa::path(
    get, operation_id = "read_run", path = "/runs/{id}", tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses(
        (status = 200, description = "The run.", body = RunState,
            headers(("ETag" = String, description = "The run's version, in quotes: what If-Match takes."))),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let state = shared.app.load_run(&caller.tenant_id, run(id)?).await?;
    Ok(shown(state))
}

/// A run, with its version as `ETag`.
pub(crate) fn shown(state: RunState) -> Response {
    (etag(state.version), Json(state)).into_response()
}

pub(crate) fn run(id: Result<Path<String>, PathRejection>) -> Result<RunId, Problem> {
    let Path(id) = id.map_err(|error| Problem::invalid("id", &error.body_text()))?;
    id.parse().map_err(|error| Problem::invalid("id", &error))
}

pub(crate) fn status(name: &str) -> Result<RunStatus, Problem> {
    let found = RunStatus::ALL
        .into_iter()
        .find(|status| status.name() == name);
    found.ok_or_else(|| {
        let names = RunStatus::ALL.map(RunStatus::name).join(", ");
        Problem::invalid("status", &format!("must be one of {names}"))
    })
}

pub(crate) fn parsed<T: std::str::FromStr<Err: ToString>>(
    field: &str,
    text: Option<&str>,
) -> Result<Option<T>, Problem> {
    text.map(str::parse)
        .transpose()
        .map_err(|error| Problem::invalid(field, &error))
}

pub(crate) fn page_limit(text: &str) -> Result<usize, Problem> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=MAX_PAGE).contains(limit));
    limit.ok_or_else(|| {
        Problem::invalid("limit", &format!("must be an integer from 1 to {MAX_PAGE}"))
    })
}
