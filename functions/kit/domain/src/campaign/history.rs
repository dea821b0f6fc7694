//! What a brand sent before, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Amount;

/// One campaign that was sent to one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastCampaign {
    /// Its id in EmailPilot.
    pub campaign_id: String,
    /// When it was sent.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub sent_at: Timestamp,
    /// To which segment.
    pub segment: String,
    /// About which theme.
    pub theme: String,
    /// Its subject line.
    pub subject: String,
    /// Mails that arrived.
    pub delivered: u64,
    /// Recipients who opened it; at most `delivered`.
    pub opens: u64,
    /// Recipients who clicked; at most `delivered`.
    pub clicks: u64,
    /// Recipients who bought; at most `delivered`.
    pub conversions: u64,
    /// What they paid, in USD.
    pub revenue: Amount,
    /// Recipients who unsubscribed.
    #[serde(default)]
    pub unsubscribes: u64,
}
