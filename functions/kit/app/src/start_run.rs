//! Starts a campaign's run, and starts its workflow again where nobody heard of it.
//!
//! The journal comes first: a run whose workflow could not be started, or whose starter died, stays
//! `queued` until a sweep starts it. Starting an execution twice is starting it once.

use baton_domain::campaign::{Month, Stage};
use baton_domain::item::{Condition, Item, Key, Table, Write};
use baton_domain::ports::WorkflowError;
use baton_domain::run::{Event, Run, RunState, RunStatus, Subject, Workflow};
use baton_domain::{BrandId, FieldError, Money, RunId, TenantId, Timestamp};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::digest::digest;
use crate::load_run::readable;
use crate::{App, AppError, CampaignSettings, SettingsChange};

/// How long it is remembered which run was started under an idempotency key: longer than the answer
/// under it is kept.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(48);

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// The brand, as EmailPilot calls it.
    pub brand_id: BrandId,
    /// The month of the campaign.
    pub selected_month: Month,
    /// The caller's own tenant, when it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// What the run may cost before it stops at a gate; nothing for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Money>,
    /// What goes otherwise than configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsChange>,
}

/// What the workflow of a campaign is started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CampaignInput {
    pub(crate) run_id: RunId,
    pub(crate) tenant_id: TenantId,
    pub(crate) brand_id: BrandId,
    pub(crate) month: Month,
    pub(crate) attempt: u32,
    pub(crate) from: Stage,
    pub(crate) started_at: Timestamp,
    /// No mail goes out before: now, in the present month; else the month's first moment.
    pub(crate) not_before: Timestamp,
    pub(crate) auto_approve: bool,
    pub(crate) settings: CampaignSettings,
}

impl App {
    /// Accepts a run and starts its workflow. Answers the run, which is queued. With `once`, a
    /// caller's idempotency key, it is the run that was accepted under that key before, if one was.
    ///
    /// # Errors
    /// When a field breaks a rule, `tenant_id` is not the caller's tenant, or the store does not
    /// answer. Workflows that do not answer are no error: the run is started later.
    pub async fn start_run(
        &self,
        tenant: &TenantId,
        wanted: &StartRun,
        once: Option<&str>,
    ) -> Result<RunState, AppError> {
        if wanted
            .tenant_id
            .as_ref()
            .is_some_and(|named| named != tenant)
        {
            let message = format!("must be your own tenant, `{tenant}`, or be left out");
            return Err(FieldError::new("tenant_id", message).into());
        }
        let input = self.campaign_input(tenant, wanted)?;
        let queued = self.queued(&input, wanted.max_cost_usd);
        let begun = self.begin_once(tenant, input.run_id, vec![queued], input.kept(), once);
        self.restart(begun.await?).await
    }

    /// Begins a run, or finds the one that was begun under the same idempotency key: the mark of the
    /// key is written with the run, so that a caller whose answer was lost begins no second one.
    pub(crate) async fn begin_once(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        events: Vec<Event>,
        input: Write,
        once: Option<&str>,
    ) -> Result<RunState, AppError> {
        self.begin_once_with(tenant, run_id, events, vec![input], once)
            .await
    }

    /// The same, with several writes.
    pub(crate) async fn begin_once_with(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        events: Vec<Event>,
        mut writes: Vec<Write>,
        once: Option<&str>,
    ) -> Result<RunState, AppError> {
        let Some(once) = once else {
            let begun = self.begin_run(tenant, run_id, events, writes);
            // Nobody else can have made this id.
            return begun.await?.ok_or(AppError::Contended);
        };
        let key = Key::started_once(tenant, &digest(&once));
        let now = self.ports.clock.now();
        let mut mark = Item::document(key.clone(), &json!({"run_id": run_id}));
        mark.expires_at = Some(now + REMEMBERED);
        let mark = Write::put(Table::Runs, mark, Condition::AbsentOrExpired { now });
        writes.push(mark);
        let begun = self.begin_run(tenant, run_id, events, writes);
        if let Some(begun) = begun.await? {
            return Ok(begun);
        }
        let marked = self.ports.items.get(Table::Runs, &key).await?;
        let marked: Option<Value> = marked.as_ref().and_then(Item::parse);
        let run = marked.and_then(|mark| mark["run_id"].as_str()?.parse().ok());
        self.load_run(tenant, run.ok_or(AppError::Contended)?).await
    }

    /// What a campaign that begins now is started with.
    pub(crate) fn campaign_input(
        &self,
        tenant: &TenantId,
        wanted: &StartRun,
    ) -> Result<CampaignInput, AppError> {
        let change = wanted.settings.clone().unwrap_or_default();
        let settings = self.settings.campaign.with(&change);
        let settings = settings
            .map_err(|error| FieldError::new(format!("settings.{}", error.field), error.message))?;
        let now = self.ports.clock.now();
        Ok(CampaignInput {
            run_id: RunId::new(now, self.ports.clock.entropy()),
            tenant_id: tenant.clone(),
            brand_id: wanted.brand_id.clone(),
            month: wanted.selected_month,
            attempt: 1,
            from: Stage::Collect,
            started_at: now,
            not_before: not_before(wanted.selected_month, now),
            auto_approve: self.settings.auto_approve,
            settings,
        })
    }

    pub(crate) fn queued(&self, input: &CampaignInput, max_cost_usd: Option<Money>) -> Event {
        Event::Queued {
            workflow: Workflow::Campaign,
            subject: Subject {
                brand_id: Some(input.brand_id.clone()),
                month: Some(input.month),
                ..Subject::default()
            },
            origin: None,
            max_cost_usd,
            auto_approve: self.settings.auto_approve,
        }
    }

    /// Starts the workflow of a run that is queued. One that cannot be started now is started by a
    /// sweep; one that never can ends the run.
    pub(crate) async fn start_workflow(
        &self,
        state: RunState,
        input: &impl Serialize,
    ) -> Result<RunState, AppError> {
        let run = Run {
            run_id: state.run_id,
            attempt: state.attempt,
            tenant_id: state.tenant_id.clone(),
            workflow: state.workflow,
            input: serde_json::to_value(input).unwrap_or_default(),
        };
        let run_id = state.run_id;
        match self.ports.workflows.start(&run).await {
            Ok(()) => Ok(state),
            Err(WorkflowError::Failed { error, cause }) => {
                tracing::error!(severity = "critical", %run_id, %error, "a workflow cannot be started");
                let id = format!("start-{}-failed", state.attempt);
                let ended = Event::Ended {
                    status: RunStatus::Failed,
                    error: Some(error),
                    cause: Some(cause),
                };
                let ended = self.append(&state.tenant_id, run_id, &id, vec![ended]);
                let ended = ended.await?;
                self.log_if_unlogged(&ended).await?;
                Ok(ended)
            }
            Err(error) => {
                tracing::warn!(%run_id, error = error.name(), "a workflow was not started: a sweep will");
                Ok(state)
            }
        }
    }

    /// Starts the workflow of a run again if it is queued; does nothing otherwise.
    ///
    /// # Errors
    /// When there is no such run or the store does not answer.
    pub async fn restart_queued(
        &self,
        tenant: &TenantId,
        run_id: RunId,
    ) -> Result<RunState, AppError> {
        self.restart(self.load_run(tenant, run_id).await?).await
    }

    /// Starts the workflow of a run if it is queued.
    pub(crate) async fn restart(&self, state: RunState) -> Result<RunState, AppError> {
        if state.status != RunStatus::Queued {
            return Ok(state);
        }
        let input: Value = self.kept_input(&state).await?;
        self.start_workflow(state, &input).await
    }

    /// What the present attempt of a run is started with.
    pub(crate) async fn kept_input<T: DeserializeOwned>(
        &self,
        state: &RunState,
    ) -> Result<T, AppError> {
        let key = Key::run_input(&state.tenant_id, state.run_id, state.attempt);
        let item = self.ports.items.get(Table::Runs, &key).await?;
        readable(&item.ok_or(AppError::NotFound("input of this run"))?)
    }
}

impl CampaignInput {
    /// The write that keeps it: the same attempt can be started again with the same input.
    pub(crate) fn kept(&self) -> Write {
        keep_input(&self.tenant_id, self.run_id, self.attempt, self)
    }
}

/// The write that keeps the input of an attempt of a run.
pub(crate) fn keep_input(
    tenant: &TenantId,
    run: RunId,
    attempt: u32,
    input: &impl Serialize,
) -> Write {
    let key = Key::run_input(tenant, run, attempt);
    Write::put(Table::Runs, Item::document(key, input), Condition::Always)
}

/// The first moment at which a month's mails may go out: now when it has begun and is not over,
/// else its beginning in UTC. A month that is over is planned as it was, for want of another.
pub(crate) fn not_before(month: Month, now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    if Month::of(today) == month {
        return now;
    }
    let first = month.first().to_zoned(TimeZone::UTC);
    first.map_or(now, |first| first.timestamp())
}

#[cfg(test)]
mod tests;
