//! `content-recommendation`: what to show a user.
//!
//! Every catalogue item that the user has neither bought nor dismissed gets a relevance
//! ([`relevance`]): what it shares with the user's history and declared interests, whether it was
//! made for the user's segment, and how popular it is. The best are then re-ranked so that the list
//! does not repeat itself ([`mmr`]). A user without any signal gets what is popular in the segment.
//! The fallback knows popularity only.
//!
//! | code | when |
//! |---|---|
//! | `NoItems` | the catalogue is empty |

mod check;
pub mod features;
pub mod mmr;
pub mod relevance;

use std::collections::HashSet;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::profile::{Event, Order};
use baton_domain::{CatalogItem, Method, Timestamp};
use serde::{Deserialize, Serialize};

use features::Features;
use relevance::Relevance;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContentRecommendation;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The moment that the age of events is counted to.
    pub as_of: Timestamp,
    /// The user's segment, if it is known.
    #[serde(default)]
    pub segment: Option<String>,
    /// Declared topics, most important first.
    #[serde(default)]
    pub interests: Vec<String>,
    /// What the user did, in any order.
    #[serde(default)]
    pub events: Vec<Event>,
    /// What the user bought, in any order.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// What can be recommended.
    pub items: Vec<CatalogItem>,
    /// How many items are wanted.
    pub limit: Limit,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// What can be recommended.
    pub items: Vec<PopularItem>,
    /// How many items are wanted.
    pub limit: Limit,
}

/// What the fallback needs of a catalogue item. Other fields are tolerated, so that a whole
/// catalogue item may stand here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PopularItem {
    /// The item.
    pub item_id: String,
    /// What people read.
    pub title: String,
    /// The one group that the item belongs to.
    pub category: String,
    /// Share of users who took it, from 0 to 1.
    #[serde(default)]
    pub popularity: f64,
}

/// How many items are wanted: 1 to 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Limit(usize);

/// The most items that may be wanted.
pub const MAX_LIMIT: usize = 50;

impl Limit {
    /// The number of items.
    pub fn get(self) -> usize {
        self.0
    }
}

impl TryFrom<u64> for Limit {
    type Error = String;

    fn try_from(limit: u64) -> Result<Self, String> {
        usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .map(Self)
            .ok_or_else(|| format!("must be an integer from 1 to {MAX_LIMIT}, got {limit}"))
    }
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The items, best first; empty when the user has bought or dismissed everything.
    pub items: Vec<Recommendation>,
    /// Whether nothing was known that would set this user apart.
    pub cold_start: bool,
    /// How different the items are from each other: 1 minus their mean similarity, from 0 to 1.
    pub diversity: f64,
}

/// One recommended item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The item.
    pub item_id: String,
    /// What people read.
    pub title: String,
    /// Its relevance to the user, from 0 to 1. The order of the list also weighs variety, so that
    /// scores need not decrease.
    pub score: f64,
    /// Why it is shown, for people.
    pub reason: String,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing to recommend.
    #[error("no items: the catalogue is empty")]
    NoItems,
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NoItems"];

    fn code(&self) -> &'static str {
        match self {
            Self::NoItems => "NoItems",
        }
    }
}

/// How sure a list is that rests on popularity alone.
const COLD_CONFIDENCE: f64 = 0.3;

impl Agent for ContentRecommendation {
    const NAME: &'static str = "content-recommendation";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        if input.items.is_empty() {
            return Err(Error::NoItems);
        }
        let features = Features::of_items(&input.items);
        let relevance = Relevance::of(&input, &features);
        let scores = &relevance.scores;
        let ranked = mmr::rerank(&relevance.candidates, scores, &features, input.limit.get());
        let items = ranked.iter().map(|&i| Recommendation {
            item_id: input.items[i].item_id.clone(),
            title: input.items[i].title.clone(),
            score: round4(scores[i]),
            reason: relevance.reasons[i].clone(),
        });
        let output = Output {
            items: items.collect(),
            cold_start: relevance.cold_start,
            diversity: round4(mmr::diversity(&ranked, &features)),
        };
        let confidence = relevance.confidence();
        let report = Report::new(output, confidence, Method::new("mmr", "1"));
        Ok(if ranked.is_empty() {
            report.with_warnings(vec![
                "the user has bought or dismissed every item".to_owned(),
            ])
        } else {
            report
        })
    }

    async fn fallback(&self, mut input: FallbackInput) -> Result<Report<Output>, Error> {
        if input.items.is_empty() {
            return Err(Error::NoItems);
        }
        input.items.sort_by(|a, b| {
            let most_popular = b.popularity.total_cmp(&a.popularity);
            most_popular.then_with(|| a.item_id.cmp(&b.item_id))
        });
        let mut seen = HashSet::new();
        input.items.retain(|item| seen.insert(item.item_id.clone()));
        input.items.truncate(input.limit.get());
        let categories = input.items.iter().map(|item| item.category.as_str());
        let features = Features::of_categories(categories);
        let all: Vec<usize> = (0..input.items.len()).collect();
        let diversity = round4(mmr::diversity(&all, &features));
        let items = input.items.into_iter().map(|item| Recommendation {
            item_id: item.item_id,
            title: item.title,
            score: round4(item.popularity.clamp(0.0, 1.0)),
            reason: relevance::POPULAR.to_owned(),
        });
        let output = Output {
            items: items.collect(),
            cold_start: true,
            diversity,
        };
        let method = Method::new("popularity", "1");
        let warning = "the list is the same for every user".to_owned();
        Ok(Report::new(output, COLD_CONFIDENCE, method).with_warnings(vec![warning]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

fn round4(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests;
