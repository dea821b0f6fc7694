//! What the analyst found out.

use serde::{Deserialize, Serialize};

use crate::Amount;

/// What worked, from a brand's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Insights {
    /// How many campaigns were looked at.
    pub campaigns: u32,
    /// The rates of all of them together.
    pub baseline: Rates,
    /// How each segment, send time and theme did against the others; best first.
    pub lifts: Vec<Lift>,
    /// The findings in words, most important first.
    pub findings: Vec<String>,
}

/// Rates per mail that arrived, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rates {
    /// Opened.
    pub open: f64,
    /// Clicked.
    pub click: f64,
    /// Bought.
    pub conversion: f64,
    /// Unsubscribed.
    pub unsubscribe: f64,
    /// What was paid per mail, in USD.
    pub revenue_per_mail: Amount,
}

/// By what campaigns are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// The segment that they were sent to.
    Segment,
    /// Weekday and part of the day in the brand's time zone, such as `tue-morning`.
    SendTime,
    /// What they were about.
    Theme,
}

/// How the campaigns of one kind did against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lift {
    /// By what they were compared.
    pub dimension: Dimension,
    /// Which kind.
    pub value: String,
    /// How many campaigns.
    pub campaigns: u32,
    /// How many mails arrived.
    pub delivered: u64,
    /// Their rates.
    pub rates: Rates,
    /// Their conversion rate divided by that of the others, less 1; 0.2 is 20 % better.
    pub lift: f64,
    /// Where the lift lies with 95 % confidence.
    pub interval: (f64, f64),
    /// Whether the interval is on one side of 0.
    pub significant: bool,
}
