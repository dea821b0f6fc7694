//! Gamma-Gamma: what customers spend per purchase (Fader, Hardie, "The Gamma-Gamma Model of Monetary
//! Value", note 025, 2013). A purchase is Gamma(p, ν), customers differ by ν ~ Gamma(q, γ), and spend is
//! independent of how often a customer buys. The conditional mean shrinks what a customer spent to the
//! mean of all, the more so the fewer purchases are known.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use crate::maximise::maximise;
use crate::summary::{self, Summary};
use crate::{Error, Fit, PARAMETER_RANGE};

/// The model's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GammaGamma {
    /// Shape of the spend per purchase: the larger, the less a customer's purchases differ.
    pub p: f64,
    /// Shape of what differs between customers; above 1, else there is no mean.
    pub q: f64,
    /// Scale, in whole units of the currency.
    pub gamma: f64,
}

/// The smallest `q` that a fit gives: at 1 the mean spend of all customers is infinite.
pub const MIN_Q: f64 = 1.05;

impl GammaGamma {
    /// The parameters under which the mean spends of the repeaters are most likely. Customers without
    /// repeats, or with a mean spend of 0, do not count.
    ///
    /// # Errors
    /// A row that is no customer; fewer than ten repeaters with spend.
    pub fn fit(rows: &[Summary]) -> Result<Fit<Self>, Error> {
        summary::check_all(rows)?;
        let known = || rows.iter().filter(|row| row.x > 0 && row.mean_spend > 0.0);
        let customers: u64 = known().map(|row| u64::from(row.customers)).sum();
        if customers < crate::bg_nbd::MIN_CUSTOMERS {
            let what = "a fit needs 10 customers or more who bought twice";
            return Err(Error::NotEnoughData(what));
        }
        // In units of the mean, so that the same start and range serve every currency.
        let unit = known()
            .map(|row| row.mean_spend * f64::from(row.customers))
            .sum::<f64>()
            / customers as f64;
        let data: Vec<(u32, f64, f64)> = {
            let row = |row: &Summary| (row.x, row.mean_spend / unit, f64::from(row.customers));
            let mut data: Vec<_> = known().map(row).collect();
            data.sort_by_key(|(x, _, _)| *x);
            data
        };
        let starts = [[4.0, 3.5, 0.6], [1.0, 2.0, 1.0], [40.0, 20.0, 0.5]];
        let starts = starts.map(|start: [f64; 3]| start.map(f64::ln));
        let lowest = [PARAMETER_RANGE.0, MIN_Q, PARAMETER_RANGE.0].map(f64::ln);
        let found = maximise(&starts, lowest, |logs| {
            let model = Self::of_logs(logs);
            let (value, gradient) = model.score(&data);
            let by_log = [model.p, model.q, model.gamma];
            (value, std::array::from_fn(|i| gradient[i] * by_log[i]))
        });
        let model = Self::of_logs(&found.at);
        Ok(Fit {
            model: Self {
                gamma: model.gamma * unit,
                ..model
            },
            log_likelihood: found.value - customers as f64 * unit.ln(),
            customers,
            determined: found.converged,
        })
    }

    fn of_logs(logs: &[f64; 3]) -> Self {
        let [p, q, gamma] = logs.map(f64::exp);
        Self { p, q, gamma }
    }

    /// The mean spend per purchase over all customers: E\[M\] = pγ/(q−1).
    pub fn mean(&self) -> f64 {
        self.p * self.gamma / (self.q - 1.0)
    }

    /// What a customer with this history is expected to spend per purchase.
    pub fn conditional_mean(&self, customer: &Summary) -> f64 {
        let (q, gamma) = self.given(customer);
        self.p * gamma / (q - 1.0)
    }

    /// `q` and `gamma` given what a customer spent.
    pub(crate) fn given(&self, customer: &Summary) -> (f64, f64) {
        if customer.x == 0 || customer.mean_spend <= 0.0 {
            return (self.q, self.gamma);
        }
        let x = f64::from(customer.x);
        (self.q + self.p * x, self.gamma + x * customer.mean_spend)
    }

    /// The log-likelihood of rows `(x, mean, weight)`, ordered by x, and its derivatives by p, q, γ.
    fn score(&self, rows: &[(u32, f64, f64)]) -> (f64, [f64; 3]) {
        let Self { p, q, gamma } = *self;
        let (log_gamma, of_q) = (gamma.ln(), (ln_gamma(q), digamma(q)));
        let mut value = 0.0;
        let mut gradient = [0.0; 3];
        let (mut last, mut log, mut by_p, mut by_q) = (0, 0.0, 0.0, 0.0);
        for &(x, mean, weight) in rows {
            let n = f64::from(x);
            let px = p * n;
            if x != last {
                last = x;
                log = ln_gamma(px + q) - ln_gamma(px) - of_q.0 + q * log_gamma + px * n.ln();
                let both = digamma(px + q);
                (by_p, by_q) = (n * (both - digamma(px) + n.ln()), both - of_q.1 + log_gamma);
            }
            let (log_mean, log_sum) = (mean.ln(), (gamma + n * mean).ln());
            value += weight * (log + (px - 1.0) * log_mean - (px + q) * log_sum);
            gradient[0] += weight * (by_p + n * (log_mean - log_sum));
            gradient[1] += weight * (by_q - log_sum);
            gradient[2] += weight * (q / gamma - (px + q) / (gamma + n * mean));
        }
        (value, gradient)
    }
}

#[cfg(test)]
#[path = "gamma_gamma_tests.rs"]
mod tests;
