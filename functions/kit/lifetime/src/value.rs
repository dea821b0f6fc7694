//! What a customer is worth: discounted purchases to come, times the spend per purchase.

use serde::{Deserialize, Serialize};
use statrs::function::beta::checked_beta_reg;

use crate::by_age::ByAge;
use crate::predict::Survival;
use crate::{BgNbd, GammaGamma, Predictive, Summary, WEEKS_PER_YEAR};

/// Over which time, and how much less later money counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// The weeks to come.
    pub weeks: f64,
    /// The discount rate per year: 0.1 for ten per cent.
    pub annual_rate: f64,
}

/// What one customer is worth, in whole units of the currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// Expected purchases within the horizon.
    pub purchases: f64,
    /// The same, later ones discounted.
    pub discounted_purchases: f64,
    /// Expected spend per purchase.
    pub mean_spend: f64,
    /// Expected spend within the horizon, discounted.
    pub amount: f64,
}

#[allow(clippy::excessive_precision, reason = "as tabulated")]
/// Nodes and weights of the Gauss–Legendre rule of order 12 on −1..1, the positive half.
const NODES: [(f64, f64); 6] = [
    (0.125_233_408_511_468_92, 0.249_147_045_813_402_77),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_4, 0.203_167_426_723_065_92),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_22),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
    (0.981_560_634_246_719_3, 0.047_175_336_386_511_83),
];

/// Discounted expected purchases of a customer within the horizon.
pub fn discounted_purchases(model: &BgNbd, customer: &Summary, terms: Terms) -> f64 {
    let given = model.given_alive(customer);
    let (_, discounted) = purchases(&given, &mut Survival::new(given.a, given.b), terms);
    model.probability_alive(customer) * discounted
}

/// Purchases of a customer who is alive, as they are and discounted: ∫ e^(−δs) dE(s), integrated by
/// parts. On the scale of ln(1 + s/α) the expectation is nearly a polynomial, so that twelve values of
/// it suffice.
pub(crate) fn purchases(given: &BgNbd, survival: &mut Survival, terms: Terms) -> (f64, f64) {
    let mut expected = |weeks: f64| {
        survival
            .expectations(given.r, weeks / given.alpha)
            .purchases
    };
    let weeks = terms.weeks.max(0.0);
    let force = terms.annual_rate.max(0.0).ln_1p() / WEEKS_PER_YEAR;
    let whole = expected(weeks);
    if force * weeks < 1e-12 {
        return (whole, whole);
    }
    let half = (weeks / given.alpha).ln_1p() / 2.0;
    let mut integral = 0.0;
    for (node, weight) in NODES {
        for u in [half * (1.0 - node), half * (1.0 + node)] {
            let at = given.alpha * u.exp_m1();
            integral += half * weight * given.alpha * u.exp() * (-force * at).exp() * expected(at);
        }
    }
    let discounted = (-force * weeks).exp() * whole + force * integral;
    (whole, discounted.clamp(0.0, whole))
}

/// What a customer is worth.
pub fn value(model: &BgNbd, spend: &GammaGamma, customer: &Summary, terms: Terms) -> Value {
    let mut survival = Survival::new(model.a, model.b + f64::from(customer.x));
    let given_alive = purchases(&model.given_alive(customer), &mut survival, terms);
    Value::of(model, spend, customer, given_alive)
}

impl Value {
    /// The value of a customer who, being alive, makes so many purchases, as they are and discounted.
    fn of(
        model: &BgNbd,
        spend: &GammaGamma,
        customer: &Summary,
        (whole, discounted): (f64, f64),
    ) -> Self {
        let alive = model.probability_alive(customer);
        let mean_spend = spend.conditional_mean(customer);
        Self {
            purchases: alive * whole,
            discounted_purchases: alive * discounted,
            mean_spend,
            amount: alive * discounted * mean_spend,
        }
    }
}

/// What each of many customers is worth, in their order.
pub fn value_many(
    model: &BgNbd,
    spend: &GammaGamma,
    customers: &[Summary],
    terms: Terms,
) -> Vec<Value> {
    let mut by_age = ByAge::new(
        model,
        customers,
        |given: &BgNbd, survival: &mut Survival| {
            let (whole, discounted) = purchases(given, survival, terms);
            [whole, discounted]
        },
    );
    let one = |customer: &Summary| {
        let [whole, discounted] = by_age.of(customer).map(|purchases| purchases.max(0.0));
        Value::of(model, spend, customer, (whole, discounted.min(whole)))
    };
    customers.iter().map(one).collect()
}

/// The central interval that holds a customer's discounted spend with this chance. What n purchases
/// cost together is beta prime under the Gamma-Gamma model, n is as [`Predictive`] says; the discount
/// is that of the mean.
pub fn interval(
    model: &BgNbd,
    spend: &GammaGamma,
    customer: &Summary,
    terms: Terms,
    level: f64,
) -> (f64, f64) {
    let counts = Predictive::new(model, customer, terms.weeks);
    let (q, gamma) = spend.given(customer);
    let Value {
        purchases,
        discounted_purchases,
        ..
    } = value(model, spend, customer, terms);
    let discount = if purchases > 0.0 {
        discounted_purchases / purchases
    } else {
        1.0
    };
    let grouped = grouped(&counts.chances);
    let below = |amount: f64| -> f64 {
        let share = amount / (amount + gamma);
        let of = |(n, chance): &(f64, f64)| {
            if *n == 0.0 {
                return *chance;
            }
            chance * checked_beta_reg(spend.p * n, q, share).unwrap_or(0.0)
        };
        grouped.iter().map(of).sum()
    };
    let beside = (1.0 - level) / 2.0;
    (
        quantile(&below, beside, gamma) * discount,
        quantile(&below, 1.0 - beside, gamma) * discount,
    )
}

/// Numbers of purchases with their chances; neighbours are taken together where there are so many that
/// no quantile tells them apart.
fn grouped(chances: &[f64]) -> Vec<(f64, f64)> {
    let size = chances.len() / 500 + 1;
    let mut grouped = vec![(0.0, chances.first().copied().unwrap_or(1.0))];
    for (i, group) in chances
        .iter()
        .skip(1)
        .collect::<Vec<_>>()
        .chunks(size)
        .enumerate()
    {
        let chance: f64 = group.iter().copied().sum();
        // Chances too small to be seen in a quantile are not worth an integral.
        if chance > 1e-8 {
            let middle = 1.0 + (i * size) as f64 + (group.len() - 1) as f64 / 2.0;
            grouped.push((middle, chance));
        }
    }
    grouped
}

/// The amount below which a share `level` lies, by doubling and halving.
fn quantile(below: &impl Fn(f64) -> f64, level: f64, scale: f64) -> f64 {
    if below(0.0) >= level {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, scale);
    for _ in 0..60 {
        if below(high) >= level {
            break;
        }
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if below(middle) < level {
            low = middle;
        } else {
            high = middle;
        }
        if high - low < 1e-6 * high {
            break;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
