use proptest::prelude::*;

use super::*;
use crate::cdnow::{self, PUBLISHED, PUBLISHED_SPEND};

const YEAR: Terms = Terms {
    weeks: 52.0,
    annual_rate: 0.1,
};

/// The discounted purchases of each of many short periods.
fn by_hand(customer: &Summary, terms: Terms) -> f64 {
    let (steps, mut sum, mut before) = (4_000, 0.0, 0.0);
    for step in 1..=steps {
        let at = terms.weeks * f64::from(step) / f64::from(steps);
        let now = PUBLISHED.conditional_expectation(customer, at);
        let middle = at - terms.weeks / f64::from(steps) / 2.0;
        sum += (now - before) * (1.0 + terms.annual_rate).powf(-middle / WEEKS_PER_YEAR);
        before = now;
    }
    sum
}

#[test]
fn discounting_is_that_of_every_single_purchase() {
    for customer in [Summary::new(2, 30.43, 38.86), Summary::new(0, 0.0, 0.0)] {
        for terms in [
            YEAR,
            Terms {
                weeks: 520.0,
                annual_rate: 0.3,
            },
        ] {
            let (found, wanted) = (
                discounted_purchases(&PUBLISHED, &customer, terms),
                by_hand(&customer, terms),
            );
            assert!((found / wanted - 1.0).abs() < 1e-5, "{found} {wanted}");
        }
    }
    let free = Terms {
        annual_rate: 0.0,
        ..YEAR
    };
    let customer = Summary::new(2, 30.43, 38.86);
    let found = discounted_purchases(&PUBLISHED, &customer, free);
    assert!((found - PUBLISHED.conditional_expectation(&customer, 52.0)).abs() < 1e-12);
}

#[test]
fn a_value_is_purchases_times_spend() {
    let customer = Summary {
        mean_spend: 22.35,
        ..Summary::new(2, 30.43, 38.86)
    };
    let found = value(&PUBLISHED, &PUBLISHED_SPEND, &customer, YEAR);
    assert!((found.amount - found.discounted_purchases * found.mean_spend).abs() < 1e-12);
    assert!(found.discounted_purchases < found.purchases);
    assert_eq!(
        value_many(&PUBLISHED, &PUBLISHED_SPEND, &[customer; 2], YEAR),
        [found; 2]
    );
}

/// Of generated customers, nine in ten spend within the interval of nine in ten.
#[test]
fn intervals_hold_as_often_as_they_say() {
    let made = cdnow::generate(&PUBLISHED, &PUBLISHED_SPEND, 3_000, 26.0);
    let terms = Terms {
        weeks: 26.0,
        annual_rate: 0.0,
    };
    let mut rng = fastrand::Rng::with_seed(3);
    let (mut held, mut n) = (0, 0);
    for (row, bought) in made.iter().filter(|(row, _)| row.x > 1) {
        // The rate of spend given the past, then the spend of what was bought.
        let (q, gamma) = PUBLISHED_SPEND.given(row);
        let rate = cdnow::gamma(&mut rng, q) / gamma;
        let spent: f64 = (0..*bought)
            .map(|_| cdnow::gamma(&mut rng, PUBLISHED_SPEND.p) / rate)
            .sum();
        let (low, high) = interval(&PUBLISHED, &PUBLISHED_SPEND, row, terms, 0.9);
        held += usize::from((low..=high).contains(&spent));
        n += 1;
    }
    let share = f64::from(u32::try_from(held).unwrap()) / f64::from(n);
    assert!(n > 400 && (0.88..0.98).contains(&share), "{share} of {n}");
}

#[test]
fn many_counts_are_grouped_and_none_is_lost() {
    let chances = vec![1.0 / 20_001.0; 20_001];
    let found = grouped(&chances);
    assert!(found.len() < 600 && found[0] == (0.0, chances[0]));
    let (sum, mean) = found
        .iter()
        .fold((0.0, 0.0), |(s, m), (n, c)| (s + c, m + n * c));
    assert!(
        (sum - 1.0).abs() < 1e-9 && (mean - 10_000.0).abs() < 1e-6,
        "{sum} {mean}"
    );
    assert_eq!(grouped(&[0.25, 0.75]), [(0.0, 0.25), (1.0, 0.75)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn values_are_finite_and_intervals_ordered(
        x in 0_u32..300, share in 0.01_f64..1.0, t in 0.0_f64..500.0,
        mean_spend in 0.0_f64..1e9, weeks in 0.0_f64..520.0, annual_rate in 0.0_f64..1.0,
    ) {
        let t_x = if x == 0 { 0.0 } else { (share * t).max(1e-3) };
        let customer = Summary { mean_spend, ..Summary::new(x, t_x, t.max(t_x)) };
        let terms = Terms { weeks, annual_rate };
        let found = value(&PUBLISHED, &PUBLISHED_SPEND, &customer, terms);
        prop_assert!(found.amount.is_finite() && found.amount >= 0.0);
        prop_assert!(found.discounted_purchases <= found.purchases * (1.0 + 1e-12));
        let longer = Terms { weeks: weeks * 1.5 + 1.0, annual_rate };
        let further = value(&PUBLISHED, &PUBLISHED_SPEND, &customer, longer);
        prop_assert!(further.amount >= found.amount * (1.0 - 1e-9), "{further:?} {found:?}");
        let (low, high) = interval(&PUBLISHED, &PUBLISHED_SPEND, &customer, terms, 0.9);
        prop_assert!(low.is_finite() && high.is_finite() && low >= 0.0 && low <= high);
    }
}
