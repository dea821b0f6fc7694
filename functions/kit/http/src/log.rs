//! `GET /log`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use baton_app::{LogPage, MAX_PAGE};
use baton_domain::log::LogEntry;
use baton_domain::{LogId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Caller, Problem, Shared};

/// Which entries.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogQuery {
    /// UTC day, as 2026-01-15; today when it is not given.
    day: Option<String>,
    /// Only entries older than this one.
    before: Option<String>,
    /// 1 to 100 entries; 20 when it is not given.
    limit: Option<String>,
}

/// One page of the orchestration log.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LogAnswer {
    /// The entries, newest first.
    entries: Vec<LogEntry>,
    /// What to pass as `before` for the next page; absent when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<LogId>,
}

/// The tenant's requests of a day, newest first.
#[utoipa::path(
    get, operation_id = "list_log", path = "/log", tag = "log", params(LogQuery),
    responses(
        (status = 200, description = "One page.", body = LogAnswer),
    )
)]
pub(crate) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Result<Json<LogAnswer>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let day = query.day.as_deref().map(parse_day).transpose()?;
    let before = query.before.as_deref().map(str::parse).transpose();
    let before = before.map_err(|error| Problem::invalid("before", &error))?;
    let limit = query.limit.as_deref().map_or(Ok(20), parse_limit)?;
    let LogPage { entries, next } = shared
        .app
        .list_log(&caller.tenant_id, day, before, limit)
        .await?;
    Ok(Json(LogAnswer { entries, next }))
}

fn parse_day(text: &str) -> Result<Timestamp, Problem> {
    let midnight = format!("{text}T00:00:00Z");
    midnight
        .parse()
        .map_err(|_| Problem::invalid("day", &"must be a day such as 2026-01-15"))
}

fn parse_limit(text: &str) -> Result<usize, Problem> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=MAX_PAGE).contains(limit));
    limit.ok_or_else(|| {
        Problem::invalid("limit", &format!("must be an integer from 1 to {MAX_PAGE}"))
    })
}
