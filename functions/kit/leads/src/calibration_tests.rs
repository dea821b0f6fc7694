use proptest::prelude::*;

use super::*;

/// Scores that are twice too sure, with outcomes by chance.
fn overconfident(n: usize) -> (Vec<f64>, Vec<bool>) {
    let mut rng = fastrand::Rng::with_seed(11);
    (0..n)
        .map(|_| {
            let truth = 6.0 * rng.f64() - 3.0;
            (2.0 * truth + 1.0, rng.f64() < chance(truth))
        })
        .unzip()
}

#[test]
fn overconfidence_is_taken_back() {
    let (scores, outcomes) = overconfident(900);
    let platt = Calibration::fit(&scores, &outcomes);
    let Calibration::Platt { slope, intercept } = platt else {
        panic!("{platt:?}");
    };
    assert!(
        (slope - 0.5).abs() < 0.08 && (intercept + 0.5).abs() < 0.25,
        "{platt:?}"
    );
    let (scores, outcomes) = overconfident(20_000);
    let isotonic = Calibration::fit(&scores, &outcomes);
    assert!(matches!(isotonic, Calibration::Isotonic { .. }));
    for truth in [-2.0, -1.0, 0.0, 1.0, 2.0] {
        let found = isotonic.apply(2.0 * truth + 1.0);
        assert!((found - chance(truth)).abs() < 0.07, "{truth}: {found}");
    }
}

/// Leads whose odds are no line: what was calibrated on folds comes true for leads that are new, in
/// each tenth of the scores within three standard errors of a count, and what the calibration itself
/// may be off by (as many leads were fitted as are in a bin here).
#[test]
fn calibrated_chances_come_true() {
    let mut rng = fastrand::Rng::with_seed(23);
    let mut leads = |n: usize| -> (Vec<Vec<f64>>, Vec<bool>) {
        let mut one = || {
            let x = 4.0 * rng.f64() - 2.0;
            // Flat, then steep: a logistic regression alone is wrong at both ends.
            let truth = 0.1 + 0.65 * chance(4.0 * (x - 0.5));
            (vec![x], rng.f64() < truth)
        };
        (0..n).map(|_| one()).unzip()
    };
    let (rows, outcomes) = leads(20_000);
    let fit = Logistic::fit(&rows, &outcomes, 0.0).unwrap();
    let folds = folded(&rows, &outcomes, 0.0).unwrap();
    let map = Calibration::fit(&folds.log_odds, &outcomes);
    let (fresh, came) = leads(20_000);
    let mut scored: Vec<(f64, f64, bool)> = fresh
        .iter()
        .zip(&came)
        .map(|(row, came)| {
            let odds = fit.log_odds(row);
            (map.apply(odds), chance(odds), *came)
        })
        .collect();
    scored.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut worst_of_plain: f64 = 0.0;
    for bin in scored.chunks(2_000) {
        let n = bin.len() as f64;
        let mean = |of: fn(&(f64, f64, bool)) -> f64| bin.iter().map(of).sum::<f64>() / n;
        let observed = mean(|one| f64::from(u8::from(one.2)));
        let predicted = mean(|one| one.0);
        let error = (observed * (1.0 - observed) / n).sqrt();
        let off = (observed - predicted).abs();
        assert!(
            off < 3.0 * error * 2.0_f64.sqrt(),
            "{observed} {predicted} {error}"
        );
        worst_of_plain = worst_of_plain.max((observed - mean(|one| one.1)).abs());
    }
    assert!(
        worst_of_plain > 0.1,
        "the regression alone would have passed: {worst_of_plain}"
    );
}

#[test]
fn reliability_counts_what_came_true() {
    let found = reliability(&[0.05, 0.05, 0.95, 1.0], &[false, true, true, true]);
    assert!((found.brier - (0.0025 + 0.9025 + 0.0025) / 4.0).abs() < 1e-12);
    assert!((found.brier_of_base_rate - 0.1875).abs() < 1e-12);
    assert_eq!(found.bins.len(), 2);
    assert_eq!((found.bins[0].rows, found.bins[1].rows), (2, 2));
    assert!((found.bins[0].observed - 0.5).abs() < 1e-12);
    assert!((found.bins[1].predicted - 0.975).abs() < 1e-12);
}

proptest! {
    #[test]
    fn maps_never_fall_and_give_chances(
        rows in prop::collection::vec((-40.0_f64..40.0, any::<bool>()), 2..80),
        probes in prop::collection::vec(-100.0_f64..100.0, 2..20),
    ) {
        let (scores, outcomes): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
        for map in [platt(&scores, &outcomes), isotonic(&scores, &outcomes)] {
            prop_assert_eq!(map.check(), Ok(()), "{:?}", map);
            let mut probes = probes.clone();
            probes.sort_by(f64::total_cmp);
            let chances: Vec<f64> = probes.iter().map(|x| map.apply(*x)).collect();
            prop_assert!(chances.iter().all(|p| (0.0..=1.0).contains(p)), "{map:?} {chances:?}");
            prop_assert!(chances.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
        }
    }
}
