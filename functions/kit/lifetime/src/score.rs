//! Many customers, each with what is expected and the intervals of it: as [`Predictor`], [`value`] and
//! [`interval`] say of one, and quicker by orders of magnitude.
//!
//! What a customer does who is alive depends on x and T alone, which many share: it is found once for
//! each pair. What n purchases cost together, as a multiple of the customer's own scale γ, depends on x
//! alone: its distribution is tabulated once for each, and only where a quantile is looked for.
//!
//! [`Predictor`]: crate::Predictor
//! [`value`]: crate::value::value
//! [`interval`]: crate::value::interval

mod costs;

use std::collections::HashMap;

use crate::predict::Survival;
use crate::value::{self, Terms};
use crate::{BgNbd, GammaGamma, Prediction, Predictive, Summary};
use costs::Costs;

/// What is expected of one customer within the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Chances, and expected purchases.
    pub prediction: Prediction,
    /// The central interval of the number of purchases.
    pub purchases: (u32, u32),
    /// What the purchases come to, where a model of spend is known.
    pub worth: Option<Worth>,
}

/// What a customer spends within the horizon, discounted, in whole units of the currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Expected spend.
    pub amount: f64,
    /// Lower end of its central interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Scores customers of one customer base, one after the other.
#[derive(Debug)]
pub struct Scorer {
    model: BgNbd,
    spend: Option<GammaGamma>,
    terms: Terms,
    level: f64,
    survivals: HashMap<u32, Survival>,
    ahead: HashMap<(u32, u64), Ahead>,
    kept: usize,
    costs: HashMap<(u32, bool), Costs>,
}

/// What lies ahead of a customer who is alive.
#[derive(Debug)]
struct Ahead {
    purchases: f64,
    discounted: f64,
    alive_after: f64,
    no_purchase: f64,
    /// The chance of at most 0, 1, 2, … purchases.
    at_most: Vec<f64>,
}

/// How many figures of [`Ahead`] are remembered: 32 MB. Beyond, they are found anew.
const MAX_KEPT: usize = 4_000_000;

/// Up to so many purchases, each number of them is told apart; beyond, one is scored as one.
const MAX_COUNTS: usize = 500;

impl Scorer {
    /// A scorer under these models; intervals hold what will be with a chance of `level`.
    pub fn new(model: BgNbd, spend: Option<GammaGamma>, terms: Terms, level: f64) -> Self {
        Self {
            model,
            spend,
            terms,
            level,
            survivals: HashMap::new(),
            ahead: HashMap::new(),
            kept: 0,
            costs: HashMap::new(),
        }
    }

    /// What is expected of this customer.
    pub fn score(&mut self, customer: &Summary) -> Score {
        let alive = self.model.probability_alive(customer);
        if self.kept > MAX_KEPT {
            self.ahead.clear();
            self.kept = 0;
        }
        let (model, terms) = (&self.model, self.terms);
        let ahead = self.ahead.entry((customer.x, customer.t.to_bits()));
        let ahead = ahead.or_insert_with(|| {
            let found = Ahead::of(model, customer, terms, &mut self.survivals);
            self.kept += found.at_most.len() + 8;
            found
        });
        let prediction = Prediction {
            alive,
            alive_after: alive * ahead.alive_after,
            purchase: alive * (1.0 - ahead.no_purchase),
            purchases: alive * ahead.purchases,
        };
        let beside = (1.0 - self.level) / 2.0;
        let count = |level: f64| ahead.count(within(level, alive));
        let purchases = (count(beside), count(1.0 - beside));
        let worth = self.spend.map(|spend| {
            let costs = self.costs.entry((customer.x, knows_spend(customer)));
            let costs = costs.or_insert_with(|| Costs::new(&spend, customer));
            let scale = spend.given(customer).1 * ahead.discount();
            let mut end = |level| {
                let multiple = ahead.multiple(within(level, alive), costs)?;
                Some(multiple * scale)
            };
            let (low, high) = end(beside).zip(end(1.0 - beside)).unwrap_or_else(|| {
                value::interval(&self.model, &spend, customer, self.terms, self.level)
            });
            let amount = alive * ahead.discounted * spend.conditional_mean(customer);
            Worth { amount, low, high }
        });
        Score {
            prediction,
            purchases,
            worth,
        }
    }
}

fn knows_spend(customer: &Summary) -> bool {
    customer.x > 0 && customer.mean_spend > 0.0
}

/// The level among customers who are alive that is `level` among all; below 0 where the lost alone
/// reach it.
fn within(level: f64, alive: f64) -> f64 {
    (level - (1.0 - alive)) / alive
}

impl Ahead {
    /// Of customers with as many purchases and as old as this one.
    fn of(
        model: &BgNbd,
        customer: &Summary,
        terms: Terms,
        survivals: &mut HashMap<u32, Survival>,
    ) -> Self {
        let given = model.given_alive(customer);
        let survival = survivals.entry(customer.x);
        let survival = survival.or_insert_with(|| Survival::new(given.a, given.b));
        let expected = survival.expectations(given.r, terms.weeks.max(0.0) / given.alpha);
        let (purchases, discounted) = value::purchases(&given, survival, terms);
        let counts = Predictive::new(&given, &Summary::new(0, 0.0, 0.0), terms.weeks);
        let mut sum = 0.0;
        let add = |chance: &f64| {
            sum += chance;
            sum
        };
        Self {
            purchases,
            discounted,
            alive_after: expected.alive_after,
            no_purchase: expected.no_purchase,
            at_most: counts.chances.iter().map(add).collect(),
        }
    }

    /// The smallest number of purchases that is not exceeded with a chance of `level`.
    fn count(&self, level: f64) -> u32 {
        let below = self.at_most.partition_point(|sum| *sum < level - 1e-12);
        u32::try_from(below.min(self.at_most.len() - 1)).unwrap_or(u32::MAX)
    }

    fn discount(&self) -> f64 {
        if self.purchases > 0.0 {
            self.discounted / self.purchases
        } else {
            1.0
        }
    }

    /// The multiple of γ below which all purchases together lie with a chance of `level`; none where
    /// the table does not reach.
    fn multiple(&self, level: f64, costs: &mut Costs) -> Option<f64> {
        if self.at_most[0] >= level {
            return Some(0.0);
        }
        if self.at_most.len() > MAX_COUNTS {
            return None;
        }
        costs.quantile(level, |costs, point| {
            let mut below = self.at_most[0];
            for n in 1..self.at_most.len() {
                let chance = self.at_most[n] - self.at_most[n - 1];
                // Chances too small to be seen in a quantile are not worth an integral.
                if chance > 1e-8 {
                    below += chance * costs.at_most(n, point);
                }
            }
            below
        })
    }
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
