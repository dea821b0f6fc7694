use proptest::prelude::*;

use super::*;
use crate::ets::Trend;
use crate::tests::air_passengers;

fn spec(error: ErrorKind, trend: Trend, season: Season) -> Spec {
    Spec::new(error, trend, season)
}

/// Logarithms of the likelihood that statsmodels 0.15 (`ETSModel(...).fit()`) finds for
/// `AirPassengers`. Ours must not be lower.
#[test]
fn likelihoods_reach_those_of_statsmodels() {
    use ErrorKind::{Additive, Multiplicative};
    let air = air_passengers();
    for (spec, wanted) in [
        (spec(Additive, Trend::None, Season::None), -710.394),
        (spec(Additive, Trend::Damped, Season::None), -710.254),
        (spec(Additive, Trend::Additive, Season::Additive), -564.984),
        (
            spec(Additive, Trend::Additive, Season::Multiplicative),
            -543.557,
        ),
        (
            spec(Multiplicative, Trend::Additive, Season::Multiplicative),
            -522.490,
        ),
        (
            spec(Multiplicative, Trend::Damped, Season::Multiplicative),
            -525.617,
        ),
    ] {
        let found = fit(&air, 12, spec).unwrap().log_likelihood;
        assert!(
            found > wanted - 0.05,
            "{spec}: {found} is less than {wanted}"
        );
    }
}

/// The same model has the same parameters: statsmodels has 0.7610, 0.0192, 0.0000239 and 0.98.
#[test]
fn parameters_are_those_of_statsmodels() {
    let model = spec(
        ErrorKind::Multiplicative,
        Trend::Damped,
        Season::Multiplicative,
    );
    let found = fit(&air_passengers(), 12, model).unwrap().smoothing;
    for (found, wanted) in [
        (found.alpha, 0.7610),
        (found.beta, 0.0192),
        (found.gamma, 0.0),
        (found.phi, 0.98),
    ] {
        assert!((found - wanted).abs() < 1e-3, "{found}, not {wanted}");
    }
}

/// R's `ets(AirPassengers)` chooses ETS(M,Ad,M) with an `AICc` of 1400.638, whose constant is not that
/// of the likelihood: n (log(2 pi / n) + 1) less. The best model here must be as good.
#[test]
fn the_choice_is_as_good_as_r_s() {
    let n: f64 = 144.0;
    let of_r = 1400.638 + n * ((2.0 * std::f64::consts::PI / n).ln() + 1.0);
    let (best, candidates) = choose(&air_passengers(), 12).unwrap();
    assert!(best.aicc <= of_r, "{} {} {of_r}", best.spec, best.aicc);
    assert_eq!(best.spec.season, Season::Multiplicative);
    assert_eq!(best.spec.error, ErrorKind::Multiplicative);
    assert_eq!(candidates.len(), 15);
    assert!(candidates.is_sorted_by(|a, b| a.aicc <= b.aicc));
}

/// A level that moves by 0.4 of each error of size 2 is found again from 2,000 observations.
#[test]
fn known_parameters_are_found_again() {
    let mut random = fastrand::Rng::with_seed(11);
    let mut normal = || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    let mut level = 100.0;
    let series: Vec<f64> = (0..2_000)
        .map(|_| {
            let error = 2.0 * normal();
            let seen = level + error;
            level += 0.4 * error;
            seen
        })
        .collect();
    let (found, _) = choose(&series, 1).unwrap();
    assert_eq!(found.spec.trend, Trend::None);
    assert!(
        (found.smoothing.alpha - 0.4).abs() < 0.05,
        "{:?}",
        found.smoothing
    );
    let relative = found.spec.error == ErrorKind::Multiplicative;
    let sigma = if relative {
        found.sigma * 100.0
    } else {
        found.sigma
    };
    assert!((sigma - 2.0).abs() < 0.2, "{sigma}");
}

/// A series of 400 periods of an additive model: a level of 100, a slope and a season of four, moved by
/// errors of size 2.
fn made(random: &mut fastrand::Rng, alpha: f64, beta: f64, gamma: f64) -> Vec<f64> {
    let mut normal = || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    let (mut level, mut slope) = (100.0, if beta > 0.0 { 0.5 } else { 0.0 });
    let mut seasons = if gamma > 0.0 {
        [5.0, -3.0, 4.0, -6.0]
    } else {
        [0.0; 4]
    };
    (0..400)
        .map(|t| {
            let error = 2.0 * normal();
            let seen = level + slope + seasons[t % 4] + error;
            level += slope + alpha * error;
            slope += beta * error;
            seasons[t % 4] += gamma * error;
            seen
        })
        .collect()
}

/// Of level, trend and season, the mean of the estimates of 24 series lies within three of its standard
/// errors of what the series were made with, or within 0.01: estimates have a bias of that size.
#[test]
fn each_form_finds_its_smoothing_again() {
    const SERIES: usize = 24;
    let mut random = fastrand::Rng::with_seed(51);
    let additive = ErrorKind::Additive;
    for (model, m, truth) in [
        (
            spec(additive, Trend::None, Season::None),
            1,
            [0.4, 0.0, 0.0],
        ),
        (
            spec(additive, Trend::Additive, Season::None),
            1,
            [0.5, 0.1, 0.0],
        ),
        (
            spec(additive, Trend::None, Season::Additive),
            4,
            [0.3, 0.0, 0.2],
        ),
        (
            spec(additive, Trend::Additive, Season::Additive),
            4,
            [0.4, 0.05, 0.2],
        ),
    ] {
        let [alpha, beta, gamma] = truth;
        let fits: Vec<[f64; 4]> = (0..SERIES)
            .map(|_| {
                let found = fit(&made(&mut random, alpha, beta, gamma), m, model).unwrap();
                let smoothing = found.smoothing;
                [
                    smoothing.alpha,
                    smoothing.beta,
                    smoothing.gamma,
                    found.sigma,
                ]
            })
            .collect();
        for (k, wanted) in [alpha, beta, gamma, 2.0].into_iter().enumerate() {
            let n = SERIES as f64;
            let mean = fits.iter().map(|fit| fit[k]).sum::<f64>() / n;
            let variance = fits.iter().map(|fit| (fit[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let error = (variance / n).sqrt();
            let near = (mean - wanted).abs() < (3.0 * error).max(0.01);
            assert!(
                near && error < 0.03,
                "{model}, {k}: {mean} ± {error}, not {wanted}"
            );
        }
    }
}

/// What is forecast from all but the last four periods of 300 series: the interval of 95 % holds the
/// last one in some 285, with trend and season as well. Three standard errors are 11; estimated
/// parameters cost a little more.
#[test]
fn intervals_of_trend_and_season_hold_what_they_say() {
    let mut random = fastrand::Rng::with_seed(52);
    let additive = ErrorKind::Additive;
    for (model, m, [alpha, beta, gamma]) in [
        (
            spec(additive, Trend::Additive, Season::None),
            1,
            [0.5, 0.1, 0.0],
        ),
        (
            spec(additive, Trend::None, Season::Additive),
            4,
            [0.3, 0.0, 0.2],
        ),
    ] {
        let mut held = 0;
        for _ in 0..300 {
            let series = &made(&mut random, alpha, beta, gamma)[..124];
            let found = fit(&series[..120], m, model).unwrap();
            let (low, high) = found.intervals(4, &[0.95])[0][3];
            held += u32::from(low <= series[123] && series[123] <= high);
        }
        assert!((270..=296).contains(&held), "{model}: {held} of 300");
    }
}

#[test]
fn missing_observations_are_stepped_over() {
    let mut air = air_passengers();
    for t in [30, 31, 77, 143] {
        air[t] = f64::NAN;
    }
    let (found, _) = choose(&air, 12).unwrap();
    assert_eq!(found.observed, 140);
    // December 1960 was 432.
    assert!(
        (found.fitted[143] - 432.0).abs() < 30.0,
        "{}",
        found.fitted[143]
    );
}

/// Intervals of a random walk widen with the root of the horizon: sigma times 1.96 times root h.
#[test]
fn intervals_follow_the_formula() {
    let model = spec(ErrorKind::Additive, Trend::None, Season::None);
    let mut found = fit(&air_passengers(), 1, model).unwrap();
    found.smoothing.alpha = 1.0;
    let bounds = &found.intervals(9, &[0.95])[0];
    for (h, width) in [(0, 1.0), (3, 2.0), (8, 3.0)] {
        let half = (bounds[h].1 - bounds[h].0) / 2.0;
        let wanted = 1.959_964 * found.sigma * width;
        assert!(
            (half - wanted).abs() < 1e-3 * wanted,
            "{h}: {half}, not {wanted}"
        );
    }
}

/// Where both are known, the drawn futures agree with the formula: one step of relative errors.
#[test]
fn drawn_intervals_agree_with_the_formula() {
    let model = spec(
        ErrorKind::Multiplicative,
        Trend::Additive,
        Season::Multiplicative,
    );
    let found = fit(&air_passengers(), 12, model).unwrap();
    let next = found.forecast(1)[0];
    let (low, high) = found.intervals(24, &[0.95])[0][0];
    let wanted = 1.96 * found.sigma * next;
    assert!(((high - low) / 2.0 - wanted).abs() < 0.05 * wanted);
    assert_eq!(found.intervals(24, &[0.8]), found.intervals(24, &[0.8]));
}

#[test]
fn what_a_model_cannot_bear_it_refuses() {
    let relative = spec(ErrorKind::Multiplicative, Trend::None, Season::None);
    let seasonal = spec(ErrorKind::Additive, Trend::None, Season::Additive);
    let plain = spec(ErrorKind::Additive, Trend::None, Season::None);
    assert_eq!(fit(&[1.0, -1.0, 2.0, 3.0, 1.0, 2.0], 1, relative), None);
    assert_eq!(fit(&[1.0; 20], 12, seasonal), None);
    assert_eq!(fit(&[1.0; 20], 1, seasonal), None);
    assert_eq!(fit(&[1.0; 4], 1, plain), None);
    assert_eq!(
        fit(&[1.0, 2.0, 3.0, 4.0, f64::INFINITY, 1.0], 1, plain),
        None
    );
    let constant = fit(&[7.0; 9], 1, plain).unwrap();
    assert!((constant.forecast(3)[2] - 7.0).abs() < 1e-9);
}

/// Of 400 series whose model is known, about 380 go on within the interval that should hold 95 %,
/// four periods ahead: by formula under additive errors, from drawn futures under relative ones.
#[test]
fn intervals_hold_what_they_say() {
    let mut random = fastrand::Rng::with_seed(21);
    for error in [ErrorKind::Additive, ErrorKind::Multiplicative] {
        let model = spec(error, Trend::None, Season::None);
        let mut held = 0;
        for _ in 0..400 {
            let mut level = 100.0;
            let mut next = || {
                let normal = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
                let unit = if error == ErrorKind::Additive {
                    5.0
                } else {
                    0.05 * level
                };
                let e = unit * normal;
                let seen = level + e;
                level += 0.3 * e;
                seen
            };
            let series: Vec<f64> = (0..84).map(|_| next()).collect();
            let found = fit(&series[..80], 1, model).unwrap();
            let (low, high) = found.intervals(4, &[0.95])[0][3];
            held += u32::from(low <= series[83] && series[83] <= high);
        }
        assert!((366..=394).contains(&held), "{error:?}: {held} of 400");
    }
}

proptest! {
    /// What is added to every period is added to the level and to every forecast of an additive form,
    /// and to nothing else: the same smoothing expects as well, and errs by as much.
    #[test]
    fn additive_forms_shift_with_the_series(
        values in prop::collection::vec(10.0..100.0, 16..40), shift in -500.0..500.0_f64,
        trend in prop::sample::select(vec![Trend::None, Trend::Additive, Trend::Damped]),
        season in prop::sample::select(vec![Season::None, Season::Additive]),
    ) {
        let model = spec(ErrorKind::Additive, trend, season);
        let one = fit(&values, 4, model).unwrap();
        let moved: Vec<f64> = values.iter().map(|y| y + shift).collect();
        let mut initial = one.initial.clone();
        initial.level += shift;
        let path = Recursion::new(model, &moved).path(&one.smoothing, &initial);
        let (fitted, last, _) = path.unwrap();
        let other = Fit { last, ..one.clone() };
        let pairs = one.fitted.iter().zip(&fitted);
        for (a, b) in pairs.chain(one.forecast(6).iter().zip(&other.forecast(6))) {
            prop_assert!((a + shift - b).abs() < 1e-8, "{} {} {}", a, b, shift);
        }
        let (before, after) = (one.intervals(6, &[0.9]), other.intervals(6, &[0.9]));
        for (a, b) in before[0].iter().zip(&after[0]) {
            prop_assert!((a.0 + shift - b.0).abs() < 1e-8 && (a.1 + shift - b.1).abs() < 1e-8);
        }
    }
}
