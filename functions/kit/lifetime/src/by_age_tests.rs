use proptest::prelude::*;

use super::*;
use crate::cdnow::{PUBLISHED, PUBLISHED_SPEND};
use crate::value::{Terms, value, value_many};
use crate::{Predictor, predict_many};

#[test]
fn a_smooth_function_is_met_and_a_broken_one_refused() {
    let curve = Chebyshev::of(-1.0, 2.0, |x: f64| [x.exp(), 1.0 / (4.0 + x)]).unwrap();
    for i in 0..=30 {
        let x = -1.0 + f64::from(i) / 10.0;
        let [exp, inverse] = curve.at(x);
        assert!((exp - x.exp()).abs() < 1e-11, "{x}: {exp}");
        assert!((inverse - 1.0 / (4.0 + x)).abs() < 1e-12, "{x}: {inverse}");
    }
    assert!(Chebyshev::of(-1.0, 1.0, |x: f64| [x.abs()]).is_none());
    assert!(Chebyshev::of(0.0, f64::INFINITY, |x: f64| [x]).is_none());
    assert!((Chebyshev::of(3.0, 3.0, |x: f64| [x]).unwrap().at(3.0)[0] - 3.0).abs() < 1e-12);
}

#[test]
fn where_many_share_a_number_of_purchases_nothing_is_summed_for_each() {
    let many: Vec<Summary> = (0..200)
        .map(|i| Summary::new(2, 5.0, 27.0 + 0.06 * f64::from(i)))
        .collect();
    let mut sums = 0;
    let mut by_age = ByAge::new(&PUBLISHED, &many, |given: &BgNbd, _: &mut Survival| {
        sums += 1;
        [given.alpha]
    });
    for one in &many {
        let [alpha] = by_age.of(one);
        assert!((alpha - PUBLISHED.alpha - one.t).abs() < 1e-9);
    }
    drop(by_age);
    assert_eq!(sums, NODES);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Many customers at once are predicted and valued as each of them alone, whatever the model.
    #[test]
    fn many_are_as_each_alone(
        logs in prop::array::uniform4(-2.0_f64..3.0), x in 0_u32..40, oldest in 1.0_f64..500.0,
        weeks in 0.1_f64..200.0, published: bool,
    ) {
        let [r, alpha, a, b] = logs.map(f64::exp);
        let model = if published { PUBLISHED } else { BgNbd { r, alpha, a, b } };
        let many: Vec<Summary> = (1..=150).map(|i| {
            let t = oldest * f64::from(i) / 150.0;
            let t_x = if x == 0 { 0.0 } else { t * 0.7 };
            Summary { mean_spend: 20.0, ..Summary::new(x, t_x, t) }
        }).collect();
        let near = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-9 * (1.0 + wanted);
        let mut one_by_one = Predictor::new(model, weeks);
        for (one, found) in many.iter().zip(predict_many(&model, &many, weeks)) {
            let wanted = one_by_one.predict(one);
            prop_assert!(near(found.purchases, wanted.purchases), "{found:?} {wanted:?}");
            prop_assert!(near(found.alive_after, wanted.alive_after), "{found:?} {wanted:?}");
            prop_assert!(near(found.purchase, wanted.purchase), "{found:?} {wanted:?}");
            prop_assert!((0.0..=1.0).contains(&found.alive_after) && found.alive_after <= found.alive);
            prop_assert!((0.0..=1.0).contains(&found.purchase) && found.purchases >= 0.0);
        }
        let terms = Terms { weeks, annual_rate: 0.2 };
        for (one, found) in many.iter().zip(value_many(&model, &PUBLISHED_SPEND, &many, terms)) {
            let wanted = value(&model, &PUBLISHED_SPEND, one, terms);
            prop_assert!(near(found.amount, wanted.amount), "{found:?} {wanted:?}");
            prop_assert!(found.discounted_purchases <= found.purchases * (1.0 + 1e-12));
        }
    }
}
