//! A price or a sum in the currency of the catalogue it belongs to.

use serde::{Deserialize, Serialize};

/// A finite, non-negative decimal amount in whole units of its currency (12.5 is 12 dollars 50).
///
/// Amounts describe what customers saw and paid; they feed statistics and are therefore floating
/// point. What Baton itself spends is [`crate::Money`], which is an integer.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = f64, minimum = 0, maximum = 1_000_000_000))]
#[serde(try_from = "f64")]
pub struct Amount(f64);

/// The largest amount that is accepted: beyond it an input is a mistake, not a price.
pub const MAX_AMOUNT: f64 = 1e9;

impl Amount {
    /// The amount as a number, in whole units of its currency.
    pub fn value(self) -> f64 {
        self.0
    }

    /// The amount rounded to hundredths, as prices are shown.
    #[must_use]
    pub fn round_to_cents(self) -> Self {
        Self((self.0 * 100.0).round() / 100.0)
    }
}

impl TryFrom<f64> for Amount {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        if (0.0..=MAX_AMOUNT).contains(&value) {
            Ok(Self(value))
        } else {
            Err(format!(
                "an amount must lie between 0 and {MAX_AMOUNT}, got {value}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_price() {
        for bad in [-0.01, f64::NAN, f64::INFINITY, 1e10] {
            assert!(Amount::try_from(bad).is_err(), "{bad}");
        }
        assert!((Amount::try_from(12.345).unwrap().round_to_cents().value() - 12.35).abs() < 1e-9);
    }
}
