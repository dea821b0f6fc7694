//! A binary logit of acceptance on the logarithm of price, with a Gaussian prior.
//!
//! P(accept p) = 1 / (1 + exp(−(a − b·(ln p − c)))): the odds fall by the power `b` of the price, and
//! the price that is accepted in half of all cases is exp(c + a/b). The prior keeps the fit finite
//! where data separate (Gelman et al., "A weakly informative default prior distribution for logistic
//! and other regression models", 2008), and lets one choice count as one choice.

use std::f64::consts::PI;

use baton_domain::profile::PriceChoice;

use crate::combine::Estimate;
use crate::{SourceKind, log_price};

/// Prior of the slope `b`: mean and standard deviation. At an acceptance of one half the price
/// elasticity is b/2, and 2.62 is the mean of 1,851 of them (Bijmolt, van Heerde, Pieters, "New
/// Empirical Generalizations on the Determinants of Price Elasticity", JMR 42, 2005). The deviation
/// is small on purpose: a few choices that contradict each other would else flatten the slope, and a
/// refusal would raise the estimate.
const SLOPE: (f64, f64) = (5.24, 1.0);

/// Prior standard deviation of the intercept `a`, whose mean is 0: half of all users accept the price
/// that the prior is centred on.
const INTERCEPT_SD: f64 = 2.0;

/// The flattest slope that is believed: below it a price would hardly matter.
const MIN_SLOPE: f64 = 0.5;

/// Standard deviation of the logarithm by which past choices miss the next one, however many.
const SYSTEMATIC: f64 = 0.10;

/// A fitted logit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logit {
    /// Log odds of acceptance at the centre.
    pub intercept: f64,
    /// By how much the log odds fall per unit of log price.
    pub slope: f64,
    /// Covariance of the two: variance of the intercept, covariance, variance of the slope.
    pub covariance: (f64, f64, f64),
}

/// What the choices say, or none where no price is usable. `reference` is the logarithm of a price
/// that half of all users would accept; without it the middle of the offered prices takes its place.
pub fn estimate(choices: &[PriceChoice], reference: Option<f64>) -> Option<Estimate> {
    let usable = choices
        .iter()
        .filter_map(|choice| Some((log_price(choice.price)?, choice.accepted)));
    let mut points: Vec<(f64, bool)> = usable.collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let middle = points.get(points.len() / 2)?.0;
    let centre = reference.unwrap_or(middle);
    for (log, _) in &mut points {
        *log -= centre;
    }
    let logit = fit(&points);
    let (va, cab, vb) = logit.covariance;
    let (a, b) = (logit.intercept, logit.slope.max(MIN_SLOPE));
    // The delta method on a/b.
    let (da, db) = (1.0 / b, -a / (b * b));
    let variance = da * da * va + 2.0 * da * db * cab + db * db * vb;
    Some(Estimate {
        source: SourceKind::Choices,
        mu: centre + a / b,
        variance: variance.max(0.0) + SYSTEMATIC * SYSTEMATIC,
        spread: PI / (3.0_f64.sqrt() * b),
        observations: u32::try_from(points.len()).unwrap_or(u32::MAX),
    })
}

/// Fits the logit to centred log prices by Newton's method. The penalised likelihood is strictly
/// concave, so that it has one maximum, which damped steps always reach.
pub fn fit(points: &[(f64, bool)]) -> Logit {
    let (mut a, mut b) = (0.0, SLOPE.0);
    for _ in 0..100 {
        let (gradient, hessian) = derivatives(points, a, b);
        let (va, cab, vb) = invert(hessian);
        let step = (
            va * gradient.0 + cab * gradient.1,
            cab * gradient.0 + vb * gradient.1,
        );
        let here = objective(points, a, b);
        let mut scale = 1.0;
        while scale > 1e-9 && objective(points, a + scale * step.0, b + scale * step.1) < here {
            scale /= 2.0;
        }
        a += scale * step.0;
        b += scale * step.1;
        if step.0.abs() + step.1.abs() < 1e-10 {
            break;
        }
    }
    Logit {
        intercept: a,
        slope: b,
        covariance: invert(derivatives(points, a, b).1),
    }
}

fn objective(points: &[(f64, bool)], a: f64, b: f64) -> f64 {
    let log_likelihood = |(x, accepted): &(f64, bool)| {
        let odds = a - b * x;
        let signed = if *accepted { odds } else { -odds };
        // ln(1 / (1 + exp(−s))), without overflow.
        signed.min(0.0) - (-signed.abs()).exp().ln_1p()
    };
    let prior = (a / INTERCEPT_SD).powi(2) + ((b - SLOPE.0) / SLOPE.1).powi(2);
    points.iter().map(log_likelihood).sum::<f64>() - 0.5 * prior
}

type Symmetric = (f64, f64, f64);

/// Gradient, and the negative of the Hessian, of the penalised log-likelihood.
fn derivatives(points: &[(f64, bool)], a: f64, b: f64) -> ((f64, f64), Symmetric) {
    let (pa, pb) = (INTERCEPT_SD.powi(-2), SLOPE.1.powi(-2));
    let mut gradient = (-a * pa, -(b - SLOPE.0) * pb);
    let mut hessian = (pa, 0.0, pb);
    for (x, accepted) in points {
        let p = 1.0 / (1.0 + (b * x - a).exp());
        let residual = f64::from(u8::from(*accepted)) - p;
        gradient.0 += residual;
        gradient.1 -= residual * x;
        let w = p * (1.0 - p);
        hessian.0 += w;
        hessian.1 -= w * x;
        hessian.2 += w * x * x;
    }
    (gradient, hessian)
}

fn invert((aa, ab, bb): Symmetric) -> Symmetric {
    let determinant = aa * bb - ab * ab;
    (bb / determinant, -ab / determinant, aa / determinant)
}

#[cfg(test)]
mod tests {
    use baton_domain::Amount;
    use proptest::prelude::*;

    use super::*;

    fn choice(price: f64, accepted: bool) -> PriceChoice {
        let price = Amount::try_from(price).unwrap();
        PriceChoice { price, accepted }
    }

    /// Twenty times five prices, accepted as often as a logit with slope 6 and a median of 50 says.
    #[test]
    fn recovers_a_known_logit() {
        let mut choices = Vec::new();
        for price in [30.0, 40.0, 50.0, 60.0, 80.0] {
            let odds: f64 = (50.0_f64 / price).powi(6);
            let accepted = (2_000.0 * odds / (1.0 + odds)).round() as usize;
            choices.extend((0..2_000).map(|i| choice(price, i < accepted)));
        }
        let found = estimate(&choices, Some(65.0_f64.ln())).unwrap();
        assert!((found.mu.exp() - 50.0).abs() < 0.2, "{}", found.mu.exp());
        assert!((PI / (3.0_f64.sqrt() * found.spread) - 6.0).abs() < 0.05);
    }

    #[test]
    fn the_fit_is_where_the_gradient_vanishes() {
        let points = [
            (-0.3, true),
            (0.1, true),
            (0.2, false),
            (0.4, true),
            (0.9, false),
        ];
        let logit = fit(&points);
        let ((da, db), _) = derivatives(&points, logit.intercept, logit.slope);
        assert!(da.abs() < 1e-8 && db.abs() < 1e-8);
    }

    #[test]
    fn separable_choices_stay_between_the_prices() {
        let found = estimate(
            &[choice(40.0, true), choice(50.0, true), choice(60.0, false)],
            None,
        )
        .unwrap();
        assert!((40.0..65.0).contains(&found.mu.exp()), "{}", found.mu.exp());
    }

    #[test]
    fn more_of_the_same_makes_surer() {
        let few = estimate(&[choice(10.0, true); 2], None).unwrap();
        let many = estimate(&[choice(10.0, true); 40], None).unwrap();
        assert!(few.mu > 10.0_f64.ln() && many.mu > few.mu);
        assert!(many.mu.exp() < 30.0, "{}", many.mu.exp());
    }

    #[test]
    fn free_offers_say_nothing() {
        assert_eq!(estimate(&[choice(0.0, true); 9], Some(1.0)), None);
        assert_eq!(estimate(&[], Some(1.0)), None);
    }

    proptest! {
        #[test]
        fn any_choices_have_a_finite_estimate(
            choices in prop::collection::vec((0.0..1e9, any::<bool>()), 1..40),
            reference in prop::option::of(-4.0..20.0),
        ) {
            let choices: Vec<PriceChoice> = choices.into_iter().map(|(p, a)| choice(p, a)).collect();
            if let Some(found) = estimate(&choices, reference) {
                prop_assert!(found.mu.is_finite() && found.spread.is_finite());
                prop_assert!(found.variance.is_finite() && found.variance > 0.0);
            }
        }

        #[test]
        fn one_more_refusal_never_raises_the_estimate(
            choices in prop::collection::vec((20.0..90.0, any::<bool>()), 1..20), refused in 20.0..90.0,
        ) {
            let mut choices: Vec<PriceChoice> = choices.into_iter().map(|(p, a)| choice(p, a)).collect();
            let before = estimate(&choices, Some(50.0_f64.ln())).unwrap();
            choices.push(choice(refused, false));
            let after = estimate(&choices, Some(50.0_f64.ln())).unwrap();
            prop_assert!(after.mu <= before.mu + 0.05, "{} {}", before.mu, after.mu);
        }
    }
}
