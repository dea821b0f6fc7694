//! A brand as EmailPilot knows it: what a campaign must keep to.

use serde::{Deserialize, Serialize};

use crate::{Amount, BrandId};

/// A brand: its voice, its limits, its audience and what it sells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brand {
    /// The brand's id, such as `acme`.
    pub brand_id: BrandId,
    /// Its name as customers read it.
    pub name: String,
    /// Its website; links go to its host or to one of `link_hosts`.
    pub website: String,
    /// Other hosts that links may go to.
    #[serde(default)]
    pub link_hosts: Vec<String>,
    /// Where a recipient unsubscribes; every mail has it.
    pub unsubscribe_url: String,
    /// The postal address that every mail must name.
    pub postal_address: String,
    /// IANA time zone of its audience, such as `America/New_York`.
    pub time_zone: String,
    /// How it speaks.
    pub voice: Voice,
    /// Its colours.
    pub palette: Palette,
    /// What its campaigns are for, most important first.
    pub objectives: Vec<Objective>,
    /// How often it may write.
    pub frequency: FrequencyCaps,
    /// To whom it may write.
    pub segments: Vec<AudienceSegment>,
    /// What is known of each recipient and may stand in a mail.
    pub personalization_fields: Vec<PersonalizationField>,
    /// What it can write about.
    pub themes: Vec<Theme>,
    /// The longest subject line, in characters.
    pub max_subject_length: usize,
    /// Who gets test sends.
    pub test_recipients: Vec<String>,
}

/// How a brand speaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Voice {
    /// Adjectives such as `warm`.
    pub tone: Vec<String>,
    /// Words that it never uses.
    #[serde(default)]
    pub banned_words: Vec<String>,
    /// Claims that it must not make, such as `clinically proven`.
    #[serde(default)]
    pub banned_claims: Vec<String>,
    /// Whether emoji may stand in subject lines.
    #[serde(default)]
    pub emoji: bool,
}

/// Colours as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Palette {
    /// Headings and bars.
    pub primary: String,
    /// The call to action.
    pub accent: String,
    /// Behind the text.
    pub background: String,
    /// The text.
    pub text: String,
}

/// What a campaign is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Objective {
    /// Which one.
    pub kind: ObjectiveKind,
    /// Its share among the brand's objectives, above 0.
    pub weight: f64,
}

/// Kinds of objectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveKind {
    /// Sales now.
    Revenue,
    /// Opens and clicks.
    Engagement,
    /// Customers who stay.
    Retention,
    /// Customers who come back.
    Reactivation,
}

/// How often a brand may write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrequencyCaps {
    /// Mails to one segment in any seven days.
    pub per_segment_per_week: u32,
    /// Mails in the month, over all segments.
    pub per_month: u32,
    /// Days between two mails to the same segment, at least.
    pub min_days_between: u32,
    /// Days on which nothing is sent, as `2024-11-28`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub blackout_days: Vec<jiff::civil::Date>,
}

/// A part of the audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceSegment {
    /// Its name in EmailPilot, such as `vip`.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// How many recipients it has.
    pub size: u64,
}

/// A merge field of EmailPilot: `{{first_name}}` in a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalizationField {
    /// Its name, such as `first_name`.
    pub name: String,
    /// An example, for previews.
    pub example: String,
    /// What stands there for a recipient of whom it is not known.
    pub fallback: String,
}

/// Something to write about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Theme {
    /// Its name in the history, such as `new-arrivals`.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// Months of the year in which it fits, 1 to 12; empty for all.
    #[serde(default)]
    pub months: Vec<u8>,
    /// What it shows.
    #[serde(default)]
    pub products: Vec<Product>,
}

/// Something that a brand sells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Where it is sold.
    pub url: String,
    /// Its price in USD.
    pub price: Amount,
    /// What it is good for, in a sentence.
    pub benefit: String,
}
