//! What paid, carted and abandoned prices say: a censored lognormal, fitted robustly.
//!
//! A paid price is where the user settled. A price in the cart is one that the willingness to pay
//! reaches, an abandoned or dismissed one is one that it does not reach: both are censored (Tobin
//! 1958). The fit is an expectation–maximisation with Huber weights, so that one gift for a friend
//! does not move it far; recent prices weigh more.

use baton_domain::profile::{Event, EventKind, Order};
use baton_domain::{Amount, Timestamp};
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use crate::combine::Estimate;
use crate::{MIN_PRICE, SourceKind, log_price};

/// After so many days a price counts half: prices and incomes drift.
const HALF_LIFE_DAYS: f64 = 180.0;

/// Beyond so many standard deviations an observation's pull no longer grows (Huber 1964).
const HUBER: f64 = 1.5;

/// Prior standard deviation of one user's log prices, and how many observations it counts as.
const PRIOR_SPREAD: (f64, f64) = (0.35, 3.0);

/// How many observations the reference price counts as. Without one, the middle price does.
const PRIOR_LOCATION: f64 = 0.5;

/// Standard deviation of the logarithm by which paid prices miss the willingness to pay, however
/// many there are: people pay what is asked, not what they would.
const SYSTEMATIC: f64 = 0.20;

/// What a price says of the willingness to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It lies around the price.
    Around,
    /// It reaches the price.
    AtLeast,
    /// It does not reach the price.
    Below,
}

/// One price and what it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Logarithm of the price.
    pub log: f64,
    /// What it says.
    pub says: Says,
    /// How much it counts against a purchase of today, above 0 to 1.
    pub weight: f64,
}

/// What orders and events say, or none where no price is usable. `reference` is the logarithm of
/// the shop's usual price.
pub fn estimate(
    orders: &[Order],
    events: &[Event],
    as_of: Timestamp,
    reference: Option<f64>,
) -> Option<Estimate> {
    let observations = observe(orders, events, as_of);
    let prior = reference.or_else(|| middle(&observations))?;
    if observations.is_empty() {
        return None;
    }
    let (mu, spread) = fit(&observations, prior);
    let effective: f64 = observations.iter().map(|o| o.weight).sum::<f64>() + PRIOR_LOCATION;
    Some(Estimate {
        source: SourceKind::Behaviour,
        mu,
        variance: spread * spread / effective + SYSTEMATIC * SYSTEMATIC,
        spread,
        observations: u32::try_from(observations.len()).unwrap_or(u32::MAX),
    })
}

/// The usable prices of orders and events. An order counts with what one of its items cost on
/// average, and purchase events only where there are no orders, since these name the same purchases.
pub fn observe(orders: &[Order], events: &[Event], as_of: Timestamp) -> Vec<Observation> {
    let paid = orders.iter().filter_map(|order| {
        let unit_price = order.total.value() / order.item_ids.len().max(1) as f64;
        let log = Some(unit_price).filter(|price| *price >= MIN_PRICE)?.ln();
        let weight = decay(order.at, as_of);
        Some(Observation {
            log,
            says: Says::Around,
            weight,
        })
    });
    let seen = events.iter().filter_map(|event| {
        if event.kind == EventKind::Purchase && !orders.is_empty() {
            return None;
        }
        let (says, weight) = meaning(event.kind);
        let log = event.price.and_then(|price: Amount| log_price(price))?;
        let weight = weight * decay(event.at, as_of);
        Some(Observation { log, says, weight })
    });
    paid.chain(seen).collect()
}

/// What the kinds of events say, and how much against a purchase. Looking costs nothing and says
/// little: in which range somebody looks.
fn meaning(kind: EventKind) -> (Says, f64) {
    match kind {
        EventKind::View => (Says::Around, 0.05),
        EventKind::Click => (Says::Around, 0.10),
        EventKind::AddToCart => (Says::AtLeast, 0.50),
        EventKind::AbandonCheckout => (Says::Below, 0.70),
        EventKind::Purchase => (Says::Around, 1.0),
        EventKind::Dismiss => (Says::Below, 0.30),
    }
}

/// Half for each half-life; never quite nothing, so that old prices alone still say something.
fn decay(at: Timestamp, as_of: Timestamp) -> f64 {
    let days = as_of.duration_since(at).as_secs_f64() / 86_400.0;
    0.5_f64.powf(days.max(0.0) / HALF_LIFE_DAYS).max(1e-6)
}

fn middle(observations: &[Observation]) -> Option<f64> {
    let mut logs: Vec<f64> = observations.iter().map(|o| o.log).collect();
    logs.sort_by(f64::total_cmp);
    logs.get(logs.len() / 2).copied()
}

/// Location and standard deviation of the log willingness to pay. `prior` counts as
/// [`PRIOR_LOCATION`] observations of the location.
pub fn fit(observations: &[Observation], prior: f64) -> (f64, f64) {
    let (mut mu, mut sigma) = (prior, PRIOR_SPREAD.0);
    for _ in 0..200 {
        let mut sums = Sums {
            weight: PRIOR_LOCATION,
            value: PRIOR_LOCATION * prior,
            count: PRIOR_SPREAD.1,
            squares: PRIOR_SPREAD.1 * PRIOR_SPREAD.0 * PRIOR_SPREAD.0,
        };
        for observation in observations {
            sums.add(observation, mu, sigma);
        }
        let next = (sums.value / sums.weight, (sums.squares / sums.count).sqrt());
        let moved = (next.0 - mu).abs() + (next.1 - sigma).abs();
        (mu, sigma) = next;
        if moved < 1e-9 {
            break;
        }
    }
    (mu, sigma)
}

/// What one round of the fit adds up.
struct Sums {
    weight: f64,
    value: f64,
    count: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, observation: &Observation, mu: f64, sigma: f64) {
        let z = (observation.log - mu) / sigma;
        let (expected, variance) = expect(observation.says, z);
        let huber = (HUBER / expected.abs().max(HUBER)).min(1.0);
        let weight = observation.weight * huber;
        self.weight += weight;
        self.value += weight * (mu + sigma * expected);
        self.count += observation.weight;
        self.squares +=
            observation.weight * sigma * sigma * (huber * expected * expected + variance);
    }
}

/// Mean and variance of the standardised willingness to pay, given what a price at `z` standard
/// deviations says of it: of a truncated normal where it is censored.
fn expect(says: Says, z: f64) -> (f64, f64) {
    match says {
        Says::Around => (z, 0.0),
        Says::AtLeast => truncated_above(z),
        Says::Below => {
            let (mean, variance) = truncated_above(-z);
            (-mean, variance)
        }
    }
}

/// Mean and variance of a standard normal that is known to exceed `z`.
fn truncated_above(z: f64) -> (f64, f64) {
    let normal = Normal::standard();
    let tail = normal.sf(z);
    // Far out the tail underflows; there its mean approaches z + 1/z (Mills).
    let mean = if tail > 1e-200 {
        normal.pdf(z) / tail
    } else {
        z + 1.0 / z
    };
    (mean, (1.0 - mean * (mean - z)).clamp(0.0, 1.0))
}
