use proptest::prelude::*;

use super::*;
use crate::cdnow::{self, PUBLISHED};

/// E[X(t)] as Fader, Hardie and Lee print it (equation 9), by the series of the hypergeometric function.
fn published_form(model: &BgNbd, t: f64) -> f64 {
    let BgNbd { r, alpha, a, b } = *model;
    let (c, z) = (a + b - 1.0, t / (alpha + t));
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 0..20_000 {
        let n = f64::from(n);
        term *= (r + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
        sum += term;
    }
    c / (a - 1.0) * (1.0 - (alpha / (alpha + t)).powf(r) * sum)
}

#[test]
fn the_sum_is_the_published_closed_form() {
    for (model, t) in [
        (PUBLISHED, 39.0),
        (
            BgNbd {
                r: 3.0,
                alpha: 5.0,
                a: 2.5,
                b: 0.7,
            },
            12.0,
        ),
        (
            BgNbd {
                r: 0.1,
                alpha: 1.0,
                a: 0.2,
                b: 1.9,
            },
            30.0,
        ),
    ] {
        let (found, wanted) = (model.expected_purchases(t), published_form(&model, t));
        assert!(
            (found / wanted - 1.0).abs() < 1e-9,
            "{model:?}: {found} {wanted}"
        );
    }
}

#[test]
fn what_the_closed_form_divides_by_zero_for_is_no_exception() {
    let at = |a: f64| {
        BgNbd {
            r: 0.8,
            alpha: 6.0,
            a,
            b: 2.0,
        }
        .expected_purchases(52.0)
    };
    let (below, exact, above) = (at(1.0 - 1e-7), at(1.0), at(1.0 + 1e-7));
    assert!(below > exact && exact > above && below - above < 1e-5);
}

/// A million customers drawn from a model, counted.
#[test]
fn the_distribution_is_that_of_generated_customers() {
    let model = BgNbd {
        r: 0.7,
        alpha: 5.0,
        a: 0.9,
        b: 2.2,
    };
    let made = cdnow::generate(&model, &cdnow::PUBLISHED_SPEND, 60_000, 20.0);
    let fresh = Summary::new(0, 0.0, 0.0);
    // Those who have not come back yet are all alike but for their age.
    let young: Vec<_> = made
        .iter()
        .filter(|(row, _)| row.x == 0 && row.t < 30.0)
        .collect();
    let predictive = Predictive::new(&model, &Summary { t: 28.0, ..fresh }, 20.0);
    for count in 0..3 {
        let came = young.iter().filter(|(_, bought)| *bought == count).count();
        let share = came as f64 / young.len() as f64;
        let foretold = predictive.chances[count as usize];
        assert!(
            (share - foretold).abs() < 0.02,
            "{count}: {share} {foretold}"
        );
    }
}

#[test]
fn intervals_hold_what_they_say() {
    let certain = Predictive {
        chances: vec![0.0, 0.0, 1.0],
    };
    assert_eq!(certain.interval(0.9), (2, 2));
    let even = Predictive {
        chances: vec![0.1; 10],
    };
    assert_eq!(even.interval(0.8), (0, 8));
    assert_eq!(even.quantile(1.0), 9);
}

fn models() -> impl Strategy<Value = BgNbd> {
    let any = || (-6.9_f64..9.2).prop_map(f64::exp);
    (any(), any(), any(), any()).prop_map(|(r, alpha, a, b)| BgNbd { r, alpha, a, b })
}

fn customers() -> impl Strategy<Value = Summary> {
    (0_u32..500, 0.001_f64..1.0, 0.1_f64..1_000.0).prop_map(|(x, share, t)| match x {
        0 => Summary::new(0, 0.0, t),
        x => Summary::new(x, share * t, t),
    })
}

proptest! {
    #[test]
    fn predictions_are_probabilities_and_agree(
        model in models(), customer in customers(), weeks in 0.0_f64..520.0,
    ) {
        let found = Predictor::new(model, weeks).predict(&customer);
        let Prediction { alive, alive_after, purchase, purchases } = found;
        for chance in [alive, alive_after, purchase] {
            prop_assert!((0.0..=1.0).contains(&chance), "{found:?}");
        }
        prop_assert!(alive_after <= alive + 1e-12);
        prop_assert!(purchases.is_finite() && purchases >= purchase - 1e-9, "{found:?}");
        let single = model.conditional_expectation(&customer, weeks);
        prop_assert!((single - purchases).abs() <= 1e-9 * (1.0 + single));
        let shorter = model.conditional_expectation(&customer, weeks / 2.0);
        prop_assert!(shorter <= purchases * (1.0 + 1e-9));
    }

    #[test]
    fn the_distribution_sums_to_one_and_has_the_expected_mean(
        model in models(), customer in customers(), weeks in 0.0_f64..52.0,
    ) {
        let predictive = Predictive::new(&model, &customer, weeks);
        let sum: f64 = predictive.chances.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-9);
        prop_assert!(predictive.chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        // Where the tail is cut, there is no mean to compare.
        if predictive.chances.len() < 5_000 {
            let counted = predictive.chances.iter().enumerate();
            let mean: f64 = counted.map(|(n, chance)| n as f64 * chance).sum();
            let expected = model.conditional_expectation(&customer, weeks);
            prop_assert!((mean - expected).abs() < 1e-4 * (1.0 + expected), "{mean} {expected}");
        }
    }

    #[test]
    fn sum_and_integral_agree(
        r in 0.05_f64..50.0, a in 0.05_f64..50.0, b in 0.05_f64..50.0, h in 1e-4_f64..50.0,
    ) {
        let mut survival = Survival::new(a, b);
        let (sum, integral) = (survival.expectations(r, h), survival.integrate(r, h));
        prop_assert!((sum.purchases / integral.purchases - 1.0).abs() < 1e-7,
            "{sum:?} {integral:?}");
        prop_assert!((sum.alive_after - integral.alive_after).abs() < 1e-8);
    }
}
