//! What the models see of a customer.

use baton_domain::Timestamp;
use baton_domain::profile::Order;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The most repeat purchases and the most weeks of one customer: beyond them a row is a mistake.
pub const MAX_REPEATS: u32 = 100_000;
/// A century.
pub const MAX_WEEKS: f64 = 5_218.0;

/// One customer, or several who are alike, by recency, frequency and spend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Repeat purchases: days with an order, less the first.
    pub x: u32,
    /// Weeks from the first purchase to the last; 0 without repeats.
    pub t_x: f64,
    /// Weeks from the first purchase to the end of observation.
    pub t: f64,
    /// Mean spend of the repeat purchases; 0 where there are none or it is not known.
    #[serde(default)]
    pub mean_spend: f64,
    /// How many customers the row stands for.
    #[serde(default = "one")]
    pub customers: u32,
}

fn one() -> u32 {
    1
}

impl Summary {
    /// One customer whose spend is not known.
    pub fn new(x: u32, t_x: f64, t: f64) -> Self {
        Self {
            x,
            t_x,
            t,
            mean_spend: 0.0,
            customers: 1,
        }
    }

    /// Checks what the models rely on.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), &'static str> {
        if !(0.0..=MAX_WEEKS).contains(&self.t) {
            return Err("t must be weeks from 0 to 5218");
        }
        // Rounded times may put the last purchase a moment after the end.
        if !(0.0..=self.t + 1e-6).contains(&self.t_x) {
            return Err("t_x must lie between 0 and t");
        }
        if self.x > MAX_REPEATS {
            return Err("x must be at most 100000");
        }
        if (self.x == 0) != (self.t_x == 0.0) {
            return Err("t_x must be 0 without repeats and above 0 with them");
        }
        if !(0.0..=baton_domain::amount::MAX_AMOUNT).contains(&self.mean_spend) {
            return Err("mean_spend must be an amount");
        }
        if self.customers == 0 {
            return Err("customers must be at least 1");
        }
        Ok(())
    }
}

/// Checks all rows.
pub(crate) fn check_all(rows: &[Summary]) -> Result<(), Error> {
    for (row, summary) in rows.iter().enumerate() {
        summary
            .check()
            .map_err(|message| Error::InvalidRow { row, message })?;
    }
    Ok(())
}

/// How many customers rows stand for.
pub fn customers(rows: &[Summary]) -> u64 {
    rows.iter().map(|row| u64::from(row.customers)).sum()
}

/// Summarises a customer's orders up to `as_of`, or none where there is no order by then. Orders of one
/// day (UTC) are one purchase, as in the data that the models were made for; later orders are not seen.
/// Days without spend, such as vouchers, count as purchases and not into the mean.
pub fn summarise(orders: &[Order], as_of: Timestamp) -> Option<Summary> {
    let seen = orders.iter().filter(|order| order.at <= as_of);
    let mut days: Vec<(i64, f64)> = seen
        .map(|order| (day(order.at), order.total.value()))
        .collect();
    // Stable, so that what a day comes to does not depend on anything but the orders.
    days.sort_by_key(|(day, _)| *day);
    summarise_days(days, day(as_of))
}

/// The same for orders by the [`day`] of each and its amount, the earliest first and none after `until`.
pub fn summarise_days(orders: impl IntoIterator<Item = (i64, f64)>, until: i64) -> Option<Summary> {
    let mut orders = orders.into_iter();
    let (first, _) = orders.next()?;
    let (mut last, mut of_day) = (first, 0.0);
    let (mut repeats, mut spent, mut with_spend) = (0_u32, 0.0, 0_u32);
    let mut close = |of_day: f64| {
        if of_day > 0.0 {
            spent += of_day;
            with_spend += 1;
        }
    };
    for (day, amount) in orders {
        if day > last {
            close(of_day);
            (last, of_day) = (day, 0.0);
            repeats = repeats.saturating_add(1);
        }
        // What the first day comes to is no repeat's spend.
        of_day += if day > first { amount } else { 0.0 };
    }
    close(of_day);
    let weeks = |to: i64| ((to - first) as f64 / 7.0).min(MAX_WEEKS);
    let mean = spent / f64::from(with_spend.max(1));
    Some(Summary {
        x: repeats.min(MAX_REPEATS),
        t_x: weeks(last),
        t: weeks(until),
        mean_spend: mean.min(baton_domain::amount::MAX_AMOUNT),
        customers: 1,
    })
}

/// The day (UTC) of a moment, counted from 1970.
pub fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use baton_domain::Amount;

    use super::*;

    fn order(at: &str, total: f64) -> Order {
        Order {
            at: at.parse().unwrap(),
            total: Amount::try_from(total).unwrap(),
            item_ids: Vec::new(),
        }
    }

    #[test]
    fn the_first_day_is_no_repeat_and_orders_of_a_day_are_one() {
        let orders = [
            order("2026-01-15T10:00:00Z", 30.0),
            order("2026-01-01T09:00:00Z", 99.0),
            order("2026-01-15T20:00:00Z", 10.0),
            order("2026-01-22T00:00:00Z", 0.0),
            order("2026-03-01T00:00:00Z", 500.0),
        ];
        let as_of = "2026-02-05T12:00:00Z".parse().unwrap();
        let summary = summarise(&orders, as_of).unwrap();
        assert_eq!((summary.x, summary.t_x, summary.t), (2, 3.0, 5.0));
        assert!((summary.mean_spend - 40.0).abs() < 1e-12);
        assert_eq!(summary.check(), Ok(()));
        let before = "2025-12-31T00:00:00Z".parse().unwrap();
        assert_eq!(summarise(&orders, before), None);
        assert_eq!(summarise(&[], as_of), None);
    }

    #[test]
    fn rows_that_are_no_customers_are_named() {
        let good = Summary::new(1, 2.0, 3.0);
        for (bad, word) in [
            (
                Summary {
                    t: f64::NAN,
                    ..good
                },
                "t must",
            ),
            (Summary { t: 1e9, ..good }, "t must"),
            (Summary { t_x: 3.1, ..good }, "t_x must lie"),
            (Summary { x: 0, ..good }, "without repeats"),
            (Summary { t_x: 0.0, ..good }, "without repeats"),
            (Summary { x: 100_001, ..good }, "x must"),
            (
                Summary {
                    mean_spend: -1.0,
                    ..good
                },
                "mean_spend",
            ),
            (
                Summary {
                    customers: 0,
                    ..good
                },
                "customers",
            ),
        ] {
            let message = bad.check().unwrap_err();
            assert!(message.contains(word), "{bad:?}: {message}");
            assert!(
                check_all(&[good, bad])
                    .unwrap_err()
                    .to_string()
                    .starts_with("row 1: ")
            );
        }
    }
}
