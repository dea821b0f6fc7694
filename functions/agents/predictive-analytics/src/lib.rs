//! `predictive-analytics`: how a series goes on, and where it went astray.
//!
//! Observations are put on an even grid ([`series`]). Exponential smoothing as state space models
//! ([`ets`]) is fitted by maximum likelihood and chosen by `AICc` among fifteen models; the forecast
//! has intervals by formula or from drawn futures, which are the same every time. Observations far
//! from what was expected of them are anomalies. [`holt_winters`] is the classical method beside
//! it. The fallback repeats the last season.
//!
//! Periods without an observation leave the model as it is, or count as 0 where that is asked for;
//! several observations of a period are summed, or averaged, or the last one counts. Where nothing
//! observed is below 0, no forecast is, unless `non_negative` says otherwise.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there are fewer than five observations; in the fallback, none |
//! | `InvalidSeries` | a date or value cannot be read or is out of range; the message names the field |
//! | `InvalidSettings` | horizon, season, level or threshold are out of range |
//! | `NoModel` | no model fits the series |

mod accuracy;
mod answer;
mod check;
pub mod ets;
mod floor;
mod frequency;
pub mod holt_winters;
mod minimise;
pub mod series;
mod size;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::{FieldError, Method};
use serde::{Deserialize, Serialize};

pub use answer::predict;
use series::{Combine, Frequency, Missing, Point};

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct PredictiveAnalytics;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The observations, in any order.
    pub series: Vec<Point>,
    /// How many periods ahead, 1 to 500; times the levels, 700 at most.
    pub horizon: usize,
    /// How far apart periods are; what the observations' median distance suggests where nothing is
    /// said.
    #[serde(default)]
    pub frequency: Option<Frequency>,
    /// How many periods a season has, 1 to 366; 1 is none. What belongs to the frequency where
    /// nothing is said: 24 hours, 7 days, 52 weeks, 12 months, 4 quarters.
    #[serde(default)]
    pub season: Option<usize>,
    /// How often intervals hold the truth, 0.5 to 0.999, up to five of them; 0.8 and 0.95 where
    /// nothing is said.
    #[serde(default = "default_levels")]
    pub levels: Vec<f64>,
    /// What several observations of one period become; their sum where nothing is said.
    #[serde(default)]
    pub combine: Combine,
    /// What a period without an observation is; skipped where nothing is said.
    #[serde(default)]
    pub missing: Missing,
    /// Whether forecasts and intervals end at 0; where nothing is said, they do if nothing observed is
    /// below 0. A warning says what was raised to 0.
    #[serde(default)]
    pub non_negative: Option<bool>,
    /// From how many standard deviations on an error is an anomaly, 1 to 10; 3 where nothing is
    /// said.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// The observations, in any order.
    pub series: Vec<Point>,
    /// How many periods ahead, 1 to 500.
    pub horizon: usize,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The model, such as `ETS(M,Ad,M)`; `naive` or `seasonal naive` in the fallback.
    pub model: String,
    /// How far apart periods are.
    pub frequency: Frequency,
    /// How many periods a season of the model has; 1 without one.
    pub season: usize,
    /// How many periods were observed.
    pub observed: usize,
    /// How many periods between the first and the last one were not.
    pub missing: usize,
    /// What was estimated; absent in the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated: Option<Estimated>,
    /// How well one period ahead was expected.
    pub accuracy: Accuracy,
    /// The models that were compared, best first.
    pub candidates: Vec<Criterion>,
    /// The periods up to the last one, as many as fit and 500 at most, with what was expected of them.
    pub history: Vec<Past>,
    /// What is expected of the periods that follow.
    pub forecast: Vec<Ahead>,
    /// Observations far from what was expected, the 50 farthest at most, in order of time.
    pub anomalies: Vec<Anomaly>,
}

/// What was estimated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimated {
    /// Smoothing of the level.
    pub alpha: f64,
    /// Smoothing of the slope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta: Option<f64>,
    /// Smoothing of the season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// What is left of the slope each period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phi: Option<f64>,
    /// The level after the last period.
    pub level: f64,
    /// The slope after it, a period.
    pub slope: f64,
    /// The seasons of the periods that follow: added to the level or multiplied with it, as the
    /// model says.
    pub seasons: Vec<f64>,
    /// Standard deviation of the errors; relative ones where the model's are.
    pub sigma: f64,
    /// Logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Akaike's criterion, corrected for short series.
    pub aicc: f64,
}

/// How well one period ahead was expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error in proportion to what was observed; absent where something is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mape: Option<f64>,
    /// Mean absolute error in proportion to that of repeating the last season (Hyndman and Koehler
    /// 2006); absent where that one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mase: Option<f64>,
}

/// A model that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// The model.
    pub model: String,
    /// Its `AICc`; lower is better.
    pub aicc: f64,
}

/// One period of the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// When it begins.
    pub at: String,
    /// What was observed; absent where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// What was expected one period before; absent for the first ones in the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
}

/// One period to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ahead {
    /// When it begins.
    pub at: String,
    /// What is expected.
    pub value: f64,
    /// Where it lies, one interval for each level, ascending.
    pub intervals: Vec<Interval>,
}

/// A central interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// How often it holds the truth.
    pub level: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// An observation far from what was expected of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anomaly {
    /// When its period begins.
    pub at: String,
    /// What was observed.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// The error in robust standard deviations of all errors; negative below what was expected.
    pub score: f64,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There are too few observations.
    #[error("not enough data: {found} observed periods, at least {wanted} are needed")]
    NotEnoughData {
        /// How many there are.
        found: usize,
        /// How many there must be.
        wanted: usize,
    },
    /// A date or value cannot be read or is out of range.
    #[error("invalid series: {0}")]
    InvalidSeries(FieldError),
    /// A setting is out of range.
    #[error("invalid settings: {0}")]
    InvalidSettings(FieldError),
    /// No model fits.
    #[error("no model fits the series")]
    NoModel,
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "NotEnoughData",
        "InvalidSeries",
        "InvalidSettings",
        "NoModel",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData { .. } => "NotEnoughData",
            Self::InvalidSeries(_) => "InvalidSeries",
            Self::InvalidSettings(_) => "InvalidSettings",
            Self::NoModel => "NoModel",
        }
    }
}

fn default_levels() -> Vec<f64> {
    vec![0.8, 0.95]
}

fn default_threshold() -> f64 {
    3.0
}

/// How sure a forecast is that repeats what was.
const NAIVE_CONFIDENCE: f64 = 0.2;

impl Agent for PredictiveAnalytics {
    const NAME: &'static str = "predictive-analytics";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        size::intervals(input.horizon, input.levels.len()).map_err(Error::InvalidSettings)?;
        let (mut output, mut warnings) = predict(&input)?;
        let method = Method::new("ets-aicc", "1");
        let confidence = answer::confidence(&output);
        warnings.extend(size::fit(&mut output));
        Ok(Report::new(output, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let (mut output, mut warnings) = answer::repeat(&input)?;
        let name = output.model.replace(' ', "-");
        warnings.extend(size::fit(&mut output));
        let report = Report::new(output, NAIVE_CONFIDENCE, Method::new(name, "1"));
        Ok(report.with_warnings(warnings))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

#[cfg(test)]
mod tests;
