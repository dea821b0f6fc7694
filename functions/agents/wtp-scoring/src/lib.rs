//! `wtp-scoring`: what a user is willing to pay for one item of the shop.
//!
//! Up to three sources speak: a declared price survey ([`survey`]), prices that were accepted or
//! declined ([`choices`]), and what the user paid, carted and abandoned ([`behaviour`]). Each gives a
//! location on the logarithm of price and how sure it is; they are combined by precision
//! ([`combine`]) into one lognormal belief, from which the interval and the acceptance curve follow.
//! Prices below a cent say nothing and are ignored. The fallback is a prior around a reference price.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | no usable price is known; in the fallback, no reference price |

pub mod behaviour;
mod check;
pub mod choices;
pub mod combine;
pub mod survey;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::profile::{Event, Order, PriceChoice, PriceSurvey};
use baton_domain::{Amount, Method, Timestamp};
use serde::{Deserialize, Serialize};

use combine::{Belief, Estimate};

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct WtpScoring;

/// What the agent works on. At least one price must be known.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The moment that the age of orders and events is counted to.
    pub as_of: Timestamp,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// What the user bought, in any order.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// What the user did, in any order; events without a price are ignored.
    #[serde(default)]
    pub events: Vec<Event>,
    /// The user's answers to the four Van Westendorp questions.
    #[serde(default)]
    pub survey: Option<PriceSurvey>,
    /// Prices that were offered, and what the user did.
    #[serde(default)]
    pub choices: Vec<PriceChoice>,
    /// What the shop asks by default; steadies what little data says.
    #[serde(default)]
    pub reference_price: Option<Amount>,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// What the shop asks by default.
    #[serde(default)]
    pub reference_price: Option<Amount>,
}

/// What the agent answers. Amounts are in whole units of the currency, rounded to hundredths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The price that the user would accept in half of all cases.
    pub wtp: f64,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Where the willingness to pay on the next occasion lies.
    pub interval: Interval,
    /// What the estimate was made of; empty in the fallback.
    pub sources: Vec<Source>,
    /// The chance of acceptance at some prices, which ascend; it never rises with the price.
    pub acceptance: Vec<AcceptancePoint>,
}

/// A central interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How often the truth lies between them, from 0 to 1.
    pub level: f64,
}

/// One source of the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Which.
    pub source: SourceKind,
    /// What it says alone.
    pub estimate: f64,
    /// Its share in the combined estimate; the shares of all sources sum to 1.
    pub weight: f64,
    /// How many prices it rests on.
    pub observations: u32,
}

/// The kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A declared price survey.
    Survey,
    /// Prices that were accepted or declined.
    Choices,
    /// What was paid, carted and abandoned.
    Behaviour,
}

/// The chance that one price is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AcceptancePoint {
    /// The price.
    pub price: f64,
    /// The chance, from 0 to 1.
    pub probability: f64,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No price is known to estimate from.
    #[error("not enough data: {0}")]
    NotEnoughData(&'static str),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NotEnoughData"];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData(_) => "NotEnoughData",
        }
    }
}

/// The smallest price that says something: one hundredth.
pub const MIN_PRICE: f64 = 0.01;

impl Agent for WtpScoring {
    const NAME: &'static str = "wtp-scoring";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        let reference = input.reference_price.and_then(log_price);
        let mut warnings = Vec::new();
        let survey = input.survey.as_ref().and_then(|survey| {
            let estimate = survey::estimate(survey);
            if estimate.is_none() {
                warnings.push(
                    "the survey is ignored: its prices must be above 0 and not decrease".to_owned(),
                );
            }
            estimate
        });
        let choices = choices::estimate(&input.choices, reference);
        let behaviour = behaviour::estimate(&input.orders, &input.events, input.as_of, reference);
        let estimates: Vec<Estimate> = [survey, choices, behaviour].into_iter().flatten().collect();
        if survey.is_none() && choices.is_none() {
            warnings.push(
                "only prices of other items are known: sound where these and the priced tiers \
                 cost alike"
                    .to_owned(),
            );
        }
        let belief = Belief::combine(&estimates).ok_or(Error::NotEnoughData(
            "no order, priced event, survey or choice with a price of a cent or more",
        ))?;
        let output = describe(&belief, input.currency, &estimates);
        let method = Method::new("precision-weighted-wtp", "1");
        Ok(Report::new(output, belief.confidence(), method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let reference = input.reference_price.and_then(log_price);
        let mu = reference.ok_or(Error::NotEnoughData("the fallback needs a reference_price"))?;
        let belief = Belief::prior(mu);
        let output = describe(&belief, input.currency, &[]);
        let method = Method::new("reference-price-prior", "1");
        let warning = "nothing of this user went into the estimate".to_owned();
        Ok(Report::new(output, belief.confidence(), method).with_warnings(vec![warning]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

/// The logarithm of a price, or none for one that is too small to say anything.
fn log_price(price: Amount) -> Option<f64> {
    Some(price.value())
        .filter(|price| *price >= MIN_PRICE)
        .map(f64::ln)
}

fn describe(belief: &Belief, currency: String, estimates: &[Estimate]) -> Output {
    let (low, high) = belief.interval();
    let sources = estimates.iter().map(|estimate| Source {
        source: estimate.source,
        estimate: combine::price(estimate.mu),
        weight: combine::round4(belief.weight(estimate)),
        observations: estimate.observations,
    });
    Output {
        wtp: combine::price(belief.mu),
        currency,
        interval: Interval {
            low,
            high,
            level: combine::LEVEL,
        },
        sources: sources.collect(),
        acceptance: belief.acceptance_curve(),
    }
}

#[cfg(test)]
mod tests;
