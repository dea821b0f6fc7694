//! Recency, frequency and monetary value, each scored in quintiles (Hughes, "Strategic Database
//! Marketing", 1994).

use baton_domain::Timestamp;
use baton_domain::profile::Order;
use serde::{Deserialize, Serialize};

use crate::reference::{FREQUENCY, MONETARY, RECENCY_DAYS};
use crate::segment::Segment;

/// A user's purchases in three numbers, and the quintile of each: 5 is best.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rfm {
    /// Days from the last order to the moment asked for, 0 or more.
    pub recency_days: f64,
    /// Number of orders, 1 or more.
    pub frequency: u32,
    /// Sum of all orders, in the catalogue's currency.
    pub monetary: f64,
    /// Quintile of recency, 1 to 5; the most recent are 5.
    pub r: u8,
    /// Quintile of frequency, 1 to 5.
    pub f: u8,
    /// Quintile of monetary value, 1 to 5.
    pub m: u8,
}

const SECONDS_PER_DAY: f64 = 86_400.0;

impl Rfm {
    /// The numbers of these orders at `as_of`, or none where there is no order. An order after
    /// `as_of` counts as placed at that moment: clocks differ, and a negative recency means nothing.
    pub fn of(orders: &[Order], as_of: Timestamp) -> Option<Self> {
        let last = orders.iter().map(|order| order.at).max()?;
        let days = as_of.duration_since(last).as_secs_f64() / SECONDS_PER_DAY;
        let frequency = u32::try_from(orders.len()).unwrap_or(u32::MAX);
        let monetary = orders.iter().map(|order| order.total.value()).sum();
        Some(Self::scored(days.max(0.0), frequency, monetary))
    }

    fn scored(recency_days: f64, frequency: u32, monetary: f64) -> Self {
        Self {
            recency_days: (recency_days * 10.0).round() / 10.0,
            frequency,
            monetary: (monetary * 100.0).round() / 100.0,
            r: 6 - quintile(recency_days, &RECENCY_DAYS),
            f: quintile(f64::from(frequency), &FREQUENCY),
            m: quintile(monetary, &MONETARY),
        }
    }

    /// Checks ranges and finiteness.
    pub(crate) fn validate(&self) -> Result<(), String> {
        for (field, value) in [
            ("recency_days", self.recency_days),
            ("monetary", self.monetary),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(format!(
                    "rfm.{field}: must be 0 or more and finite, got {value}"
                ));
            }
        }
        if self.frequency == 0 {
            return Err("rfm.frequency: must be 1 or more".to_owned());
        }
        for (field, score) in [("r", self.r), ("f", self.f), ("m", self.m)] {
            if !(1..=5).contains(&score) {
                return Err(format!(
                    "rfm.{field}: must lie between 1 and 5, got {score}"
                ));
            }
        }
        Ok(())
    }
}

/// The quintile of `value`, 1 to 5, given the upper bounds of the first four. A value on a bound
/// belongs below it; where bounds coincide the quintiles between them stay empty.
pub fn quintile(value: f64, upper_bounds: &[f64; 4]) -> u8 {
    1 + upper_bounds
        .iter()
        .map(|bound| u8::from(value > *bound))
        .sum::<u8>()
}

/// How stable the segment is, from about 0.04 to 1: the share of 27 slightly different histories (recency
/// and value a fifth less or more, one order less or more) that lead to the same segment.
pub fn stability(rfm: Rfm) -> f64 {
    let segment = |rfm: &Rfm| Segment::of(rfm.r, rfm.f, rfm.m);
    let frequency = rfm.frequency;
    let mut same = 0_u32;
    for recency in [0.8, 1.0, 1.2] {
        for frequency in [
            frequency.saturating_sub(1).max(1),
            frequency,
            frequency.saturating_add(1),
        ] {
            for monetary in [0.8, 1.0, 1.2] {
                let near = Rfm::scored(
                    rfm.recency_days * recency,
                    frequency,
                    rfm.monetary * monetary,
                );
                same += u32::from(segment(&near) == segment(&rfm));
            }
        }
    }
    // The history itself always counts, also where rounding moved it over a bound.
    (f64::from(same.max(1)) / 27.0 * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use baton_domain::Amount;
    use proptest::prelude::*;

    use super::*;

    fn order(day: i64, total: f64) -> Order {
        Order {
            at: Timestamp::from_second(day * 86_400).unwrap(),
            total: Amount::try_from(total).unwrap(),
            item_ids: Vec::new(),
        }
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    #[test]
    fn sums_up_orders_in_any_order() {
        let rfm = Rfm::of(&[order(5, 10.0), order(9, 20.5), order(1, 0.0)], at(12)).unwrap();
        assert!((rfm.recency_days - 3.0).abs() < 1e-9);
        assert_eq!(rfm.frequency, 3);
        assert!((rfm.monetary - 30.5).abs() < 1e-9);
        assert_eq!(Rfm::of(&[], at(12)), None);
    }

    #[test]
    fn an_order_from_the_future_is_recent() {
        let rfm = Rfm::of(&[order(20, 10.0)], at(12)).unwrap();
        assert!(rfm.recency_days.abs() < 1e-9);
        assert_eq!(rfm.r, 5);
    }

    #[test]
    fn a_bound_belongs_to_the_quintile_below_it() {
        let bounds = [1.0, 1.0, 2.0, 4.0];
        let scores = [1.0, 2.0, 3.0, 4.0, 5.0].map(|value| quintile(value, &bounds));
        assert_eq!(scores, [1, 3, 4, 4, 5]);
    }

    proptest! {
        #[test]
        fn any_history_is_scored(orders in prop::collection::vec((-9_000i64..40_000, 0.0..1e9), 1..40), now in 0i64..40_000) {
            let orders: Vec<Order> = orders.into_iter().map(|(day, total)| order(day, total)).collect();
            let rfm = Rfm::of(&orders, at(now)).unwrap();
            prop_assert_eq!(rfm.validate(), Ok(()));
            let stability = stability(rfm);
            prop_assert!(stability > 0.0 && stability <= 1.0);
        }

        #[test]
        fn more_is_never_scored_less(days in 0.0..900.0, more in 0.0..900.0, n in 1u32..50, sum in 0.0..5e3) {
            let a = Rfm::scored(days, n, sum);
            let b = Rfm::scored(days + more, n + 1, sum + more);
            prop_assert!(b.r <= a.r && b.f >= a.f && b.m >= a.m);
        }
    }
}
