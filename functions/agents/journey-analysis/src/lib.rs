//! `journey-analysis`: how journeys go, where they end, and what converts.
//!
//! Journeys are read once into a table ([`journeys`]). An absorbing Markov chain of their stages
//! ([`chain`]) says from each stage how likely a conversion is and how far it is, and where journeys
//! drop off. A funnel ([`funnel`]) counts who came through given stages in their order. Links,
//! flows by step and the most frequent paths ([`routes`]) are what a Sankey diagram is drawn from.
//! Rates have intervals of Wilson ([`rate`]). The fallback knows counts only.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there is no journey |
//! | `InvalidJourneys` | a journey contradicts itself or the limits; the message names the field |
//! | `InvalidSettings` | the funnel, the level or the number of paths is out of range |

mod answer;
pub mod chain;
mod check;
pub mod funnel;
pub mod journeys;
pub mod rate;
pub mod routes;
mod size;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::{FieldError, Method};
use serde::{Deserialize, Serialize};

pub use answer::analyse;
use funnel::Funnel;
use journeys::Journey;
use rate::Rate;
use routes::{Flow, Link, Route};

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct JourneyAnalysis;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The journeys, each with its events and how it ended.
    pub journeys: Vec<Journey>,
    /// The stages of the funnel in their order, up to 20; where none is named, those of the most
    /// frequent path that converted.
    #[serde(default)]
    pub funnel: Vec<String>,
    /// How often an interval holds the truth, 0.5 to 0.999; 0.95 where nothing is said.
    #[serde(default = "default_level")]
    pub level: f64,
    /// How many of the most frequent paths are wanted, up to 100; 10 where nothing is said.
    #[serde(default = "default_paths")]
    pub paths: usize,
}

/// What the fallback works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// How many journeys there were.
    #[serde(default)]
    pub journeys: u64,
    /// How many of them converted; more than there were count as all.
    #[serde(default)]
    pub converted: u64,
}

/// What the agent answers. Everything but the totals is empty in the fallback. Numbers have seven
/// digits; where names are so long that the lists do not fit, they hold what was most frequent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What the journeys add up to.
    pub totals: Totals,
    /// How often an interval holds the truth.
    pub level: f64,
    /// What lies before a journey that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Outlook>,
    /// The stages, in the order of their first appearance.
    pub states: Vec<State>,
    /// How often each step was taken, from `(start)` to `(conversion)` or `(drop-off)`; most often
    /// first.
    pub links: Vec<Link>,
    /// The same step by step from the start, without cycles, for a Sankey diagram.
    pub flows: Vec<Flow>,
    /// Who came through the funnel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funnel: Option<Funnel>,
    /// The most frequent paths.
    pub paths: Vec<Route>,
}

/// What journeys add up to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// How many journeys there were.
    pub journeys: u64,
    /// Events of all of them.
    pub events: u64,
    /// How many converted.
    pub converted: u64,
    /// The share that converted.
    pub conversion: Rate,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Its name.
    pub state: String,
    /// How often it was entered.
    pub visits: u64,
    /// How many journeys came through it.
    pub journeys: u64,
    /// What lies before a journey that is here.
    #[serde(flatten)]
    pub outlook: Outlook,
    /// How many journeys ended here without a conversion.
    pub dropped: u64,
    /// The share of visits after which the journey ended without a conversion.
    pub drop_off: Rate,
}

/// What lies before a journey.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// How likely it converts, 0 to 1.
    pub conversion_probability: f64,
    /// How many stages it still visits, this one included, however it ends.
    pub expected_steps: f64,
    /// The same of journeys that convert; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_steps_to_convert: Option<f64>,
    /// Hours until the last event of journeys that convert; absent where none does, or where not
    /// every event has its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_hours_to_convert: Option<f64>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing to analyse.
    #[error("not enough data: there is no journey")]
    NotEnoughData,
    /// A journey contradicts itself or the limits.
    #[error("invalid journeys: {0}")]
    InvalidJourneys(#[from] FieldError),
    /// A setting is out of range.
    #[error("invalid settings: {0}")]
    InvalidSettings(FieldError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NotEnoughData", "InvalidJourneys", "InvalidSettings"];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData => "NotEnoughData",
            Self::InvalidJourneys(_) => "InvalidJourneys",
            Self::InvalidSettings(_) => "InvalidSettings",
        }
    }
}

/// What is wanted of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The stages of the funnel; derived where there is none.
    pub funnel: Vec<String>,
    /// How often an interval holds the truth.
    pub level: f64,
    /// How many paths.
    pub paths: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            funnel: Vec::new(),
            level: default_level(),
            paths: default_paths(),
        }
    }
}

fn default_level() -> f64 {
    0.95
}

fn default_paths() -> usize {
    10
}

/// How sure rates are that come from counts alone.
const COUNT_CONFIDENCE: f64 = 0.25;

impl Agent for JourneyAnalysis {
    const NAME: &'static str = "journey-analysis";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        let settings = Settings {
            funnel: input.funnel,
            level: input.level,
            paths: input.paths,
        };
        let (mut output, mut warnings) = analyse(&input.journeys, &settings)?;
        warnings.extend(size::fit(&mut output));
        // As sure as the rate of conversion is narrow.
        let Rate { low, high, .. } = output.totals.conversion;
        let confidence = 1.0 - (high - low);
        let method = Method::new("absorbing-markov-chain", "1");
        Ok(Report::new(output, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        if input.journeys == 0 {
            return Err(Error::NotEnoughData);
        }
        let level = default_level();
        let converted = input.converted.min(input.journeys);
        let output = Output {
            totals: Totals {
                journeys: input.journeys,
                events: 0,
                converted,
                conversion: rate::wilson(converted, input.journeys, level),
            },
            level,
            start: None,
            states: Vec::new(),
            links: Vec::new(),
            flows: Vec::new(),
            funnel: None,
            paths: Vec::new(),
        };
        let report = Report::new(output, COUNT_CONFIDENCE, Method::new("journey-count", "1"));
        Ok(report.with_warnings(vec![
            "only the counts of journeys went into the answer".to_owned(),
        ]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

#[cfg(test)]
mod tests;
