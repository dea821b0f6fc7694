use proptest::prelude::*;

use super::*;
use crate::cdnow::{self, PUBLISHED, PUBLISHED_SPEND};

fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} is not {wanted}");
}

/// Table 2 of Fader, Hardie and Lee (2005): the estimates, and −9,582.4 as log-likelihood.
#[test]
fn cdnow_is_fitted_as_published() {
    let customers = cdnow::customers();
    assert_eq!(customers.len(), 2_357);
    let fit = BgNbd::fit(&customers).unwrap();
    assert!(fit.determined);
    assert_eq!(fit.customers, 2_357);
    near(fit.model.r, PUBLISHED.r, 0.0006);
    near(fit.model.alpha, PUBLISHED.alpha, 0.0006);
    near(fit.model.a, PUBLISHED.a, 0.0006);
    near(fit.model.b, PUBLISHED.b, 0.0006);
    near(fit.log_likelihood, -9_582.4, 0.05);
    near(
        PUBLISHED.log_likelihood(&customers),
        fit.log_likelihood,
        5e-3,
    );
}

/// Fader, Hardie, Lee, "Implementing the BG/NBD Model in Excel" (2005): cumulative repeat purchases,
/// and the customer whose conditional expectation is worked out.
#[test]
fn expectations_are_those_published() {
    for (weeks, purchases) in [(1.0, 0.0532), (32.0, 1.0437), (78.0, 1.8576)] {
        near(PUBLISHED.expected_purchases(weeks) / purchases, 1.0, 2e-3);
    }
    let fit = BgNbd::fit(&cdnow::customers()).unwrap().model;
    near(fit.expected_purchases(1.0), 0.0532, 5e-5);
    near(fit.expected_purchases(32.0), 1.0437, 5e-5);
    // The spreadsheet ends its series after 150 terms, which gives 1.8576; all of them give 1.8580.
    near(fit.expected_purchases(78.0), 1.8576, 5e-4);
    near(fit.expected_purchases(78.0), 1.857_96, 1e-5);
    let customer = Summary::new(2, 30.43, 38.86);
    near(
        PUBLISHED.conditional_expectation(&customer, 39.0),
        1.226,
        6e-4,
    );
    near(fit.conditional_expectation(&customer, 39.0), 1.226, 6e-4);
}

#[test]
fn known_parameters_are_recovered() {
    let truth = BgNbd {
        r: 0.6,
        alpha: 7.0,
        a: 0.8,
        b: 3.0,
    };
    let made = cdnow::generate(&truth, &PUBLISHED_SPEND, 100_000, 26.0);
    let rows: Vec<Summary> = made.iter().map(|(row, _)| *row).collect();
    let fit = BgNbd::fit(&rows).unwrap();
    assert!(fit.determined);
    for (found, wanted) in [
        (fit.model.r, truth.r),
        (fit.model.alpha, truth.alpha),
        (fit.model.a, truth.a),
        (fit.model.b, truth.b),
    ] {
        near(found / wanted, 1.0, 0.08);
    }
    // What customers went on to buy is what was foretold from their past, in all and by past.
    for repeats in 0..4 {
        let alike = made.iter().filter(|(row, _)| row.x.min(3) == repeats);
        let (mut foretold, mut came, mut n) = (0.0, 0.0, 0.0_f64);
        for (row, bought) in alike {
            foretold += fit.model.conditional_expectation(row, 26.0);
            came += f64::from(*bought);
            n += 1.0;
        }
        near(foretold / came, 1.0, 0.08);
        assert!(n > 500.0);
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_likelihood() {
    let groups = Groups::of(&cdnow::customers());
    let at = BgNbd {
        r: 0.5,
        alpha: 3.0,
        a: 0.4,
        b: 1.7,
    };
    let mut tables = Tables::default();
    let (_, gradient) = at.score(&groups, &mut tables);
    let moved = |i: usize, by: f64| {
        let mut of = [at.r, at.alpha, at.a, at.b];
        of[i] += by;
        let [r, alpha, a, b] = of;
        BgNbd { r, alpha, a, b }
    };
    for (i, slope) in gradient.iter().enumerate() {
        let up = moved(i, 1e-6).score(&groups, &mut tables).0;
        let down = moved(i, -1e-6).score(&groups, &mut tables).0;
        near((up - down) / 2e-6, *slope, 1e-3 * slope.abs().max(1.0));
    }
}

#[test]
fn grouped_rows_count_as_often_as_they_stand_for() {
    let customers = cdnow::customers();
    let mut grouped = customers.clone();
    for row in &mut grouped {
        row.customers = 3;
    }
    let (one, three) = (
        BgNbd::fit(&customers).unwrap(),
        BgNbd::fit(&grouped).unwrap(),
    );
    near(three.log_likelihood, 3.0 * one.log_likelihood, 1e-3);
    near(three.model.r, one.model.r, 1e-4);
    assert_eq!(three.customers, 3 * one.customers);
}

#[test]
fn data_that_say_nothing_are_refused() {
    let message = |rows: &[Summary]| BgNbd::fit(rows).unwrap_err().to_string();
    assert!(message(&[]).contains("10 customers"));
    assert!(message(&[Summary::new(3, 5.0, 9.0); 9]).contains("10 customers"));
    assert!(message(&[Summary::new(0, 0.0, 9.0); 50]).contains("second time"));
    assert!(message(&[Summary::new(1, 10.0, 9.0); 50]).starts_with("row 0"));
}

/// Customers who are all alike, who never drop out, or who all do at once: the best parameters lie at
/// an edge, and what follows from them is still finite.
#[test]
fn degenerate_customer_bases_are_fitted_within_the_range() {
    for row in [
        Summary::new(10, 40.0, 40.0),
        Summary::new(1, 0.01, 40.0),
        Summary::new(100_000, 5_000.0, 5_000.0),
        Summary::new(3, 1e-6, 1e-6),
    ] {
        let fit = BgNbd::fit(&[row; 30]).unwrap();
        for parameter in [fit.model.r, fit.model.alpha, fit.model.a, fit.model.b] {
            assert!((9e-4..=1.001e4).contains(&parameter), "{row:?}: {fit:?}");
        }
        assert!(fit.log_likelihood.is_finite());
        assert!(fit.model.conditional_expectation(&row, 52.0).is_finite());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_customer_base_has_a_finite_fit(
        rows in prop::collection::vec((0_u32..200, 0.0_f64..1.0, 0.1_f64..500.0), 10..60),
    ) {
        let row = |(x, share, t): (u32, f64, f64)| match x {
            0 => Summary::new(0, 0.0, t),
            x => Summary::new(x, (share * t).max(1e-3), t),
        };
        let rows: Vec<Summary> = rows.into_iter().map(row).collect();
        prop_assume!(rows.iter().any(|row| row.x > 0));
        let fit = BgNbd::fit(&rows).unwrap();
        prop_assert!(fit.log_likelihood.is_finite());
        for row in &rows {
            let alive = fit.model.probability_alive(row);
            prop_assert!((0.0..=1.0).contains(&alive), "{alive}");
        }
    }

    /// Of two customers with as many purchases, the one who was seen later is likelier alive.
    #[test]
    fn silence_makes_a_loss_likelier(x in 1_u32..50, t in 1.0..400.0, early in 0.01..0.98) {
        let model = PUBLISHED;
        let quiet = model.probability_alive(&Summary::new(x, early * t, t));
        let seen = model.probability_alive(&Summary::new(x, (early + 0.01) * t, t));
        prop_assert!(quiet <= seen);
    }
}
