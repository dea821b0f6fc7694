//! What the sandbox accepts: each operation checks what it is asked, looks whether it did it before
//! under the same key, and writes it down.

use baton_domain::campaign::{Delivery, DeliveryState};
use baton_domain::email_pilot::NewCampaign;
use baton_domain::{BrandId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::State;
use super::books::Asked;
use super::brands::brand;
use super::entry::{CampaignEntry, Operation};
use super::refusal::Refusal;

/// The most recipients of one test send.
const MAX_TEST_RECIPIENTS: usize = 50;

/// Who gets a test send.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestSend {
    recipients: Vec<String>,
}

/// When a campaign goes out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    send_at: Timestamp,
}

/// Nothing more to say.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {}

/// Something that can be asked for.
pub(super) trait Request: Serialize {
    const OPERATION: Operation;

    /// What is wrong with it by itself.
    fn check(&self) -> Result<(), Refusal>;

    /// The mail and the state that it leads to, seen what there is.
    fn outcome(&self, campaign: Option<&CampaignEntry>)
    -> Result<(String, DeliveryState), Refusal>;
}

impl State {
    /// Does what is asked, once for each key.
    pub(super) fn accept<R: Request>(
        &mut self,
        key: &str,
        campaign_id: Option<&str>,
        request: &R,
    ) -> Result<Delivery, Refusal> {
        let now = self.now();
        self.books.send_what_is_due(now)?;
        let asked = Asked {
            operation: R::OPERATION,
            key: key.to_owned(),
            campaign_id: campaign_id.map(str::to_owned),
            request: serde_json::to_value(request).unwrap_or(Value::Null),
        };
        if let Some(answer) = self.answered_before(&asked)? {
            return Ok(answer);
        }
        request.check()?;
        let campaign = campaign_id.map(|id| self.books.campaign(id).ok_or(Refusal::NO_CAMPAIGN));
        let (email_id, state) = request.outcome(campaign.transpose()?)?;
        let delivery = self.books.accept(now, asked, &email_id, state)?;
        // What is scheduled for a moment that has passed goes out at once.
        self.books.send_what_is_due(now)?;
        let state = self
            .books
            .campaign(&delivery.campaign_id)
            .map(|campaign| campaign.state);
        let state = state.unwrap_or(delivery.state);
        Ok(Delivery { state, ..delivery })
    }

    /// The answer that the same call got, or that it went out since, if so; a refusal when the key
    /// was used for another.
    fn answered_before(&self, asked: &Asked) -> Result<Option<Delivery>, Refusal> {
        let Some(entry) = self.books.with_key(&asked.key) else {
            return Ok(None);
        };
        let meant = asked.campaign_id.as_ref();
        let same = entry.operation == asked.operation
            && meant.is_none_or(|id| *id == entry.campaign_id)
            && entry.request == asked.request;
        if !same {
            return Err(Refusal::conflict(
                "the idempotency key was used for another request",
            ));
        }
        let mut answer = entry.answer.clone();
        let campaign = self.books.campaign(&answer.campaign_id);
        let sent = campaign.is_some_and(|campaign| campaign.state == DeliveryState::Sent);
        if sent && answer.state == DeliveryState::Scheduled {
            answer.state = DeliveryState::Sent;
        }
        Ok(Some(answer))
    }
}

impl Request for NewCampaign {
    const OPERATION: Operation = Operation::Create;

    fn check(&self) -> Result<(), Refusal> {
        let brand = known(&self.brand_id)?;
        if !brand
            .segments
            .iter()
            .any(|segment| segment.name == self.segment)
        {
            return Err(Refusal::field("segment", "is not one of the brand's"));
        }
        for (field, text) in [
            ("email_id", &self.email_id),
            ("run_id", &self.run_id),
            ("from_name", &self.from_name),
            ("html", &self.html),
            ("plain_text", &self.plain_text),
        ] {
            if text.trim().is_empty() {
                return Err(Refusal::field(field, "must not be empty"));
            }
        }
        let lines = &self.subject_lines;
        if lines.is_empty() || lines.iter().any(|line| line.text.trim().is_empty()) {
            return Err(Refusal::field(
                "subject_lines",
                "must be one or more, none empty",
            ));
        }
        Ok(())
    }

    fn outcome(&self, _: Option<&CampaignEntry>) -> Result<(String, DeliveryState), Refusal> {
        Ok((self.email_id.clone(), DeliveryState::Draft))
    }
}

impl Request for TestSend {
    const OPERATION: Operation = Operation::TestSend;

    fn check(&self) -> Result<(), Refusal> {
        let enough = (1..=MAX_TEST_RECIPIENTS).contains(&self.recipients.len());
        if enough && self.recipients.iter().all(|address| is_address(address)) {
            return Ok(());
        }
        Err(Refusal::field(
            "recipients",
            "must be 1 to 50 mail addresses",
        ))
    }

    fn outcome(
        &self,
        campaign: Option<&CampaignEntry>,
    ) -> Result<(String, DeliveryState), Refusal> {
        let campaign = campaign.ok_or(Refusal::NO_CAMPAIGN)?;
        match campaign.state {
            DeliveryState::Draft | DeliveryState::Tested => {
                Ok((campaign.email_id.clone(), DeliveryState::Tested))
            }
            DeliveryState::Scheduled => Ok((campaign.email_id.clone(), DeliveryState::Scheduled)),
            state => Err(Refusal::state(state)),
        }
    }
}

impl Request for Schedule {
    const OPERATION: Operation = Operation::Schedule;

    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }

    fn outcome(
        &self,
        campaign: Option<&CampaignEntry>,
    ) -> Result<(String, DeliveryState), Refusal> {
        use DeliveryState::{Draft, Scheduled, Tested};
        let campaign = campaign.ok_or(Refusal::NO_CAMPAIGN)?;
        match campaign.state {
            Draft | Tested | Scheduled => Ok((campaign.email_id.clone(), Scheduled)),
            state => Err(Refusal::state(state)),
        }
    }
}

impl Request for Cancel {
    const OPERATION: Operation = Operation::Cancel;

    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }

    fn outcome(
        &self,
        campaign: Option<&CampaignEntry>,
    ) -> Result<(String, DeliveryState), Refusal> {
        let campaign = campaign.ok_or(Refusal::NO_CAMPAIGN)?;
        match campaign.state {
            DeliveryState::Sent => Err(Refusal::state(DeliveryState::Sent)),
            _ => Ok((campaign.email_id.clone(), DeliveryState::Cancelled)),
        }
    }
}

pub(super) fn known(id: &BrandId) -> Result<&'static baton_domain::campaign::Brand, Refusal> {
    brand(id).ok_or(Refusal::NO_BRAND)
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !text.contains(char::is_whitespace)
}
