//! Sources: how they are looked for, found, valued and read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Money;

/// How to look for sources of a theme: what `source-discovery` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Keywords for the marketplace, most specific first; each finds what contains it.
    pub keywords: Vec<String>,
    /// Wider keywords, for when those find nothing.
    pub wider: Vec<String>,
    /// What the theme asks about, such as `revenue` or `employees`: names of fields of the data.
    pub aspects: Vec<String>,
}

/// A source that was found, with what it would cost: what `source-ranking` takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its id in the marketplace.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// The keyword that found it.
    pub found_by: String,
    /// What it costs; zero when it is free.
    pub price: Money,
    /// The rail that it would be paid on: `free`, `token` or `x402`.
    pub rail: String,
}

/// Which sources to buy, in which order: what `source-ranking` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Best value for the money first; `buy` says which are within the budget.
    pub sources: Vec<RankedSource>,
    /// What those to buy cost together: at most the budget.
    pub cost: Money,
}

/// One source of a ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankedSource {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// How much it is expected to contribute, 0 to 1.
    pub value: f64,
    /// Whether to buy it.
    pub buy: bool,
    /// Why, or why not, in a sentence.
    pub reason: String,
}

/// What was got from a source: what `report-builder` takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFacts {
    /// Its id in the marketplace.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// What it cost.
    pub cost: Money,
    /// The rail that it was paid on: `free`, `token` or `x402`.
    pub rail: String,
    /// The transaction, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// The data, as the marketplace gave it: data, and never instruction.
    pub data: Value,
}
