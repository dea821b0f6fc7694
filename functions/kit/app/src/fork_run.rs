//! Forks a run: a new run of the same brand and month that goes its own way from a stage, with what
//! the earlier stages of the other made, edited or not. The other run is not touched.

use std::collections::{BTreeMap, BTreeSet};

use baton_domain::campaign::{Stage, check_artifact};
use baton_domain::run::{ArtifactRef, Event, Origin, RunState};
use baton_domain::{FieldError, Money, RunId, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::redrive_run::check_needs;
use crate::roll_back_run::check_version;
use crate::submit_approval::apply;
use crate::{App, AppError, MAX_EVENTS, SettingsChange, StartRun};

/// How a fork differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForkRun {
    /// The stage from which the new run goes its own way.
    pub from: Stage,
    /// Artifacts of earlier stages that the new run has instead, whole, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub artifacts: BTreeMap<String, Value>,
    /// Edits of artifacts of earlier stages, as JSON Patch (RFC 6902), by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edits: BTreeMap<String, Value>,
    /// What the new run may cost; as the other's when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Money>,
    /// What goes otherwise than configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsChange>,
}

impl ForkRun {
    /// The field in which the forker gives or edits an artifact, if in any.
    fn field_of(&self, name: &str) -> Option<&'static str> {
        let given = self.artifacts.contains_key(name).then_some("artifacts");
        given.or_else(|| self.edits.contains_key(name).then_some("edits"))
    }
}

impl App {
    /// Forks a run and starts the new one's workflow. Answers the new run, which is queued. With
    /// `once` as [`App::start_run`].
    ///
    /// # Errors
    /// [`AppError::RunConflict`] when the stage's input is not there, [`AppError::Stale`] when the
    /// run is at another version than `if_match`; when an artifact is not sound or not of an
    /// earlier stage, or the store does not answer.
    pub async fn fork_run(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        fork: &ForkRun,
        if_match: Option<u64>,
        once: Option<&str>,
    ) -> Result<RunState, AppError> {
        let origin = self.load_run(tenant, run_id).await?;
        check_version(&origin, if_match)?;
        let wanted = start(&origin, fork)?;
        check_edits(&origin, fork)?;
        check_needs(fork.from, |name| {
            fork.artifacts.contains_key(name) || origin.artifacts.contains_key(name)
        })?;
        check_came_to(&origin, fork)?;
        let mut input = self.campaign_input(tenant, &wanted)?;
        input.from = fork.from;
        let artifacts = self.copied(&origin, input.run_id, fork).await?;
        let limit = fork.max_cost_usd.or(origin.max_cost_usd);
        let mut events = vec![forked(self.queued(&input, limit), &origin, fork.from)];
        events.extend(artifacts.into_iter().map(|artifact| {
            let name = &artifact.name;
            let what = if fork.field_of(name).is_some() {
                "edit in fork"
            } else {
                "fork"
            };
            Event::ArtifactStored {
                artifact,
                by: format!("{what} of {run_id}"),
            }
        }));
        let begun = self.begin_once(tenant, input.run_id, events, input.kept(), once);
        self.restart(begun.await?).await
    }

    /// Stores what the new run begins with.
    async fn copied(
        &self,
        origin: &RunState,
        new: RunId,
        fork: &ForkRun,
    ) -> Result<Vec<ArtifactRef>, AppError> {
        let tenant = &origin.tenant_id;
        let mut copied = Vec::new();
        for name in names(origin, fork) {
            let mut content = if let Some(instead) = fork.artifacts.get(name) {
                instead.clone()
            } else {
                let version = origin.artifacts.get(name).map(|known| known.version);
                let loaded = self.load_artifact(tenant, origin.run_id, name, version);
                loaded.await?.1
            };
            if let Some(edits) = fork.edits.get(name) {
                let edited = apply(edits, &mut content);
                let edited = edited.and_then(|()| check_artifact(name, &content));
                edited.map_err(|error| within(&format!("edits.{name}"), &error))?;
            }
            if let Some(field) = fork.field_of(name) {
                let checked = self.check_segments(tenant, origin.run_id, name, &content);
                let checked = checked.await?;
                checked.map_err(|error| within(&format!("{field}.{name}"), &error))?;
            }
            copied.push(self.store_artifact(tenant, new, name, &content).await?);
        }
        Ok(copied)
    }
}

/// The artifacts of the stages before. Those of single mails come last and end where a journal's
/// transaction does: what a stage needs is the whole, which holds them.
fn names<'a>(origin: &'a RunState, fork: &'a ForkRun) -> Vec<&'a str> {
    let mut names: Vec<&str> = origin.artifacts.keys().map(String::as_str).collect();
    names.extend(fork.artifacts.keys().map(String::as_str));
    names.retain(|name| Stage::of_artifact(name) < fork.from);
    names.sort_unstable_by_key(|name| (name.contains('.'), *name));
    names.dedup();
    names.truncate(MAX_EVENTS - 1);
    names
}

fn check_edits(origin: &RunState, fork: &ForkRun) -> Result<(), FieldError> {
    for (name, content) in &fork.artifacts {
        let field = format!("artifacts.{name}");
        check_artifact(name, content).map_err(|error| within(&field, &error))?;
        check_stage(&field, name, fork.from)?;
        check_known(&field, name, origin, fork.from)?;
    }
    for name in fork.edits.keys() {
        let field = format!("edits.{name}");
        check_stage(&field, name, fork.from)?;
        if fork.artifacts.contains_key(name) {
            let message = "is given whole under `artifacts`: edit it there";
            return Err(FieldError::new(field, message));
        }
        if !origin.artifacts.contains_key(name) {
            return Err(unknown(&field, origin.artifacts.keys().map(String::as_str)));
        }
    }
    Ok(())
}

/// A fork may bring what its origin has, and what its own stages need; another name would be there
/// for nobody.
fn check_known(field: &str, name: &str, origin: &RunState, from: Stage) -> Result<(), FieldError> {
    let needed = Stage::ALL.into_iter().filter(|stage| *stage <= from);
    let needed = needed.filter_map(Stage::needs);
    let mut known: BTreeSet<&str> = needed.collect();
    known.extend(origin.artifacts.keys().map(String::as_str));
    if known.contains(name) {
        return Ok(());
    }
    let earlier = known
        .into_iter()
        .filter(|name| Stage::of_artifact(name) < from);
    Err(unknown(field, earlier))
}

fn unknown<'a>(field: &str, known: impl Iterator<Item = &'a str>) -> FieldError {
    let known = known.collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "none" } else { &known };
    FieldError::new(
        field,
        format!("is no artifact of the run; there are: {known}"),
    )
}

fn check_stage(field: &str, name: &str, from: Stage) -> Result<(), FieldError> {
    if Stage::of_artifact(name) < from {
        return Ok(());
    }
    let message = format!("is made in `{from}` or later: fork from a later stage");
    Err(FieldError::new(field, message))
}

/// A refusal of something within `field`.
fn within(field: &str, error: &FieldError) -> FieldError {
    let inner = [field, error.field.as_str()].join(".");
    FieldError::new(inner.trim_end_matches('.'), error.message.clone())
}

/// A fork takes over nothing that its origin's people did not pass; what the forker puts in its place
/// is the forker's, and the gate of the deployment says so.
fn check_came_to(origin: &RunState, fork: &ForkRun) -> Result<(), AppError> {
    let from = fork.from;
    let mut stages = origin.stages.iter();
    let came = stages.any(|record| record.stage == from.name());
    let given = |name| fork.field_of(name).is_some();
    let message = format!("the run never came to `{from}`: fork from an earlier stage");
    (came || from.needs().is_none_or(given))
        .then_some(())
        .ok_or(AppError::RunConflict(message))
}

fn start(origin: &RunState, fork: &ForkRun) -> Result<StartRun, AppError> {
    let (Some(brand_id), Some(month)) = (&origin.subject.brand_id, origin.subject.month) else {
        let message = "only a campaign can be forked: start research again instead";
        return Err(AppError::RunConflict(message.to_owned()));
    };
    Ok(StartRun {
        brand_id: brand_id.clone(),
        selected_month: month,
        tenant_id: None,
        max_cost_usd: None,
        settings: fork.settings.clone(),
    })
}

fn forked(queued: Event, other: &RunState, from: Stage) -> Event {
    match queued {
        Event::Queued {
            workflow,
            subject,
            max_cost_usd,
            auto_approve,
            ..
        } => Event::Queued {
            workflow,
            subject,
            origin: Some(Origin {
                run_id: other.run_id,
                from: from.name().to_owned(),
            }),
            max_cost_usd,
            auto_approve,
        },
        other => other,
    }
}
