//! `GET /runs/{id}/events`: a page of a run's journal, or a stream that follows it
//! (`Accept: text/event-stream`).
//!
//! A stream ends with the run, and after a bounded time in any case: a reader that was cut off says
//! which event it saw last (`Last-Event-ID`, as browsers do by themselves) and loses nothing.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use baton_app::{App, AppError, MAX_PAGE};
use baton_domain::run::JournalEntry;
use baton_domain::{RunId, TenantId};
use futures::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::runs::{page_limit, run};
use crate::{Caller, Problem, Shared};

/// How often a stream looks for what is new.
const EVERY: Duration = Duration::from_millis(500);

/// After how long a silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Which events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EventsQuery {
    /// Only events after this version of the run; all when it is not given. `Last-Event-ID` goes
    /// before it.
    after: Option<String>,
    /// 1 to 100 events a page; 100 when it is not given.
    limit: Option<String>,
}

/// One page of a journal.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventsAnswer {
    /// The events, oldest first.
    events: Vec<JournalEntry>,
    /// What to pass as `after` for the next page; absent when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// What happened to a run, oldest first.
#[utoipa::path(
    get, operation_id = "list_run_events", path = "/runs/{id}/events", tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that a reader of the stream saw."),
        EventsQuery,
    ),
    responses(
        (status = 200, description = "One page; or, to who accepts it, a stream: each event with its version as id, its type and itself as JSON; at last `over`.", content(
            (EventsAnswer = "application/json"), (String = "text/event-stream"),
        )),
        (status = 204, description = "The run is over and the reader has seen everything."),
        (status = 404, description = "There is no such run.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<EventsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let run_id = run(id)?;
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let (last, after) = (last_event(&headers)?, query.after.as_deref());
    let after = after.map(|text| number("after", text)).transpose()?;
    let limit = query.limit.as_deref().map_or(Ok(MAX_PAGE), page_limit)?;
    let (app, tenant) = (shared.app, caller.tenant_id);
    let state = app.load_run(&tenant, run_id).await?;
    if !wants_stream(&headers) {
        let after = after.unwrap_or(0);
        let events = app.run_events(&tenant, run_id, after, limit).await?;
        let next = events.last().map(|entry| entry.version);
        let next = next.filter(|next| *next < state.version);
        return Ok(Json(EventsAnswer { events, next }).into_response());
    }
    if state.status.is_over() && last.is_some_and(|last| last >= state.version) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let seconds = app.settings().event_stream_seconds;
    let follower = Follower {
        app,
        tenant,
        run_id,
        after: last.or(after).unwrap_or(0),
        until: Instant::now() + Duration::from_secs(seconds),
        wrote: Instant::now(),
        is_over: false,
    };
    Ok(follower.response())
}

/// Who follows a run.
struct Follower {
    app: App,
    tenant: TenantId,
    run_id: RunId,
    /// The version that the reader has seen.
    after: u64,
    until: Instant,
    wrote: Instant,
    is_over: bool,
}

impl Follower {
    fn response(self) -> Response {
        let chunks = stream::unfold(self, |mut follower| async move {
            let text = follower.next().await?;
            follower.wrote = Instant::now();
            Some((Ok::<_, Infallible>(text), follower))
        });
        let headers = [
            (CONTENT_TYPE, "text/event-stream"),
            (CACHE_CONTROL, "no-store"),
        ];
        (headers, Body::from_stream(chunks)).into_response()
    }

    /// What to write next; nothing at the end.
    async fn next(&mut self) -> Option<String> {
        while !self.is_over {
            match self.news().await {
                Ok(Some(text)) => return Some(text),
                Ok(None) => {}
                Err(error) => {
                    let run_id = self.run_id;
                    tracing::warn!(%run_id, %error, "a stream of events ends early");
                    return None;
                }
            }
            let now = Instant::now();
            if now >= self.until {
                return None;
            }
            if now.duration_since(self.wrote) >= KEEP_ALIVE {
                return Some(": still there\n\n".to_owned());
            }
            tokio::time::sleep(EVERY.min(self.until - now)).await;
        }
        None
    }

    async fn news(&mut self) -> Result<Option<String>, AppError> {
        let state = self.app.load_run(&self.tenant, self.run_id).await?;
        if state.version > self.after {
            let events = self
                .app
                .run_events(&self.tenant, self.run_id, self.after, MAX_PAGE);
            let events = events.await?;
            self.after = events.last().map_or(self.after, |entry| entry.version);
            return Ok(Some(events.iter().map(written).collect()));
        }
        self.is_over = state.status.is_over();
        let over = json!({"status": state.status, "version": state.version});
        Ok(self
            .is_over
            .then(|| format!("event: over\ndata: {over}\n\n")))
    }
}

fn written(entry: &JournalEntry) -> String {
    let event = serde_json::to_value(entry).unwrap_or_default();
    let kind = event.get("type").and_then(Value::as_str);
    let kind = kind.unwrap_or("message");
    format!("id: {}\nevent: {kind}\ndata: {event}\n\n", entry.version)
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    accepted.any(|kinds| kinds.to_ascii_lowercase().contains("text/event-stream"))
}

fn last_event(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let value = headers.get("last-event-id");
    let text = value.map(|value| value.to_str().unwrap_or_default().trim());
    // A browser that has seen none says so with an empty one.
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| number("Last-Event-ID", text)).transpose()
}

fn number(field: &str, text: &str) -> Result<u64, Problem> {
    text.parse()
        .map_err(|_| Problem::invalid(field, &"must be a version of the run: an integer from 0"))
}
