//! What a batch's workflow says of one part of its requests: their answers become an artifact of the run,
//! each a call in its journal, and each a log entry where its own workflow wrote none.

use baton_domain::item::Condition;
use baton_domain::ports::WorkflowError;
use baton_domain::request::{AnswerStatus, Findings};
use baton_domain::run::{ArtifactRef, Call, CallStatus, Event, RunState};
use baton_domain::{FieldError, Money, RequestId, RunId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::artifacts::ARTIFACT;
use crate::journal::Change;
use crate::received::Received;
use crate::submit_request::{Output, failed, parse};
use crate::{App, AppError};

/// The payload of `answers`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartEnded {
    tenant_id: TenantId,
    run_id: RunId,
    part: u32,
    answers: Vec<Ended>,
}

/// The payload of `answered`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answered {
    tenant_id: TenantId,
    run_id: RunId,
    part: u32,
}

/// How the workflow of a request ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    index: usize,
    received: Received,
    #[serde(default)]
    output: Option<Value>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    cause: Option<String>,
}

/// One request of a batch, answered or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct BatchAnswer {
    /// Its place in the batch, counting from 0.
    index: usize,
    request_id: RequestId,
    run_id: RunId,
    user_id: UserId,
    #[serde(flatten)]
    findings: Findings,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What its workflow said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

impl App {
    /// Whether a part was answered before, and how: an execution that comes again asks nobody twice.
    pub(crate) async fn answered(&self, wanted: &Answered) -> Result<Value, AppError> {
        let Answered {
            tenant_id,
            run_id,
            part,
        } = wanted;
        let name = results(*part);
        let state = self.load_run(tenant_id, *run_id).await?;
        if !state.artifacts.contains_key(&name) {
            return Ok(json!({"known": false}));
        }
        let loaded = self.load_artifact(tenant_id, *run_id, &name, None);
        let (_, content) = match loaded.await {
            Err(AppError::NotFound(ARTIFACT)) => return Ok(json!({"known": false})),
            loaded => loaded?,
        };
        let answers = serde_json::from_value(content["answers"].clone());
        let answers: Vec<BatchAnswer> =
            answers.map_err(|error| AppError::RunConflict(error.to_string()))?;
        Ok(counted(&answers))
    }

    /// Keeps the answers of a part; a part that was kept before stays as it was.
    pub(crate) async fn keep_answers(&self, told: PartEnded) -> Result<Value, AppError> {
        let PartEnded {
            tenant_id,
            run_id,
            part,
            answers,
        } = told;
        let mut kept = Vec::with_capacity(answers.len());
        let (mut unlogged, now) = (Vec::new(), self.ports.clock.now());
        for ended in answers {
            let received = ended.received.clone();
            let (answer, logged) = answer(ended)?;
            if !logged {
                let unless = match answer.error {
                    // It may have written its entry before it failed, which says more.
                    Some(_) => Condition::Absent,
                    None => Condition::Always,
                };
                unlogged.push((received.entry(&answer.findings, false, now), unless));
            }
            kept.push(answer);
        }
        let event_id = results(part);
        if self.heard(&tenant_id, run_id, &event_id).await?.is_none() {
            self.load_run(&tenant_id, run_id).await?;
            let content = json!({"part": part, "answers": kept});
            let stored = self.store_artifact(&tenant_id, run_id, &event_id, &content);
            let stored = stored.await?;
            // Each has its own key: saying it again changes nothing. Whoever finds the part heard takes
            // its requests for logged, so that a log that cannot be written comes first.
            for (entry, unless) in &unlogged {
                self.log_request(&tenant_id, entry, unless).await?;
            }
            let change = |state: &RunState| Ok(told_by(state, &stored, &kept));
            self.append_from(&tenant_id, run_id, &event_id, change)
                .await?;
        }
        Ok(counted(&kept))
    }
}

/// The artifact that holds the answers of a part.
pub(crate) fn results(part: u32) -> String {
    format!("results.{part}")
}

/// The answer of a request, and whether its workflow logged it.
fn answer(ended: Ended) -> Result<(BatchAnswer, bool), FieldError> {
    let Ended {
        index,
        received,
        output,
        error,
        cause,
    } = ended;
    if output.is_none() && error.is_none() {
        let field = format!("answers[{index}]");
        return Err(FieldError::new(
            field,
            "must have an `output` or an `error`",
        ));
    }
    let found = match (output, error) {
        (Some(output), None) => parse(output),
        (_, error) => Err(WorkflowError::Failed {
            error: error.unwrap_or_default(),
            cause: cause.unwrap_or_default(),
        }),
    };
    let (findings, logged, error, cause) = match found {
        Ok(Output { findings, logged }) => (findings, logged, None, None),
        Err(WorkflowError::Failed { error, cause }) => {
            let cause = crate::end_run::shortened(&cause);
            (failed(), false, Some(error), Some(cause))
        }
        Err(other) => (failed(), false, Some(other.name().to_owned()), None),
    };
    let answer = BatchAnswer {
        index,
        request_id: received.request_id,
        run_id: received.run_id,
        user_id: received.user_id,
        findings,
        error,
        cause,
    };
    Ok((answer, logged))
}

/// What the run's journal hears. Facts are kept whatever became of the run.
fn told_by(state: &RunState, stored: &ArtifactRef, answers: &[BatchAnswer]) -> Change {
    let workflow = state
        .subject
        .request_type
        .map_or("request", |kind| kind.name());
    let call = |answer: &BatchAnswer| {
        Event::AgentCalled(Call {
            agent: workflow.to_owned(),
            about: format!("requests[{}]", answer.index),
            status: match answer.findings.status {
                AnswerStatus::Success => CallStatus::Ok,
                AnswerStatus::Partial | AnswerStatus::Degraded => CallStatus::Degraded,
                AnswerStatus::Failed => CallStatus::Failed,
            },
            method: None,
            cost_usd: answer.findings.total_cost,
            duration_ms: 0.0,
            error: answer.error.clone(),
        })
    };
    let mut events: Vec<Event> = answers.iter().map(call).collect();
    events.push(Event::ArtifactStored {
        artifact: stored.clone(),
        by: workflow.to_owned(),
    });
    events.into()
}

fn counted(answers: &[BatchAnswer]) -> Value {
    let count = |status: &[AnswerStatus]| {
        let is = |answer: &&BatchAnswer| status.contains(&answer.findings.status);
        answers.iter().filter(is).count()
    };
    let costs = answers.iter().map(|answer| answer.findings.total_cost);
    let cost: Money = costs.sum();
    json!({
        "known": true,
        "answered": count(&[AnswerStatus::Success]),
        "partial": count(&[AnswerStatus::Partial, AnswerStatus::Degraded]),
        "failed": count(&[AnswerStatus::Failed]),
        "cost": cost,
    })
}

#[cfg(test)]
mod tests;
