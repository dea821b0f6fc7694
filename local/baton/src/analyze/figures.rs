//! Numbers as people read them.

/// A count with spaces between thousands.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number of any size: exact where it is short, with a unit (`k`, `M`, `G`, `T`) where it is not.
pub(super) fn short(number: f64) -> String {
    let (scaled, unit) = scaled(number, number.abs());
    let decimals = match scaled.abs() {
        x if x >= 99.95 => 0,
        x if x >= 9.995 => 1,
        _ => 2,
    };
    trimmed(scaled, decimals) + unit
}

/// A number in full, with spaces between thousands: to two decimals, from a million on to none, and
/// tiny ones as powers of ten.
pub(super) fn full(number: f64) -> String {
    if number != 0.0 && number.abs() < 0.005 {
        return format!("{number:.1e}").replace('-', "\u{2212}");
    }
    trimmed(number, if number.abs() < 1e6 { 2 } else { 0 })
}

/// A share in percent.
pub(super) fn percent(share: f64) -> String {
    let decimals = if share > 0.0 && share < 0.0995 { 2 } else { 1 };
    trimmed(share * 100.0, decimals) + " %"
}

/// The number of a tick, with as many decimals as steps of this size need, in the unit of `largest`.
pub(super) fn tick(number: f64, step: f64, largest: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let (_, unit) = scaled(0.0, largest);
    let factor = factor(largest);
    let decimals = (-(step / factor).log10() + 1e-9).ceil().clamp(0.0, 9.0) as usize;
    trimmed(number / factor, decimals) + unit
}

const UNITS: [(f64, &str); 4] = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e4, " k")];

fn scaled(number: f64, largest: f64) -> (f64, &'static str) {
    let unit = UNITS.iter().find(|(least, _)| largest >= *least);
    (number / factor(largest), unit.map_or("", |(_, unit)| unit))
}

/// What a number of this size is divided by. Thousands begin at ten thousand.
fn factor(largest: f64) -> f64 {
    let unit = UNITS.iter().find(|(least, _)| largest >= *least);
    unit.map_or(1.0, |(least, _)| if *least < 1e5 { 1e3 } else { *least })
}

fn trimmed(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    let text = grouped(whole) + point + rest;
    if number < 0.0 && text != "0" {
        format!("\u{2212}{text}")
    } else {
        text
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            // A narrow space that no line breaks at.
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_where_they_can_be() {
        for (number, wanted) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (12.345, "12.3"),
            (-1234.0, "\u{2212}1234"),
            (12_345.0, "12.3 k"),
            (1e12, "1 T"),
            (9_999_999.0, "10 M"),
        ] {
            assert_eq!(short(number), wanted, "{number}");
        }
        assert_eq!(full(1_234_567.891), "1\u{202f}234\u{202f}568");
        assert_eq!(full(-34_567.891), "\u{2212}34\u{202f}567.89");
        assert_eq!(full(0.000_12), "1.2e\u{2212}4");
        assert_eq!(
            (count(1234), count(12_345)),
            ("1234".to_owned(), "12\u{202f}345".to_owned())
        );
    }

    #[test]
    fn shares_are_percents() {
        let shares = [0.0, 0.004, 0.25, 1.0].map(percent);
        assert_eq!(shares, ["0 %", "0.4 %", "25 %", "100 %"]);
    }

    #[test]
    fn ticks_have_the_decimals_of_their_steps_and_one_unit() {
        assert_eq!(tick(0.2, 0.2, 1.0), "0.2");
        assert_eq!(tick(0.1, 0.05, 0.2), "0.1");
        assert_eq!(tick(500.0, 250.0, 1000.0), "500");
        assert_eq!(tick(500_000.0, 500_000.0, 2e6), "0.5 M");
        assert_eq!(tick(0.0, 5e11, 1e12), "0");
    }
}
