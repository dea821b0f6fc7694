//! `POST /tasks`, `GET /tasks`, `GET /tasks/{id}`, `GET /tasks/{id}/report` and
//! `POST /tasks/{id}/purchases/{source_id}/resolve`: research.

mod body;
mod page;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use baton_app::{ShownPurchase, StartTask, Task, TaskPage};
use baton_domain::RunId;
use serde::{Deserialize, Serialize};

use crate::body::JsonBody;
use crate::once::{idempotency_key, once};
use crate::run_artifact::wants_page;
use crate::runs::{page_limit, parsed, run, status};
use crate::{Caller, Problem, Shared};

use body::{TaskBody, TaskRefusal};

/// A task that was accepted.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TaskAccepted {
    /// The task: what `GET /tasks/{id}` takes, and `/runs/{id}`.
    task_id: RunId,
}

/// Which tasks.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TasksQuery {
    /// Only tasks that stand so, such as `waiting_approval`.
    status: Option<String>,
    /// Only tasks older than this one.
    before: Option<String>,
    /// 1 to 100 tasks; 20 when it is not given.
    limit: Option<String>,
}

/// What of a task.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TaskQuery {
    /// `true` adds the audit trail of its payments.
    audit: Option<String>,
}

/// How a report is shown.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReportQuery {
    /// `markdown` or `html`; without it as `Accept` weighs them, which is Markdown unless it names
    /// `text/html`.
    format: Option<String>,
}

/// Starts research. It is done in the background: `GET /tasks/{id}` says how it stands.
#[utoipa::path(
    post, operation_id = "create_task", path = "/tasks", tag = "tasks", request_body = StartTask,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The same key and body start one task and get the same answer for a day.")),
    responses(
        (status = 200, description = "The task is accepted.", body = TaskAccepted),
        (status = 409, description = "The key belongs to another body, or its first request still runs.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Everything that is wrong with the body, or what is wrong with the tenant.", content(
            (TaskRefusal = "application/json"), (Problem = "application/problem+json"),
        )),
        (status = 503, description = "There is no marketplace or no Payment Manager to buy from, or a service does not answer.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    TaskBody(wanted): TaskBody,
) -> Result<Response, Response> {
    let key = idempotency_key(&headers);
    let key = key.map_err(|problem| TaskRefusal::header(problem).into_response())?;
    let (app, tenant, task) = (shared.app.clone(), caller.tenant_id.clone(), wanted.clone());
    let scope = "POST /tasks".to_owned();
    let under = key.as_ref().map(|key| format!("{scope} {key}"));
    let work = async move {
        let started = app.start_task(&tenant, &task, under.as_deref()).await;
        started.map(|run| TaskAccepted {
            task_id: run.run_id,
        })
    };
    let answer = once(shared, caller, key, scope, wanted, StatusCode::OK, work);
    answer.await.map_err(IntoResponse::into_response)
}

/// The tenant's research, newest first.
#[utoipa::path(
    get, operation_id = "list_tasks", path = "/tasks", tag = "tasks", params(TasksQuery),
    responses((status = 200, description = "One page. It may hold fewer than `limit` and not be the last.", body = TaskPage))
)]
pub(crate) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    query: Result<Query<TasksQuery>, QueryRejection>,
) -> Result<Json<TaskPage>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let status = query.status.as_deref().map(status).transpose()?;
    let before: Option<RunId> = parsed("before", query.before.as_deref())?;
    let limit = query.limit.as_deref().map_or(Ok(20), page_limit)?;
    let tenant = &caller.tenant_id;
    let listed = shared.app.list_tasks(tenant, status, before, limit);
    Ok(Json(listed.await?))
}

/// How a task stands: its report, what it spent on what, and what it waits for.
#[utoipa::path(
    get, operation_id = "read_task", path = "/tasks/{id}", tag = "tasks",
    params(("id" = RunId, Path, description = "The task."), TaskQuery),
    responses(
        (status = 200, description = "The task.", body = Task),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<TaskQuery>, QueryRejection>,
) -> Result<Json<Task>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let audit: Option<bool> = parsed("audit", query.audit.as_deref())?;
    let (tenant, id) = (&caller.tenant_id, run(id)?);
    let task = shared.app.show_task(tenant, id, audit.unwrap_or(false));
    Ok(Json(task.await?))
}

/// What a person found out about a payment.
#[derive(Debug, Clone, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// Whether it was paid.
    paid: bool,
    /// Who says so, 1 to 200 characters.
    approver: String,
}

/// Says of a disputed purchase whether it was paid. What was is fetched; what is held for what was
/// not is free again.
#[utoipa::path(
    post, operation_id = "resolve_purchase", path = "/tasks/{id}/purchases/{source_id}/resolve", tag = "tasks",
    request_body = Resolution,
    params(
        ("id" = RunId, Path, description = "The task."),
        ("source_id" = String, Path, description = "The source, as `purchases` of the task names it."),
    ),
    responses(
        (status = 200, description = "The purchase, as it stands now.", body = ShownPurchase),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not disputed, or was seen to be paid.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn resolve(
    State(shared): State<Shared>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    JsonBody(said): JsonBody<Resolution>,
) -> Result<Json<ShownPurchase>, Problem> {
    let (id, source) = path.map(|Path(both)| both).unwrap_or_default();
    let (tenant, id) = (&caller.tenant_id, run(Ok(Path(id)))?);
    let Resolution { paid, approver } = said;
    let resolved = shared
        .app
        .resolve_purchase(tenant, id, &source, paid, &approver);
    Ok(Json(resolved.await?))
}

/// A task's report, as Markdown or as a page.
#[utoipa::path(
    get, operation_id = "read_report", path = "/tasks/{id}/report", tag = "tasks",
    params(("id" = RunId, Path, description = "The task."), ReportQuery),
    responses(
        (status = 200, description = "The report.", content(
            (String = "text/markdown"), (String = "text/html"),
        )),
        (status = 404, description = "There is none, or not yet.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn report(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<ReportQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let as_page = match query.format.as_deref() {
        None => wants_page(&headers, "text/markdown"),
        Some("html") => true,
        Some("markdown") => false,
        Some(_) => return Err(Problem::invalid("format", &"must be markdown or html")),
    };
    let (tenant, id) = (&caller.tenant_id, run(id)?);
    let markdown = shared.app.task_report(tenant, id).await?;
    let safe = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept"),
    ];
    Ok(if as_page {
        let kind = (CONTENT_TYPE, "text/html; charset=utf-8");
        let policy = (CONTENT_SECURITY_POLICY, page::POLICY);
        ([kind, policy], safe, page::page(&markdown)).into_response()
    } else {
        let kind = (CONTENT_TYPE, "text/markdown; charset=utf-8");
        ([kind], safe, markdown).into_response()
    })
}
