//! `source-ranking`: which sources to buy within a budget.
//!
//! A source is worth its relevance times what it is expected to say about the aspects, 0 to 1
//! ([`value`]). Of several sources about one company, the second counts half, the third a quarter,
//! and so on: what a set of sources is worth is monotone and submodular ([`gain`]). The set that is
//! worth most for what is left of the budget is found exactly by dynamic programming ([`exact`])
//! where sources are few enough, otherwise by greed for value per cost, or the best single source
//! if that is worth more ([`greedy`]; at least 1 − 1/√e of the best, Khuller, Moss and Naor 1999).
//! Which of the two it is depends on the sources alone, so that a larger budget never gets less.
//! What is free is always in. A source whose name shares no whole word with the keywords is left out:
//! a marketplace finds `EV` in `clinical evidence` ([`names::is_meant`]).
//!
//! The fallback knows prices alone, of what is left: the cheapest first.
//!
//! | code | when |
//! |---|---|
//! | `InvalidSource` | a source contradicts itself or another one, or there are more than 500 |

pub mod exact;
pub mod gain;
pub mod greedy;
pub mod names;
pub mod reasons;
pub mod select;
pub mod value;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::research::{RankedSource, Ranking, Search, Source};
use baton_domain::{FieldError, Method, Money};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct SourceRanking;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What is to be found out.
    pub theme: String,
    /// How the sources were searched for.
    pub search: Search,
    /// What was found, in any order; the same source may stand there for several keywords.
    pub sources: Vec<Source>,
    /// What the whole task may spend.
    pub budget: Money,
    /// What it has spent.
    #[serde(default)]
    pub already_spent: Money,
}

/// What the fallback works on. What the agent's own method is given may be given here as well.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// What was found; what contradicts itself is left out.
    pub sources: Vec<Source>,
    /// What the whole task may spend.
    pub budget: Money,
    /// What it has spent.
    #[serde(default)]
    pub already_spent: Money,
    /// Is not looked at.
    #[serde(default)]
    pub theme: Option<IgnoredAny>,
    /// How the sources were searched for; what has not the form of it is not looked at.
    #[serde(default)]
    pub search: Option<AnySearch>,
}

/// How sources were searched for, if that can be read.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum AnySearch {
    /// So.
    Known(Search),
    /// Nobody knows.
    Unknown(IgnoredAny),
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A source contradicts itself or another one.
    #[error("{0}")]
    InvalidSource(FieldError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["InvalidSource"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidSource(_) => "InvalidSource",
        }
    }
}

/// How many sources are looked at.
pub const MAX_SOURCES: usize = 500;

/// How sure the agent is that it chose well: what sources say is known when they are bought.
const EXACT_CONFIDENCE: f64 = 0.7;
const GREEDY_CONFIDENCE: f64 = 0.6;
const FALLBACK_CONFIDENCE: f64 = 0.2;

impl Agent for SourceRanking {
    const NAME: &'static str = "source-ranking";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Ranking;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Ranking>, Error> {
        let left = left(input.budget, input.already_spent);
        let mut sources = select::distinct(&input.sources, &input.search)?;
        let found = sources.len();
        sources.retain(|source| names::is_meant(&source.name, &input.search));
        let left_out = found - sources.len();
        let candidates = value::candidates(sources, &input.search);
        let unit = exact::units(&candidates);
        let chosen = match unit {
            Some(unit) => exact::choose(&candidates, left, unit),
            None => greedy::choose(&candidates, left),
        };
        let (name, confidence) = match unit {
            Some(_) => ("knapsack-exact", EXACT_CONFIDENCE),
            None => ("knapsack-greedy", GREEDY_CONFIDENCE),
        };
        let ranking = reasons::ranking(&candidates, &chosen, left);
        let warnings = warnings(&ranking, &input, left_out);
        let report = Report::new(ranking, confidence, Method::new(name, "1"));
        Ok(report.with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Ranking>, Error> {
        let left = left(input.budget, input.already_spent);
        let mut sources = input.sources;
        if let Some(AnySearch::Known(search)) = &input.search {
            sources.retain(|source| names::is_meant(&source.name, search));
        }
        let ranking = select::cheapest_first(sources, left);
        let report = Report::new(
            ranking,
            FALLBACK_CONFIDENCE,
            Method::new("cheapest-first", "1"),
        );
        Ok(report.with_warnings(vec![
            "sources are chosen by their prices alone: what they may be worth is not known"
                .to_owned(),
        ]))
    }

    fn validate(&self, output: &Ranking) -> Result<(), String> {
        let cost: Money = output
            .sources
            .iter()
            .filter(|ranked| ranked.buy)
            .map(|ranked| ranked.source.price)
            .sum();
        if cost != output.cost {
            return Err(format!(
                "cost: is {}, those to buy cost {cost}",
                output.cost
            ));
        }
        let mut ids: Vec<&str> = Vec::new();
        for (i, ranked) in output.sources.iter().enumerate() {
            if !(0.0..=1.0).contains(&ranked.value) {
                return Err(format!(
                    "sources[{i}].value: {} is not in 0 to 1",
                    ranked.value
                ));
            }
            if ranked.reason.is_empty() {
                return Err(format!("sources[{i}].reason: is empty"));
            }
            ids.push(&ranked.source.source_id);
        }
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("sources: {} stands there twice", pair[0])),
            None => Ok(()),
        }
    }
}

/// What may still be spent.
fn left(budget: Money, spent: Money) -> Money {
    Money::from_micro_usd(budget.micro_usd().saturating_sub(spent.micro_usd()))
}

fn warnings(ranking: &Ranking, input: &Input, left_out: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    let bought = |ranked: &RankedSource| ranked.buy;
    if ranking.sources.is_empty() {
        warnings.push("there are no sources to choose from".to_owned());
    } else if !ranking.sources.iter().any(bought) {
        warnings.push("no source is within what is left of the budget".to_owned());
    }
    if input.already_spent > input.budget {
        warnings.push("more was spent than the budget: only free sources are taken".to_owned());
    }
    if left_out > 0 {
        warnings.push(format!(
            "{left_out} sources were left out: the keywords stand only within words of their names"
        ));
    }
    let repeated = input.sources.len() - ranking.sources.len() - left_out;
    if repeated > 0 {
        warnings.push(format!(
            "{repeated} sources were found by more than one keyword"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests;
