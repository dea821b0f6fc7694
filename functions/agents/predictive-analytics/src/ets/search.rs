//! The variables of the search, and the parameters that they stand for.

use super::recursion::{ALPHA, BETA, GAMMA, LEVEL, PHI, Recursion, SEASONS, SLOPE};
use super::{Season, Smoothing, Spec, States, Trend};
use crate::minimise::Objective;

/// Bounds of the smoothing parameters, as in R's `ets` and in statsmodels.
const RANGE: (f64, f64) = (1e-4, 0.9999);
const DAMPING: (f64, f64) = (0.8, 0.98);

/// A slope is a small part of a level: this much of it is one unit of the search.
const SLOPE_UNIT: f64 = 0.05;

/// The search: its variables are free, the parameters that they stand for are bounded.
pub(crate) struct Search<'a> {
    spec: Spec,
    m: usize,
    recursion: Recursion<'a>,
    gradient: Vec<f64>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(spec: Spec, scaled: &'a [f64], m: usize) -> Self {
        let seasons = if spec.season == Season::None { 0 } else { m };
        Self {
            spec,
            m,
            recursion: Recursion::new(spec, scaled),
            gradient: vec![0.0; SEASONS + seasons],
        }
    }

    fn seasonal(&self) -> bool {
        self.spec.season != Season::None
    }

    /// What the season's starts sum to.
    fn season_sum(&self) -> f64 {
        match self.spec.season {
            Season::Multiplicative => self.m as f64,
            _ => 0.0,
        }
    }

    /// The variables to begin with; the last of the season's starts follows from the others.
    pub(crate) fn begin(&self, from: (f64, f64, f64), states: &States) -> Vec<f64> {
        let mut x = vec![
            from.0,
            from.1,
            from.2,
            2.0,
            states.level,
            states.slope / SLOPE_UNIT,
        ];
        if self.seasonal() {
            x.extend(&states.seasons[..self.m - 1]);
        }
        x
    }

    pub(crate) fn smoothing(&self, x: &[f64]) -> Smoothing {
        let alpha = within(RANGE, x[ALPHA]).0;
        let trend = self.spec.trend != Trend::None;
        Smoothing {
            alpha,
            beta: if trend {
                alpha * within(RANGE, x[BETA]).0
            } else {
                0.0
            },
            gamma: if self.seasonal() {
                (1.0 - alpha) * within(RANGE, x[GAMMA]).0
            } else {
                0.0
            },
            phi: if self.spec.trend == Trend::Damped {
                within(DAMPING, x[PHI]).0
            } else {
                1.0
            },
        }
    }

    pub(crate) fn states(&self, x: &[f64]) -> States {
        let mut seasons = x[SEASONS..].to_vec();
        if self.seasonal() {
            seasons.push(self.season_sum() - seasons.iter().sum::<f64>());
        }
        let trend = self.spec.trend != Trend::None;
        States {
            level: x[LEVEL],
            slope: if trend { x[SLOPE] * SLOPE_UNIT } else { 0.0 },
            seasons,
        }
    }
}

impl Objective for Search<'_> {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> Option<f64> {
        let (smoothing, states) = (self.smoothing(x), self.states(x));
        let value = self
            .recursion
            .evaluate(&smoothing, &states, &mut self.gradient)?;
        let g = &self.gradient;
        let (alpha, d_alpha) = within(RANGE, x[ALPHA]);
        let (beta, d_beta) = within(RANGE, x[BETA]);
        let (gamma, d_gamma) = within(RANGE, x[GAMMA]);
        let (trend, seasonal) = (self.spec.trend != Trend::None, self.seasonal());
        // Slope and season are bounded by alpha: it moves them, too.
        let mut of_alpha = g[ALPHA];
        gradient[..SEASONS].fill(0.0);
        if trend {
            of_alpha += g[BETA] * beta;
            gradient[BETA] = g[BETA] * alpha * d_beta;
            gradient[SLOPE] = g[SLOPE] * SLOPE_UNIT;
        }
        if seasonal {
            of_alpha -= g[GAMMA] * gamma;
            gradient[GAMMA] = g[GAMMA] * (1.0 - alpha) * d_gamma;
            let last = g[SEASONS + self.m - 1];
            for (to, of) in gradient[SEASONS..].iter_mut().zip(&g[SEASONS..]) {
                *to = of - last;
            }
        }
        if self.spec.trend == Trend::Damped {
            gradient[PHI] = g[PHI] * within(DAMPING, x[PHI]).1;
        }
        gradient[ALPHA] = of_alpha * d_alpha;
        gradient[LEVEL] = g[LEVEL];
        Some(value)
    }
}

/// A free variable brought between two bounds, and how fast it moves there.
fn within((low, high): (f64, f64), x: f64) -> (f64, f64) {
    let s = 1.0 / (1.0 + (-x).exp());
    (low + (high - low) * s, (high - low) * s * (1.0 - s))
}
