//! What Baton spends: integer micro-USD inside, decimal USD at the edge.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A non-negative sum of money in millionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = f64, minimum = 0, example = 0.0023))]
pub struct Money(u64);

/// The largest sum: a billion dollars, which a JSON number still holds to the millionth.
const MAX_MICRO_USD: u64 = 1_000_000_000_000_000;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From millionths of a US dollar; saturates at the largest sum.
    pub const fn from_micro_usd(micro: u64) -> Self {
        if micro > MAX_MICRO_USD {
            Self(MAX_MICRO_USD)
        } else {
            Self(micro)
        }
    }

    /// Millionths of a US dollar.
    pub const fn micro_usd(self) -> u64 {
        self.0
    }

    /// From a decimal number of US dollars, rounded to the nearest millionth.
    ///
    /// # Errors
    /// When the number is negative, not finite, or too large.
    pub fn from_usd(usd: f64) -> Result<Self, String> {
        let micro = (usd * 1e6).round();
        if micro >= 0.0 && micro <= MAX_MICRO_USD as f64 {
            Ok(Self(micro as u64))
        } else {
            Err(format!(
                "a sum must lie between 0 and {} USD, got {usd}",
                MAX_MICRO_USD / 1_000_000
            ))
        }
    }

    /// The decimal number of US dollars, for the edge.
    pub fn usd(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// Decimal digits of US dollars, with at most six behind the point, are read as they stand: `25`,
/// `12.50`. Nothing is rounded.
impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const PLACES: usize = 6;
        let wrong = || "must be a sum in US dollars, such as 25 or 12.50".to_owned();
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > PLACES {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let part: u64 = format!("{part:0<PLACES$}").parse().map_err(|_| wrong())?;
        let micro = whole
            .checked_mul(1_000_000)
            .and_then(|it| it.checked_add(part));
        let micro = micro.filter(|micro| *micro <= MAX_MICRO_USD);
        micro.map(Self).ok_or_else(wrong)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::from_micro_usd(self.0.saturating_add(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.usd())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_usd(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_edge_loses_nothing(micro in 0..=MAX_MICRO_USD) {
            let money = Money::from_micro_usd(micro);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
            let text = money.to_string();
            prop_assert_eq!(text.trim_start_matches('$').parse(), Ok(money));
        }
    }

    #[test]
    fn refuses_what_is_not_money() {
        for bad in ["-1", "1e300", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_is_read_exactly_or_not_at_all() {
        let read = |text: &str| text.parse::<Money>().map(Money::micro_usd).ok();
        assert_eq!(read("12.5"), Some(12_500_000));
        assert_eq!(read("0.000001"), Some(1));
        assert_eq!(read("1000000000"), Some(MAX_MICRO_USD));
        let bad = [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1,5",
            "0.0000001",
            "1000000001",
            "NaN",
        ];
        for text in bad {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn is_shown_to_the_millionth() {
        assert_eq!(Money::from_micro_usd(2_300).to_string(), "$0.002300");
    }
}
