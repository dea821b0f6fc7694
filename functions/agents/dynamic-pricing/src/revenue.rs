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
