//! BG/NBD: how often customers buy, and when they silently drop out (Fader, Hardie, Lee, "Counting Your
//! Customers the Easy Way: An Alternative to the Pareto/NBD Model", Marketing Science 24, 2005).
//!
//! While alive, a customer buys at a rate λ ~ Gamma(r, α); after each purchase the customer is lost with
//! a chance p ~ Beta(a, b). Given a history that ends with the customer alive, λ and p are Gamma(r+x,
//! α+T) and Beta(a, b+x): the same model again, so that one expectation serves both. A customer who
//! never came back has had no occasion to drop out: the model takes every such customer for alive.

use serde::{Deserialize, Serialize};

use crate::maximise::maximise;
use crate::predict;
use crate::summary::{self, Summary};
use crate::{Error, Fit, PARAMETER_RANGE};

/// The model's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgNbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Rate of the purchase rates, in weeks: their mean is `r / alpha` purchases a week.
    pub alpha: f64,
    /// With `b`, the chances of dropping out after a purchase: their mean is `a / (a + b)`.
    pub a: f64,
    /// See `a`.
    pub b: f64,
}

/// The fewest customers that a model is fitted to: below, four parameters would follow chance.
pub const MIN_CUSTOMERS: u64 = 10;

impl BgNbd {
    /// The parameters under which the data are most likely.
    ///
    /// # Errors
    /// A row that is no customer; fewer than [`MIN_CUSTOMERS`], or nobody who came back.
    pub fn fit(rows: &[Summary]) -> Result<Fit<Self>, Error> {
        summary::check_all(rows)?;
        let customers = summary::customers(rows);
        if customers < MIN_CUSTOMERS {
            return Err(Error::NotEnoughData("a fit needs 10 customers or more"));
        }
        let groups = Groups::of(rows);
        let repeats: f64 = groups.rows.iter().map(|g| f64::from(g.x) * g.weight).sum();
        if repeats == 0.0 {
            return Err(Error::NotEnoughData("nobody bought a second time"));
        }
        let weeks: f64 = groups.rows.iter().map(|g| g.t * g.weight).sum();
        let rate = repeats / weeks;
        let start = |r: f64, a: f64, b: f64| [r, r / rate, a, b].map(f64::ln);
        let starts = [
            start(0.3, 0.7, 2.5),
            start(2.0, 0.2, 5.0),
            start(0.2, 1.5, 1.5),
        ];
        let mut tables = Tables::default();
        let found = maximise(&starts, [PARAMETER_RANGE.0.ln(); 4], |logs| {
            let model = Self::of_logs(logs);
            let (value, gradient) = model.score(&groups, &mut tables);
            let by_log = [model.r, model.alpha, model.a, model.b];
            (value, std::array::from_fn(|i| gradient[i] * by_log[i]))
        });
        Ok(Fit {
            model: Self::of_logs(&found.at),
            log_likelihood: found.value,
            customers,
            determined: found.converged,
        })
    }

    fn of_logs(logs: &[f64; 4]) -> Self {
        let [r, alpha, a, b] = logs.map(f64::exp);
        Self { r, alpha, a, b }
    }

    /// The logarithm of the likelihood of the data.
    pub fn log_likelihood(&self, rows: &[Summary]) -> f64 {
        self.score(&Groups::of(rows), &mut Tables::default()).0
    }

    /// The chance that a customer with this history is still one.
    pub fn probability_alive(&self, customer: &Summary) -> f64 {
        if customer.x == 0 {
            return 1.0;
        }
        let x = f64::from(customer.x);
        let silence = ((self.alpha + customer.t) / (self.alpha + customer.t_x)).ln();
        let lost = (self.a / (self.b + x - 1.0)).ln() + (self.r + x) * silence;
        1.0 / (1.0 + lost.exp())
    }

    /// The model of a customer with this history who is still alive.
    #[must_use]
    pub fn given_alive(&self, customer: &Summary) -> Self {
        let x = f64::from(customer.x);
        Self {
            r: self.r + x,
            alpha: self.alpha + customer.t,
            a: self.a,
            b: self.b + x,
        }
    }

    /// How many purchases follow the first within so many weeks: E[X(t)].
    pub fn expected_purchases(&self, weeks: f64) -> f64 {
        predict::expectations(self, weeks).purchases
    }

    /// How many purchases a customer with this history makes within the weeks to come.
    pub fn conditional_expectation(&self, customer: &Summary, weeks: f64) -> f64 {
        self.probability_alive(customer) * self.given_alive(customer).expected_purchases(weeks)
    }

    /// Log-likelihood and its derivatives by r, α, a, b.
    fn score(&self, groups: &Groups, tables: &mut Tables) -> (f64, [f64; 4]) {
        tables.fill(self, groups.most_repeats);
        let mut value = 0.0;
        let mut gradient = [0.0; 4];
        let (mut t, mut log_t) = (f64::NAN, 0.0);
        let log_alpha = self.alpha.ln();
        for group in &groups.rows {
            // Rows are ordered by age, which many share.
            if group.t.to_bits() != t.to_bits() {
                (t, log_t) = (group.t, (self.alpha + group.t).ln());
            }
            let x = f64::from(group.x);
            let row = &tables.rows[group.x as usize];
            let power = self.r + x;
            let (mut log, mut lost, mut log_mean, mut by_alpha) =
                (row.log - power * log_t, 0.0, log_t, 1.0 / (self.alpha + t));
            if group.x > 0 {
                // The odds that the last purchase was the end, against that the customer lives.
                let log_x = (self.alpha + group.t_x).ln();
                let odds = row.lost * (power * (log_t - log_x)).exp();
                lost = if odds.is_finite() {
                    odds / (1.0 + odds)
                } else {
                    1.0
                };
                log += if odds.is_finite() {
                    odds.ln_1p()
                } else {
                    row.lost.ln() + power * (log_t - log_x)
                };
                log_mean += lost * (log_x - log_t);
                by_alpha += lost * (1.0 / (self.alpha + group.t_x) - by_alpha);
            }
            value += group.weight * (log + self.r * log_alpha);
            let by = [
                row.by_r + log_alpha - log_mean,
                self.r / self.alpha - power * by_alpha,
                lost / self.a - row.by_ab,
                row.by_b - row.by_ab - lost * row.by_lost,
            ];
            for (sum, by) in gradient.iter_mut().zip(by) {
                *sum += group.weight * by;
            }
        }
        (value, gradient)
    }
}

/// Customers who are alike, ordered by age.
struct Groups {
    rows: Vec<Group>,
    most_repeats: u32,
}

struct Group {
    x: u32,
    t_x: f64,
    t: f64,
    weight: f64,
}

impl Groups {
    fn of(rows: &[Summary]) -> Self {
        let mut sorted: Vec<(u64, u32, u64, u32)> = rows
            .iter()
            // The bits of numbers that are not negative order as the numbers do.
            .map(|row| {
                (
                    (row.t + 0.0).to_bits(),
                    row.x,
                    row.t_x.to_bits(),
                    row.customers,
                )
            })
            .collect();
        sorted.sort_unstable();
        let mut groups: Vec<Group> = Vec::with_capacity(sorted.len());
        let mut last = None;
        for (t, x, t_x, customers) in sorted {
            if let Some(group) = groups.last_mut().filter(|_| last == Some((t, x, t_x))) {
                group.weight += f64::from(customers);
                continue;
            }
            last = Some((t, x, t_x));
            groups.push(Group {
                x,
                t_x: f64::from_bits(t_x),
                t: f64::from_bits(t),
                weight: f64::from(customers),
            });
        }
        Self {
            most_repeats: groups.iter().map(|group| group.x).max().unwrap_or(0),
            rows: groups,
        }
    }
}

/// What depends on x alone. Ratios of gamma functions whose arguments differ by x are products of x
/// factors, so that no special function is needed.
#[derive(Default)]
struct Tables {
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Default)]
struct Row {
    /// ln Γ(r+x)/Γ(r) + ln B(a, b+x)/B(a, b).
    log: f64,
    by_r: f64,
    by_b: f64,
    by_ab: f64,
    /// a / (b + x − 1).
    lost: f64,
    /// 1 / (b + x − 1).
    by_lost: f64,
}

impl Tables {
    fn fill(&mut self, model: &BgNbd, most: u32) {
        self.rows.clear();
        let mut row = Row::default();
        self.rows.push(row);
        for i in 0..most {
            let i = f64::from(i);
            let (r, b, ab) = (model.r + i, model.b + i, model.a + model.b + i);
            row.log += (r * b / ab).ln();
            row.by_r += 1.0 / r;
            row.by_b += 1.0 / b;
            row.by_ab += 1.0 / ab;
            row.by_lost = 1.0 / b;
            row.lost = model.a / b;
            self.rows.push(row);
        }
    }
}

#[cfg(test)]
#[path = "bg_nbd_tests.rs"]
mod tests;
