//! The likelihood of a series and its gradient: the recursion forward, then backward.

use super::{ErrorKind, Season, Smoothing, Spec, States};

/// Where each parameter stands in a gradient; the season's starts follow.
pub(crate) const ALPHA: usize = 0;
pub(crate) const BETA: usize = 1;
pub(crate) const GAMMA: usize = 2;
pub(crate) const PHI: usize = 3;
pub(crate) const LEVEL: usize = 4;
pub(crate) const SLOPE: usize = 5;
pub(crate) const SEASONS: usize = 6;

/// What a perfect fit still misses by, squared, of a series whose size is about 1: keeps the
/// logarithm finite.
pub(crate) const FLOOR: f64 = 1e-20;

/// One period of the forward recursion.
#[derive(Debug, Clone, Copy)]
struct Step {
    base: f64,
    slope: f64,
    season: f64,
    expected: f64,
    error: f64,
    seen: bool,
}

/// A series under one model. Missing observations are NaN.
pub(crate) struct Recursion<'a> {
    spec: Spec,
    series: &'a [f64],
    observed: f64,
    steps: Vec<Step>,
    states: States,
}

impl<'a> Recursion<'a> {
    pub(crate) fn new(spec: Spec, series: &'a [f64]) -> Self {
        Self {
            spec,
            series,
            observed: series.iter().filter(|y| !y.is_nan()).count() as f64,
            steps: Vec::with_capacity(series.len()),
            states: States::default(),
        }
    }

    /// Half of minus the logarithm of the likelihood per observation, but for a constant, and its
    /// gradient. None where a model of proportions leaves the positive numbers.
    pub(crate) fn evaluate(
        &mut self,
        smoothing: &Smoothing,
        initial: &States,
        gradient: &mut [f64],
    ) -> Option<f64> {
        let (squares, logs) = self.forward(smoothing, initial)?;
        let sum = squares + self.observed * FLOOR;
        self.backward(smoothing, sum, gradient);
        let value = 0.5 * (sum / self.observed).ln() + logs / self.observed;
        value.is_finite().then_some(value)
    }

    /// The sum of squared errors (relative ones where errors are), and of the logarithms of what was
    /// expected where these belong to the likelihood.
    fn forward(&mut self, smoothing: &Smoothing, initial: &States) -> Option<(f64, f64)> {
        let relative = self.spec.error == ErrorKind::Multiplicative;
        self.steps.clear();
        self.states.clone_from(initial);
        let m = initial.seasons.len().max(1);
        let (mut phase, mut squares, mut logs, mut product) = (0, 0.0, 0.0, 1.0_f64);
        for (t, y) in self.series.iter().enumerate() {
            let to = self.spec.expect(&self.states, smoothing.phi, phase)?;
            let seen = !y.is_nan();
            let error = if seen { y - to.expected } else { 0.0 };
            let slope = self.states.slope;
            self.spec
                .update(&mut self.states, smoothing, to, error, phase);
            if seen {
                let counted = if relative { error / to.expected } else { error };
                squares += counted * counted;
                if relative {
                    product *= to.expected;
                }
            }
            // Logarithms are dear: one for eight periods.
            if relative && t % 8 == 7 {
                logs += product.ln();
                product = 1.0;
            }
            self.steps.push(Step {
                base: to.base,
                slope,
                season: to.season,
                expected: to.expected,
                error,
                seen,
            });
            phase = if phase + 1 == m { 0 } else { phase + 1 };
        }
        Some((squares, logs + product.ln()))
    }

    /// The gradient of the value by parameters and initial states, from the last period to the
    /// first (reverse-mode differentiation by hand).
    fn backward(&self, by: &Smoothing, sum: f64, gradient: &mut [f64]) {
        gradient.fill(0.0);
        let relative = self.spec.error == ErrorKind::Multiplicative;
        let m = self.states.seasons.len();
        let period = m.max(1);
        let mut phase = self.steps.len() % period;
        let (mut of_level, mut of_slope) = (0.0, 0.0);
        for step in self.steps.iter().rev() {
            phase = if phase == 0 { period - 1 } else { phase - 1 };
            let of_season = if m > 0 {
                gradient[SEASONS + phase]
            } else {
                0.0
            };
            let mut of_base = of_level;
            if step.seen {
                let (direct_error, direct_expected) = if relative {
                    let ratio = step.error / step.expected;
                    let inverse = 1.0 / step.expected;
                    (
                        ratio * inverse / sum,
                        (1.0 / self.observed - ratio * ratio / sum) * inverse,
                    )
                } else {
                    (step.error / sum, 0.0)
                };
                let moved = by.alpha * of_level + by.beta * of_slope;
                if self.spec.season == Season::Multiplicative {
                    let (level_error, season_error) =
                        (step.error / step.season, step.error / step.base);
                    let of_error =
                        moved / step.season + by.gamma * of_season / step.base + direct_error;
                    let of_expected = direct_expected - of_error;
                    gradient[ALPHA] += of_level * level_error;
                    gradient[BETA] += of_slope * level_error;
                    gradient[GAMMA] += of_season * season_error;
                    gradient[SEASONS + phase] +=
                        of_expected * step.base - moved * level_error / step.season;
                    of_base +=
                        of_expected * step.season - by.gamma * of_season * season_error / step.base;
                } else {
                    let of_error = moved + by.gamma * of_season + direct_error;
                    let of_expected = direct_expected - of_error;
                    gradient[ALPHA] += of_level * step.error;
                    gradient[BETA] += of_slope * step.error;
                    if m > 0 {
                        gradient[GAMMA] += of_season * step.error;
                        gradient[SEASONS + phase] += of_expected;
                    }
                    of_base += of_expected;
                }
            }
            gradient[PHI] += step.slope * (of_slope + of_base);
            of_slope = by.phi * (of_slope + of_base);
            of_level = of_base;
        }
        gradient[LEVEL] = of_level;
        gradient[SLOPE] = of_slope;
    }

    /// What was expected of each period, and the states after the last one.
    pub(crate) fn path(
        mut self,
        by: &Smoothing,
        initial: &States,
    ) -> Option<(Vec<f64>, States, f64)> {
        let (squares, _) = self.forward(by, initial)?;
        let expected = self.steps.iter().map(|step| step.expected).collect();
        Some((expected, self.states, squares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ets::Trend;

    /// The gradient is that of the value, by differences, for every model and with a gap.
    #[test]
    fn the_gradient_is_the_gradient() {
        let mut series: Vec<f64> = (0..30)
            .map(|t| {
                1.0 + 0.02 * f64::from(t) + 0.2 * f64::from(t * 7 % 4) + 0.1 * f64::from(t * 5 % 3)
            })
            .collect();
        series[11] = f64::NAN;
        let seasons = [Season::None, Season::Additive, Season::Multiplicative];
        for error in [ErrorKind::Additive, ErrorKind::Multiplicative] {
            for season in seasons {
                check(Spec::new(error, Trend::Damped, season), &series);
            }
        }
    }

    fn unpack(x: &[f64]) -> (Smoothing, States) {
        let smoothing = Smoothing {
            alpha: x[ALPHA],
            beta: x[BETA],
            gamma: x[GAMMA],
            phi: x[PHI],
        };
        let states = States {
            level: x[LEVEL],
            slope: x[SLOPE],
            seasons: x[SEASONS..].to_vec(),
        };
        (smoothing, states)
    }

    fn check(spec: Spec, series: &[f64]) {
        let mut x = vec![0.3, 0.1, 0.2, 0.9, 1.1, 0.03];
        match spec.season {
            Season::None => {}
            Season::Additive => x.extend([0.1, -0.1, 0.2, -0.2]),
            Season::Multiplicative => x.extend([1.1, 0.9, 1.2, 0.8]),
        }
        let mut recursion = Recursion::new(spec, series);
        let mut gradient = vec![0.0; x.len()];
        let mut unused = gradient.clone();
        let (by, initial) = unpack(&x);
        recursion.evaluate(&by, &initial, &mut gradient).unwrap();
        for i in 0..x.len() {
            let mut at = |shift: f64| {
                let mut x = x.clone();
                x[i] += shift;
                let (by, initial) = unpack(&x);
                recursion.evaluate(&by, &initial, &mut unused).unwrap()
            };
            let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!(
                (slope - gradient[i]).abs() < 1e-6 * (1.0 + slope.abs()),
                "{spec} {i}"
            );
        }
    }
}
