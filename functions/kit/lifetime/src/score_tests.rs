use proptest::prelude::*;

use super::*;
use crate::cdnow::{self, PUBLISHED, PUBLISHED_SPEND};
use crate::predict::Predictor;

const YEAR: Terms = Terms {
    weeks: 52.0,
    annual_rate: 0.1,
};

const LEVEL: f64 = 0.9;

/// Holds a score against what is said of the customer alone.
fn agrees(model: BgNbd, spend: GammaGamma, terms: Terms, customer: &Summary, found: &Score) {
    let alone = Predictor::new(model, terms.weeks).predict(customer);
    let near = |a: f64, b: f64, share: f64| (a - b).abs() <= share * (1e-6 + b.abs());
    let Prediction {
        alive,
        alive_after,
        purchase,
        purchases,
    } = found.prediction;
    for (a, b) in [
        (alive, alone.alive),
        (alive_after, alone.alive_after),
        (purchase, alone.purchase),
        (purchases, alone.purchases),
    ] {
        assert!(near(a, b, 1e-6), "{customer:?}: {a} is not {b}");
    }
    let counts = Predictive::new(&model, customer, terms.weeks);
    let (low, high) = counts.interval(LEVEL);
    // Sums that round differently may part neighbours.
    let close = |a: u32, b: usize| (a as usize).abs_diff(b) <= 1;
    assert!(close(found.purchases.0, low) && close(found.purchases.1, high));
    let worth = found.worth.unwrap();
    let value = value::value(&model, &spend, customer, terms);
    assert!(
        near(worth.amount, value.amount, 1e-6),
        "{worth:?} {value:?}"
    );
    let (low, high) = value::interval(&model, &spend, customer, terms, LEVEL);
    let ends = [(worth.low, low), (worth.high, high)];
    for (a, b) in ends {
        assert!(near(a, b, 0.004), "{customer:?}: {a} is not {b}");
    }
}

#[test]
fn every_customer_of_cdnow_is_scored_as_alone() {
    let mut scorer = Scorer::new(PUBLISHED, Some(PUBLISHED_SPEND), YEAR, LEVEL);
    for customer in cdnow::customers().iter().step_by(13) {
        let found = scorer.score(customer);
        agrees(PUBLISHED, PUBLISHED_SPEND, YEAR, customer, &found);
    }
}

#[test]
fn without_a_model_of_spend_there_is_no_worth() {
    let mut scorer = Scorer::new(PUBLISHED, None, YEAR, LEVEL);
    let found = scorer.score(&Summary::new(2, 30.43, 38.86));
    assert_eq!(found.worth, None);
    let quarter = Terms {
        weeks: 39.0,
        ..YEAR
    };
    let mut scorer = Scorer::new(PUBLISHED, None, quarter, LEVEL);
    let found = scorer.score(&Summary::new(2, 30.43, 38.86));
    assert!((found.prediction.purchases - 1.226).abs() < 1e-3);
}

fn models() -> impl Strategy<Value = (BgNbd, GammaGamma)> {
    let any = |low: f64, high: f64| (low.ln()..high.ln()).prop_map(f64::exp);
    let buys = (
        any(0.02, 50.0),
        any(0.02, 500.0),
        any(0.02, 50.0),
        any(0.02, 50.0),
    );
    let spends = (any(0.1, 50.0), any(1.1, 50.0), any(0.1, 1e4));
    (buys, spends).prop_map(|((r, alpha, a, b), (p, q, gamma))| {
        (BgNbd { r, alpha, a, b }, GammaGamma { p, q, gamma })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn many_are_scored_as_each_alone(
        (model, spend) in models(),
        rows in proptest::collection::vec((0_u32..60, 0.001_f64..1.0, 1.0_f64..200.0, 0.0_f64..500.0), 3),
        weeks in 1.0_f64..104.0,
    ) {
        let terms = Terms { weeks, annual_rate: 0.1 };
        let mut scorer = Scorer::new(model, Some(spend), terms, LEVEL);
        for (x, share, t, mean_spend) in rows {
            let customer = match x {
                0 => Summary::new(0, 0.0, t),
                x => Summary { mean_spend, ..Summary::new(x, share * t, t) },
            };
            let found = scorer.score(&customer);
            // Beyond, the one interval takes neighbouring counts together.
            if Predictive::new(&model, &customer, weeks).chances.len() < 500 {
                agrees(model, spend, terms, &customer, &found);
            }
        }
    }
}
