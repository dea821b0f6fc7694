//! The price sensitivity meter (van Westendorp, "NSS Price Sensitivity Meter", ESOMAR 1976).

use baton_domain::profile::PriceSurvey;

use crate::combine::Estimate;
use crate::{MIN_PRICE, SourceKind};

/// How far declared prices lie above what people then pay: 21 % on average over 77 studies (Schmidt
/// and Bijmolt, "Accurately measuring willingness to pay for consumer goods", JAMS 48, 2020).
const HYPOTHETICAL_BIAS: f64 = 1.21;

/// Standard deviation of the logarithm by which one person's declared prices miss, whatever their
/// range: no number of further questions removes it.
const SYSTEMATIC: f64 = 0.30;

/// A uniform distribution of this width has this standard deviation.
const UNIFORM_SD: f64 = 0.288_675_134_594_812_9;

/// The range of prices that one respondent accepts: from the price between `too_cheap` and `cheap`
/// to the price between `expensive` and `too_expensive` (geometric midpoints). With one respondent
/// the curves of [`crossing_points`] are steps, which cross somewhere between these answers.
pub fn acceptable_range(survey: &PriceSurvey) -> (f64, f64) {
    let midpoint = |a: f64, b: f64| (a * b).sqrt();
    (
        midpoint(survey.too_cheap.value(), survey.cheap.value()),
        midpoint(survey.expensive.value(), survey.too_expensive.value()),
    )
}

/// What one respondent's survey says: the upper end of the acceptable range, corrected for
/// hypothetical bias. None where the prices decrease, or where what is too dear costs nothing.
pub fn estimate(survey: &PriceSurvey) -> Option<Estimate> {
    let prices = [
        survey.too_cheap,
        survey.cheap,
        survey.expensive,
        survey.too_expensive,
    ];
    let [.., expensive, too_expensive] = prices.map(baton_domain::Amount::value);
    if !prices.is_sorted() || expensive < MIN_PRICE {
        return None;
    }
    let (_, upper) = acceptable_range(survey);
    // The reservation price lies somewhere between "still considered" and "not considered".
    let spread = (too_expensive / expensive).ln() * UNIFORM_SD;
    Some(Estimate {
        source: SourceKind::Survey,
        mu: (upper / HYPOTHETICAL_BIAS).ln(),
        variance: spread * spread + SYSTEMATIC * SYSTEMATIC,
        spread,
        observations: 4,
    })
}

/// Where the four curves of many respondents cross.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossingPoints {
    /// Point of marginal cheapness: as many find a price too cheap as find it no bargain.
    pub marginal_cheapness: f64,
    /// Optimal price point: as many find it too cheap as too expensive.
    pub optimal: f64,
    /// Indifference price point: as many find it a bargain as expensive.
    pub indifference: f64,
    /// Point of marginal expensiveness: as many find it too expensive as not expensive.
    pub marginal_expensiveness: f64,
}

/// The share of respondents, from 0 to 1, who call a price so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Too cheap to trust: falls with the price.
    pub too_cheap: f64,
    /// A bargain: falls.
    pub cheap: f64,
    /// Getting expensive: rises.
    pub expensive: f64,
    /// Too expensive to consider: rises.
    pub too_expensive: f64,
}

/// The four curves at one price. All are 0 where nobody was asked.
pub fn shares(surveys: &[PriceSurvey], price: f64) -> Shares {
    let share = |calls: fn(&PriceSurvey, f64) -> bool| {
        let count = surveys.iter().filter(|survey| calls(survey, price)).count();
        count as f64 / surveys.len().max(1) as f64
    };
    Shares {
        too_cheap: share(|survey, price| survey.too_cheap.value() >= price),
        cheap: share(|survey, price| survey.cheap.value() >= price),
        expensive: share(|survey, price| survey.expensive.value() <= price),
        too_expensive: share(|survey, price| survey.too_expensive.value() <= price),
    }
}

/// The four crossing points, or none where nobody was asked. The curves are drawn straight between
/// the prices that respondents named; where two run together, the middle counts.
pub fn crossing_points(surveys: &[PriceSurvey]) -> Option<CrossingPoints> {
    let named = |s: &PriceSurvey| [s.too_cheap, s.cheap, s.expensive, s.too_expensive];
    let mut prices: Vec<f64> = surveys
        .iter()
        .flat_map(named)
        .map(baton_domain::Amount::value)
        .collect();
    prices.sort_by(f64::total_cmp);
    prices.dedup();
    if prices.is_empty() {
        return None;
    }
    let curves: Vec<(f64, Shares)> = prices
        .into_iter()
        .map(|price| (price, shares(surveys, price)))
        .collect();
    let cross = |rising_minus_falling: fn(&Shares) -> f64| {
        let gaps = curves.iter().map(|(price, shares)| {
            // Shares such as thirds do not add up to exactly 1; what is nearly 0 is 0.
            let gap = (rising_minus_falling(shares) * 1e9).round();
            (*price, gap)
        });
        crossing(&gaps.collect::<Vec<_>>())
    };
    Some(CrossingPoints {
        marginal_cheapness: cross(|s| (1.0 - s.cheap) - s.too_cheap),
        optimal: cross(|s| s.too_expensive - s.too_cheap),
        indifference: cross(|s| s.expensive - s.cheap),
        marginal_expensiveness: cross(|s| s.too_expensive - (1.0 - s.expensive)),
    })
}

/// Where a gap that rises with the price passes 0. The points ascend and are one or more.
fn crossing(gaps: &[(f64, f64)]) -> f64 {
    let (first, last) = (gaps[0], gaps[gaps.len() - 1]);
    let before = gaps.partition_point(|(_, gap)| *gap < 0.0);
    let after = gaps.partition_point(|(_, gap)| *gap <= 0.0);
    if before < after {
        return f64::midpoint(gaps[before].0, gaps[after - 1].0);
    }
    if before == 0 {
        return first.0;
    }
    let Some((price, gap)) = gaps.get(before) else {
        return last.0;
    };
    let (lower_price, lower_gap) = gaps[before - 1];
    lower_price + (price - lower_price) * lower_gap / (lower_gap - gap)
}

#[cfg(test)]
mod tests {
    use baton_domain::Amount;
    use proptest::prelude::*;

    use super::*;

    fn survey(prices: [f64; 4]) -> PriceSurvey {
        let [too_cheap, cheap, expensive, too_expensive] =
            prices.map(|price| Amount::try_from(price).unwrap());
        PriceSurvey {
            too_cheap,
            cheap,
            expensive,
            too_expensive,
        }
    }

    /// Computed by hand: at 20, a quarter each finds the price too cheap and no bargain; at 25 nobody
    /// finds it too cheap or too expensive; between 25 and 30 the bargain curve falls from 1/2 to 1/4
    /// while the expensive curve rises from 1/4 to 1/2; between 30 and 40 the last pair does the same.
    #[test]
    fn four_respondents_cross_where_the_hand_says() {
        let surveys = [
            survey([10.0, 20.0, 30.0, 40.0]),
            survey([20.0, 30.0, 40.0, 50.0]),
            survey([5.0, 10.0, 20.0, 30.0]),
            survey([15.0, 25.0, 45.0, 60.0]),
        ];
        let points = crossing_points(&surveys).unwrap();
        assert!((points.marginal_cheapness - 20.0).abs() < 1e-9);
        assert!((points.optimal - 25.0).abs() < 1e-9);
        assert!((points.indifference - 27.5).abs() < 1e-9);
        assert!((points.marginal_expensiveness - 35.0).abs() < 1e-9);
    }

    #[test]
    fn curves_that_run_together_cross_in_the_middle() {
        // Between 20 and 30 nobody finds the price too cheap or too expensive.
        let points = crossing_points(&[survey([10.0, 20.0, 30.0, 40.0])]).unwrap();
        assert!((points.optimal - 25.0).abs() < 1e-9);
        assert_eq!(crossing_points(&[]), None);
    }

    #[test]
    fn one_respondent_has_a_range_and_a_point_in_it() {
        let answers = survey([16.0, 25.0, 36.0, 49.0]);
        let (lower, upper) = acceptable_range(&answers);
        assert!((lower - 20.0).abs() < 1e-9 && (upper - 42.0).abs() < 1e-9);
        let estimate = estimate(&answers).unwrap();
        assert!((estimate.mu.exp() - 42.0 / 1.21).abs() < 1e-9);
    }

    #[test]
    fn a_survey_that_contradicts_itself_says_nothing() {
        assert_eq!(estimate(&survey([20.0, 10.0, 30.0, 40.0])), None);
        assert_eq!(estimate(&survey([0.0, 0.0, 0.0, 40.0])), None);
        assert!(estimate(&survey([0.0, 0.0, 7.0, 7.0])).unwrap().variance > 0.0);
    }

    fn any_surveys() -> impl Strategy<Value = Vec<PriceSurvey>> {
        prop::collection::vec(prop::array::uniform4(0.0..1e9), 1..12).prop_map(|all| {
            let sorted = |mut prices: [f64; 4]| {
                prices.sort_by(f64::total_cmp);
                survey(prices)
            };
            all.into_iter().map(sorted).collect()
        })
    }

    proptest! {
        #[test]
        fn the_four_curves_are_monotone(surveys in any_surveys(), a in 0.0..1e9, b in 0.0..1e9) {
            let (low, high) = (shares(&surveys, f64::min(a, b)), shares(&surveys, f64::max(a, b)));
            prop_assert!(low.too_cheap >= high.too_cheap && low.cheap >= high.cheap);
            prop_assert!(low.expensive <= high.expensive && low.too_expensive <= high.too_expensive);
        }

        #[test]
        fn crossing_points_are_in_order(surveys in any_surveys()) {
            let points = crossing_points(&surveys).unwrap();
            prop_assert!(points.marginal_cheapness <= points.optimal + 1e-6);
            prop_assert!(points.marginal_cheapness <= points.indifference + 1e-6);
            prop_assert!(points.optimal <= points.marginal_expensiveness + 1e-6);
            prop_assert!(points.indifference <= points.marginal_expensiveness + 1e-6);
        }
    }
}
