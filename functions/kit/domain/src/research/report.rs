//! The report of a research task.

use serde::{Deserialize, Serialize};

use crate::Money;

/// A report: what `report-builder` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// The whole report in Markdown.
    pub markdown: String,
    /// Every statement of it, with where it comes from.
    pub claims: Vec<Claim>,
    /// Where sources say different things.
    pub conflicts: Vec<Conflict>,
    /// What was used, and what each cost.
    pub sources: Vec<PaidSource>,
    /// What was not bought, and why.
    pub missing: Vec<MissingSource>,
    /// What was spent on sources in all.
    pub spent: Money,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The sentence, as it stands in the report.
    pub text: String,
    /// The sources that it rests on; at least one.
    pub source_ids: Vec<String>,
    /// The fields of the data that it rests on, such as `financial_data.growth_rate`.
    pub fields: Vec<String>,
}

/// Something that sources disagree on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// About whom.
    pub subject: String,
    /// The field.
    pub field: String,
    /// What each source says, as text, with its id.
    pub values: Vec<(String, String)>,
}

/// A source that was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PaidSource {
    /// Its id in the marketplace.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// What it cost.
    pub cost: Money,
    /// The rail: `free`, `token` or `x402`.
    pub rail: String,
    /// The transaction, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
}

/// A source that was not used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MissingSource {
    /// Its id in the marketplace.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// What it would have cost, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Why not: `over budget`, `declined`, `disputed`, `not found`, …, in a few words.
    pub reason: String,
}
