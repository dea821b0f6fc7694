//! Shares of counts with their intervals.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// A share and the interval that holds the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The share, 0 to 1.
    pub rate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The share `part / whole` with its interval by Wilson (1927) at a level between 0 and 1. Of
/// nothing, the share is 0 and the interval everything.
pub fn wilson(part: u64, whole: u64, level: f64) -> Rate {
    if whole == 0 {
        return Rate {
            rate: 0.0,
            low: 0.0,
            high: 1.0,
        };
    }
    let n = whole as f64;
    let p = (part as f64 / n).min(1.0);
    let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, level));
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (p + z * z / (2.0 * n), 1.0 + z * z / n);
    Rate {
        rate: p,
        low: ((middle - spread) / scale).clamp(0.0, p),
        high: ((middle + spread) / scale).clamp(p, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Newcombe (1998), table I: 81 of 263 at 95 %: 0.2553 to 0.3662; 0 of 20: 0 to 0.1611; 1 of 29:
    /// 0.0061 to 0.1718.
    #[test]
    fn the_published_intervals() {
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let rate = wilson(part, whole, 0.95);
            assert!((rate.low - low).abs() < 5e-5, "{part}/{whole}: {rate:?}");
            assert!((rate.high - high).abs() < 5e-5, "{part}/{whole}: {rate:?}");
        }
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_rate(part in 0..1_000_u64, more in 0..1_000_u64, level in 0.5..0.999) {
            let rate = wilson(part, part + more, level);
            prop_assert!(0.0 <= rate.low && rate.low <= rate.rate);
            prop_assert!(rate.rate <= rate.high && rate.high <= 1.0);
        }
    }
}
