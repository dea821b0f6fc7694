//! The plan of a deployment: the third thing that people approve. Nothing leaves yet.

use baton_domain::approval::{Decision, Gate};
use baton_domain::campaign::{
    Brand, ContentSet, DeploymentPlan, Month, PlannedEmail, PlannedSend, Strategy,
};
use baton_domain::run::RunState;
use baton_domain::{RunId, TenantId, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{App, AppError, FunctionError};

/// The payload of `plan`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    tenant_id: TenantId,
    run_id: RunId,
    event_id: String,
    brand: Brand,
    month: Month,
    content_version: u64,
    /// The calendar that was approved; the run's where it is not named.
    #[serde(default)]
    strategy_version: Option<u64>,
}

impl App {
    pub(super) async fn plan_deployment(&self, wanted: &Plan) -> Result<Value, FunctionError> {
        let (tenant, run) = (&wanted.tenant_id, wanted.run_id);
        let plan = self.deployment_plan(wanted).await?;
        let content = serde_json::to_value(&plan).unwrap_or_default();
        let artifact = self.keep_artifact(
            tenant,
            run,
            &wanted.event_id,
            ("deployment-plan", &content),
            "email-pilot",
        );
        let artifact = artifact.await?;
        let state = self.load_run(tenant, run).await?;
        let mut lines = summary(&plan, self.ports.clock.now());
        if !is_content_approved(&state) {
            lines.insert(0, NOT_APPROVED.to_owned());
        }
        let sends: Vec<&str> = plan.sends.iter().map(|send| &*send.email_id).collect();
        Ok(json!({
            "artifact": artifact,
            "sends": sends,
            "summary": lines,
            "test_recipients": plan.test_recipients,
        }))
    }

    async fn deployment_plan(&self, wanted: &Plan) -> Result<DeploymentPlan, AppError> {
        let (tenant, run) = (&wanted.tenant_id, wanted.run_id);
        let version = Some(wanted.content_version);
        let (reference, content) = self.load_artifact(tenant, run, "content", version).await?;
        let content: ContentSet = typed(content)?;
        let (_, strategy) = self
            .load_artifact(tenant, run, "strategy", wanted.strategy_version)
            .await?;
        let strategy: Strategy = typed(strategy)?;
        let mut sends: Vec<PlannedSend> = strategy
            .emails
            .iter()
            .filter_map(|email| send(email, &content))
            .collect();
        sends.sort_by(|a, b| (a.send_at, &a.email_id).cmp(&(b.send_at, &b.email_id)));
        Ok(DeploymentPlan {
            brand_id: wanted.brand.brand_id.clone(),
            month: wanted.month,
            content_version: reference.version,
            content_hash: reference.hash,
            test_recipients: wanted.brand.test_recipients.clone(),
            recipients: sends.iter().map(|send| send.audience_size).sum(),
            sends,
        })
    }
}

/// What the store has under a name was checked when it was stored.
pub(super) fn typed<T: DeserializeOwned>(content: Value) -> Result<T, AppError> {
    serde_json::from_value(content)
        .map_err(|error| AppError::RunConflict(format!("an artifact cannot be read: {error}")))
}

fn send(email: &PlannedEmail, content: &ContentSet) -> Option<PlannedSend> {
    let mut written = content.emails.iter();
    let content = written.find(|content| content.email_id == email.email_id)?;
    Some(PlannedSend {
        email_id: email.email_id.clone(),
        send_at: email.send_at,
        segment: email.segment.clone(),
        audience_size: email.audience_size,
        subject_lines: content
            .subject_lines
            .iter()
            .map(|line| format!("{}: {}", line.variant, line.text))
            .collect(),
    })
}

/// What approvers are told of content that came from elsewhere: a fork, or a version before.
const NOT_APPROVED: &str = "Nobody approved this content in this run: look at it before you decide";

/// Whether the last word at the gate of content was yes.
fn is_content_approved(state: &RunState) -> bool {
    let mut gates = state.approvals.iter().rev();
    let last = gates.find(|gate| gate.gate == Gate::Content);
    last.is_some_and(|gate| {
        matches!(
            gate.decision,
            Some(Decision::Approve | Decision::ApproveWithFixes)
        )
    })
}

/// Lines for who is to approve it: what is irrevocable first.
fn summary(plan: &DeploymentPlan, now: Timestamp) -> Vec<String> {
    let (mails, recipients) = (plan.sends.len(), plan.recipients);
    let mut lines = vec![format!("{mails} mails to {recipients} recipients in all")];
    let late = plan.sends.iter().filter(|send| send.send_at <= now).count();
    if late > 0 {
        lines.push(format!(
            "{late} of them at once: their time has passed. Drop them, or move them."
        ));
    }
    lines.extend(plan.sends.iter().map(|send| {
        let (at, to, size) = (send.send_at, &send.segment, send.audience_size);
        let subject = send.subject_lines.first().map_or("", String::as_str);
        format!("{}: {at} to {to} ({size}): {subject}", send.email_id)
    }));
    lines
}
