use proptest::prelude::*;

use super::*;
use crate::cdnow::{self, PUBLISHED, PUBLISHED_SPEND};

fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} is not {wanted}");
}

/// Hardie and Fader, note 025: the 946 repeaters of CDNOW.
#[test]
fn cdnow_is_fitted_as_published() {
    let fit = GammaGamma::fit(&cdnow::customers()).unwrap();
    assert_eq!(fit.customers, 946);
    assert!(fit.determined);
    near(fit.model.p, PUBLISHED_SPEND.p, 0.01);
    near(fit.model.q, PUBLISHED_SPEND.q, 0.01);
    near(fit.model.gamma, PUBLISHED_SPEND.gamma, 0.03);
    // What a customer without repeats is expected to spend, and one with many.
    let mean = fit.model.mean();
    near(mean, 6.25 * 15.44 / 2.74, 0.1);
    near(
        fit.model.conditional_mean(&Summary::new(0, 0.0, 38.86)),
        mean,
        1e-12,
    );
}

#[test]
fn known_parameters_are_recovered() {
    let truth = GammaGamma {
        p: 3.0,
        q: 5.0,
        gamma: 40.0,
    };
    let made = cdnow::generate(&PUBLISHED, &truth, 60_000, 0.0);
    let rows: Vec<Summary> = made.into_iter().map(|(row, _)| row).collect();
    let fit = GammaGamma::fit(&rows).unwrap();
    near(fit.model.p / truth.p, 1.0, 0.08);
    near(fit.model.q / truth.q, 1.0, 0.08);
    near(fit.model.gamma / truth.gamma, 1.0, 0.12);
    near(fit.model.mean() / truth.mean(), 1.0, 0.02);
}

#[test]
fn the_gradient_is_the_slope_of_the_likelihood() {
    let rows = [(1, 0.4, 2.0), (1, 3.0, 1.0), (2, 1.1, 1.0), (7, 0.9, 3.0)];
    let at = GammaGamma {
        p: 2.0,
        q: 3.0,
        gamma: 0.7,
    };
    let (_, gradient) = at.score(&rows);
    for (i, slope) in gradient.iter().enumerate() {
        let moved = |by: f64| {
            let mut of = [at.p, at.q, at.gamma];
            of[i] += by;
            GammaGamma {
                p: of[0],
                q: of[1],
                gamma: of[2],
            }
            .score(&rows)
            .0
        };
        near((moved(1e-6) - moved(-1e-6)) / 2e-6, *slope, 1e-5);
    }
}

#[test]
fn another_currency_only_scales() {
    let rows = cdnow::customers();
    let yen: Vec<Summary> = rows
        .iter()
        .map(|row| Summary {
            mean_spend: row.mean_spend * 150.0,
            ..*row
        })
        .collect();
    let (one, other) = (
        GammaGamma::fit(&rows).unwrap(),
        GammaGamma::fit(&yen).unwrap(),
    );
    near(other.model.gamma / one.model.gamma, 150.0, 0.01);
    near(other.model.p, one.model.p, 1e-3);
}

#[test]
fn data_that_say_nothing_are_refused_and_constants_are_not() {
    let bought = Summary {
        mean_spend: 25.0,
        ..Summary::new(2, 5.0, 9.0)
    };
    assert!(GammaGamma::fit(&[bought; 9]).is_err());
    assert!(GammaGamma::fit(&[Summary::new(2, 5.0, 9.0); 50]).is_err());
    let fit = GammaGamma::fit(&[bought; 50]).unwrap();
    assert!(!fit.determined);
    near(fit.model.conditional_mean(&bought), 25.0, 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The estimate lies between what the customer spent and what all do.
    #[test]
    fn what_a_customer_spent_is_shrunk_to_the_mean(x in 1_u32..500, mean_spend in 0.01_f64..1e6) {
        let model = PUBLISHED_SPEND;
        let found = model.conditional_mean(&Summary { mean_spend, ..Summary::new(x, 1.0, 2.0) });
        let (low, high) = (mean_spend.min(model.mean()), mean_spend.max(model.mean()));
        prop_assert!((low * 0.999_999..=high * 1.000_001).contains(&found));
    }

    #[test]
    fn any_spends_have_a_finite_fit(
        rows in prop::collection::vec((1_u32..300, -4.0_f64..20.0), 10..60),
    ) {
        let row = |(x, log): (u32, f64)| Summary {
            mean_spend: log.exp(),
            ..Summary::new(x, 1.0, 2.0)
        };
        let rows: Vec<Summary> = rows.into_iter().map(row).collect();
        let fit = GammaGamma::fit(&rows).unwrap();
        prop_assert!(fit.log_likelihood.is_finite());
        for row in &rows {
            let mean = fit.model.conditional_mean(row);
            prop_assert!(mean.is_finite() && mean > 0.0);
        }
    }
}
