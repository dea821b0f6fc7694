use proptest::prelude::*;

use super::*;

/// Fader and Hardie (2007): 1,000 customers of each of two segments over seven renewals.
const REGULAR: [u32; 8] = [1_000, 631, 468, 382, 326, 289, 262, 241];
const HIGH_END: [u32; 8] = [1_000, 869, 743, 653, 593, 551, 517, 491];

fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} is not {wanted}");
}

/// Fader and Hardie, "How to Project Customer Retention" (2007), table 3: regular and high-end customers.
#[test]
fn the_two_segments_are_fitted_as_published() {
    for (survivors, alpha, beta) in [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)] {
        let fit = Sbg::fit(&survivors).unwrap();
        assert!(fit.determined);
        near(fit.model.alpha, alpha, 0.002);
        near(fit.model.beta, beta, 0.004);
    }
}

/// The published projection: after twelve years 49.1 % became 34.9, 24.1 % became 16.7 or so; the
/// retention rises with every renewal.
#[test]
fn survival_is_the_product_of_rising_retentions() {
    let model = Sbg::fit(&HIGH_END).unwrap().model;
    near(model.survival(7), 0.491, 0.01);
    let mut share = 1.0;
    for renewals in 0..40 {
        share *= model.retention(renewals);
        near(model.survival(renewals + 1), share, 1e-12);
        assert!(model.retention(renewals + 1) > model.retention(renewals));
    }
    near(
        model.retained(3, 4),
        model.survival(7) / model.survival(3),
        1e-12,
    );
}

#[test]
fn customers_who_signed_at_different_times_say_what_a_cohort_says() {
    let left: Vec<u32> = REGULAR.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let mut stayed = vec![0; 8];
    stayed[7] = 241;
    let (cohort, tenures) = (
        Sbg::fit(&REGULAR).unwrap(),
        Sbg::fit_tenures(&left, &stayed),
    );
    assert_eq!(tenures.unwrap(), cohort);
    // A second cohort, of which three renewals are known: all figures together.
    let younger = [1_000, 631, 468, 382];
    let mut both = left.clone();
    for (k, pair) in younger.windows(2).enumerate() {
        both[k] += pair[0] - pair[1];
    }
    stayed[3] = 382;
    let fit = Sbg::fit_tenures(&both, &stayed).unwrap();
    assert_eq!(fit.customers, 2_000);
    near(fit.model.survival(3), 0.382, 0.01);
    near(fit.model.survival(7), 0.241, 0.01);
    let nobody = Sbg::fit_tenures(&[], &[5, 5, 5, 5]);
    assert_eq!(nobody, Err(Error::NotEnoughData("nobody left")));
    let few = Sbg::fit_tenures(&[20], &[0, 20]);
    assert!(
        matches!(few, Err(Error::NotEnoughData(_))),
        "one renewal says nothing of the next"
    );
}

#[test]
fn the_residual_lifetime_is_the_discounted_sum() {
    let model = Sbg {
        alpha: 0.704,
        beta: 1.182,
    };
    let by_hand = |renewals: u32, rate: f64| -> f64 {
        let term = |i: u32| model.retained(renewals, i + 1) / (1.0 + rate).powf(f64::from(i));
        (0..1_500).map(term).sum()
    };
    near(model.residual_lifetime(0, 0.1), by_hand(0, 0.1), 1e-6);
    near(model.residual_lifetime(4, 0.2), by_hand(4, 0.2), 1e-6);
    // Where all are alike, it is that of a constant retention: ρ(1+d)/(1+d−ρ).
    let alike = Sbg {
        alpha: 2e8,
        beta: 8e8,
    };
    near(alike.residual_lifetime(0, 0.1), 0.8 * 1.1 / 0.3, 1e-6);
    assert!(model.residual_lifetime(0, 0.0).is_finite());
}

#[test]
fn cohorts_that_say_nothing_are_refused() {
    for (survivors, word) in [
        (&[][..], "no survivors"),
        (&[100, 90], "two renewals"),
        (&[9, 5, 3], "10 customers"),
        (&[50, 50, 50], "nobody left"),
        (&[50, 40, 45], "row 2"),
    ] {
        let message = Sbg::fit(survivors).unwrap_err().to_string();
        assert!(message.contains(word), "{survivors:?}: {message}");
    }
    assert!(Sbg::fit(&[100, 0, 0]).unwrap().model.survival(1) < 0.01);
}

proptest! {
    #[test]
    fn known_parameters_are_recovered(alpha in 0.3_f64..4.0, beta in 0.5_f64..6.0) {
        let truth = Sbg { alpha, beta };
        let left = |k: u32| (1e7 * truth.survival(k)).round() as u32;
        let fit = Sbg::fit(&(0..9).map(left).collect::<Vec<_>>()).unwrap();
        prop_assert!((fit.model.alpha / alpha - 1.0).abs() < 0.02, "{:?} {truth:?}", fit.model);
        prop_assert!((fit.model.beta / beta - 1.0).abs() < 0.02);
    }

    #[test]
    fn any_cohort_has_a_finite_fit(mut survivors in prop::collection::vec(0_u32..1_000_000, 3..30)) {
        survivors.sort_unstable_by(|a, b| b.cmp(a));
        if let Ok(fit) = Sbg::fit(&survivors) {
            prop_assert!(fit.log_likelihood.is_finite());
            for k in 0..30 {
                prop_assert!((0.0..=1.0).contains(&fit.model.retention(k)));
            }
            prop_assert!(fit.model.residual_lifetime(2, 0.1).is_finite());
        }
    }
}
