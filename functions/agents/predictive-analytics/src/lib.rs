//! `predictive-analytics`: how a series goes on, and where it went astray.
//!
//! Observations are put on an even grid ([`series`]). Exponential smoothing as state space models
//! ([`ets`]) is fitted by maximum likelihood and chosen by `AICc` among fifteen models; the forecast
//! has intervals by formula or from drawn futures, which are the same every time. Observations far
//! from what was expected of them are anomalies. [`holt_winters`] is the classical method
//! for those who ask for it. The fallback repeats the last season.
//!
//! Periods without an observation leave the model as it is, or count as 0 where that is asked for;
//! several observations of a period are summed, or averaged, or the last one counts. Where nothing
//! observed is below 0, no forecast is, unless `non_negative` says otherwise.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there are fewer than five observations, or no two seasons and a period for Holt and Winters; in the fallback, none |
//! | `InvalidSeries` | a date or value cannot be read or is out of range; the message names the field |
//! | `InvalidSettings` | horizon, season, level or threshold are out of range |
//! | `NoModel` | no model fits the series |

mod accuracy;
mod anomalies;
mod answer;
mod check;
mod classical;
pub mod ets;
mod floor;
mod frequency;
pub mod holt_winters;
mod minimise;
mod output;
pub mod series;
mod size;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::{FieldError, Method};
use serde::{Deserialize, Serialize};

pub use answer::predict;
pub use output::{Accuracy, Ahead, Anomaly, Criterion, Estimated, Interval, Output, Past};
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
    /// What the forecast is made by; the best of the ETS models where nothing is said.
    #[serde(default)]
    pub method: By,
    /// Whether forecasts and intervals end at 0; where nothing is said, they do if nothing observed is
    /// below 0. A warning says what was raised to 0.
    #[serde(default)]
    pub non_negative: Option<bool>,
    /// From how many standard deviations on an error is an anomaly, 1 to 10; 3 where nothing is
    /// said.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
}

/// What a forecast is made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The ETS model of the lowest `AICc`.
    #[default]
    Ets,
    /// Holt and Winters' method with a season that is added, as R's `HoltWinters` has it.
    HoltWintersAdditive,
    /// The same with a season that multiplies; for values above 0.
    HoltWintersMultiplicative,
}

impl By {
    /// The kind of season of Holt and Winters' method; none for another method.
    const fn season(self) -> Option<ets::Season> {
        match self {
            Self::Ets => None,
            Self::HoltWintersAdditive => Some(ets::Season::Additive),
            Self::HoltWintersMultiplicative => Some(ets::Season::Multiplicative),
        }
    }
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
        let method = match input.method {
            By::Ets => Method::new("ets-aicc", "1"),
            By::HoltWintersAdditive | By::HoltWintersMultiplicative => {
                Method::new("holt-winters", "1")
            }
        };
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
