//! Answers one orchestration request: from the cache, or by the workflow of its type.

use baton_domain::item::{Condition, Item, Table};
use baton_domain::ports::WorkflowError;
use baton_domain::request::{Answer, AnswerStatus, Findings, OrchestrationRequest, RequestType};
use baton_domain::{Money, RunId, TenantId};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use crate::arrival::{Arrival, elapsed_ms};
use crate::keep_picture::IMAGES;
use crate::{App, AppError};

/// How long an answer may be served again to the same tenant, user, type and context (O9).
pub const CACHE_SECONDS: i64 = 300;

/// What a workflow that answers requests puts out.
#[derive(Deserialize)]
pub(crate) struct Output {
    pub(crate) findings: Findings,
    /// Whether the workflow wrote the log entry itself.
    pub(crate) logged: bool,
}

impl App {
    /// Answers a request. Every request that is valid leaves one entry in the orchestration log,
    /// whatever becomes of it.
    ///
    /// # Errors
    /// When the request breaks a rule, or its workflow did not succeed. Agents that fail are no
    /// error: the answer says which, and what stands in their place.
    pub async fn submit_request(
        &self,
        tenant: &TenantId,
        request: &OrchestrationRequest,
    ) -> Result<Answer, AppError> {
        request.validate()?;
        let models = self.models_of(tenant, request.request_type).await;
        let arrival = self.arrive(tenant, request, models);
        if let Some(answer) = self.cached(&arrival).await {
            self.write_log(&arrival, &answer.findings, true).await;
            return Ok(answer);
        }
        let run = arrival.run()?;
        match self.ports.workflows.run(&run).await.and_then(parse) {
            Ok(output) => Ok(self.answer(&arrival, output).await),
            Err(error) => {
                let (request_id, run_id) = (arrival.request_id, run.run_id);
                tracing::error!(severity = "critical", %request_id, %run_id, error = error.name(), "the workflow failed");
                self.write_log(&arrival, &failed(), false).await;
                Err(error.into())
            }
        }
    }

    /// How often the models that answers rest on have changed; none where the store does not say, and
    /// then nothing is served from the cache.
    async fn models_of(&self, tenant: &TenantId, request_type: RequestType) -> Option<u64> {
        if request_type != RequestType::Score {
            return Some(0);
        }
        let changes = self.model_changes(tenant).await;
        changes
            .inspect_err(|error| tracing::warn!(%error, "the models were not read"))
            .ok()
    }

    /// The answer that an equal request got lately. A cache that does not answer is no reason to
    /// fail: the request then runs.
    async fn cached(&self, arrival: &Arrival<'_>) -> Option<Answer> {
        if !arrival.is_cacheable {
            return None;
        }
        let items = &self.ports.items;
        let item = items.get(Table::Responses, &arrival.cache_key).await;
        let item = item.inspect_err(|error| tracing::warn!(%error, "the cache was not read"));
        let item = item.ok()??;
        if item.is_expired(arrival.at) {
            return None;
        }
        let first: Answer = item.parse()?;
        let findings = Findings {
            agents_called: Vec::new(),
            total_cost: Money::ZERO,
            ..first.findings
        };
        Some(self.complete(arrival, first.run_id, findings, true))
    }

    async fn answer(&self, arrival: &Arrival<'_>, output: Output) -> Answer {
        if !output.logged {
            self.write_log(arrival, &output.findings, false).await;
        }
        let answer = self.complete(arrival, arrival.run_id, output.findings, false);
        if let Some(picture) = picture(arrival, &answer.findings) {
            let kept = self.keep_picture(arrival, picture, answer.findings.status);
            if let Err(error) = kept.await {
                // The caller has it in the answer.
                tracing::warn!(request_id = %arrival.request_id, %error, "the picture was not kept");
            }
        }
        match answer.findings.status {
            AnswerStatus::Success => self.keep(arrival, &answer).await,
            // What a caller wrote wrong is the caller's to mend, and nobody is woken.
            AnswerStatus::Degraded if is_input_alone(&answer.findings) => {}
            AnswerStatus::Degraded => {
                let (request_id, run_id) = (arrival.request_id, arrival.run_id);
                tracing::error!(severity = "critical", %request_id, %run_id, "every agent failed");
            }
            AnswerStatus::Partial | AnswerStatus::Failed => {}
        }
        answer
    }

    fn complete(
        &self,
        arrival: &Arrival<'_>,
        run_id: RunId,
        findings: Findings,
        cached: bool,
    ) -> Answer {
        let timestamp = self.ports.clock.now();
        Answer {
            request_id: arrival.request_id,
            run_id,
            user_id: arrival.request.user_id.clone(),
            findings,
            cached,
            execution_time_ms: elapsed_ms(arrival.at, timestamp),
            timestamp,
        }
    }

    async fn keep(&self, arrival: &Arrival<'_>, answer: &Answer) {
        if !arrival.is_cacheable {
            return;
        }
        let mut item = Item::document(arrival.cache_key.clone(), answer);
        item.expires_at = Some(arrival.at + SignedDuration::from_secs(CACHE_SECONDS));
        let kept = self
            .ports
            .items
            .put(Table::Responses, &item, &Condition::Always)
            .await;
        if let Err(error) = kept {
            tracing::warn!(request_id = %arrival.request_id, %error, "the answer was not cached");
        }
    }
}

/// The picture that was made, if one was.
fn picture<'a>(arrival: &Arrival<'_>, findings: &'a Findings) -> Option<&'a Value> {
    let is_creative = arrival.request.request_type == RequestType::Creative;
    let made = findings.results.get(IMAGES).filter(|_| is_creative);
    made.map(|envelope| &envelope.output)
        .filter(|output| !output.is_null())
}

/// Whether nothing failed but what the caller brought.
fn is_input_alone(findings: &Findings) -> bool {
    let mut errors = findings.errors.values();
    errors.all(|failed| failed.error == "InvalidInput")
}

/// Reads what a workflow put out.
pub(crate) fn parse(output: Value) -> Result<Output, WorkflowError> {
    serde_json::from_value(output).map_err(|error| WorkflowError::Failed {
        error: "InvalidOutput".to_owned(),
        cause: format!("the workflow's output is not an answer: {error}"),
    })
}

pub(crate) fn failed() -> Findings {
    Findings {
        agents_called: Vec::new(),
        results: std::collections::BTreeMap::new(),
        status: AnswerStatus::Failed,
        errors: std::collections::BTreeMap::new(),
        skipped: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
        total_cost: Money::ZERO,
    }
}

#[cfg(test)]
mod tests;
