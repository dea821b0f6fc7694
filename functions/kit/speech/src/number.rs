//! Numbers as they are said in English, counted in syllables. Other languages need about as many.

const SMALL: [u32; 20] = [2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2];

/// The syllables of whole tens: twenty has two, seventy three.
const fn tens(digit: u64) -> u32 {
    if digit == 7 { 3 } else { 2 }
}

/// The syllables of a whole number; digit by digit from a trillion on.
pub fn whole(n: u64) -> u32 {
    match n {
        0..20 => SMALL[n as usize],
        20..100 => tens(n / 10) + rest(n % 10),
        100..1_000 => whole(n / 100) + 2 + rest(n % 100),
        1_000..1_000_000 => whole(n / 1_000) + 2 + rest(n % 1_000),
        1_000_000..1_000_000_000 => whole(n / 1_000_000) + 2 + rest(n % 1_000_000),
        1_000_000_000..1_000_000_000_000 => whole(n / 1_000_000_000) + 2 + rest(n % 1_000_000_000),
        _ => digits(&n.to_string()),
    }
}

fn rest(n: u64) -> u32 {
    if n == 0 { 0 } else { whole(n) }
}

fn digits(text: &str) -> u32 {
    let digits = text.chars().filter_map(|c| c.to_digit(10));
    digits.map(|digit| SMALL[digit as usize]).sum()
}

/// The syllables of a token with digits, such as `$1,299.50`, `20%`, `3.5` or `24/7`: numbers in
/// words, signs of money and percent by name, letters one by one at most.
pub fn token(text: &str) -> u32 {
    let mut count = 0;
    let mut number = String::new();
    let mut fraction = false;
    let mut letters = 0;
    for c in text.chars().chain([' ']) {
        match c {
            '0'..='9' => number.push(c),
            ',' if !fraction => {}
            _ => {
                if !number.is_empty() {
                    count += said(&number, fraction);
                    number.clear();
                }
                fraction = c == '.';
                count += match c {
                    '.' => u32::from(!text.ends_with('.')),
                    '$' | '€' | '£' | '%' => 2,
                    _ => 0,
                };
                letters += u32::from(c.is_alphabetic());
            }
        }
    }
    count + letters.min(3)
}

fn said(number: &str, fraction: bool) -> u32 {
    match number.parse() {
        Ok(n) if !fraction => whole(n),
        _ => digits(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_in_words() {
        for (text, syllables) in [
            ("7", 2),       // seven
            ("21", 3),      // twenty-one
            ("77", 5),      // seventy-seven
            ("189", 6),     // one hundred eighty-nine
            ("$189", 8),    // … dollars
            ("20%", 4),     // twenty percent
            ("1,200", 6),   // one thousand two hundred
            ("3.5", 3),     // three point five
            ("2026", 6),    // two thousand twenty-six
            ("1000000", 3), // one million
        ] {
            assert_eq!(token(text), syllables, "{text}");
        }
    }

    #[test]
    fn no_number_is_too_long() {
        assert_eq!(token(&"9".repeat(100)), 100);
        assert!(whole(u64::MAX) > 20);
    }
}
