//! How large an answer may be, and how many digits of it are worth their place.

use serde::Serialize;

/// The most bytes of an output as JSON. A workflow carries the answers of three agents, what they
/// were asked and the answer that it makes of them in a state of 256 KiB.
pub const MAX_OUTPUT_BYTES: usize = 75_000;

/// How many bytes a value has as JSON; 0 where it cannot be written.
pub fn json_bytes(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_or(0, |()| count.0)
}

/// Counts what is written, and keeps nothing of it.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A number rounded to seven significant digits: what an estimate is worth, and half as many bytes.
/// Order is kept: of two numbers the larger one is never rounded below the smaller one.
pub fn rounded(number: f64) -> f64 {
    if number == 0.0 || !number.is_finite() {
        return number;
    }
    // The text is the shortest way to the nearest such number, which a division would miss.
    format!("{number:.6e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_digits_are_kept() {
        for (number, kept) in [
            (0.123_456_789_f64, 0.123_456_8_f64),
            (-1_234_567.89, -1_234_568.0),
            (1e12 / 3.0, 333_333_300_000.0),
            (f64::MAX, 1.797_693e308),
            (0.0, 0.0),
        ] {
            let found = rounded(number);
            assert_eq!(found.to_bits(), kept.to_bits(), "{number}: {found}");
        }
        assert!(rounded(f64::NAN).is_nan());
    }

    #[test]
    fn bytes_are_those_of_the_text() {
        let value = serde_json::json!({"a": [1.5, "ü\n"]});
        assert_eq!(json_bytes(&value), value.to_string().len());
    }

    proptest::proptest! {
        #[test]
        fn order_is_kept(a in -1e15..1e15, b in -1e15..1e15) {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            proptest::prop_assert!(rounded(low) <= rounded(high));
            proptest::prop_assert!((rounded(a) - a).abs() <= 5.1e-7 * a.abs());
        }
    }
}
