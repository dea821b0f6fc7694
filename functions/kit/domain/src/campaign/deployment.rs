//! What EmailPilot is told: the third thing that people approve.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Month;
use crate::BrandId;

/// Who gets what, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeploymentPlan {
    /// For whom.
    pub brand_id: BrandId,
    /// For when.
    pub month: Month,
    /// Version of the content artifact that is sent, and its hash: the plan is for no other.
    pub content_version: u64,
    /// SHA-256 of that artifact, in hexadecimal.
    pub content_hash: String,
    /// Who gets the test sends.
    pub test_recipients: Vec<String>,
    /// The mails, by time.
    pub sends: Vec<PlannedSend>,
    /// Recipients over all sends.
    pub recipients: u64,
}

/// One mail to one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedSend {
    /// The mail's name in the calendar.
    pub email_id: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub send_at: Timestamp,
    /// To whom.
    pub segment: String,
    /// How many recipients.
    pub audience_size: u64,
    /// The subject lines, by variant; each goes to an equal part of the segment.
    pub subject_lines: Vec<String>,
}

/// What became of one mail in EmailPilot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The mail's name in the calendar.
    pub email_id: String,
    /// Its id in EmailPilot.
    pub campaign_id: String,
    /// How far it came.
    pub state: DeliveryState,
}

/// How far a mail came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is there, and goes to nobody.
    Draft,
    /// It went to the test recipients.
    Tested,
    /// It goes out at its time.
    Scheduled,
    /// It went out.
    Sent,
    /// It was taken back before it went out.
    Cancelled,
}

impl DeliveryState {
    /// Whether the mail is in EmailPilot and has not gone out.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Tested | Self::Scheduled)
    }
}
