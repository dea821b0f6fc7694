use proptest::prelude::*;

use super::*;

fn spector() -> (Vec<Vec<f64>>, Vec<bool>) {
    let rows = include_str!("../tests/data/spector.csv").lines().skip(1);
    let row = |line: &str| {
        let mut fields: Vec<f64> = line
            .split(',')
            .map(|field| field.parse().unwrap())
            .collect();
        let grade = fields.pop().unwrap() > 0.5;
        (fields, grade)
    };
    rows.map(row).unzip()
}

/// Greene, "Econometric Analysis", table of logit estimates; the same in the documentation of
/// `statsmodels`.
#[test]
fn spector_is_fitted_as_published() {
    let (rows, outcomes) = spector();
    let fit = Logistic::fit(&rows, &outcomes, 0.0).unwrap();
    assert!((fit.intercept + 13.0213).abs() < 5e-5, "{fit:?}");
    for (found, wanted) in fit.coefficients.iter().zip([2.8261, 0.0952, 2.3787]) {
        assert!((found - wanted).abs() < 5e-5, "{found} is not {wanted}");
    }
    assert!((fit.log_likelihood + 12.8896).abs() < 5e-5, "{fit:?}");
    // Mean chance and mean outcome agree at the maximum.
    let mean: f64 = rows
        .iter()
        .map(|row| chance(fit.log_odds(row)))
        .sum::<f64>()
        / 32.0;
    assert!((mean - 11.0 / 32.0).abs() < 1e-9);
}

#[test]
fn known_coefficients_are_recovered() {
    let mut rng = fastrand::Rng::with_seed(5);
    let truth = [0.8, -1.5, 0.0];
    let mut rows = Vec::new();
    let mut outcomes = Vec::new();
    for _ in 0..20_000 {
        let row = vec![rng.f64() * 4.0, rng.f64(), 100.0 * rng.f64()];
        let odds: f64 = -1.0 + row.iter().zip(truth).map(|(x, b)| x * b).sum::<f64>();
        outcomes.push(rng.f64() < chance(odds));
        rows.push(row);
    }
    let fit = Logistic::fit(&rows, &outcomes, 0.0).unwrap();
    assert!((fit.intercept + 1.0).abs() < 0.1, "{fit:?}");
    for (found, wanted) in fit.coefficients.iter().zip(truth) {
        assert!((found - wanted).abs() < 0.1, "{fit:?}");
    }
}

/// Of forty data sets, the mean of each estimate lies within three of its standard errors of the truth;
/// the intercept comes last.
#[test]
fn estimates_are_without_bias() {
    const SETS: usize = 40;
    let mut rng = fastrand::Rng::with_seed(17);
    let truth = [0.8, -1.5, 0.3, -0.5];
    let mut fits: Vec<[f64; 4]> = Vec::new();
    for _ in 0..SETS {
        let mut rows = Vec::new();
        let mut outcomes = Vec::new();
        for _ in 0..3_000 {
            let row: Vec<f64> = (0..3).map(|_| 2.0 * rng.f64() - 1.0).collect();
            let odds = truth[3] + row.iter().zip(truth).map(|(x, b)| x * b).sum::<f64>();
            outcomes.push(rng.f64() < chance(odds));
            rows.push(row);
        }
        let fit = Logistic::fit(&rows, &outcomes, 0.0).unwrap();
        let [a, b, c] = fit.coefficients[..] else {
            panic!("{fit:?}");
        };
        fits.push([a, b, c, fit.intercept]);
    }
    for (k, wanted) in truth.iter().enumerate() {
        let n = SETS as f64;
        let mean = fits.iter().map(|fit| fit[k]).sum::<f64>() / n;
        let variance = fits.iter().map(|fit| (fit[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        assert!(error < 0.02, "{k}: {error}");
        assert!((mean - wanted).abs() < 3.0 * error, "{k}: {mean} ± {error}");
    }
}

#[test]
fn separation_is_told_and_a_ridge_ends_it() {
    let rows: Vec<Vec<f64>> = (0..20).map(|i| vec![f64::from(i), 1.0]).collect();
    let outcomes: Vec<bool> = (0..20).map(|i| i > 9).collect();
    let one: Vec<Vec<f64>> = rows.iter().map(|row| vec![row[0]]).collect();
    assert_eq!(
        Logistic::fit(&one, &outcomes, 0.0),
        Err(FitError::Separated)
    );
    let fit = Logistic::fit(&rows, &outcomes, 1.0).unwrap();
    assert!(
        fit.coefficients[0] > 0.1 && fit.coefficients[0] < 2.0,
        "{fit:?}"
    );
    assert!(
        fit.coefficients[1].abs() < 1e-9,
        "a constant explains nothing"
    );
    let mixed: Vec<bool> = (0..20).map(|i| i % 3 == 0).collect();
    assert_eq!(Logistic::fit(&rows, &mixed, 0.0), Err(FitError::Collinear));
    assert!(Logistic::fit(&one, &mixed, 0.0).is_ok());
}

#[test]
fn what_cannot_be_fitted_is_told() {
    let fit =
        |rows: &[Vec<f64>], outcomes: &[bool]| Logistic::fit(rows, outcomes, 1.0).unwrap_err();
    assert_eq!(fit(&[], &[]), FitError::OneOutcome);
    assert_eq!(
        fit(&[vec![1.0], vec![2.0]], &[true, true]),
        FitError::OneOutcome
    );
    assert_eq!(
        fit(&[vec![1.0], vec![]], &[true, false]),
        FitError::InvalidRow(1)
    );
    assert_eq!(
        fit(&[vec![f64::NAN], vec![1.0]], &[true, false]),
        FitError::InvalidRow(0)
    );
}

proptest! {
    #[test]
    fn any_data_with_a_ridge_have_a_finite_fit(
        data in prop::collection::vec((-1e6_f64..1e6, -1.0_f64..1.0, 0_u8..3, any::<bool>()), 4..60),
    ) {
        let rows: Vec<Vec<f64>> = data.iter().map(|(a, b, c, _)| vec![*a, *b, f64::from(*c)]).collect();
        let outcomes: Vec<bool> = data.iter().map(|(_, _, _, outcome)| *outcome).collect();
        prop_assume!(outcomes.iter().any(|o| *o) && outcomes.iter().any(|o| !*o));
        let fit = Logistic::fit(&rows, &outcomes, 1.0).unwrap();
        prop_assert!(fit.log_likelihood.is_finite() && fit.log_likelihood <= 0.0);
        for row in &rows {
            prop_assert!((0.0..=1.0).contains(&chance(fit.log_odds(row))));
        }
        // Without a ridge there is a maximum or a reason.
        if let Ok(plain) = Logistic::fit(&rows, &outcomes, 0.0) {
            prop_assert!(plain.log_likelihood >= fit.log_likelihood - 1e-6);
        }
    }
}
