//! What a customer does in the weeks to come.
//!
//! Were nobody ever lost, purchases within t weeks would be negative binomial: N ~ NBD(r, z) with z =
//! t/(α+t). A customer outlives k purchases with a chance of S(k) = B(a, b+k)/B(a, b). So the expected
//! purchases are Σ P(N=n)·(S(0)+…+S(n−1)), and the chance of being alive afterwards Σ P(N=n)·S(n):
//! sums of positive terms, exact for all parameters, also where the published closed form divides by
//! zero (a = 1) or its hypergeometric series cancels.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::by_age::ByAge;
use crate::{BgNbd, Summary};

/// What is expected of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The chance that the customer is one at the end of observation.
    pub alive: f64,
    /// The chance that the customer is still one at the end of the horizon.
    pub alive_after: f64,
    /// The chance of at least one purchase within the horizon.
    pub purchase: f64,
    /// Expected purchases within the horizon.
    pub purchases: f64,
}

/// Expectations of a customer who is alive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Expectations {
    pub(crate) purchases: f64,
    pub(crate) alive_after: f64,
    pub(crate) no_purchase: f64,
}

/// Expectations of a customer who is alive, within so many weeks.
pub(crate) fn expectations(model: &BgNbd, weeks: f64) -> Expectations {
    Survival::new(model.a, model.b).expectations(model.r, weeks / model.alpha)
}

/// Predicts many customers under one model.
#[derive(Debug, Clone)]
pub struct Predictor {
    model: BgNbd,
    weeks: f64,
    survivals: HashMap<u32, Survival>,
}

impl Predictor {
    /// A predictor of so many weeks to come.
    pub fn new(model: BgNbd, weeks: f64) -> Self {
        Self {
            model,
            weeks: weeks.max(0.0),
            survivals: HashMap::new(),
        }
    }

    /// What is expected of this customer.
    pub fn predict(&mut self, customer: &Summary) -> Prediction {
        let given = self.model.given_alive(customer);
        let survival = self.survivals.entry(customer.x);
        let survival = survival.or_insert_with(|| Survival::new(given.a, given.b));
        let expected = survival.expectations(given.r, self.weeks / given.alpha);
        Prediction::of(self.model.probability_alive(customer), &expected)
    }
}

impl Prediction {
    /// What is expected of a customer who is one with this chance.
    fn of(alive: f64, expected: &Expectations) -> Self {
        Self {
            alive,
            alive_after: alive * expected.alive_after,
            purchase: alive * (1.0 - expected.no_purchase),
            purchases: alive * expected.purchases,
        }
    }
}

/// What is expected of each of many customers in the weeks to come, in their order.
pub fn predict_many(model: &BgNbd, customers: &[Summary], weeks: f64) -> Vec<Prediction> {
    let weeks = weeks.max(0.0);
    let mut by_age = ByAge::new(
        model,
        customers,
        |given: &BgNbd, survival: &mut Survival| {
            let found = survival.expectations(given.r, weeks / given.alpha);
            [found.purchases, found.alive_after, found.no_purchase]
        },
    );
    let one = |customer: &Summary| {
        let [purchases, alive_after, no_purchase] = by_age.of(customer);
        // An interpolant may miss the ends of a range by a last digit.
        let expected = Expectations {
            purchases: purchases.max(0.0),
            alive_after: alive_after.clamp(0.0, 1.0),
            no_purchase: no_purchase.clamp(0.0, 1.0),
        };
        Prediction::of(model.probability_alive(customer), &expected)
    };
    customers.iter().map(one).collect()
}

/// S(k) and S(0)+…+S(k−1) for k = 0, 1, …, as far as they were needed.
#[derive(Debug, Clone)]
pub(crate) struct Survival {
    a: f64,
    b: f64,
    rows: Vec<(f64, f64)>,
}

/// Beyond so many terms the integral is quicker than the sum.
const MAX_TERMS: f64 = 20_000.0;

impl Survival {
    pub(crate) fn new(a: f64, b: f64) -> Self {
        Self {
            a,
            b,
            rows: vec![(1.0, 0.0)],
        }
    }

    fn grow(&mut self, to: usize) {
        while self.rows.len() <= to {
            let n = (self.rows.len() - 1) as f64;
            let (alive, made) = self.rows[self.rows.len() - 1];
            let next = alive * (self.b + n) / (self.a + self.b + n);
            self.rows.push((next, made + alive));
        }
    }

    /// Expectations for a shape of `r` and a horizon of `h` times α.
    #[allow(clippy::many_single_char_names, reason = "the paper's names")]
    pub(crate) fn expectations(&mut self, r: f64, h: f64) -> Expectations {
        let none = (-r * h.ln_1p()).exp();
        if !(none > 1e-280 && r * h + 40.0 * (1.0 + h) < MAX_TERMS) {
            return self.integrate(r, h);
        }
        let z = h / (1.0 + h);
        let (mode, tail) = (r * h, 1e-14 * (1.0 - z) * (1.0 - z));
        let (mut chance, mut purchases, mut alive_after, mut n) = (none, 0.0, none, 0.0);
        let mut k = 0;
        loop {
            chance *= (r + n) * z / (n + 1.0);
            n += 1.0;
            k += 1;
            if k >= self.rows.len() {
                self.grow(2 * k + 16);
            }
            let (after, before) = self.rows[k];
            purchases += chance * before;
            alive_after += chance * after;
            if n > mode && chance * before <= tail * purchases {
                break;
            }
        }
        Expectations {
            purchases,
            alive_after: alive_after.min(1.0),
            no_purchase: none,
        }
    }

    /// The same as integrals over p, by the trapezoidal rule on its log odds: the integrands are
    /// analytic and vanish at both ends, so that the rule converges exponentially.
    #[allow(clippy::many_single_char_names, reason = "the paper's names")]
    fn integrate(&self, r: f64, h: f64) -> Expectations {
        let spread = (1.0 / self.a + 1.0 / self.b).sqrt();
        let step = 0.35_f64.min(0.4 * spread);
        let middle = (self.a / self.b).ln();
        let log_density = |y: f64| -self.a * (-y).exp().ln_1p() - self.b * y.exp().ln_1p();
        let top = log_density(middle);
        let (mut weight, mut purchases, mut alive_after) = (0.0, 0.0, 0.0);
        for direction in [-1.0, 1.0] {
            let mut i = if direction < 0.0 { 0.0 } else { 1.0 };
            loop {
                let y = middle + direction * i * step;
                // Far to the left, exp(−y) overflows, and so does the density vanish.
                let log = log_density(y) - top;
                if !(log > -60.0 && i < 1e6) {
                    break;
                }
                let (w, p) = (log.exp(), 1.0 / (1.0 + (-y).exp()));
                let log_none = -r * (p * h).ln_1p();
                weight += w;
                purchases += w * -log_none.exp_m1() / p;
                alive_after += w * log_none.exp();
                i += 1.0;
            }
        }
        Expectations {
            purchases: purchases / weight,
            alive_after: (alive_after / weight).min(1.0),
            no_purchase: (-r * h.ln_1p()).exp(),
        }
    }
}

/// The distribution of the number of purchases within a horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictive {
    /// The chance of 0, 1, 2, … purchases; they sum to 1.
    pub chances: Vec<f64>,
}

/// The most purchases that a distribution tells apart.
const MAX_COUNT: usize = 20_000;

impl Predictive {
    /// The purchases of a customer with this history within the weeks to come.
    pub fn new(model: &BgNbd, customer: &Summary, weeks: f64) -> Self {
        let alive = model.probability_alive(customer);
        let given = model.given_alive(customer);
        let h = weeks.max(0.0) / given.alpha;
        let log_z = (h / (1.0 + h)).ln();
        // Logarithms, since the chance of no purchase may be too small for a number.
        let mut log_chance = -given.r * h.ln_1p();
        let (mut survived, mut at_least) = (1.0, 1.0);
        let mut chances = vec![1.0 - alive + alive * log_chance.exp()];
        for k in 1..MAX_COUNT {
            let n = (k - 1) as f64;
            at_least = (at_least - log_chance.exp()).max(0.0);
            let before = survived;
            survived *= (given.b + n) / (given.a + given.b + n);
            if before * at_least < 1e-10 {
                break;
            }
            log_chance += log_z + ((given.r + n) / (n + 1.0)).ln();
            // The k-th purchase is the last in time, or it is made and the customer is lost by it.
            let chance = survived * log_chance.exp() + (before - survived) * at_least;
            chances.push(alive * chance);
        }
        let sum: f64 = chances.iter().sum();
        for chance in &mut chances {
            *chance /= sum;
        }
        Self { chances }
    }

    /// The smallest number that is not exceeded with at least this chance.
    pub fn quantile(&self, level: f64) -> usize {
        let mut sum = 0.0;
        let reached = |chance: &f64| {
            sum += chance;
            sum >= level - 1e-12
        };
        let found = self.chances.iter().position(reached);
        found.unwrap_or(self.chances.len() - 1)
    }

    /// The central interval that holds the number with at least this chance.
    pub fn interval(&self, level: f64) -> (usize, usize) {
        let beside = (1.0 - level) / 2.0;
        (self.quantile(beside), self.quantile(1.0 - beside))
    }
}

#[cfg(test)]
#[path = "predict_tests.rs"]
mod tests;
