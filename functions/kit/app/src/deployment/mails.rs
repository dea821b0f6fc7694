//! One mail in EmailPilot: created, tested, scheduled, taken back.
//!
//! Each call has a key that is made from the run, its attempt and the mail, so that a call whose
//! answer was lost is the same call when it is made again. What came of it is in the run's journal
//! before anything is built on it. A mail that goes out for one attempt of a run is never sent by
//! another.

use baton_domain::campaign::{
    Brand, Content, ContentSet, Delivery, DeliveryState, DeploymentPlan, PlannedEmail, Strategy,
};
use baton_domain::email_pilot::{NewCampaign, PartnerError};
use baton_domain::run::{Event, RunState};
use baton_domain::{RunId, TenantId};
use serde::Deserialize;
use serde_json::Value;

use super::plan::typed;
use crate::journal::Change;
use crate::{App, AppError, FunctionError};

/// The mail that is meant, in every payload.
#[derive(Debug, Deserialize)]
struct Mail {
    tenant_id: TenantId,
    run_id: RunId,
    attempt: u32,
    event_id: String,
    email_id: String,
}

/// The payload of `create`, and of `cancel`, which must be able to find what a lost call created.
#[derive(Debug, Deserialize)]
pub(super) struct Create {
    #[serde(flatten)]
    mail: Mail,
    brand: Brand,
    content_version: u64,
    /// The calendar that was approved; the run's where it is not named.
    #[serde(default)]
    strategy_version: Option<u64>,
}

/// The payload of `test`.
#[derive(Debug, Deserialize)]
pub(super) struct Test {
    #[serde(flatten)]
    mail: Mail,
    recipients: Vec<String>,
}

/// The payload of `schedule`.
#[derive(Debug, Deserialize)]
pub(super) struct Schedule {
    #[serde(flatten)]
    mail: Mail,
    plan_version: u64,
}

impl App {
    /// Creates the draft of a mail. One that an earlier attempt left is taken back first, and one
    /// that went out stays the mail.
    pub(super) async fn create_mail(&self, create: &Create) -> Result<Value, FunctionError> {
        let mail = &create.mail;
        let state = self.run_at_work(mail).await?;
        if let Some(done) = self.done_before(mail, &state).await? {
            return Ok(answer(&done));
        }
        let left = self.take_back_left(mail, &state).await?;
        if let Some(sent) = left.filter(|left| left.state == DeliveryState::Sent) {
            return self.keep_delivery(mail, sent).await;
        }
        let delivery = self.create_draft(create).await?;
        self.keep_delivery(mail, delivery).await
    }

    async fn create_draft(&self, create: &Create) -> Result<Delivery, FunctionError> {
        let campaign = self.new_campaign(create).await?;
        let email_pilot = self.wired_email_pilot()?;
        let key = create.mail.key("create");
        Ok(email_pilot.create(&key, &campaign).await?)
    }

    /// Sends a mail to the test recipients, if there are any.
    pub(super) async fn test_mail(&self, test: &Test) -> Result<Value, FunctionError> {
        let mail = &test.mail;
        let state = self.run_at_work(mail).await?;
        if let Some(done) = self.done_before(mail, &state).await? {
            return Ok(answer(&done));
        }
        let there = created(&state, mail)?;
        if there.state == DeliveryState::Sent || test.recipients.is_empty() {
            return Ok(answer(there));
        }
        let email_pilot = self.wired_email_pilot()?;
        let (key, id) = (mail.key("test"), &there.campaign_id);
        let delivery = email_pilot.test_send(&key, id, &test.recipients).await?;
        self.keep_delivery(mail, delivery).await
    }

    /// Schedules a mail as the plan says: the one thing that lets customers get mail.
    pub(super) async fn schedule_mail(&self, schedule: &Schedule) -> Result<Value, FunctionError> {
        let mail = &schedule.mail;
        let state = self.run_at_work(mail).await?;
        if let Some(done) = self.done_before(mail, &state).await? {
            return Ok(answer(&done));
        }
        let there = created(&state, mail)?;
        if there.state == DeliveryState::Sent {
            return Ok(answer(there));
        }
        let version = Some(schedule.plan_version);
        let (tenant, run) = (&mail.tenant_id, mail.run_id);
        let plan = self.load_artifact(tenant, run, "deployment-plan", version);
        let plan: DeploymentPlan = typed(plan.await?.1)?;
        let planned = plan
            .sends
            .iter()
            .find(|send| send.email_id == mail.email_id);
        let planned = planned.ok_or_else(|| missing(mail, "the deployment plan"))?;
        let email_pilot = self.wired_email_pilot()?;
        let (key, id) = (mail.key("schedule"), &there.campaign_id);
        let delivery = email_pilot.schedule(&key, id, planned.send_at).await?;
        self.keep_delivery(mail, delivery).await
    }

    /// Takes a mail back, also one of which nobody knows whether it is there.
    pub(super) async fn cancel_mail(&self, cancel: &Create) -> Result<Value, FunctionError> {
        let mail = &cancel.mail;
        let (tenant, run) = (&mail.tenant_id, mail.run_id);
        let state = self.load_run(tenant, run).await?;
        if state.attempt != mail.attempt {
            // What this attempt left was taken back before the next began.
            return Ok(Value::Null);
        }
        let left = self.take_back_left(mail, &state).await?;
        let went_out = |left: &Delivery| left.state == DeliveryState::Sent;
        let heard = self.heard(tenant, run, &mail.created_event()).await?;
        if heard.is_some() || left.as_ref().is_some_and(went_out) {
            return cancelled(left);
        }
        // A call whose answer was lost may have created it: the same call finds it.
        let email_pilot = self.wired_email_pilot()?;
        let campaign = self.new_campaign(cancel).await?;
        let found = match email_pilot.create(&mail.key("create"), &campaign).await {
            Ok(found) => found,
            // What is malformed now was so then: there is nothing more to take back.
            Err(PartnerError::Refused {
                status: 400 | 422, ..
            }) => return cancelled(left),
            Err(error) => return Err(error.into()),
        };
        let found = Delivery {
            email_id: mail.email_id.clone(),
            ..found
        };
        let (found, _) = self.take_back_one(&*email_pilot, &state, found).await?;
        cancelled(Some(found))
    }

    /// Takes back what the run has of a mail, whichever attempt brought it there.
    async fn take_back_left(
        &self,
        mail: &Mail,
        state: &RunState,
    ) -> Result<Option<Delivery>, FunctionError> {
        match state.deliveries.get(&mail.email_id) {
            Some(there) if there.state.is_open() => {
                let email_pilot = self.wired_email_pilot()?;
                let left = self.take_back_one(&*email_pilot, state, there.clone());
                Ok(Some(left.await?.0))
            }
            there => Ok(there.cloned()),
        }
    }

    /// The run, if it may still do something.
    async fn run_at_work(&self, mail: &Mail) -> Result<RunState, FunctionError> {
        let state = self.load_run(&mail.tenant_id, mail.run_id).await?;
        if state.status.is_over() || state.attempt != mail.attempt {
            let message = format!("the run is {}: nothing is sent for it", state.status.name());
            return Err(FunctionError::new(FunctionError::RUN_ENDED, message));
        }
        Ok(state)
    }

    /// What came of the same call before.
    async fn done_before(
        &self,
        mail: &Mail,
        state: &RunState,
    ) -> Result<Option<Delivery>, AppError> {
        let (tenant, run) = (&mail.tenant_id, mail.run_id);
        let heard = self.heard(tenant, run, &mail.event_id).await?;
        Ok(heard.and_then(|_| state.deliveries.get(&mail.email_id).cloned()))
    }

    /// Writes down what EmailPilot did. Where the run ended meanwhile, it is undone.
    async fn keep_delivery(&self, mail: &Mail, delivery: Delivery) -> Result<Value, FunctionError> {
        let delivery = Delivery {
            email_id: mail.email_id.clone(),
            ..delivery
        };
        let state = self.record_delivery(mail, &delivery).await?;
        if state.attempt != mail.attempt {
            // The journal is about another mail by now; this one must not go out beside it.
            let key = format!("{}-{}-cancel", state.run_id, delivery.campaign_id);
            let email_pilot = self.wired_email_pilot()?;
            email_pilot.cancel(&key, &delivery.campaign_id).await?;
        } else if state.status.is_redrivable() {
            self.take_back(state).await?;
        } else {
            return Ok(answer(&delivery));
        }
        let message = "the run ended meanwhile: the mail was taken back";
        Err(FunctionError::new(FunctionError::RUN_ENDED, message))
    }

    async fn record_delivery(
        &self,
        mail: &Mail,
        delivery: &Delivery,
    ) -> Result<RunState, AppError> {
        let change = |state: &RunState| {
            let known = state.deliveries.get(&mail.email_id);
            // An answer that comes late does not undo a mail's end.
            let ended = known.is_some_and(|known| {
                known.campaign_id == delivery.campaign_id
                    && matches!(known.state, DeliveryState::Sent | DeliveryState::Cancelled)
            });
            if ended || state.attempt != mail.attempt {
                return Ok(Change::default());
            }
            let delivery = delivery.clone();
            Ok(Change::from(vec![Event::Delivered { delivery }]))
        };
        let (tenant, run) = (&mail.tenant_id, mail.run_id);
        let appended = self.append_from(tenant, run, &mail.event_id, change);
        Ok(appended.await?.state)
    }

    async fn new_campaign(&self, create: &Create) -> Result<NewCampaign, FunctionError> {
        let mail = &create.mail;
        let (tenant, run) = (&mail.tenant_id, mail.run_id);
        let version = Some(create.content_version);
        let (_, content) = self.load_artifact(tenant, run, "content", version).await?;
        let content: ContentSet = typed(content)?;
        let mut written = content.emails.into_iter();
        let content = written.find(|content| content.email_id == mail.email_id);
        let content = content.ok_or_else(|| missing(mail, "the content"))?;
        let (_, strategy) = self
            .load_artifact(tenant, run, "strategy", create.strategy_version)
            .await?;
        let strategy: Strategy = typed(strategy)?;
        let mut planned = strategy.emails.into_iter();
        let planned = planned.find(|email| email.email_id == mail.email_id);
        let planned = planned.ok_or_else(|| missing(mail, "the calendar"))?;
        Ok(campaign(create, content, planned))
    }
}

impl Mail {
    /// The key of a call: the same for the same call of the same attempt.
    fn key(&self, operation: &str) -> String {
        let Self {
            run_id,
            attempt,
            email_id,
            ..
        } = self;
        format!("{run_id}-{attempt}-{email_id}-{operation}")
    }

    /// The name under which the journal has what `create` did for this attempt.
    fn created_event(&self) -> String {
        format!("{}/create/{}", self.attempt, self.email_id)
    }
}

fn campaign(create: &Create, content: Content, planned: PlannedEmail) -> NewCampaign {
    NewCampaign {
        brand_id: create.brand.brand_id.clone(),
        email_id: content.email_id,
        run_id: create.mail.run_id.to_string(),
        segment: planned.segment,
        from_name: create.brand.name.clone(),
        subject_lines: content.subject_lines,
        html: content.mockup_html,
        plain_text: content.copy.plain_text,
        personalization: content.personalization,
    }
}

fn created<'a>(state: &'a RunState, mail: &Mail) -> Result<&'a Delivery, FunctionError> {
    let there = state.deliveries.get(&mail.email_id);
    there.ok_or_else(|| missing(mail, "EmailPilot"))
}

fn missing(mail: &Mail, place: &str) -> FunctionError {
    let message = format!("`{}` is not in {place} of this run", mail.email_id);
    FunctionError::new(FunctionError::ARTIFACT_NOT_FOUND, message)
}

fn answer(delivery: &Delivery) -> Value {
    serde_json::to_value(delivery).unwrap_or_default()
}

/// A mail that went out is not taken back, and somebody must know.
fn cancelled(delivery: Option<Delivery>) -> Result<Value, FunctionError> {
    match delivery {
        Some(delivery) if delivery.state == DeliveryState::Sent => {
            let error = PartnerError::Conflict(format!("`{}` went out", delivery.email_id));
            Err(error.into())
        }
        delivery => Ok(serde_json::to_value(delivery).unwrap_or_default()),
    }
}
