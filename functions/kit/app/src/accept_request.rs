//! Accepts a request that takes longer than a caller waits: the answer is a run, whose workflow
//! writes what it found into the artifact `answer`, and the log entry when it ends.

use baton_domain::item::{Condition, Item, Table};
use baton_domain::log::LogEntry;
use baton_domain::request::{AnswerStatus, Findings, OrchestrationRequest, RequestType};
use baton_domain::run::{Event, RunState, RunStatus, Subject, Workflow};
use baton_domain::{LogId, RequestId, RunId, TenantId, Timestamp, UserId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arrival::{Arrival, elapsed_ms, log_item};
use crate::start_run::keep_input;
use crate::submit_request::failed;
use crate::{App, AppError, CACHE_SECONDS};

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
        let arrival = self.arrive(tenant, request);
        let accepted = |run: &RunState, cached| AcceptedRequest {
            request_id: arrival.request_id,
            run_id: run.run_id,
            user_id: request.user_id.clone(),
            status: run.status,
            cached,
        };
        if let Some(run) = self.equal_run(&arrival).await {
            let findings = Findings {
                status: AnswerStatus::Success,
                ..failed()
            };
            self.write_log(&arrival, &findings, true).await;
            return Ok(accepted(&run, true));
        }
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
        let kept = keep_input(tenant, input.run_id, 1, &input);
        let begun = self.begin_once(tenant, input.run_id, vec![queued], kept, once);
        let run = self.restart(begun.await?).await?;
        self.remember_run(&arrival, run.run_id).await;
        Ok(accepted(&run, false))
    }

    /// The run of an equal request, unless it ended without having done all. A store that does not
    /// answer is no reason to fail: the request then gets a run of its own.
    async fn equal_run(&self, arrival: &Arrival<'_>) -> Option<RunState> {
        let items = &self.ports.items;
        let item = items.get(Table::Responses, &arrival.cache_key).await;
        let item = item.ok()?.filter(|item| !item.is_expired(arrival.at))?;
        let run = self.load_run(arrival.tenant, item.parse()?).await.ok()?;
        let sound = !run.status.is_over() || run.status == RunStatus::Succeeded;
        sound.then_some(run)
    }

    async fn remember_run(&self, arrival: &Arrival<'_>, run: RunId) {
        let mut item = Item::document(arrival.cache_key.clone(), &run);
        item.expires_at = Some(arrival.at + SignedDuration::from_secs(CACHE_SECONDS));
        let put = self
            .ports
            .items
            .put(Table::Responses, &item, &Condition::Always);
        if let Err(error) = put.await {
            tracing::warn!(run_id = %run, %error, "the run was not remembered");
        }
    }

    /// Writes the log entry of a request whose run is over and whose workflow did not write it.
    pub(crate) async fn log_if_unlogged(&self, run: &RunState) -> Result<(), AppError> {
        if run.workflow != Workflow::Avatar || !run.status.is_over() {
            return Ok(());
        }
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
        let item = log_item(&run.tenant_id, &entry);
        let put = self
            .ports
            .items
            .put(Table::OrchestrationLog, &item, &Condition::Absent);
        put.await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
