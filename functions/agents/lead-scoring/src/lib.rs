//! `lead-scoring`: how likely a lead is to convert, and why.
//!
//! A logistic regression ([`logistic`]) on what is known of the lead ([`features`]), its chances
//! calibrated on folds ([`calibration`]), with what each feature adds to the log odds of the average
//! lead. It is one that is fitted now to the leads of `history` (50 or more, ten of either outcome; it
//! comes back in `fitted`, to be stored), else the tenant's stored model, else a prior that the method is
//! named after. Many leads are fitted and scored by [`model::Model`].
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there is no event or order by `as_of`, and no feature |
//! | `InvalidFeatures` | a feature is beyond ±10¹² |
//! | `InvalidModel` | a stored model has a figure that no fit gives |
//! | `InvalidHistory` | leads of the history differ in their features, or have more than 50 |

mod check;
pub mod history;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::profile::{Event, Order};
use baton_domain::{FieldError, Method, Timestamp};
use serde::{Deserialize, Serialize};

pub use baton_leads::{Driver, Model, Version, calibration, features, logistic, model};
use calibration::Reliability;
use features::Features;
pub use history::Example;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct LeadScoring;

/// What the agent works on: an event, an order or a feature at least.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The moment that the age of events counts to.
    pub as_of: Timestamp,
    /// What the lead bought, in any order.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// What the lead did, in any order.
    #[serde(default)]
    pub events: Vec<Event>,
    /// What else is known, by name; goes before what the profile says under the same name.
    #[serde(default)]
    pub features: Features,
    /// What was fitted to the tenant's leads before.
    #[serde(default)]
    pub model: Option<Model>,
    /// Leads of the tenant and what became of them, to fit now; goes before what was fitted before.
    #[serde(default)]
    pub history: Vec<Example>,
    /// The ridge of that fit, from 0 (maximum likelihood); 1 when it is not given.
    #[serde(default)]
    pub ridge: history::Ridge,
}

/// What the fallback works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// How many orders the lead has placed.
    #[serde(default)]
    pub orders_count: u32,
    /// How many events of the lead are known.
    #[serde(default)]
    pub events_count: u32,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The chance to convert.
    pub probability: f64,
    /// Log odds before calibration: `base_log_odds` and all contributions.
    pub log_odds: f64,
    /// Log odds of the average lead.
    pub base_log_odds: f64,
    /// What each feature adds, the weightiest first; empty in the fallback.
    pub drivers: Vec<Driver>,
    /// Whether chances were calibrated on leads that the model had not seen.
    pub calibrated: bool,
    /// How well they came true there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// Which fit was used; none for a prior.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// What was fitted now, to be stored and passed back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Model>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is known of the lead.
    #[error("not enough data: there is no event or order by as_of, and no feature")]
    NotEnoughData,
    /// A feature is out of range.
    #[error("{0}")]
    InvalidFeatures(FieldError),
    /// A stored model is out of range.
    #[error("{0}")]
    InvalidModel(FieldError),
    /// A history is none.
    #[error("{0}")]
    InvalidHistory(FieldError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "NotEnoughData",
        "InvalidFeatures",
        "InvalidModel",
        "InvalidHistory",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData => "NotEnoughData",
            Self::InvalidFeatures(_) => "InvalidFeatures",
            Self::InvalidModel(_) => "InvalidModel",
            Self::InvalidHistory(_) => "InvalidHistory",
        }
    }
}

impl Agent for LeadScoring {
    const NAME: &'static str = "lead-scoring";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        check::features("features", &input.features).map_err(Error::InvalidFeatures)?;
        let lead = lead(&input)?;
        let chosen = history::choose(input.model, &input.history, input.ridge, input.as_of)?;
        let score = chosen.model.score(&lead);
        let mut warnings = chosen.warnings;
        if !score.missing.is_empty() {
            warnings.push(format!(
                "the lead lacks features of the model, which count as average: {}",
                score.missing.join(", ")
            ));
        }
        let model = chosen.model;
        let rows = model.version.rows as f64;
        let confidence = if chosen.prior {
            0.2
        } else {
            0.9 * rows / (rows + 100.0)
        };
        let drivers = score.drivers.into_iter().map(|driver| Driver {
            value: round(driver.value),
            average: round(driver.average),
            contribution: round(driver.contribution),
            feature: driver.feature,
        });
        let output = Output {
            probability: round(score.probability),
            log_odds: round(score.log_odds),
            base_log_odds: round(score.base),
            drivers: drivers.collect(),
            calibrated: model.calibration.is_some(),
            reliability: model.reliability.clone(),
            version: (!chosen.prior).then(|| model.version.clone()),
            fitted: chosen.fitted.then_some(model),
        };
        let method = Method::new(chosen.method, "1");
        Ok(Report::new(output, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let base = Model::prior().base();
        let log_odds = base
            + 0.3 * f64::from(input.events_count).ln_1p()
            + 0.6 * f64::from(input.orders_count).ln_1p();
        let output = Output {
            probability: round(logistic::chance(log_odds)),
            log_odds: round(log_odds),
            base_log_odds: round(base),
            drivers: Vec::new(),
            calibrated: false,
            reliability: None,
            version: None,
            fitted: None,
        };
        let warning = "the chance comes from the numbers of events and orders alone".to_owned();
        let report = Report::new(output, 0.1, Method::new("count-prior", "1"));
        Ok(report.with_warnings(vec![warning]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

/// What is known of the lead; its own features go before those of the profile.
fn lead(input: &Input) -> Result<Features, Error> {
    let events = input.events.iter().map(|event| event.at);
    let mut signs = events.chain(input.orders.iter().map(|order| order.at));
    let profile = signs.any(|at| at <= input.as_of);
    if !profile && input.features.is_empty() {
        return Err(Error::NotEnoughData);
    }
    let mut lead = if profile {
        features::of_profile(&input.orders, &input.events, input.as_of)
    } else {
        Features::new()
    };
    lead.extend(input.features.clone());
    Ok(lead)
}

/// Rounded to what can be told apart.
fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests;
