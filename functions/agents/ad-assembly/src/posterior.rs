//! Beta posteriors of success rates, and how they stand to each other.
//!
//! The chance to be best is `P(i) = ∫ f_i ∏_{j≠i} F_j`, the expected loss of choosing `i`
//! `E[max θ] − E[θ_i]` (Chapelle & Li 2011; Stucchi 2015). Both are integrated, not simulated. The
//! integrals run over the angle φ with `θ = sin² φ`, in which every Beta is nearly normal with
//! standard deviation `1 / (2 √(α + β))`, so that panels can be laid where the densities change; the
//! distribution functions are integrals of the densities on the same panels.

use std::f64::consts::FRAC_PI_2;

use crate::quadrature::{NODES, Rule};

/// Where panels end, in standard deviations from the centre of each posterior.
const BREAKS: [f64; 9] = [0.0, 1.0, 2.0, 3.0, 4.5, 6.0, 8.0, 11.0, 15.0];

/// A Beta distribution; both parameters are 0.5 or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// Successes, with those of the prior.
    pub alpha: f64,
    /// Failures, with those of the prior.
    pub beta: f64,
}

/// How one of several posteriors stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Its mean.
    pub mean: f64,
    /// The chance that its rate is the highest, from 0 to 1.
    pub chance_best: f64,
    /// By how much the highest rate is expected to exceed its own: what is lost by choosing it.
    pub expected_loss: f64,
}

impl Posterior {
    /// The mean.
    pub fn mean(self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// Powers of sine and cosine in the density of the angle.
    fn powers(self) -> (f64, f64) {
        (2.0 * self.alpha - 1.0, 2.0 * self.beta - 1.0)
    }

    /// Logarithm of the angle's density, up to a constant.
    fn log_density(self, angle: f64) -> f64 {
        let (sine, cosine) = self.powers();
        let term = |power: f64, value: f64| {
            if power > 0.0 { power * value.ln() } else { 0.0 }
        };
        term(sine, angle.sin()) + term(cosine, angle.cos())
    }

    /// The logarithm of the density where it is highest.
    fn log_peak(self) -> f64 {
        let (sine, cosine) = self.powers();
        // atan2 gives 90° where the cosine has no power, and 0 where neither has.
        self.log_density(sine.sqrt().atan2(cosine.sqrt()))
    }
}

/// How each of the posteriors stands among all.
pub fn standings(posteriors: &[Posterior]) -> Vec<Standing> {
    let mut sums = Sums::new(posteriors);
    let breaks = breaks(posteriors);
    let rule = Rule::new();
    for pair in breaks.windows(2) {
        sums.add(pair[0], pair[1], &rule);
    }
    sums.standings()
}

/// The ends of all panels, ascending, from 0 to 90°.
fn breaks(posteriors: &[Posterior]) -> Vec<f64> {
    let mut breaks = vec![0.0, FRAC_PI_2];
    for posterior in posteriors {
        let centre = posterior.alpha.sqrt().atan2(posterior.beta.sqrt());
        let deviation = 0.5 / (posterior.alpha + posterior.beta).sqrt();
        for by in BREAKS {
            breaks.extend([centre - by * deviation, centre + by * deviation]);
        }
    }
    breaks.retain(|angle| (0.0..=FRAC_PI_2).contains(angle));
    breaks.sort_by(f64::total_cmp);
    breaks.dedup();
    breaks
}

/// The integrals so far.
struct Sums<'a> {
    posteriors: &'a [Posterior],
    peaks: Vec<f64>,
    totals: Vec<f64>,
    /// What lies to the left of the panel.
    left: Vec<f64>,
    best: Vec<f64>,
    highest: f64,
}

impl<'a> Sums<'a> {
    fn new(posteriors: &'a [Posterior]) -> Self {
        let none = vec![0.0; posteriors.len()];
        let mut sums = Self {
            posteriors,
            peaks: posteriors.iter().map(|p| p.log_peak()).collect(),
            totals: none.clone(),
            left: none.clone(),
            best: none,
            highest: 0.0,
        };
        // The constant of each density comes from the same quadrature over its own panels.
        let rule = Rule::new();
        for i in 0..posteriors.len() {
            let own = breaks(&posteriors[i..=i]);
            sums.totals[i] = own
                .windows(2)
                .map(|pair| {
                    let values = sums.densities(i, pair[0], pair[1], &rule, 1.0);
                    rule.weights
                        .iter()
                        .zip(values)
                        .map(|(w, v)| w * v)
                        .sum::<f64>()
                })
                .sum();
        }
        sums
    }

    /// The density of one angle at the nodes of a panel, times half the panel's width.
    fn densities(&self, i: usize, from: f64, to: f64, rule: &Rule, total: f64) -> [f64; NODES] {
        let half = (to - from) / 2.0;
        rule.nodes.map(|node| {
            let log = self.posteriors[i].log_density(from + half * (node + 1.0));
            half * (log - self.peaks[i]).exp() / total
        })
    }

    fn add(&mut self, from: f64, to: f64, rule: &Rule) {
        let count = self.posteriors.len();
        let densities: Vec<[f64; NODES]> = (0..count)
            .map(|i| self.densities(i, from, to, rule, self.totals[i]))
            .collect();
        let mut below = vec![1.0; count];
        for k in 0..NODES {
            for (i, below) in below.iter_mut().enumerate() {
                let part: f64 = rule.partial[k]
                    .iter()
                    .zip(densities[i])
                    .map(|(w, v)| w * v)
                    .sum();
                *below = (self.left[i] + part).clamp(0.0, 1.0);
            }
            let rate = (from + (to - from) / 2.0 * (rule.nodes[k] + 1.0))
                .sin()
                .powi(2);
            for (i, others) in products_of_others(&below).into_iter().enumerate() {
                let mass = rule.weights[k] * densities[i][k] * others;
                self.best[i] += mass;
                self.highest += mass * rate;
            }
        }
        for (left, values) in self.left.iter_mut().zip(&densities) {
            *left += rule
                .weights
                .iter()
                .zip(values)
                .map(|(w, v)| w * v)
                .sum::<f64>();
        }
    }

    fn standings(self) -> Vec<Standing> {
        // One of them is the highest: what is missing to 1 is the error of the quadrature.
        let total: f64 = self.best.iter().sum();
        let highest = self.highest / total;
        let of = |(posterior, best): (&Posterior, &f64)| Standing {
            mean: posterior.mean(),
            chance_best: (best / total).clamp(0.0, 1.0),
            expected_loss: (highest - posterior.mean()).max(0.0),
        };
        self.posteriors.iter().zip(&self.best).map(of).collect()
    }
}

/// For each value the product of all the others.
fn products_of_others(values: &[f64]) -> Vec<f64> {
    let mut products = vec![1.0; values.len()];
    let mut product = 1.0;
    for (place, value) in products.iter_mut().zip(values) {
        *place = product;
        product *= value;
    }
    product = 1.0;
    for (place, value) in products.iter_mut().zip(values).rev() {
        *place *= product;
        product *= value;
    }
    products
}

#[cfg(test)]
mod tests;
