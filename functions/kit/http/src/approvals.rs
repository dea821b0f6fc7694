//! `POST /approvals/submit`, `GET /approvals`, `/approvals/pending` and `/approvals/{id}`.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use baton_app::{ApprovalPage, MAX_PAGE};
use baton_domain::ApprovalId;
use baton_domain::approval::{Approval, ApprovalStatus, Submission};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body::JsonBody;
use crate::{Caller, Problem, Shared};

/// Which approvals.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ApprovalQuery {
    /// `pending`, `decided`, `expired` or `withdrawn`; all of them when it is not given.
    status: Option<String>,
    /// Only approvals older than this one.
    before: Option<String>,
    /// 1 to 100 approvals; 20 when it is not given.
    limit: Option<String>,
}

/// Which of the approvals that wait.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PendingQuery {
    /// Only approvals older than this one.
    before: Option<String>,
    /// 1 to 100 approvals; 20 when it is not given.
    limit: Option<String>,
}

/// One page of approvals.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ApprovalsAnswer {
    /// The approvals, newest first; edits are left out here.
    approvals: Vec<Approval>,
    /// What to pass as `before` for the next page; absent when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<ApprovalId>,
}

/// An approval with what is to be approved.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ApprovalAnswer {
    #[serde(flatten)]
    approval: Approval,
    /// The artifact, whole.
    content: Value,
}

/// Decides an approval, once. The same submission again is answered with the same decision.
#[utoipa::path(
    post, operation_id = "submit_approval", path = "/approvals/submit", tag = "approvals", request_body = Submission,
    responses(
        (status = 200, description = "Decided, now or before: the approval with its outcome.", body = Approval),
        (status = 404, description = "There is no such approval.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided otherwise (`decision` says how), it expired or was withdrawn, or its artifact is another one.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn submit(
    State(shared): State<Shared>,
    caller: Caller,
    JsonBody(submission): JsonBody<Submission>,
) -> Result<Json<Approval>, Problem> {
    // A task of its own: a caller that hangs up must not keep the workflow from being told.
    let work = async move {
        let decided = shared.app.submit_approval(&caller.tenant_id, &submission);
        Ok(Json(decided.await?))
    };
    tokio::spawn(work)
        .await
        .unwrap_or_else(|_| Err(Problem::internal()))
}

/// The tenant's approvals, newest first.
#[utoipa::path(
    get, operation_id = "list_approvals", path = "/approvals", tag = "approvals", params(ApprovalQuery),
    responses((status = 200, description = "One page.", body = ApprovalsAnswer))
)]
pub(crate) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    query: Result<Query<ApprovalQuery>, QueryRejection>,
) -> Result<Json<ApprovalsAnswer>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let status = query.status.as_deref().map(parse_status).transpose()?;
    let page = Page::of(query.before.as_deref(), query.limit.as_deref())?;
    page.answer(&shared, &caller, status).await
}

/// The tenant's approvals that wait, newest first.
#[utoipa::path(
    get, operation_id = "list_pending_approvals", path = "/approvals/pending", tag = "approvals", params(PendingQuery),
    responses((status = 200, description = "One page.", body = ApprovalsAnswer))
)]
pub(crate) async fn pending(
    State(shared): State<Shared>,
    caller: Caller,
    query: Result<Query<PendingQuery>, QueryRejection>,
) -> Result<Json<ApprovalsAnswer>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let page = Page::of(query.before.as_deref(), query.limit.as_deref())?;
    page.answer(&shared, &caller, Some(ApprovalStatus::Pending))
        .await
}

/// An approval, and what is to be approved.
#[utoipa::path(
    get, operation_id = "show_approval", path = "/approvals/{id}", tag = "approvals",
    params(("id" = ApprovalId, Path, description = "The approval.")),
    responses(
        (status = 200, description = "The approval and its artifact.", body = ApprovalAnswer),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ApprovalAnswer>, Problem> {
    let Path(id) = id.map_err(|error| Problem::invalid("id", &error.body_text()))?;
    let id = id.parse().map_err(|error| Problem::invalid("id", &error))?;
    let shown = shared.app.show_approval(&caller.tenant_id, id).await?;
    Ok(Json(ApprovalAnswer {
        approval: shown.approval,
        content: shown.content,
    }))
}

/// Which page of a list.
struct Page {
    before: Option<ApprovalId>,
    limit: usize,
}

impl Page {
    fn of(before: Option<&str>, limit: Option<&str>) -> Result<Self, Problem> {
        let before = before.map(str::parse).transpose();
        let before = before.map_err(|error| Problem::invalid("before", &error))?;
        let limit = limit.map_or(Ok(20), parse_limit)?;
        Ok(Self { before, limit })
    }

    async fn answer(
        self,
        shared: &Shared,
        caller: &Caller,
        status: Option<ApprovalStatus>,
    ) -> Result<Json<ApprovalsAnswer>, Problem> {
        let (before, limit) = (self.before, self.limit);
        let page = shared
            .app
            .list_approvals(&caller.tenant_id, status, before, limit);
        let ApprovalPage { approvals, next } = page.await?;
        Ok(Json(ApprovalsAnswer { approvals, next }))
    }
}

fn parse_status(text: &str) -> Result<ApprovalStatus, Problem> {
    let found = ApprovalStatus::ALL
        .into_iter()
        .find(|status| status.name() == text);
    found.ok_or_else(|| {
        Problem::invalid("status", &"must be pending, decided, expired or withdrawn")
    })
}

fn parse_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok();
    let limit = limit.filter(|limit| (1..=MAX_PAGE).contains(limit));
    let message = format!("must be an integer from 1 to {MAX_PAGE}");
    limit.ok_or_else(|| Problem::invalid("limit", &message))
}
