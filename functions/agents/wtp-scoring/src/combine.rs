//! Several estimates of one quantity, combined by inverse variance on the logarithm of price.

use baton_domain::amount::MAX_AMOUNT;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::{AcceptancePoint, MIN_PRICE, SourceKind};

/// What one source says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Which source.
    pub source: SourceKind,
    /// Logarithm of the price that is accepted in half of all cases.
    pub mu: f64,
    /// Variance of `mu`: how unsure the source is of it. Above 0.
    pub variance: f64,
    /// How much the willingness to pay differs from one occasion to the next, as a standard
    /// deviation of the logarithm.
    pub spread: f64,
    /// How many prices it rests on.
    pub observations: u32,
}

/// A lognormal belief about what the user is willing to pay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Logarithm of the median.
    pub mu: f64,
    /// Variance of `mu` itself.
    variance: f64,
    /// Variance from one occasion to the next.
    spread2: f64,
    /// Sum of the sources' precisions.
    precision: f64,
}

/// The level of the interval.
pub const LEVEL: f64 = 0.9;

/// The 95 % quantile of the standard normal distribution, to which the interval reaches.
const Z90: f64 = 1.644_853_626_951_472_2;

/// Nobody's price is known better than to 5 %, and beyond a factor of about 12 either way nothing is
/// known: bounds of the standard deviation that is reported.
const SIGMA: (f64, f64) = (0.05, 1.5);

/// Standard deviation of the median among users, when nothing is known but a reference price.
const PRIOR_SIGMA: f64 = 0.4;

/// Standard deviation from one occasion to the next, when it cannot be estimated.
pub const DEFAULT_SPREAD: f64 = 0.2;

/// Where prices of the acceptance curve lie, as multiples of the median.
const CURVE: [f64; 9] = [0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0];

impl Belief {
    /// The precision-weighted mean of the estimates, or none of none. Where estimates disagree by
    /// more than their variances explain, the variance grows by the Birge ratio, so that two sure
    /// sources that contradict each other make an unsure answer (Birge 1932; the scale factor of the
    /// Particle Data Group).
    pub fn combine(estimates: &[Estimate]) -> Option<Self> {
        if estimates.is_empty() {
            return None;
        }
        let precision: f64 = estimates.iter().map(|e| 1.0 / e.variance).sum();
        let mean = |value: fn(&Estimate) -> f64| {
            let weighted = estimates.iter().map(|e| value(e) / e.variance);
            weighted.sum::<f64>() / precision
        };
        let mu = mean(|e| e.mu);
        let chi2: f64 = estimates
            .iter()
            .map(|e| (e.mu - mu).powi(2) / e.variance)
            .sum();
        let degrees = estimates.len() as f64 - 1.0;
        let birge = if degrees > 0.0 {
            (chi2 / degrees).max(1.0)
        } else {
            1.0
        };
        Some(Self {
            mu,
            variance: birge / precision,
            spread2: mean(|e| e.spread * e.spread),
            precision,
        })
    }

    /// What is believed of a user of whom nothing is known, around the logarithm of a reference
    /// price.
    pub fn prior(mu: f64) -> Self {
        let variance = PRIOR_SIGMA * PRIOR_SIGMA;
        Self {
            mu,
            variance,
            spread2: DEFAULT_SPREAD * DEFAULT_SPREAD,
            precision: 1.0 / variance,
        }
    }

    /// The share of one of the combined estimates, from 0 to 1.
    pub fn weight(&self, estimate: &Estimate) -> f64 {
        (1.0 / estimate.variance) / self.precision
    }

    /// Standard deviation of the logarithm of what the user will pay on the next occasion.
    fn sigma(&self) -> f64 {
        (self.variance + self.spread2)
            .sqrt()
            .clamp(SIGMA.0, SIGMA.1)
    }

    /// The ends of the central interval of [`LEVEL`].
    pub fn interval(&self) -> (f64, f64) {
        let reach = Z90 * self.sigma();
        (price(self.mu - reach), price(self.mu + reach))
    }

    /// The chance that `asked` is accepted: that the willingness to pay lies at or above it.
    pub fn acceptance(&self, asked: f64) -> f64 {
        Normal::standard().sf((asked.ln() - self.mu) / self.sigma())
    }

    /// The chance of acceptance around the median. Prices ascend strictly, chances never rise.
    pub fn acceptance_curve(&self) -> Vec<AcceptancePoint> {
        let mut prices = CURVE
            .map(|multiple| price(self.mu + multiple.ln()))
            .to_vec();
        prices.dedup();
        let point = |price| AcceptancePoint {
            price,
            probability: round4(self.acceptance(price)),
        };
        prices.into_iter().map(point).collect()
    }

    /// The chance that the true median lies within 25 % of the estimate.
    pub fn confidence(&self) -> f64 {
        let normal = Normal::standard();
        round4((2.0 * normal.cdf(1.25_f64.ln() / self.variance.sqrt()) - 1.0).clamp(0.0, 1.0))
    }
}

/// The price of a logarithm, rounded to hundredths and kept within what an amount may be.
pub fn price(log: f64) -> f64 {
    let price = log.exp().clamp(MIN_PRICE, MAX_AMOUNT);
    (price * 100.0).round() / 100.0
}

/// Rounded to four decimals.
pub fn round4(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(mu: f64, variance: f64) -> Estimate {
        Estimate {
            source: SourceKind::Survey,
            mu,
            variance,
            spread: 0.2,
            observations: 1,
        }
    }

    /// Precisions 100 and 25 weigh 0.8 and 0.2: the mean of 1 and 2 is 1.2. χ² is 4 + 16 with one
    /// degree of freedom, so that the variance 1/125 grows by 20 to 0.16.
    #[test]
    fn weighs_by_precision_and_admits_disagreement() {
        let [sure, unsure] = [estimate(1.0, 0.01), estimate(2.0, 0.04)];
        let belief = Belief::combine(&[sure, unsure]).unwrap();
        assert!((belief.mu - 1.2).abs() < 1e-12);
        assert!((belief.weight(&sure) - 0.8).abs() < 1e-12);
        assert!((belief.variance - 0.16).abs() < 1e-12);
    }

    #[test]
    fn agreement_makes_surer_than_either() {
        let belief = Belief::combine(&[estimate(1.0, 0.04), estimate(1.0, 0.04)]).unwrap();
        assert!((belief.variance - 0.02).abs() < 1e-12);
        assert!(belief.confidence() > Belief::prior(1.0).confidence());
        assert_eq!(Belief::combine(&[]), None);
    }

    /// 90 % of a normal distribution lie within 1.645 standard deviations.
    #[test]
    fn the_interval_holds_its_level() {
        let belief = Belief::prior(4.0);
        let (low, high) = belief.interval();
        assert!((belief.acceptance(low) - 0.95).abs() < 1e-3);
        assert!((belief.acceptance(high) - 0.05).abs() < 1e-3);
    }

    #[test]
    fn prices_stay_prices() {
        assert!((price(-800.0) - MIN_PRICE).abs() < 1e-12);
        assert!((price(800.0) - MAX_AMOUNT).abs() < 1e-12);
        assert_eq!(Belief::prior(-9.0).acceptance_curve().len(), 1);
    }
}
