//! Shifted beta-geometric: how long contracts are renewed (Fader, Hardie, "How to Project Customer
//! Retention", Journal of Interactive Marketing 21, 2007). Each customer renews with a chance of their
//! own, 1 − θ with θ ~ Beta(α, β); those who leave early are those with a small one, so that the
//! retention of who is left rises.

use serde::{Deserialize, Serialize};

use crate::maximise::maximise;
use crate::{Error, Fit, PARAMETER_RANGE};

/// The model's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sbg {
    /// With `beta`, the chances of not renewing: their mean is `alpha / (alpha + beta)`.
    pub alpha: f64,
    /// See `alpha`.
    pub beta: f64,
}

/// The most periods of a survivors' table.
pub const MAX_PERIODS: usize = 1_200;

impl Sbg {
    /// The parameters under which a cohort's survivors are most likely: how many signed, how many of
    /// these renewed once, how many twice, …
    ///
    /// # Errors
    /// Fewer than two renewals' figures or ten customers; nobody left; figures that rise.
    pub fn fit(survivors: &[u32]) -> Result<Fit<Self>, Error> {
        let Some(last) = survivors.last().copied() else {
            return Err(Error::NotEnoughData("there are no survivors"));
        };
        if let Some(row) = survivors.windows(2).position(|pair| pair[1] > pair[0]) {
            let message = "survivors must not rise";
            return Err(Error::InvalidRow {
                row: row + 1,
                message,
            });
        }
        if survivors.len() > MAX_PERIODS {
            let message = "there are more than 1200 periods";
            return Err(Error::InvalidRow {
                row: MAX_PERIODS,
                message,
            });
        }
        let mut stayed = vec![0; survivors.len()];
        stayed[survivors.len() - 1] = last;
        let left: Vec<u32> = survivors.windows(2).map(|pair| pair[0] - pair[1]).collect();
        Self::fit_tenures(&left, &stayed)
    }

    /// The same for customers who signed at different times: index k says how many left after k renewals,
    /// and how many renewed k times and are customers still, of whom no more is known yet.
    ///
    /// # Errors
    /// Fewer than ten customers or two renewals' figures; nobody left.
    pub fn fit_tenures(left: &[u32], stayed: &[u32]) -> Result<Fit<Self>, Error> {
        let customers = customers(left, stayed);
        let decided = left.len().max(stayed.len().saturating_sub(1));
        if decided > MAX_PERIODS {
            let message = "there are more than 1200 periods";
            return Err(Error::InvalidRow {
                row: MAX_PERIODS,
                message,
            });
        }
        if decided < 2 || customers < crate::bg_nbd::MIN_CUSTOMERS {
            let what = "a fit needs 10 customers or more and two renewals";
            return Err(Error::NotEnoughData(what));
        }
        if left.iter().all(|n| *n == 0) {
            return Err(Error::NotEnoughData("nobody left"));
        }
        let starts = [[0.7, 2.0], [2.0, 2.0], [5.0, 50.0]].map(|s: [f64; 2]| s.map(f64::ln));
        let found = maximise(&starts, [PARAMETER_RANGE.0.ln(); 2], |logs| {
            let [alpha, beta] = logs.map(f64::exp);
            let (value, gradient) = Self { alpha, beta }.score(left, stayed);
            (value, [gradient[0] * alpha, gradient[1] * beta])
        });
        let [alpha, beta] = found.at.map(f64::exp);
        Ok(Fit {
            model: Self { alpha, beta },
            log_likelihood: found.value,
            customers,
            determined: found.converged,
        })
    }

    fn score(&self, left: &[u32], stayed: &[u32]) -> (f64, [f64; 2]) {
        let (mut value, mut gradient) = (0.0, [0.0; 2]);
        // The logarithm of the share that survived so far, and its derivatives.
        let (mut log, mut by) = (0.0, [0.0; 2]);
        for k in 0..left.len().max(stayed.len()) {
            let (beta, both) = (self.beta + k as f64, self.alpha + self.beta + k as f64);
            let count = |of: &[u32]| f64::from(of.get(k).copied().unwrap_or(0));
            let (gone, there) = (count(left), count(stayed));
            value += gone * (log + (self.alpha / both).ln()) + there * log;
            gradient[0] += gone * (by[0] + 1.0 / self.alpha - 1.0 / both) + there * by[0];
            gradient[1] += gone * (by[1] - 1.0 / both) + there * by[1];
            log += (beta / both).ln();
            by = [by[0] - 1.0 / both, by[1] + 1.0 / beta - 1.0 / both];
        }
        (value, gradient)
    }

    /// The chance that somebody who has renewed `renewals` times renews once more.
    pub fn retention(&self, renewals: u32) -> f64 {
        let renewals = f64::from(renewals);
        (self.beta + renewals) / (self.alpha + self.beta + renewals)
    }

    /// The share of a cohort that renews at least so many times: S(t).
    pub fn survival(&self, renewals: u32) -> f64 {
        self.retained(0, renewals)
    }

    /// The chance that somebody who has renewed `renewals` times renews each of `further` times more.
    pub fn retained(&self, renewals: u32, further: u32) -> f64 {
        (0..further)
            .map(|i| self.retention(renewals.saturating_add(i)))
            .product()
    }

    /// Discounted expected residual lifetime, in periods: the renewals to come of somebody who has
    /// renewed `renewals` times and is about to decide again, the next at full value and each later one
    /// discounted by `rate` per period more (Fader, Hardie, "Customer-Base Valuation in a Contractual
    /// Setting", Marketing Science 29, 2010). At least 0.0001 is taken for the rate, since without
    /// discount the sum may be infinite.
    pub fn residual_lifetime(&self, renewals: u32, rate: f64) -> f64 {
        let keep = 1.0 / (1.0 + rate.max(1e-4));
        let (mut sum, mut term, mut k) = (0.0, 1.0, renewals);
        loop {
            term *= self.retention(k);
            sum += term;
            term *= keep;
            k = k.saturating_add(1);
            // What follows is at most a geometric series.
            if term < 1e-13 * sum * (1.0 - keep) {
                return sum;
            }
        }
    }
}

fn customers(left: &[u32], stayed: &[u32]) -> u64 {
    left.iter().chain(stayed).map(|n| u64::from(*n)).sum()
}

#[cfg(test)]
#[path = "sbg_tests.rs"]
mod tests;
