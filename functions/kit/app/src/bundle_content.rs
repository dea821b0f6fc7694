//! Puts the mails of a run and what the check found in each together, as one artifact `content`:
//! what people approve and what is sent.

use std::collections::{BTreeMap, BTreeSet};

use baton_domain::campaign::{Content, ContentSet, QaReport};
use baton_domain::run::{CallStatus, Event, RunState};
use baton_domain::{RunId, TenantId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::artifacts::ARTIFACT;
use crate::load_run::readable;
use crate::{App, AppError};
use baton_domain::item::{Key, Table};

/// The payload of `bundle`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bundle {
    tenant_id: TenantId,
    run_id: RunId,
    event_id: String,
    /// The mails, in the calendar's order.
    emails: Vec<Checked>,
    /// Mails that are left out.
    #[serde(default)]
    deleted: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checked {
    email_id: String,
    passed: bool,
}

/// What was put together.
struct Bundled {
    set: ContentSet,
    flagged: Vec<String>,
    missing: Vec<String>,
    /// Why those that are missing are, by their names, where the journal says.
    reasons: BTreeMap<String, String>,
}

impl App {
    /// Stores the bundle and says so in the journal. Answers its reference, how many mails it has,
    /// those that did not pass, and lines for who is to approve it.
    pub(crate) async fn bundle_content(&self, bundle: &Bundle) -> Result<Value, AppError> {
        let (tenant, run) = (&bundle.tenant_id, bundle.run_id);
        let state = self.load_run(tenant, run).await?;
        let bundled = self.gather(&state, bundle).await?;
        let content = serde_json::to_value(&bundled.set).unwrap_or_default();
        let named = ("content", &content);
        let artifact = self.keep_artifact(tenant, run, &bundle.event_id, named, "journal");
        let artifact = artifact.await?;
        Ok(json!({
            "artifact": artifact,
            "emails": bundled.set.emails.len(),
            "flagged": bundled.flagged,
            "missing": bundled.missing,
            "summary": bundled.summary(),
        }))
    }

    async fn gather(&self, state: &RunState, bundle: &Bundle) -> Result<Bundled, AppError> {
        let mut bundled = Bundled {
            set: ContentSet::default(),
            flagged: Vec::new(),
            missing: Vec::new(),
            reasons: BTreeMap::new(),
        };
        let deleted: BTreeSet<&str> = bundle.deleted.iter().map(String::as_str).collect();
        let emails = bundle.emails.iter();
        for email in emails.filter(|email| !deleted.contains(email.email_id.as_str())) {
            let id = &email.email_id;
            let Some(content) = self
                .current::<Content>(state, &format!("content.{id}"))
                .await?
            else {
                bundled.missing.push(id.clone());
                continue;
            };
            let report = self.current::<QaReport>(state, &format!("qa.{id}")).await?;
            // A mail that was not checked has not passed.
            if !(email.passed && report.as_ref().is_some_and(|report| report.passed)) {
                bundled.flagged.push(id.clone());
            }
            bundled.set.emails.push(content);
            bundled.set.qa.extend(report);
        }
        if !bundled.missing.is_empty() {
            bundled.reasons = self.failures_of(state).await?;
        }
        if bundled.set.emails.is_empty() {
            return Err(AppError::NotFound(ARTIFACT));
        }
        Ok(bundled)
    }

    /// With what the last call about each mail failed, where it did.
    async fn failures_of(&self, state: &RunState) -> Result<BTreeMap<String, String>, AppError> {
        let (tenant, run) = (&state.tenant_id, state.run_id);
        let entries = self.entries(tenant, run, 0, state.version).await?;
        let failed = entries.into_iter().filter_map(|entry| match entry.event {
            Event::AgentCalled(call) if call.status == CallStatus::Failed => Some((
                call.about,
                format!("{} failed with {}", call.agent, call.error?),
            )),
            _ => None,
        });
        Ok(failed.collect())
    }

    /// The artifact of this name that the run has, if it has one.
    async fn current<T: DeserializeOwned>(
        &self,
        state: &RunState,
        name: &str,
    ) -> Result<Option<T>, AppError> {
        let Some(artifact) = state.artifacts.get(name) else {
            return Ok(None);
        };
        let key = Key::artifact(&state.tenant_id, state.run_id, name, artifact.version);
        let item = self.ports.items.get(Table::Runs, &key).await?;
        item.as_ref().map(readable).transpose()
    }
}

impl Bundled {
    /// One line for each mail, flagged ones said so, and one for each that is missing.
    fn summary(&self) -> Vec<String> {
        let reports = |id: &str| self.set.qa.iter().find(|report| report.email_id == id);
        let present = self.set.emails.iter().map(|content| {
            let id = &content.email_id;
            let subject = content.subject_lines.first().map_or("", |line| &line.text);
            let flag = match (self.flagged.contains(id), reports(id)) {
                (false, _) => String::new(),
                (true, None) => " [not checked]".to_owned(),
                (true, Some(report)) => {
                    let errors = report.findings.iter();
                    let errors = errors
                        .filter(|found| found.severity == baton_domain::campaign::Severity::Error)
                        .count();
                    format!(" [failed the check: {errors} errors]")
                }
            };
            format!("{id}: {subject}{flag}")
        });
        let missing = self.missing.iter();
        present
            .chain(missing.map(|id| {
                let reason = self.reasons.get(id);
                let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
                format!("{id}: missing, it was not written{reason}")
            }))
            .collect()
    }
}
