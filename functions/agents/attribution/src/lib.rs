//! `attribution`: which channels brought the conversions.
//!
//! Paths of touches, converted and not, are read once into a table ([`paths`]). Six models divide
//! the conversions and their value among the channels: the removal effects of a Markov chain
//! ([`markov`]), the Shapley value ([`shapley`]), and the rules of a path: first, last, linear, time
//! decay ([`rules`]). Whatever the model, the credits sum to the conversions. Where nothing
//! converted, every credit is 0. The fallback knows the rules of a path alone. Every channel goes into
//! the models; of more than fit into an answer, those of least credit are summed up as `(other)`.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there is no path |
//! | `InvalidPaths` | a path contradicts itself or the limits; the message names the field |
//! | `InvalidSettings` | the order or the half-life is out of range |
//! | `TooManyStates` | more channels or states than the chain may have; a lower order has fewer |
//! | `NotConverged` | the chain's flow did not settle; a lower order does |

mod answer;
mod check;
mod fold;
pub mod markov;
pub mod paths;
pub mod rules;
pub mod shapley;
mod size;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::{FieldError, Method};
use serde::{Deserialize, Serialize};

pub use answer::attribute;
use paths::Path;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attribution;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The paths of touches, each with how often it was walked.
    pub paths: Vec<Path>,
    /// How many touches the chain remembers, 1 to 3; 1 where nothing is said.
    #[serde(default = "default_order")]
    pub order: u8,
    /// After so many days before the last touch, a touch counts half in `time_decay`; 7 where
    /// nothing is said. Touches without times count as a day apart.
    #[serde(default = "default_half_life")]
    pub half_life_days: f64,
    /// The models wanted; all where nothing is said.
    #[serde(default)]
    pub models: Vec<Model>,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// The paths of touches, each with how often it was walked.
    pub paths: Vec<Path>,
}

/// How credit is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// By what would be lost without the channel, in a Markov chain of the paths.
    Markov,
    /// By the Shapley value of the channels that a path covers.
    Shapley,
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// The same to each touch.
    Linear,
    /// To each touch, less the longer it lies before the last one.
    TimeDecay,
}

impl Model {
    /// Every model, in the order in which they are answered.
    pub const ALL: [Self; 6] = [
        Self::Markov,
        Self::Shapley,
        Self::First,
        Self::Last,
        Self::Linear,
        Self::TimeDecay,
    ];
}

/// What the agent answers. Channels stand in the order of their first appearance, in every list; the
/// sum of those that did not fit stands last, as `(other)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What the paths add up to.
    pub totals: Totals,
    /// The order of the chain.
    pub order: u8,
    /// The credits of each model.
    pub models: Vec<ModelCredits>,
    /// What would be lost without each channel; empty where the Markov model was not asked for. Effects
    /// do not add up: `(other)` has none.
    pub removal_effects: Vec<RemovalEffect>,
}

/// What paths add up to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// How many paths were given.
    pub paths: u64,
    /// Conversions of all of them.
    pub conversions: f64,
    /// Walks that ended without one.
    pub nulls: f64,
    /// The value of the conversions.
    pub value: f64,
    /// Conversions per walk, 0 to 1.
    pub conversion_rate: f64,
}

/// The credits of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCredits {
    /// Which model.
    pub model: Model,
    /// One credit for each channel, or for those of most credit and `(other)`.
    pub credits: Vec<Credit>,
}

/// What one model gives to one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Credit {
    /// The channel.
    pub channel: String,
    /// Conversions; of all channels they sum to the total.
    pub conversions: f64,
    /// Value; of all channels it sums to the total.
    pub value: f64,
    /// Its share of the conversions, 0 to 1.
    pub share: f64,
}

/// What would be lost without one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemovalEffect {
    /// The channel.
    pub channel: String,
    /// The share of the conversions that would be lost, 0 to 1.
    pub conversions: f64,
    /// The share of the value that would be lost, 0 to 1.
    pub value: f64,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing to divide.
    #[error("not enough data: there is no path that was walked")]
    NotEnoughData,
    /// A path contradicts itself or the limits.
    #[error("invalid paths: {0}")]
    InvalidPaths(#[from] FieldError),
    /// A setting is out of range.
    #[error("invalid settings: {0}")]
    InvalidSettings(FieldError),
    /// The chain cannot be solved.
    #[error(transparent)]
    Chain(#[from] markov::ChainError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "NotEnoughData",
        "InvalidPaths",
        "InvalidSettings",
        "TooManyStates",
        "NotConverged",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData => "NotEnoughData",
            Self::InvalidPaths(_) => "InvalidPaths",
            Self::InvalidSettings(_) => "InvalidSettings",
            Self::Chain(markov::ChainError::TooManyStates { .. }) => "TooManyStates",
            Self::Chain(markov::ChainError::NotConverged) => "NotConverged",
        }
    }
}

fn default_order() -> u8 {
    1
}

fn default_half_life() -> f64 {
    rules::HALF_LIFE_DAYS
}

/// With so many conversions the agent is half sure.
const HALF_SURE: f64 = 30.0;

/// The part of that which the rules of a path deserve: they compare nothing with what did not
/// convert.
const RULES_CONFIDENCE: f64 = 0.5;

/// What divides conversions: one entry for each channel of the table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Credits {
    /// Conversions.
    pub conversions: Vec<f64>,
    /// Value.
    pub value: Vec<f64>,
}

impl Credits {
    /// Nothing for anyone of `channels`.
    pub fn none(channels: usize) -> Self {
        Self {
            conversions: vec![0.0; channels],
            value: vec![0.0; channels],
        }
    }
}

impl Agent for Attribution {
    const NAME: &'static str = "attribution";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        check::settings(input.order, input.half_life_days).map_err(Error::InvalidSettings)?;
        let models = wanted(&input.models);
        let (mut output, mut warnings) =
            attribute(&input.paths, input.order, input.half_life_days, &models)?;
        warnings.extend(size::fit(&mut output));
        let name = if models.contains(&Model::Markov) {
            format!("markov-removal-{}", input.order)
        } else {
            "credit-rules".to_owned()
        };
        let confidence = confidence(&output.totals);
        let report = Report::new(output, confidence, Method::new(name, "1"));
        Ok(report.with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let models = [Model::First, Model::Last, Model::Linear];
        let (mut output, mut warnings) =
            attribute(&input.paths, default_order(), default_half_life(), &models)?;
        warnings.extend(size::fit(&mut output));
        warnings
            .push("credit goes by position alone; what did not convert is not heard".to_owned());
        let confidence = confidence(&output.totals) * RULES_CONFIDENCE;
        let report = Report::new(output, confidence, Method::new("path-rules", "1"));
        Ok(report.with_warnings(warnings))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

/// Each model once, in the order of [`Model::ALL`]; all where none is named.
fn wanted(models: &[Model]) -> Vec<Model> {
    let all = models.is_empty();
    let wanted = Model::ALL.into_iter();
    wanted.filter(|m| all || models.contains(m)).collect()
}

fn confidence(totals: &Totals) -> f64 {
    totals.conversions / (totals.conversions + HALF_SURE)
}

#[cfg(test)]
mod recovery;
#[cfg(test)]
mod tests;
