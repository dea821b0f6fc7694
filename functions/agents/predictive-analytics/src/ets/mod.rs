//! Exponential smoothing as innovations state space models (Hyndman, Koehler, Ord, Snyder 2008).
//!
//! A series has a level, perhaps a slope (damped or not) and perhaps a season; each observation's
//! error moves them by the smoothing parameters. Errors are additive or relative. All parameters and
//! the states before the first observation are estimated by maximum likelihood, with the gradient
//! of the recursion run backwards ([`recursion`]) and L-BFGS; models are compared by `AICc`
//! ([`fit`]). Observations that are missing leave the states as they are and cost no likelihood.

pub mod fit;
pub mod forecast;
mod recursion;
mod search;
pub(crate) mod start;

use std::fmt;

pub use fit::{Candidate, Fit, choose, fit};

/// How errors enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// Added to what is expected.
    Additive,
    /// In proportion to what is expected; only of series above 0.
    Multiplicative,
}

/// How the level moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trend {
    /// By errors alone.
    None,
    /// By a slope.
    Additive,
    /// By a slope that dies down.
    Damped,
}

/// How the season enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Season {
    /// There is none.
    None,
    /// Added to the level.
    Additive,
    /// In proportion to the level; only of series above 0.
    Multiplicative,
}

/// One model of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spec {
    /// How errors enter.
    pub error: ErrorKind,
    /// How the level moves.
    pub trend: Trend,
    /// How the season enters.
    pub season: Season,
}

impl Spec {
    /// A model.
    pub const fn new(error: ErrorKind, trend: Trend, season: Season) -> Self {
        Self {
            error,
            trend,
            season,
        }
    }

    /// The models that are compared. Additive errors with a season in proportion are left out:
    /// their variance is not finite in the long run.
    pub fn compared() -> impl Iterator<Item = Self> {
        use ErrorKind::{Additive, Multiplicative};
        let seasons = [Season::None, Season::Additive, Season::Multiplicative];
        let trends = [Trend::None, Trend::Additive, Trend::Damped];
        let all = [Additive, Multiplicative]
            .into_iter()
            .flat_map(move |error| {
                seasons.into_iter().flat_map(move |season| {
                    trends
                        .into_iter()
                        .map(move |trend| Self::new(error, trend, season))
                })
            });
        all.filter(|spec| spec.error == Multiplicative || spec.season != Season::Multiplicative)
    }

    /// Whether the model is for series above 0 alone.
    pub fn wants_positive(self) -> bool {
        self.error == ErrorKind::Multiplicative || self.season == Season::Multiplicative
    }

    /// How many numbers are estimated for a season of `m` periods, the errors' variance included.
    pub fn parameters(self, m: usize) -> usize {
        let trend = match self.trend {
            Trend::None => 0,
            Trend::Additive => 2,
            Trend::Damped => 3,
        };
        // The season's starts sum to a constant: one of them is not free.
        let season = if self.season == Season::None { 0 } else { m };
        3 + trend + season
    }
}

/// Such as `ETS(M,Ad,M)`.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self.error {
            ErrorKind::Additive => "A",
            ErrorKind::Multiplicative => "M",
        };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        let season = match self.season {
            Season::None => "N",
            Season::Additive => "A",
            Season::Multiplicative => "M",
        };
        write!(f, "ETS({error},{trend},{season})")
    }
}

/// Smoothing parameters.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Smoothing {
    /// Of the level, above 0 and below 1.
    pub alpha: f64,
    /// Of the slope, below `alpha`; 0 without one.
    pub beta: f64,
    /// Of the season, below `1 - alpha`; 0 without one.
    pub gamma: f64,
    /// What is left of the slope each period, 0.8 to 0.98 where it is damped, else 1.
    pub phi: f64,
}

/// The states at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct States {
    /// The level.
    pub level: f64,
    /// The slope; 0 without one.
    pub slope: f64,
    /// The season by phase, the first observation's first; empty without one.
    pub seasons: Vec<f64>,
}

/// What an error of one period moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    /// The level before the error.
    pub(crate) base: f64,
    /// The season of the period; 0 or 1 without one.
    pub(crate) season: f64,
    /// What is expected.
    pub(crate) expected: f64,
}

impl Spec {
    /// What is expected of the next period, whose phase is `phase`. None where a model of
    /// proportions leaves the positive numbers.
    #[inline]
    pub(crate) fn expect(self, states: &States, phi: f64, phase: usize) -> Option<Move> {
        const LEAST: f64 = 1e-9;
        let base = states.level + phi * states.slope;
        let (season, expected) = match self.season {
            Season::None => (0.0, base),
            Season::Additive => (states.seasons[phase], base + states.seasons[phase]),
            Season::Multiplicative => {
                let season = states.seasons[phase];
                if season < LEAST || base < LEAST {
                    return None;
                }
                (season, base * season)
            }
        };
        if self.error == ErrorKind::Multiplicative && expected < LEAST {
            return None;
        }
        Some(Move {
            base,
            season,
            expected,
        })
    }

    /// Moves the states by the error of the period that was expected.
    #[inline]
    pub(crate) fn update(
        self,
        states: &mut States,
        by: &Smoothing,
        to: Move,
        e: f64,
        phase: usize,
    ) {
        let (level_error, season_error) = match self.season {
            Season::Multiplicative => (e / to.season, e / to.base),
            _ => (e, e),
        };
        states.level = to.base + by.alpha * level_error;
        states.slope = by.phi * states.slope + by.beta * level_error;
        if self.season != Season::None {
            states.seasons[phase] += by.gamma * season_error;
        }
    }
}
