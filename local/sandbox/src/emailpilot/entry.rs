//! What stands in the books, and how they are shown.

use baton_domain::Timestamp;
use baton_domain::campaign::{Delivery, DeliveryState};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A campaign was created.
    Create,
    /// It went to test recipients.
    TestSend,
    /// It was given its time.
    Schedule,
    /// It was taken back.
    Cancel,
    /// It went to its segment. Nobody asks for this: a campaign's time does it.
    ProductionSend,
}

/// One line of the books.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1.
    pub seq: u64,
    /// When, by the sandbox's clock.
    pub at: Timestamp,
    /// What was done.
    pub operation: Operation,
    /// The key it was asked for with; none for a production send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What it was done to.
    pub campaign_id: String,
    /// What was asked for.
    pub request: Value,
    /// What was answered, and is answered again to the same key.
    pub answer: Delivery,
}

/// A campaign, as it follows from the entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignEntry {
    /// Its id.
    pub campaign_id: String,
    /// The mail's name in the calendar.
    pub email_id: String,
    /// Whose.
    pub brand_id: String,
    /// The run that made it.
    pub run_id: String,
    /// To whom.
    pub segment: String,
    /// How far it came.
    pub state: DeliveryState,
    /// When it goes out or went out.
    pub send_at: Option<Timestamp>,
    /// How often it went to test recipients.
    pub test_sends: u32,
    /// How often it went to its segment: never more than once.
    pub production_sends: u32,
    /// How many recipients that was.
    pub recipients: u64,
}

/// The books as they are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The sandbox's clock.
    pub now: Timestamp,
    /// Every campaign, oldest first.
    pub campaigns: Vec<CampaignEntry>,
    /// Every entry, oldest first.
    pub entries: Vec<Entry>,
}
