//! EmailPilot as a port: campaigns are read from it and deployed to it.
//!
//! Every call that changes something takes a key. The same key and the same content are the same
//! call, however often it is made, so that a call whose answer was lost can be made again: nothing
//! is created or sent twice. The same key with other content is a [`PartnerError::Conflict`].

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::BrandId;
use crate::campaign::{Brand, Delivery, Month, PastCampaign, PersonalizationRule, SubjectLine};

/// The system that campaigns are read from and deployed to.
#[async_trait]
pub trait EmailPilot: Send + Sync {
    /// A brand: its voice, limits, audience and themes.
    async fn brand(&self, brand: &BrandId) -> Result<Brand, PartnerError>;

    /// The campaigns that were sent in the `months` months (1 to 36) before the month `before`,
    /// oldest first; none when nothing was sent.
    async fn history(
        &self,
        brand: &BrandId,
        before: Month,
        months: u32,
    ) -> Result<Vec<PastCampaign>, PartnerError>;

    /// How far a campaign came: a look, which changes nothing.
    async fn look(&self, campaign_id: &str) -> Result<Delivery, PartnerError>;

    /// Creates a campaign as a draft, which goes to nobody.
    async fn create(&self, key: &str, campaign: &NewCampaign) -> Result<Delivery, PartnerError>;

    /// Sends a campaign to these addresses alone.
    async fn test_send(
        &self,
        key: &str,
        campaign_id: &str,
        recipients: &[String],
    ) -> Result<Delivery, PartnerError>;

    /// Sends a campaign to its segment at `send_at`; at once when that is not in the future.
    async fn schedule(
        &self,
        key: &str,
        campaign_id: &str,
        send_at: Timestamp,
    ) -> Result<Delivery, PartnerError>;

    /// Takes a campaign back; again and again if need be. [`PartnerError::Conflict`] once it went
    /// out.
    async fn cancel(&self, key: &str, campaign_id: &str) -> Result<Delivery, PartnerError>;
}

/// One mail to one segment, as it is handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    /// Whose campaign.
    pub brand_id: BrandId,
    /// The mail's name in the calendar, such as `email-01`.
    pub email_id: String,
    /// The run that made it, to find one from the other.
    pub run_id: String,
    /// To whom: the name of a segment.
    pub segment: String,
    /// Who it is from, as recipients read it; the address is EmailPilot's to choose.
    pub from_name: String,
    /// The subject lines; each goes to an equal part of the segment.
    pub subject_lines: Vec<SubjectLine>,
    /// The mail as a complete HTML document, merge fields included.
    pub html: String,
    /// The mail without HTML.
    pub plain_text: String,
    /// What differs from recipient to recipient.
    pub personalization: Vec<PersonalizationRule>,
}

/// Why an outside service did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartnerError {
    /// There is no such brand or campaign.
    #[error("EmailPilot does not know it: {0}")]
    NotFound(String),
    /// It was understood and refused; the same call would be refused again.
    #[error("EmailPilot refused with status {status}: {message}")]
    Refused {
        /// The HTTP status, 300 to 499; a redirect is a refusal too, since none is followed.
        status: u16,
        /// What it said, shortened.
        message: String,
    },
    /// The key was used for something else, or the campaign's state does not allow it.
    #[error("EmailPilot says that this contradicts what was done: {0}")]
    Conflict(String),
    /// The answer is not what was agreed on; what was asked may have happened.
    #[error("EmailPilot's answer cannot be used: {0}")]
    Malformed(String),
    /// No answer in time; what was asked may have happened.
    #[error("EmailPilot did not answer in time")]
    TimedOut,
    /// It is not there, overloaded or broken; what was asked may have happened.
    #[error("EmailPilot is unavailable: {0}")]
    Unavailable(String),
}

impl PartnerError {
    /// There is no such brand or campaign.
    pub const NOT_FOUND: &'static str = "EmailPilotNotFound";
    /// Understood and refused.
    pub const REFUSED: &'static str = "EmailPilotRefused";
    /// Contradicts what was done.
    pub const CONFLICT: &'static str = "EmailPilotConflict";
    /// An answer that cannot be used.
    pub const MALFORMED: &'static str = "EmailPilotMalformed";
    /// No answer in time.
    pub const TIMED_OUT: &'static str = "EmailPilotTimedOut";
    /// Not there, overloaded or broken.
    pub const UNAVAILABLE: &'static str = "EmailPilotUnavailable";

    /// Every code, as workflows name them in `Retry` and `Catch`.
    pub const CODES: [&'static str; 6] = [
        Self::NOT_FOUND,
        Self::REFUSED,
        Self::CONFLICT,
        Self::MALFORMED,
        Self::TIMED_OUT,
        Self::UNAVAILABLE,
    ];

    /// The codes of what may pass by itself: calling again with the same key is right. A
    /// workflow's `Retry` names these.
    pub const TRANSIENT: [&'static str; 3] = [Self::MALFORMED, Self::TIMED_OUT, Self::UNAVAILABLE];

    /// The error's code, one of [`PartnerError::CODES`].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => Self::NOT_FOUND,
            Self::Refused { .. } => Self::REFUSED,
            Self::Conflict(_) => Self::CONFLICT,
            Self::Malformed(_) => Self::MALFORMED,
            Self::TimedOut => Self::TIMED_OUT,
            Self::Unavailable(_) => Self::UNAVAILABLE,
        }
    }

    /// Whether what was asked may have happened all the same. Only the same call with the same
    /// key, or a look at the campaign, finds out.
    pub const fn may_have_happened(&self) -> bool {
        matches!(
            self,
            Self::Malformed(_) | Self::TimedOut | Self::Unavailable(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_happened_is_what_is_tried_again() {
        let all = [
            PartnerError::NotFound(String::new()),
            PartnerError::Refused {
                status: 422,
                message: String::new(),
            },
            PartnerError::Conflict(String::new()),
            PartnerError::Malformed(String::new()),
            PartnerError::TimedOut,
            PartnerError::Unavailable(String::new()),
        ];
        assert_eq!(all.each_ref().map(PartnerError::code), PartnerError::CODES);
        for error in all {
            let transient = PartnerError::TRANSIENT.contains(&error.code());
            assert_eq!(error.may_have_happened(), transient, "{error}");
        }
    }
}
