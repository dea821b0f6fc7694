//! The plan of a month: the first thing that people approve.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Month, ObjectiveKind};
use crate::{Amount, BrandId};

/// What is to be sent in a month, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// For whom.
    pub brand_id: BrandId,
    /// For when.
    pub month: Month,
    /// The plan in a few sentences.
    pub summary: String,
    /// The calendar, by time.
    pub emails: Vec<PlannedEmail>,
    /// What was assumed for want of data or of guidance.
    #[serde(default)]
    pub assumptions: Vec<String>,
}

/// One mail of the calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedEmail {
    /// Its name within the campaign: `email-01`, counting by time. Names artifacts and keys.
    pub email_id: String,
    /// The day, in the brand's time zone.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub day: Date,
    /// The moment.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub send_at: Timestamp,
    /// To whom: the name of a segment.
    pub segment: String,
    /// How many recipients that is.
    pub audience_size: u64,
    /// About what: the name of a theme.
    pub theme: String,
    /// What for.
    pub objective: ObjectiveKind,
    /// Why this segment, theme and time.
    pub rationale: String,
    /// What its two subject lines will test.
    pub hypothesis: String,
    /// What may come of it.
    pub expected: Expectation,
}

/// What a mail may bring, from the rates of the history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Recipients who open it.
    pub opens: f64,
    /// Recipients who click.
    pub clicks: f64,
    /// Recipients who buy.
    pub conversions: f64,
    /// What they pay, in USD.
    pub revenue: Amount,
}
