//! Prices of the token rail: whole units of US dollars.

use baton_domain::Money;
use serde_json::Value;

/// The highest price that is believed, in whole units.
pub(crate) const MAX_UNITS: u64 = 1_000_000_000;

const MICRO: u64 = 1_000_000;

/// A sum in whole units: a number without fraction, or its decimal digits as a text.
pub(crate) fn units(value: &Value) -> Result<Money, &'static str> {
    let units = match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(units), _) => units,
            (None, Some(units)) if units < 0.0 => return Err("is negative"),
            (None, Some(units)) if units.fract() != 0.0 => return Err("is not a whole number"),
            (None, Some(units)) if units <= MAX_UNITS as f64 => units as u64,
            _ => return Err("is above a billion"),
        },
        Value::String(digits)
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            digits.parse().map_err(|_| "is above a billion")?
        }
        _ => return Err("is not a number"),
    };
    if units > MAX_UNITS {
        return Err("is above a billion");
    }
    Ok(Money::from_micro_usd(units * MICRO))
}

/// A sum as whole units; none when it has a fraction.
pub(crate) fn whole(sum: Money) -> Option<u64> {
    let micro = sum.micro_usd();
    micro.is_multiple_of(MICRO).then_some(micro / MICRO)
}

/// The price that a 402 answer names; none where it names none.
pub(super) fn quoted(body: &[u8]) -> Result<Option<Money>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "the body is no JSON")?;
    let detail = &body["detail"];
    for place in [&body, detail] {
        let currency = &place["currency"];
        let dollars = currency
            .as_str()
            .is_some_and(|c| c.eq_ignore_ascii_case("usd"));
        if !currency.is_null() && !dollars {
            return Err("currency: only USD is paid".to_owned());
        }
    }
    let price = match (body.get("price"), detail.get("price")) {
        (Some(one), Some(other)) if one != other => {
            return Err("price: two different ones are named".to_owned());
        }
        (Some(price), _) | (None, Some(price)) => price,
        (None, None) => return Ok(None),
    };
    units(price)
        .map(Some)
        .map_err(|wrong| format!("price: {wrong}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<Option<u64>, String> {
        quoted(body.as_bytes()).map(|price| price.and_then(whole))
    }

    #[test]
    fn a_price_is_found_in_both_shapes() {
        for (body, price) in [
            (r#"{"price":12}"#, Some(12)),
            (r#"{"detail":{"price":12,"currency":"usd"}}"#, Some(12)),
            (
                r#"{"price":12.0,"currency":"USD","message":"pay"}"#,
                Some(12),
            ),
            (r#"{"price":"12","currency":null}"#, Some(12)),
            (r#"{"price":0}"#, Some(0)),
            (r#"{"price":1000000000}"#, Some(1_000_000_000)),
            (r#"{"price":1e9}"#, Some(1_000_000_000)),
            (r#"{"price":7,"detail":{"price":7}}"#, Some(7)),
            (r#"{"detail":"payment required"}"#, None),
            ("{}", None),
            ("[]", None),
        ] {
            assert_eq!(read(body), Ok(price), "{body}");
        }
    }

    #[test]
    fn a_price_that_is_none_is_refused_by_name() {
        for (body, named) in [
            (r#"{"price":-1}"#, "price: is negative"),
            (r#"{"price":-0.5}"#, "price: is negative"),
            (r#"{"price":1.5}"#, "price: is not a whole number"),
            (r#"{"price":1000000001}"#, "price: is above a billion"),
            (
                r#"{"price":18446744073709551616}"#,
                "price: is above a billion",
            ),
            (r#"{"price":1e300}"#, "price: is above a billion"),
            (r#"{"price":"ten"}"#, "price: is not a number"),
            (r#"{"price":"-1"}"#, "price: is not a number"),
            (r#"{"price":"+1"}"#, "price: is not a number"),
            (r#"{"price":""}"#, "price: is not a number"),
            (r#"{"price":"1.0"}"#, "price: is not a number"),
            (r#"{"price":"９"}"#, "price: is not a number"),
            (r#"{"price":"1000000001"}"#, "price: is above a billion"),
            (
                r#"{"price":"99999999999999999999999"}"#,
                "price: is above a billion",
            ),
            (r#"{"price":null}"#, "price: is not a number"),
            (r#"{"price":[12]}"#, "price: is not a number"),
            (r#"{"price":true}"#, "price: is not a number"),
            (
                r#"{"price":1,"detail":{"price":2}}"#,
                "price: two different",
            ),
            (r#"{"price":1,"currency":"EUR"}"#, "currency: only USD"),
            (
                r#"{"detail":{"price":1,"currency":"EUR"}}"#,
                "currency: only USD",
            ),
            (r#"{"price":1,"currency":840}"#, "currency: only USD"),
            (r#"{"price":NaN}"#, "the body is no JSON"),
            ("<html>", "the body is no JSON"),
        ] {
            let said = read(body).unwrap_err();
            assert!(said.starts_with(named), "{body}: {said}");
        }
    }

    proptest! {
        /// A number is read as itself or refused.
        #[test]
        fn a_whole_price_means_what_it_says(price: i64) {
            let read = read(&format!(r#"{{"price":{price}}}"#));
            match u64::try_from(price).ok().filter(|price| *price <= MAX_UNITS) {
                Some(price) => prop_assert_eq!(read, Ok(Some(price))),
                None => prop_assert!(read.is_err()),
            }
        }

        #[test]
        fn a_fraction_is_no_price(price in any::<f64>()) {
            prop_assume!(price.is_finite() && price.fract() != 0.0);
            let body = serde_json::json!({"price": price}).to_string();
            prop_assert!(read(&body).is_err());
        }
    }
}
