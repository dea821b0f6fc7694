//! Known parameters are found again: many data sets are generated and fitted, and the mean of the
//! estimates lies within three of its standard errors of the truth. Estimates are of logarithms, as the
//! fits are.

use fastrand::Rng;

use crate::cdnow::{PUBLISHED, PUBLISHED_SPEND, gamma, generate_by};
use crate::{BgNbd, GammaGamma, Sbg, Summary};

/// How many data sets are fitted.
const SETS: usize = 24;

/// Fits each of many data sets and compares the mean of each parameter's logarithm with the truth.
fn recovered<const K: usize>(names: [&str; K], truth: [f64; K], mut fit: impl FnMut() -> [f64; K]) {
    let fits: Vec<[f64; K]> = (0..SETS).map(|_| fit().map(f64::ln)).collect();
    for k in 0..K {
        let n = SETS as f64;
        let mean = fits.iter().map(|fit| fit[k]).sum::<f64>() / n;
        let variance = fits.iter().map(|fit| (fit[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        let off = (mean - truth[k].ln()) / error;
        assert!(
            off.abs() < 3.0,
            "{}: off by {off} errors of {error}",
            names[k]
        );
        // So that a fit that is all over the place does not pass by its own errors.
        assert!(error < 0.05, "{}: an error of {error}", names[k]);
    }
}

#[test]
fn bg_nbd() {
    let mut rng = Rng::with_seed(41);
    for truth in [
        PUBLISHED,
        BgNbd {
            r: 0.8,
            alpha: 6.0,
            a: 1.2,
            b: 3.0,
        },
    ] {
        let BgNbd { r, alpha, a, b } = truth;
        recovered(["r", "alpha", "a", "b"], [r, alpha, a, b], || {
            let made = generate_by(&mut rng, &truth, &PUBLISHED_SPEND, 12_000, 0.0);
            let rows: Vec<Summary> = made.into_iter().map(|(row, _)| row).collect();
            let BgNbd { r, alpha, a, b } = BgNbd::fit(&rows).unwrap().model;
            [r, alpha, a, b]
        });
    }
}

#[test]
fn gamma_gamma() {
    let mut rng = Rng::with_seed(42);
    for truth in [
        PUBLISHED_SPEND,
        GammaGamma {
            p: 3.0,
            q: 5.0,
            gamma: 40.0,
        },
    ] {
        let GammaGamma { p, q, gamma } = truth;
        recovered(["p", "q", "gamma"], [p, q, gamma], || {
            let made = generate_by(&mut rng, &PUBLISHED, &truth, 12_000, 0.0);
            let rows: Vec<Summary> = made.into_iter().map(|(row, _)| row).collect();
            let GammaGamma { p, q, gamma } = GammaGamma::fit(&rows).unwrap().model;
            [p, q, gamma]
        });
    }
}

#[test]
fn sbg() {
    let mut rng = Rng::with_seed(43);
    for (alpha, beta) in [(0.668, 3.806), (0.704, 1.182), (4.0, 9.0)] {
        recovered(["alpha", "beta"], [alpha, beta], || {
            let mut survivors = [0_u32; 9];
            for _ in 0..20_000 {
                let (lost, kept) = (gamma(&mut rng, alpha), gamma(&mut rng, beta));
                let chance = lost / (lost + kept);
                for period in &mut survivors {
                    *period += 1;
                    if rng.f64() < chance {
                        break;
                    }
                }
            }
            let Sbg { alpha, beta } = Sbg::fit(&survivors).unwrap().model;
            [alpha, beta]
        });
    }
}
