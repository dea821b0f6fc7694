//! Accepts a request that takes longer than a caller waits: the answer is a run, whose workflow
//! writes what it found into the artifact `answer`, and the log entry when it ends.

use baton_domain::item::{Condition, DOCUMENT, Item, Table, Write};
use baton_domain::log::LogEntry;
use baton_domain::request::{AnswerStatus, Findings, OrchestrationRequest, RequestType};
use baton_domain::run::{Event, RunState, RunStatus, Subject, Workflow};
use baton_domain::{LogId, RequestId, RunId, TenantId, Timestamp, UserId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arrival::{Arrival, elapsed_ms};
use crate::start_run::keep_input;
use crate::submit_request::failed;
use crate::{App, AppError, CACHE_SECONDS};

/// How often an equal request that came first is looked for.
const ATTEMPTS: usize = 3;

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedRequest {
    /// The request's id.
    pub request_id: RequestId,
    /// The run that will answer: `GET /runs/{id}` says how it stands, its artifact `answer` is the
    /// answer.
    pub run_id: RunId,
    /// Whom it is about.
    pub user_id: UserId,
    /// How the run stands.
    pub status: RunStatus,
    /// Whether an equal request lately got the same run.
    pub cached: bool,
}

/// What the workflow of such a request is started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RequestInput {
    run_id: RunId,
    tenant_id: TenantId,
    attempt: u32,
    auto_approve: bool,
    /// As workflows that answer at once are given it.
    request: Value,
    /// Where a provider tells of its video; no provider is given an address without.
    webhook_url: Option<String>,
}

/// What of it the log says.
#[derive(Debug, Deserialize)]
struct Asked {
    request_id: RequestId,
    request_type: RequestType,
    user_id: UserId,
    received_at: Timestamp,
    log_key: baton_domain::item::Key,
}

impl App {
    /// Accepts a request and starts its workflow. An equal request of the last five minutes gets the
    /// same run, unless that one ended without having done all. With `once` as [`App::start_run`].
    ///
    /// # Errors
    /// When the request breaks a rule, or the store does not answer. Workflows that do not answer are
    /// no error: the run is started later.
    pub async fn accept_request(
        &self,
        tenant: &TenantId,
        request: &OrchestrationRequest,
        once: Option<&str>,
    ) -> Result<AcceptedRequest, AppError> {
        request.validate()?;
        let arrival = self.arrive(tenant, request, Some(0));
        let accepted = |run: &RunState, cached| AcceptedRequest {
            request_id: arrival.request_id,
            run_id: run.run_id,
            user_id: request.user_id.clone(),
            status: run.status,
            cached,
        };
        let input = RequestInput {
            run_id: arrival.run_id,
            tenant_id: tenant.clone(),
            attempt: 1,
            auto_approve: false,
            request: arrival.input()?,
            webhook_url: self.video_webhook_url(tenant),
        };
        let queued = Event::Queued {
            workflow: request.request_type.workflow(),
            subject: Subject {
                user_id: Some(request.user_id.clone()),
                ..Subject::default()
            },
            origin: None,
            max_cost_usd: None,
            auto_approve: false,
        };
        // Of equal requests at once one begins its run; the others look again, and find it.
        for _ in 0..ATTEMPTS {
            let unless = match self.equal_run(&arrival).await? {
                Equal::Run(run) => {
                    let findings = Findings {
                        status: AnswerStatus::Success,
                        ..failed()
                    };
                    self.write_log(&arrival, &findings, true).await;
                    return Ok(accepted(&run, true));
                }
                Equal::None(unless) => unless,
            };
            let kept = keep_input(tenant, input.run_id, 1, &input);
            let writes = vec![kept, remember_run(&arrival, unless)];
            let begun = vec![queued.clone()];
            let begun = self.begin_once_with(tenant, input.run_id, begun, writes, once);
            match begun.await {
                Err(AppError::Contended) => {}
                begun => return Ok(accepted(&self.restart(begun?).await?, false)),
            }
        }
        Err(AppError::Contended)
    }

    /// The run of an equal request, unless it ended without having done all.
    async fn equal_run(&self, arrival: &Arrival<'_>) -> Result<Equal, AppError> {
        let items = &self.ports.items;
        let item = items.get(Table::Responses, &arrival.cache_key).await?;
        let vacant = Equal::None(Condition::AbsentOrExpired { now: arrival.at });
        let Some(item) = item.filter(|item| !item.is_expired(arrival.at)) else {
            return Ok(vacant);
        };
        let run: Option<RunId> = item.parse();
        let run = self.load_run(arrival.tenant, run.ok_or(AppError::Contended)?);
        let run = run.await?;
        if !run.status.is_over() || run.status == RunStatus::Succeeded {
            return Ok(Equal::Run(Box::new(run)));
        }
        let value = item.attributes.get(DOCUMENT).cloned().unwrap_or_default();
        let name = DOCUMENT;
        Ok(Equal::None(Condition::AttributeIs { name, value }))
    }

    /// Writes the log entry of each request of a run that is over and that did not write it. It may be
    /// done again.
    pub(crate) async fn log_if_unlogged(&self, run: &RunState) -> Result<(), AppError> {
        match run.workflow {
            Workflow::Avatar if run.status.is_over() => self.log_accepted(run).await,
            Workflow::Batch if run.status.is_over() => self.log_unanswered(run).await,
            _ => Ok(()),
        }
    }

    async fn log_accepted(&self, run: &RunState) -> Result<(), AppError> {
        let input: RequestInput = self.kept_input(run).await?;
        let Ok(asked) = serde_json::from_value::<Asked>(input.request) else {
            return Ok(());
        };
        let Ok(id) = asked.log_key.sk.parse::<LogId>() else {
            return Ok(());
        };
        let entry = LogEntry {
            id,
            request_id: asked.request_id,
            user_id: asked.user_id,
            request_type: asked.request_type,
            agents_called: run.agents.keys().cloned().collect(),
            execution_time_ms: elapsed_ms(asked.received_at, run.updated_at),
            total_cost: run.total_cost,
            status: match run.status {
                RunStatus::Succeeded => AnswerStatus::Success,
                RunStatus::Partial => AnswerStatus::Partial,
                _ => AnswerStatus::Failed,
            },
            cached: false,
            timestamp: asked.received_at,
        };
        // What an earlier attempt left there says how that one ended.
        let unless = match run.attempt {
            0 | 1 => Condition::Absent,
            _ => Condition::Always,
        };
        self.log_request(&run.tenant_id, &entry, &unless).await
    }
}

/// What there is of an equal request.
enum Equal {
    /// A run that answers it, or will.
    Run(Box<RunState>),
    /// Nothing that does: a run may begin where this still holds.
    None(Condition),
}

/// The write by which equal requests find the run.
fn remember_run(arrival: &Arrival<'_>, unless: Condition) -> Write {
    let mut item = Item::document(arrival.cache_key.clone(), &arrival.run_id);
    item.expires_at = Some(arrival.at + SignedDuration::from_secs(CACHE_SECONDS));
    Write::put(Table::Responses, item, unless)
}

#[cfg(test)]
mod tests;
