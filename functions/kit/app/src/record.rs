//! The platform function `journal`: by it a workflow says what happened to its run, stores what its
//! agents made, and reads it again.
//!
//! - `record`: calls, artifacts, deliveries, a stage, the end; in this order, all or none.
//! - `read`: an artifact.
//! - `find`: which version of an artifact the run has; the content, which may be larger than what a
//!   workflow can carry, stays where it is.
//! - `bundle`: the mails that passed their checks or not, as one artifact `content`.
//! - `answers`: how the requests of one part of a batch were answered; `answered`: whether they were.

use baton_domain::campaign::Delivery;
use baton_domain::run::{ArtifactRef, Call, CallStatus, Event, RunState, RunStatus};
use baton_domain::{Envelope, FieldError, Money, RunId, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::end_run::shortened;
use crate::function::Operation;
use crate::journal::{Change, Heard};
use crate::{App, AppError, FunctionError};

/// The payload of `record`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    tenant_id: TenantId,
    run_id: RunId,
    event_id: String,
    /// The attempt that speaks; one that a redrive replaced has no say any more.
    #[serde(default)]
    attempt: Option<u32>,
    #[serde(default)]
    stage: Option<String>,
    #[serde(default)]
    calls: Vec<RecordedCall>,
    #[serde(default)]
    artifacts: Vec<MadeArtifact>,
    #[serde(default)]
    deliveries: Vec<Delivery>,
    #[serde(default)]
    end: Option<End>,
}

/// One call: an answer, a fallback's answer with the error that it replaces, or an error alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedCall {
    #[serde(default)]
    about: String,
    #[serde(default)]
    envelope: Option<Envelope>,
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MadeArtifact {
    name: String,
    content: Value,
    by: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    status: RunStatus,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    cause: Option<String>,
}

/// The payload of `read` and of `find`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    tenant_id: TenantId,
    run_id: RunId,
    name: String,
    #[serde(default)]
    version: Option<u64>,
}

impl App {
    /// Does one operation of the function.
    ///
    /// # Errors
    /// One of [`FunctionError::CODES`].
    pub async fn record(&self, payload: Value) -> Result<Value, FunctionError> {
        let operation = Operation::of(payload)?;
        match operation.op.as_str() {
            "record" => Ok(self.keep_record(operation.fields()?).await?),
            "read" => self.read_artifact(operation.fields()?).await,
            "find" => self.find_artifact(operation.fields()?).await,
            "bundle" => Ok(self.bundle_content(&operation.fields()?).await?),
            "answers" => Ok(self.keep_answers(operation.fields()?).await?),
            "answered" => Ok(self.answered(&operation.fields()?).await?),
            _ => {
                Err(operation.unknown("`record`, `read`, `find`, `bundle`, `answers`, `answered`"))
            }
        }
    }

    async fn read_artifact(&self, read: Read) -> Result<Value, FunctionError> {
        let Read {
            tenant_id,
            run_id,
            name,
            version,
        } = read;
        let loaded = self.load_artifact(&tenant_id, run_id, &name, version);
        let (artifact, content) = loaded.await.map_err(|error| match error {
            // A workflow goes on without what is not there, for whatever reason it is not.
            AppError::NotFound(_) => {
                let message = format!("there is no artifact `{name}` of this run");
                FunctionError::new(FunctionError::ARTIFACT_NOT_FOUND, message)
            }
            error => error.into(),
        })?;
        Ok(json!({"artifact": artifact, "content": content}))
    }

    async fn find_artifact(&self, read: Read) -> Result<Value, FunctionError> {
        let mut found = self.read_artifact(read).await?;
        Ok(json!({"artifact": found["artifact"].take()}))
    }

    async fn keep_record(&self, record: Record) -> Result<Value, AppError> {
        let facts = record.calls.iter().enumerate().map(called);
        let calls = facts.collect::<Result<Vec<_>, _>>()?;
        let (tenant, run, id) = (&record.tenant_id, record.run_id, &record.event_id);
        check_end(record.end.as_ref())?;
        // What was heard before may have been replaced since: it must not be stored again.
        let known = self.heard(tenant, run, id).await?;
        let (state, artifacts) = if let Some(heard) = known {
            let artifacts = self.artifacts_of(tenant, run, heard).await?;
            (self.load_run(tenant, run).await?, artifacts)
        } else {
            self.keep_news(&record, &calls).await?
        };
        let state = match state.status {
            // A mail that was handed over while the run ended.
            status if status.is_redrivable() => self.take_back(state).await?,
            _ => state,
        };
        Ok(json!({
            "version": state.version,
            "total_cost": state.total_cost,
            "over_limit": state.is_over_limit(),
            "over": state.status.is_over(),
            "artifacts": artifacts,
        }))
    }

    /// Stores the artifacts of a record, then appends what it says.
    async fn keep_news(
        &self,
        record: &Record,
        calls: &[Call],
    ) -> Result<(RunState, Vec<ArtifactRef>), AppError> {
        let (tenant, run) = (&record.tenant_id, record.run_id);
        let mut artifacts = Vec::with_capacity(record.artifacts.len());
        if !record.artifacts.is_empty() {
            self.load_run(tenant, run).await?;
        }
        for (n, made) in record.artifacts.iter().enumerate() {
            let stored = self.store_artifact(tenant, run, &made.name, &made.content);
            artifacts.push(stored.await.map_err(|error| within(n, error))?);
        }
        let change = |state: &RunState| Ok(events(record, calls, &artifacts, state));
        let appended = self.append_from(tenant, run, &record.event_id, change);
        let appended = appended.await?;
        if appended.heard.before {
            artifacts = self.artifacts_of(tenant, run, appended.heard).await?;
        }
        Ok((appended.state, artifacts))
    }

    /// The artifacts that an event's id stored.
    pub(crate) async fn artifacts_of(
        &self,
        tenant: &TenantId,
        run: RunId,
        heard: Heard,
    ) -> Result<Vec<ArtifactRef>, AppError> {
        let entries = self.entries(tenant, run, heard.after, heard.last).await?;
        let stored = entries.into_iter().filter_map(|entry| match entry.event {
            Event::ArtifactStored { artifact, .. } => Some(artifact),
            _ => None,
        });
        Ok(stored.collect())
    }
}

/// What a record adds to a run that stands so. Facts are kept whatever became of the run; a stage
/// or an end that comes after the end is not. Of an attempt that a redrive replaced only its cost is
/// kept: what it made is not what the present one goes by.
fn events(record: &Record, calls: &[Call], artifacts: &[ArtifactRef], state: &RunState) -> Change {
    let mut events: Vec<Event> = calls.iter().cloned().map(Event::AgentCalled).collect();
    let speaks = record
        .attempt
        .is_none_or(|attempt| attempt == state.attempt);
    if speaks {
        let made = artifacts.iter().zip(&record.artifacts);
        events.extend(made.map(|(artifact, made)| Event::ArtifactStored {
            artifact: artifact.clone(),
            by: made.by.clone(),
        }));
        let deliveries = record.deliveries.iter().cloned();
        events.extend(deliveries.map(|delivery| Event::Delivered { delivery }));
    }
    if !state.status.is_over() && speaks {
        // A stage that it is in already is no news.
        let there = state.status == RunStatus::Running && state.stage == record.stage;
        let entered = record.stage.clone().filter(|_| !there);
        events.extend(entered.map(|stage| Event::StageEntered { stage }));
        events.extend(record.end.as_ref().map(|end| Event::Ended {
            status: end.status,
            error: end.error.clone(),
            cause: end.cause.as_deref().map(shortened),
        }));
    }
    events.into()
}

fn called((n, recorded): (usize, &RecordedCall)) -> Result<Call, FieldError> {
    let RecordedCall {
        about,
        envelope,
        agent,
        error,
    } = recorded;
    let about = about.clone();
    match (envelope, agent, error) {
        (Some(envelope), _, error) => Ok(Call {
            agent: envelope.agent.clone(),
            about,
            status: match error {
                Some(_) => CallStatus::Degraded,
                None => envelope.status.into(),
            },
            method: Some(envelope.method.clone()),
            cost_usd: envelope.cost_usd,
            duration_ms: envelope.usage.duration_ms,
            error: error.clone(),
        }),
        (None, Some(agent), Some(error)) => Ok(Call {
            agent: agent.clone(),
            about,
            status: CallStatus::Failed,
            method: None,
            cost_usd: Money::ZERO,
            duration_ms: 0.0,
            error: Some(error.clone()),
        }),
        (None, ..) => {
            let message = "must have an `envelope`, or an `agent` and an `error`";
            Err(FieldError::new(format!("calls[{n}]"), message))
        }
    }
}

fn check_end(end: Option<&End>) -> Result<(), FieldError> {
    let sound = end.is_none_or(|end| end.status.is_over());
    sound
        .then_some(())
        .ok_or_else(|| FieldError::new("end.status", "must be a status in which a run is over"))
}

fn within(n: usize, error: AppError) -> AppError {
    match error {
        AppError::Invalid(error) => {
            let inner = match error.field.as_str() {
                "name" => "name".to_owned(),
                "" => "content".to_owned(),
                field => format!("content.{field}"),
            };
            FieldError::new(format!("artifacts[{n}].{inner}"), error.message).into()
        }
        error => error,
    }
}

#[cfg(test)]
mod tests;
