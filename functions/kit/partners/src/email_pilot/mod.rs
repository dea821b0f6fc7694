//! EmailPilot over HTTP: one request for each operation of the port.

mod answer;
mod call;
mod wire;

use std::fmt;

use async_trait::async_trait;
use baton_domain::campaign::{Brand, Delivery, DeliveryState, Month, PastCampaign};
use baton_domain::email_pilot::{EmailPilot, NewCampaign, PartnerError};
use baton_domain::{BrandId, Timestamp};

use crate::http::Unanswered;
use crate::{EmailPilotSettings, SettingError};
use answer::Answer;
use call::Call;

/// The most months of history that one call answers.
const MAX_MONTHS: u32 = 36;

/// EmailPilot's HTTP API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct EmailPilotClient {
    http: reqwest::Client,
    settings: EmailPilotSettings,
}

impl EmailPilotClient {
    /// A client of the EmailPilot that `settings` name. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: EmailPilotSettings) -> Result<Self, SettingError> {
        let http = call::http_client(&settings)?;
        Ok(Self { http, settings })
    }

    /// The client that the environment asks for; none where no address is set.
    ///
    /// # Errors
    /// As [`EmailPilotSettings::from_env`].
    pub fn from_env() -> Result<Option<Self>, SettingError> {
        EmailPilotSettings::from_env()?.map(Self::new).transpose()
    }

    /// Does something to a campaign that is there, and sees that it came into one of `states`.
    async fn act(
        &self,
        key: &str,
        (campaign_id, what): (&str, &str),
        body: serde_json::Value,
        states: &[DeliveryState],
    ) -> Result<Delivery, PartnerError> {
        let call = Call::post(&["v1", "campaigns", campaign_id, what], key, body)?;
        let answer = self.send(call).await?;
        let delivery = wire::delivery(&answer, Some(campaign_id), None)?;
        wire::expect_state(&answer, delivery, states)
    }
}

impl fmt::Debug for EmailPilotClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_tuple("EmailPilotClient").field(settings).finish()
    }
}

#[async_trait]
impl EmailPilot for EmailPilotClient {
    async fn brand(&self, brand: &BrandId) -> Result<Brand, PartnerError> {
        let call = Call::get(&["v1", "brands", brand.as_str()]);
        wire::brand(&self.send(call).await?, brand)
    }

    async fn history(
        &self,
        brand: &BrandId,
        before: Month,
        months: u32,
    ) -> Result<Vec<PastCampaign>, PartnerError> {
        if !(1..=MAX_MONTHS).contains(&months) {
            return Err(call::not_sent("months must be from 1 to 36"));
        }
        let query = [
            ("before", before.to_string()),
            ("months", months.to_string()),
        ];
        let call = Call::get(&["v1", "brands", brand.as_str(), "campaigns"]).with_query(&query);
        wire::history(&self.send(call).await?, before)
    }

    async fn look(&self, campaign_id: &str) -> Result<Delivery, PartnerError> {
        let call = Call::get(&["v1", "campaigns", campaign_id]);
        wire::delivery(&self.send(call).await?, Some(campaign_id), None)
    }

    async fn create(&self, key: &str, campaign: &NewCampaign) -> Result<Delivery, PartnerError> {
        let body = serde_json::to_value(campaign)
            .map_err(|_| call::not_sent("the campaign is not representable as JSON"))?;
        let call = Call::post(&["v1", "campaigns"], key, body)?;
        wire::delivery(&self.send(call).await?, None, Some(&campaign.email_id))
    }

    async fn test_send(
        &self,
        key: &str,
        campaign_id: &str,
        recipients: &[String],
    ) -> Result<Delivery, PartnerError> {
        use DeliveryState::{Scheduled, Sent, Tested};
        let body = serde_json::json!({ "recipients": recipients });
        let states = [Tested, Scheduled, Sent];
        self.act(key, (campaign_id, "test-sends"), body, &states)
            .await
    }

    async fn schedule(
        &self,
        key: &str,
        campaign_id: &str,
        send_at: Timestamp,
    ) -> Result<Delivery, PartnerError> {
        use DeliveryState::{Scheduled, Sent};
        let body = serde_json::json!({ "send_at": send_at });
        self.act(key, (campaign_id, "schedule"), body, &[Scheduled, Sent])
            .await
    }

    async fn cancel(&self, key: &str, campaign_id: &str) -> Result<Delivery, PartnerError> {
        let body = serde_json::json!({});
        self.act(
            key,
            (campaign_id, "cancel"),
            body,
            &[DeliveryState::Cancelled],
        )
        .await
    }
}

impl EmailPilotClient {
    /// Makes a call once.
    async fn send(&self, call: Call) -> Result<Answer<'_>, PartnerError> {
        let request = call.request(&self.http, &self.settings.base_url)?;
        let response = request.send().await.map_err(Unanswered::from)?;
        answer::read(response, self.settings.api_key.as_ref()).await
    }
}
