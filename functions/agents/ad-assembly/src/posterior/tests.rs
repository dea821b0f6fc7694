//! Quadrature against closed forms and published figures.

use proptest::prelude::*;

use super::*;

fn posterior(alpha: f64, beta: f64) -> Posterior {
    Posterior { alpha, beta }
}

/// ln Γ of a whole number.
fn ln_gamma(n: u64) -> f64 {
    (1..n).map(|i| (i as f64).ln()).sum()
}

fn ln_beta(a: u64, b: u64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// P(second > first) for whole parameters: E. Miller, "Formulas for Bayesian A/B Testing" (2014),
/// equation 6.
fn second_is_higher(first: (u64, u64), second: (u64, u64)) -> f64 {
    (0..second.0)
        .map(|i| {
            let top = ln_beta(first.0 + i, first.1 + second.1);
            let below = ln_beta(1 + i, second.1) + ln_beta(first.0, first.1);
            (top - below).exp() / (second.1 + i) as f64
        })
        .sum()
}

/// 120 of 200 against 100 of 200, uniform priors: the lower one beats with 0.022414.
#[test]
fn the_published_chance_is_reproduced() {
    let found = standings(&[posterior(121.0, 81.0), posterior(101.0, 101.0)]);
    assert!((found[1].chance_best - 0.022_414).abs() < 5e-7, "{found:?}");
    assert!((found[1].chance_best - second_is_higher((121, 81), (101, 101))).abs() < 1e-10);
}

/// For two uniform rates: E[max] = 2/3.
#[test]
fn uniform_rates_are_alike() {
    for found in standings(&[posterior(1.0, 1.0); 2]) {
        assert!((found.chance_best - 0.5).abs() < 1e-12);
        assert!((found.expected_loss - 1.0 / 6.0).abs() < 1e-12, "{found:?}");
    }
    // The highest of n uniform rates is Beta(n, 1).
    let many = standings(&[posterior(1.0, 1.0); 50]);
    assert!((many[7].expected_loss - (50.0 / 51.0 - 0.5)).abs() < 1e-9);
}

#[test]
fn extremes_have_answers() {
    for pair in [
        [posterior(1e9, 1e9), posterior(1e9 + 1e5, 1e9)],
        [posterior(0.5, 0.5), posterior(0.5, 1e9)],
        [posterior(1.0, 1e9), posterior(1e9, 1.0)],
        [posterior(0.5, 0.5), posterior(0.7, 0.9)],
    ] {
        let found = standings(&pair);
        let sum: f64 = found.iter().map(|s| s.chance_best).sum();
        assert!((sum - 1.0).abs() < 1e-12 && found.iter().all(|s| s.expected_loss.is_finite()));
    }
    let found = standings(&[posterior(1.0, 1e9), posterior(1e9, 1.0)]);
    assert!(found[1].chance_best > 1.0 - 1e-12 && found[1].expected_loss < 1e-9);
    // Both are nearly normal here, and the difference is 0.7906 of its deviation: Φ = 0.7854.
    let found = standings(&[posterior(1e9, 1e9), posterior(1e9 + 5e4, 1e9)]);
    let deviations = (found[1].mean - found[0].mean) / (2.0 * 0.25 / 2e9_f64).sqrt();
    assert!((deviations - 0.790_57).abs() < 1e-3, "{deviations}");
    assert!((found[1].chance_best - 0.785_5).abs() < 1e-3, "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn two_arms_follow_the_closed_form(
        a in (1..400_u64, 1..4_000_u64),
        b in (1..400_u64, 1..4_000_u64),
    ) {
        let posteriors = [a, b].map(|(alpha, beta)| posterior(alpha as f64, beta as f64));
        let found = standings(&posteriors);
        let exact = second_is_higher(a, b);
        prop_assert!((found[1].chance_best - exact).abs() < 1e-8, "{} {exact}", found[1].chance_best);
    }

    /// E[(Y − X)⁺] = E[Y]·P(Y⁺ > X) − E[X]·P(Y > X⁺), where ⁺ is one success more (C. Stucchio,
    /// "Bayesian A/B Testing at VWO", 2015).
    #[test]
    fn what_is_lost_follows_the_closed_form(
        a in (1..300_u64, 1..2_000_u64),
        b in (1..300_u64, 1..2_000_u64),
    ) {
        let posteriors = [a, b].map(|(alpha, beta)| posterior(alpha as f64, beta as f64));
        let found = standings(&posteriors);
        let mean = |(alpha, beta): (u64, u64)| alpha as f64 / (alpha + beta) as f64;
        let more = |(alpha, beta): (u64, u64)| (alpha + 1, beta);
        let lost = |x: (u64, u64), y: (u64, u64)| {
            mean(y) * second_is_higher(x, more(y)) - mean(x) * second_is_higher(more(x), y)
        };
        prop_assert!((found[0].expected_loss - lost(a, b)).abs() < 1e-9, "{:?}", found);
        prop_assert!((found[1].expected_loss - lost(b, a)).abs() < 1e-9, "{:?}", found);
    }

    #[test]
    fn chances_sum_to_one_and_the_best_mean_loses_least(
        arms in proptest::collection::vec((0..1_000_u32, 0..100_000_u32), 1..12),
    ) {
        let arms: Vec<Posterior> = arms
            .iter()
            .map(|(a, b)| posterior(f64::from(*a) + 1.0, f64::from(*b) + 1.0))
            .collect();
        let found = standings(&arms);
        let sum: f64 = found.iter().map(|s| s.chance_best).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9);
        let best = found.iter().max_by(|a, b| a.mean.total_cmp(&b.mean)).unwrap();
        prop_assert!(found.iter().all(|s| s.expected_loss >= best.expected_loss));
        prop_assert!(found.iter().all(|s| (0.0..=1.0).contains(&s.expected_loss)));
    }
}
