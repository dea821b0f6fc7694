//! EMSR-b protection levels (Belobaba 1992; Talluri and van Ryzin, "The Theory and Practice of
//! Revenue Management", 2004, section 2.2.4): how many units to keep for dearer tiers.

use statrs::distribution::{ContinuousCDF, Normal};

/// One tier and its demand: the price, and the mean and standard deviation in units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fare {
    /// The tier's price.
    pub price: f64,
    /// Expected demand.
    pub mean: f64,
    /// Standard deviation of demand.
    pub std_dev: f64,
}

/// Beyond these quantiles a normal demand is certain enough; they keep levels finite for tiers that
/// cost nothing.
const CERTAIN: f64 = 1.0 - 1e-9;

/// Protection levels of tiers that are sorted from dear to cheap, one for each tier but the last:
/// level `j` is how many units to keep for tiers `0..=j`. They never decrease and are 0 or more.
pub fn protection_levels(fares: &[Fare]) -> Vec<f64> {
    let standard = Normal::standard();
    let (mut demand, mut revenue, mut variance) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut highest = 0.0_f64;
    let next_cheaper = fares.iter().skip(1);
    let level = |(fare, next): (&Fare, &Fare)| {
        demand += fare.mean;
        revenue += fare.price * fare.mean;
        variance += fare.std_dev * fare.std_dev;
        // Dearer tiers together are worth their mean price, weighted by demand.
        let mean_price = revenue / demand;
        if demand > 0.0 && mean_price > next.price {
            let quantile = (1.0 - next.price / mean_price).min(CERTAIN);
            let level = demand + variance.sqrt() * standard.inverse_cdf(quantile);
            highest = highest.max(level);
        }
        highest
    };
    fares.iter().zip(next_cheaper).map(level).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fare(price: f64, mean: f64, std_dev: f64) -> Fare {
        Fare {
            price,
            mean,
            std_dev,
        }
    }

    /// The four-class example of Talluri and van Ryzin 2004.
    #[test]
    fn reproduces_the_published_levels() {
        let levels = protection_levels(&[
            fare(1050.0, 17.3, 5.8),
            fare(567.0, 45.1, 15.0),
            fare(534.0, 39.6, 13.2),
            fare(520.0, 34.0, 11.3),
        ]);
        let rounded: Vec<String> = levels.iter().map(|level| format!("{level:.2}")).collect();
        assert_eq!(rounded, ["16.72", "50.94", "83.15"]);
    }

    /// With two tiers this is Littlewood's rule (1972): P(D > y) = p2 / p1.
    #[test]
    fn two_tiers_follow_littlewood() {
        let levels = protection_levels(&[fare(200.0, 50.0, 10.0), fare(100.0, 0.0, 0.0)]);
        assert!((levels[0] - 50.0).abs() < 1e-9);
    }

    #[test]
    fn degenerate_tiers_protect_finitely() {
        assert!(protection_levels(&[]).is_empty());
        assert!(protection_levels(&[fare(10.0, 5.0, 1.0)]).is_empty());
        assert_eq!(protection_levels(&[fare(0.0, 0.0, 0.0); 3]), [0.0, 0.0]);
        assert_eq!(protection_levels(&[fare(10.0, 5.0, 1.0); 2]), [0.0]);
        assert!(protection_levels(&[fare(10.0, 5.0, 1.0), fare(0.0, 5.0, 1.0)])[0].is_finite());
    }

    proptest! {
        #[test]
        fn levels_are_ordered_and_finite(mut fares in prop::collection::vec((0.0..1e9, 0.0..1e9, 0.0..1e9), 0..8)) {
            fares.sort_by(|a: &(f64, f64, f64), b| b.0.total_cmp(&a.0));
            let fares: Vec<Fare> = fares.into_iter().map(|(p, m, s)| fare(p, m, s)).collect();
            let levels = protection_levels(&fares);
            prop_assert_eq!(levels.len(), fares.len().saturating_sub(1));
            prop_assert!(levels.iter().all(|level| level.is_finite() && *level >= 0.0));
            prop_assert!(levels.is_sorted());
        }
    }
}
