//! An EmailPilot in memory that does each call once for its key, and may lose an answer or let
//! something happen in between.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use baton_domain::BrandId;
use baton_domain::Timestamp;
use baton_domain::campaign::{Brand, Delivery, DeliveryState, Month, PastCampaign};
use baton_domain::email_pilot::{EmailPilot, NewCampaign, PartnerError};

type Meanwhile = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

#[derive(Default)]
pub(crate) struct TestEmailPilot {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The answers by key.
    answers: BTreeMap<String, Delivery>,
    campaigns: BTreeMap<String, DeliveryState>,
    calls: Vec<String>,
    /// The next error of an operation, and whether it is done all the same.
    errors: BTreeMap<&'static str, (PartnerError, bool)>,
    meanwhile: Option<(&'static str, Meanwhile)>,
}

impl TestEmailPilot {
    /// The next call of this operation fails; with `done` it is done all the same.
    pub(crate) fn fail(&self, operation: &'static str, error: PartnerError, done: bool) {
        self.with(|state| state.errors.insert(operation, (error, done)));
    }

    /// Does this once while it is asked for the operation, after it did it.
    pub(crate) fn meanwhile(&self, operation: &'static str, what: Meanwhile) {
        self.with(|state| state.meanwhile = Some((operation, what)));
    }

    /// A campaign went out.
    pub(crate) fn send(&self, campaign: &str) {
        let sent = (campaign.to_owned(), DeliveryState::Sent);
        self.with(|state| state.campaigns.extend([sent]));
    }

    pub(crate) fn campaigns(&self) -> Vec<(String, DeliveryState)> {
        self.with(|state| state.campaigns.clone().into_iter().collect())
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.with(|state| state.calls.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn act(
        &self,
        operation: &'static str,
        key: &str,
        (campaign, email): (Option<&str>, &str),
        to: DeliveryState,
    ) -> Result<Delivery, PartnerError> {
        let failing = self.with(|state| state.errors.remove(operation));
        if let Some((error, false)) = &failing {
            return Err(error.clone());
        }
        let done = self.with(|state| state.act(operation, key, campaign, email, to));
        let meanwhile = self.with(|state| match &state.meanwhile {
            Some((wanted, _)) if *wanted == operation => state.meanwhile.take(),
            _ => None,
        });
        if let Some((_, what)) = meanwhile {
            what().await;
        }
        failing.map_or(done, |(error, _)| Err(error))
    }
}

impl State {
    fn act(
        &mut self,
        operation: &str,
        key: &str,
        campaign: Option<&str>,
        email: &str,
        to: DeliveryState,
    ) -> Result<Delivery, PartnerError> {
        if let Some(answer) = self.answers.get(key) {
            return Ok(answer.clone());
        }
        let new = format!("c-{}", self.campaigns.len() + 1);
        let campaign = campaign.unwrap_or(&new).to_owned();
        match self.campaigns.get(&campaign) {
            Some(DeliveryState::Sent | DeliveryState::Cancelled) => {
                return Err(PartnerError::Conflict("it is over".to_owned()));
            }
            _ => self.campaigns.insert(campaign.clone(), to),
        };
        self.calls.push(format!("{operation} {campaign}"));
        let answer = Delivery {
            email_id: email.to_owned(),
            campaign_id: campaign,
            state: to,
        };
        self.answers.insert(key.to_owned(), answer.clone());
        Ok(answer)
    }
}

#[async_trait]
impl EmailPilot for TestEmailPilot {
    async fn brand(&self, _: &BrandId) -> Result<Brand, PartnerError> {
        Err(PartnerError::NotFound("no brand".to_owned()))
    }

    async fn history(
        &self,
        _: &BrandId,
        _: Month,
        _: u32,
    ) -> Result<Vec<PastCampaign>, PartnerError> {
        Ok(Vec::new())
    }

    async fn look(&self, id: &str) -> Result<Delivery, PartnerError> {
        let state = self.with(|state| state.campaigns.get(id).copied());
        let state = state.ok_or_else(|| PartnerError::NotFound("no campaign".to_owned()))?;
        Ok(Delivery {
            email_id: "-".to_owned(),
            campaign_id: id.to_owned(),
            state,
        })
    }

    async fn create(&self, key: &str, campaign: &NewCampaign) -> Result<Delivery, PartnerError> {
        let email = (None, &*campaign.email_id);
        self.act("create", key, email, DeliveryState::Draft).await
    }

    async fn test_send(&self, key: &str, id: &str, _: &[String]) -> Result<Delivery, PartnerError> {
        self.act("test", key, (Some(id), "-"), DeliveryState::Tested)
            .await
    }

    async fn schedule(&self, key: &str, id: &str, _: Timestamp) -> Result<Delivery, PartnerError> {
        self.act("schedule", key, (Some(id), "-"), DeliveryState::Scheduled)
            .await
    }

    async fn cancel(&self, key: &str, id: &str) -> Result<Delivery, PartnerError> {
        self.act("cancel", key, (Some(id), "-"), DeliveryState::Cancelled)
            .await
    }
}
