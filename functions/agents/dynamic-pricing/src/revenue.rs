//! The chance that a price is accepted, from a lognormal willingness to pay.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::Wtp;

/// The 95 % quantile of the standard normal distribution: a central 90 % interval reaches so many
/// standard deviations to each side.
const Z90: f64 = 1.644_853_626_951_472_2;

/// The narrowest and the widest belief that is taken at its word, as standard deviations of the
/// logarithm: 2 % either way, and a factor of about 20.
const SIGMA: (f64, f64) = (0.02, 3.0);

/// A lognormal belief about what a user is willing to pay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Acceptance {
    mu: f64,
    sigma: f64,
}

impl Acceptance {
    /// The belief with this median and central 90 % interval, or none where it says nothing: an
    /// estimate of 0, or an interval that is empty or starts at 0.
    pub fn new(wtp: Wtp) -> Option<Self> {
        let [estimate, low, high] =
            [wtp.estimate, wtp.low, wtp.high].map(baton_domain::Amount::value);
        if estimate <= 0.0 || low <= 0.0 || high < low {
            return None;
        }
        let sigma = (high.ln() - low.ln()) / (2.0 * Z90);
        Some(Self {
            mu: estimate.ln(),
            sigma: sigma.clamp(SIGMA.0, SIGMA.1),
        })
    }

    /// The chance, from 0 to 1, that `price` is accepted.
    pub fn at(&self, price: f64) -> f64 {
        if price <= 0.0 {
            return 1.0;
        }
        Normal::standard().sf((price.ln() - self.mu) / self.sigma)
    }

    /// What offering `price` is worth: the price times the chance that it is accepted.
    pub fn expected_revenue(&self, price: f64) -> f64 {
        price * self.at(price)
    }
}

#[cfg(test)]
mod tests {
    use baton_domain::Amount;
    use proptest::prelude::*;

    use super::*;

    fn acceptance(estimate: f64, low: f64, high: f64) -> Option<Acceptance> {
        let [estimate, low, high] = [estimate, low, high].map(|a| Amount::try_from(a).unwrap());
        Acceptance::new(Wtp {
            estimate,
            low,
            high,
        })
    }

    #[test]
    fn the_interval_is_the_central_90_percent() {
        let found = acceptance(50.0, 25.0, 100.0).unwrap();
        for (price, chance) in [(25.0, 0.95), (50.0, 0.5), (100.0, 0.05)] {
            assert!((found.at(price) - chance).abs() < 1e-9, "{price}");
        }
    }

    #[test]
    fn a_belief_that_says_nothing_is_none() {
        assert_eq!(acceptance(0.0, 1.0, 2.0), None);
        assert_eq!(acceptance(5.0, 0.0, 9.0), None);
        assert_eq!(acceptance(5.0, 9.0, 2.0), None);
        assert!(acceptance(5.0, 5.0, 5.0).unwrap().at(5.0).is_finite());
    }

    proptest! {
        #[test]
        fn the_chance_never_rises_with_the_price(
            estimate in 0.01..1e6, wide in 1.0..50.0, a in 0.0..1e9, b in 0.0..1e9,
        ) {
            let found = acceptance(estimate, estimate / wide, estimate * wide).unwrap();
            let (low, high) = (found.at(f64::min(a, b)), found.at(f64::max(a, b)));
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            prop_assert!(low >= high);
        }
    }
}
