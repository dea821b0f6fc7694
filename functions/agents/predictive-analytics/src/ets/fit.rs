//! Estimating a model, and choosing one.

use super::recursion::Recursion;
use super::search::Search;
use super::{ErrorKind, Season, Smoothing, Spec, States, start};
use crate::minimise::minimise;

/// A model with what was estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The model.
    pub spec: Spec,
    /// How many periods a season has; 1 without one.
    pub season: usize,
    /// Smoothing parameters.
    pub smoothing: Smoothing,
    /// The states before the first observation.
    pub initial: States,
    /// The states after the last one.
    pub last: States,
    /// What was expected of each period, one step ahead.
    pub fitted: Vec<f64>,
    /// Standard deviation of the errors, relative ones where the model's are.
    pub sigma: f64,
    /// Logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Akaike's criterion, corrected for short series; lower is better.
    pub aicc: f64,
    /// How many observations there were.
    pub observed: usize,
}

/// A model that was compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The model.
    pub spec: Spec,
    /// Its criterion.
    pub aicc: f64,
}

/// The fewest observations that a model is fitted to.
pub const MIN_OBSERVED: usize = 5;

/// Steps of the search: it usually ends by itself after a third of them.
const STEPS: usize = 300;

/// Where the search begins: free variables of level, slope and season.
const STARTS: [(f64, f64, f64); 3] = [(-0.8, -2.2, -2.2), (0.8, -2.2, -3.0), (-1.0, -4.0, 2.0)];

/// Fits one model to a series, whose missing observations are NaN, with a season of `m` periods.
/// None where the series is too short for it, where the model wants numbers above 0 and they are
/// not, or where it wants a season and two of them are not there.
pub fn fit(series: &[f64], m: usize, spec: Spec) -> Option<Fit> {
    Prepared::of(series, m)?.fit(spec)
}

/// Fits every model of [`Spec::compared`] that the series can bear and answers the one with the
/// lowest `AICc`, and all by their `AICc`. A constant series has a constant model.
pub fn choose(series: &[f64], m: usize) -> Option<(Fit, Vec<Candidate>)> {
    let prepared = Prepared::of(series, m)?;
    let fits: Vec<Fit> = Spec::compared()
        .filter_map(|spec| prepared.fit(spec))
        .collect();
    let mut candidates: Vec<Candidate> = fits
        .iter()
        .map(|fit| Candidate {
            spec: fit.spec,
            aicc: fit.aicc,
        })
        .collect();
    candidates.sort_by(|a, b| a.aicc.total_cmp(&b.aicc).then(a.spec.cmp(&b.spec)));
    let best = candidates.first()?.spec;
    let best = fits.into_iter().find(|fit| fit.spec == best)?;
    Some((best, candidates))
}

/// A series on a scale of about 1.
struct Prepared {
    scaled: Vec<f64>,
    filled: Vec<f64>,
    scale: f64,
    m: usize,
    observed: usize,
    positive: bool,
}

impl Prepared {
    fn of(series: &[f64], m: usize) -> Option<Self> {
        let seen = || series.iter().filter(|y| !y.is_nan());
        let observed = seen().count();
        if observed < MIN_OBSERVED || seen().any(|y| y.is_infinite()) {
            return None;
        }
        let mean = seen().map(|y| y.abs() / observed as f64).sum::<f64>();
        let scale = if mean > 0.0 { mean } else { 1.0 };
        let scaled: Vec<f64> = series.iter().map(|y| y / scale).collect();
        Some(Self {
            filled: start::fill(&scaled),
            // A ratio to nearly nothing says nothing.
            positive: scaled.iter().all(|y| y.is_nan() || *y > 1e-6),
            scaled,
            scale,
            m: m.max(1),
            observed,
        })
    }

    fn fit(&self, spec: Spec) -> Option<Fit> {
        let seasonal = spec.season != Season::None;
        let k = spec.parameters(self.m);
        let too_short = self.observed <= k + 1;
        let no_season = seasonal && (self.m < 2 || self.observed < 2 * self.m);
        if too_short || no_season || (spec.wants_positive() && !self.positive) {
            return None;
        }
        let m = if seasonal { self.m } else { 1 };
        let initial = start::states(spec, &self.filled, m);
        // A season that moves and one that stays are different valleys.
        let starts = if seasonal { &STARTS[..] } else { &STARTS[..2] };
        let found = starts.iter().filter_map(|from| {
            let mut search = Search::new(spec, &self.scaled, m);
            let mut x = search.begin(*from, &initial);
            let value = minimise(&mut search, &mut x, STEPS)?;
            Some((value, x))
        });
        let (value, x) = found.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let search = Search::new(spec, &self.scaled, m);
        let (smoothing, initial) = (search.smoothing(&x), search.states(&x));
        self.describe(spec, m, value, smoothing, &initial)
    }

    fn describe(
        &self,
        spec: Spec,
        m: usize,
        value: f64,
        smoothing: Smoothing,
        initial: &States,
    ) -> Option<Fit> {
        let (fitted, last, squares) =
            Recursion::new(spec, &self.scaled).path(&smoothing, initial)?;
        let n = self.observed as f64;
        let k = spec.parameters(self.m) as f64;
        let constant = (2.0 * std::f64::consts::PI).ln() + 1.0;
        let log_likelihood = -n * (value + 0.5 * constant + self.scale.ln());
        let aicc = -2.0 * log_likelihood + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        let unit = match spec.error {
            ErrorKind::Additive => self.scale,
            ErrorKind::Multiplicative => 1.0,
        };
        let fit = Fit {
            spec,
            season: m,
            smoothing,
            initial: self.unscaled(spec, initial),
            last: self.unscaled(spec, &last),
            fitted: fitted.iter().map(|y| y * self.scale).collect(),
            sigma: unit * (squares / (n - (k - 1.0))).sqrt(),
            log_likelihood,
            aicc,
            observed: self.observed,
        };
        let finite = fit.aicc.is_finite() && fit.sigma.is_finite();
        (finite && fit.fitted.iter().all(|y| y.is_finite())).then_some(fit)
    }

    fn unscaled(&self, spec: Spec, states: &States) -> States {
        let unit = match spec.season {
            Season::Multiplicative => 1.0,
            _ => self.scale,
        };
        States {
            level: states.level * self.scale,
            slope: states.slope * self.scale,
            seasons: states.seasons.iter().map(|s| s * unit).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
