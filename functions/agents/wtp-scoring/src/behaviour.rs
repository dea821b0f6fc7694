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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(days_ago: i64) -> Timestamp {
        Timestamp::from_second(1_793_491_200 - days_ago * 86_400).unwrap()
    }

    fn amount(price: f64) -> Amount {
        Amount::try_from(price).unwrap()
    }

    fn order(days_ago: i64, total: f64) -> Order {
        Order {
            at: at(days_ago),
            total: amount(total),
            item_ids: Vec::new(),
        }
    }

    fn event(kind: EventKind, price: f64) -> Event {
        Event {
            at: at(1),
            kind,
            item_id: None,
            price: Some(amount(price)),
        }
    }

    fn wtp(orders: &[Order], events: &[Event]) -> f64 {
        let reference = Some(40.0_f64.ln());
        estimate(orders, events, at(0), reference).unwrap().mu.exp()
    }

    #[test]
    fn settles_on_what_is_always_paid() {
        let orders: Vec<Order> = (0..10).map(|i| order(i, 40.0)).collect();
        assert!((wtp(&orders, &[]) - 40.0).abs() < 1e-6);
    }

    #[test]
    fn an_order_counts_by_the_item() {
        let mut bought = order(1, 90.0);
        bought.item_ids = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert!((wtp(&[bought], &[]) - wtp(&[order(1, 30.0)], &[])).abs() < 1e-9);
    }

    #[test]
    fn abandoning_lowers_and_carting_raises() {
        let orders = [order(3, 40.0), order(9, 45.0)];
        let plain = wtp(&orders, &[]);
        assert!(wtp(&orders, &[event(EventKind::AbandonCheckout, 40.0)]) < plain);
        assert!(wtp(&orders, &[event(EventKind::AddToCart, 60.0)]) > plain);
        // What was abandoned far above what is paid, or carted far below, is no news.
        assert!((wtp(&orders, &[event(EventKind::AbandonCheckout, 900.0)]) - plain).abs() < 0.5);
        assert!((wtp(&orders, &[event(EventKind::AddToCart, 2.0)]) - plain).abs() < 0.5);
    }

    #[test]
    fn one_gift_does_not_move_it_far() {
        let mut orders: Vec<Order> = (0..9).map(|i| order(i, 38.0 + i as f64)).collect();
        let plain = wtp(&orders, &[]);
        orders.push(order(2, 4_000.0));
        let mean = (plain.ln() * 9.0 + 4_000.0_f64.ln()) / 10.0;
        assert!(wtp(&orders, &[]) < f64::midpoint(plain, mean.exp()));
    }

    #[test]
    fn recent_prices_weigh_more() {
        assert!(
            wtp(&[order(1, 80.0), order(700, 20.0)], &[])
                > wtp(&[order(700, 80.0), order(1, 20.0)], &[])
        );
    }

    #[test]
    fn purchase_events_do_not_count_twice() {
        let bought = event(EventKind::Purchase, 50.0);
        let once = wtp(&[order(1, 40.0)], std::slice::from_ref(&bought));
        assert!((once - 40.0).abs() < 1e-6);
        assert!(wtp(&[], &[bought]) > 44.0);
    }

    #[test]
    fn prices_of_nothing_say_nothing() {
        assert_eq!(
            estimate(
                &[order(1, 0.0)],
                &[event(EventKind::View, 0.0)],
                at(0),
                Some(3.0)
            ),
            None
        );
    }

    /// Mean and variance beyond 0 are √(2/π) and 1 − 2/π (the half-normal distribution).
    #[test]
    fn the_truncated_normal_is_the_half_normal_at_zero() {
        let (mean, variance) = truncated_above(0.0);
        assert!((mean - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-12);
        assert!((variance - (1.0 - 2.0 / std::f64::consts::PI)).abs() < 1e-12);
        for z in [-40.0, -8.0, 8.0, 29.0, 31.0, 1e6] {
            let (mean, variance) = truncated_above(z);
            assert!(
                mean.is_finite() && mean >= z && (0.0..=1.0).contains(&variance),
                "{z}"
            );
        }
    }

    fn any_kind() -> impl Strategy<Value = EventKind> {
        use EventKind::{AbandonCheckout, AddToCart, Click, Dismiss, Purchase, View};
        prop::sample::select(vec![
            View,
            Click,
            AddToCart,
            AbandonCheckout,
            Purchase,
            Dismiss,
        ])
    }

    proptest! {
        #[test]
        fn any_history_has_a_finite_estimate(
            orders in prop::collection::vec((-500i64..9_000, 0.0..1e9), 0..20),
            events in prop::collection::vec((any_kind(), 0.0..1e9), 0..20),
            reference in prop::option::of(-4.0..20.0),
        ) {
            let orders: Vec<Order> = orders.into_iter().map(|(days, total)| order(days, total)).collect();
            let events: Vec<Event> = events.into_iter().map(|(kind, price)| event(kind, price)).collect();
            if let Some(found) = estimate(&orders, &events, at(0), reference) {
                prop_assert!(found.mu.is_finite() && found.spread.is_finite());
                prop_assert!(found.variance.is_finite() && found.variance > 0.0);
            }
        }
    }
}
