//! What the agent answers.

use serde::{Deserialize, Serialize};

use crate::series::Frequency;

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The model, such as `ETS(M,Ad,M)` or `Holt-Winters (additive)`; `naive` or `seasonal naive` in the fallback.
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
    /// Logarithm of the likelihood; absent for Holt and Winters' method, which has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion, corrected for short series; absent likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aicc: Option<f64>,
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
    /// Where it lies, one interval for each level, ascending; none where the fallback has too few
    /// observations.
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
