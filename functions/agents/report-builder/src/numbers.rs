//! Numbers as people read them, and numbers as they are found in sentences.

/// The number in groups of three digits, with at most two decimals; very large and very small ones
/// by power of ten.
pub fn grouped(number: f64) -> String {
    let size = number.abs();
    if size >= 1e15 || (size > 0.0 && size < 0.005) {
        return format!("{number:e}");
    }
    let text = format!("{size:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let mut out = String::new();
    if number < 0.0 {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !decimals.is_empty() {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

const SCALES: [(f64, &str); 3] = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")];

/// The number to one decimal of millions, billions or trillions; nothing below a million.
pub fn in_words(number: f64) -> Option<String> {
    if number.abs() >= 1e15 {
        return None;
    }
    let (scale, word) = SCALES.iter().find(|(scale, _)| number.abs() >= *scale)?;
    Some(format!(
        "{} {word}",
        grouped((number / scale * 10.0).round() / 10.0)
    ))
}

/// What a text says in the way of numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A number, with the sign before it and the scale behind it, and whether it is in percent.
    Number {
        /// Its value.
        value: f64,
        /// Whether `%` or `percent` stands behind it.
        percent: bool,
    },
    /// A word with digits or other numerals in it, such as `Q3`, in lower case.
    Mixed(String),
    /// A word, or a currency's sign, in lower case.
    Word(String),
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let runs = runs(text);
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < runs.len() {
        let (run, negative) = (&runs[at].0, runs[at].1);
        at += 1;
        let Some((mut value, suffix)) = number(run) else {
            let numeral = run.chars().any(char::is_numeric);
            let word = run.to_lowercase();
            tokens.push(if numeral {
                Token::Mixed(word)
            } else {
                Token::Word(word)
            });
            continue;
        };
        let mut scaled = factor(suffix);
        if scaled.is_none() {
            tokens.push(Token::Mixed(run.to_lowercase()));
            continue;
        }
        let next = |at: usize| {
            runs.get(at)
                .map_or("", |(run, _)| run.as_str())
                .to_lowercase()
        };
        if suffix.is_empty()
            && let Some(factor) = scale(&next(at))
        {
            scaled = Some(factor);
            at += 1;
        }
        value *= scaled.unwrap_or(1.0);
        let percent = ["%", "percent", "percentage", "pct"].contains(&next(at).as_str());
        let in_two_words = next(at) == "per" && next(at + 1) == "cent";
        at += usize::from(percent) + 2 * usize::from(in_two_words);
        let value = if negative { -value } else { value };
        tokens.push(Token::Number {
            value,
            percent: percent || in_two_words,
        });
    }
    tokens
}

/// Words, numbers and signs that stand by themselves, each with whether a minus stands before it.
fn runs(text: &str) -> Vec<(String, bool)> {
    let chars: Vec<char> = text.chars().collect();
    let mut runs = Vec::new();
    let mut run = String::new();
    let mut start = 0;
    for (i, &c) in chars.iter().enumerate() {
        let next_digit = chars.get(i + 1).is_some_and(char::is_ascii_digit);
        let after_digit = run.ends_with(|c: char| c.is_ascii_digit());
        if c.is_alphanumeric() || (matches!(c, '.' | ',') && after_digit && next_digit) {
            if run.is_empty() {
                start = i;
            }
            run.push(c);
            continue;
        }
        if !run.is_empty() {
            runs.push((std::mem::take(&mut run), has_minus(&chars, start)));
        }
        if matches!(c, '%' | '$' | '€' | '£' | '¥' | '₹') {
            runs.push((c.to_string(), false));
        }
    }
    if !run.is_empty() {
        runs.push((run, has_minus(&chars, start)));
    }
    runs
}

/// Whether a minus stands before a place that is not the dash of a range or a compound.
fn has_minus(chars: &[char], start: usize) -> bool {
    let minus = start.checked_sub(1).map(|at| chars[at]);
    let before = start.checked_sub(2).map(|at| chars[at]);
    matches!(minus, Some('-' | '−' | '–')) && !before.is_some_and(char::is_alphanumeric)
}

/// The number that a run begins with, and the letters behind it.
fn number(run: &str) -> Option<(f64, &str)> {
    let end = run.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')));
    let (digits, suffix) = run.split_at(end.unwrap_or(run.len()));
    if !suffix.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| !first.is_empty())?;
    let is_grouped = whole.contains(',');
    if (is_grouped && first.len() > 3) || !groups.all(|group| group.len() == 3) {
        return None;
    }
    let plain = format!("{}.{decimals}", whole.replace(',', ""));
    plain.parse().ok().map(|value| (value, suffix))
}

/// What the letters behind a number multiply it by; none where they make another word of it.
fn factor(suffix: &str) -> Option<f64> {
    match suffix.to_lowercase().as_str() {
        "" | "st" | "nd" | "rd" | "th" => Some(1.0),
        "k" => Some(1e3),
        "m" | "mn" => Some(1e6),
        "b" | "bn" => Some(1e9),
        "t" | "tn" => Some(1e12),
        _ => None,
    }
}

/// What a word behind a number multiplies it by.
fn scale(word: &str) -> Option<f64> {
    match word {
        "hundred" => Some(1e2),
        "thousand" => Some(1e3),
        "million" | "mn" => Some(1e6),
        "billion" | "bn" => Some(1e9),
        "trillion" | "tn" => Some(1e12),
        _ => None,
    }
}

/// The value of a word that is a number. `one` is rarely meant as one.
pub fn of_word(word: &str) -> Option<f64> {
    const WORDS: [&str; 19] = [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    let at = WORDS.iter().position(|known| *known == word)?;
    Some(at as f64 + 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(f64, bool)> {
        let numbers = tokens(text).into_iter().filter_map(|token| match token {
            Token::Number { value, percent } => Some((value, percent)),
            _ => None,
        });
        numbers.collect()
    }

    #[test]
    fn numbers_are_shown_as_people_read_them() {
        for (number, shown) in [
            (96_773_000_000.0, "96,773,000,000"),
            (1_234.5, "1,234.5"),
            (-1_000.0, "-1,000"),
            (0.19, "0.19"),
            (0.0, "0"),
            (0.0001, "1e-4"),
            (1e300, "1e300"),
        ] {
            assert_eq!(grouped(number), shown);
        }
        assert_eq!(in_words(96_773_000_000.0).as_deref(), Some("96.8 billion"));
        assert_eq!(in_words(-1_250_000.0).as_deref(), Some("-1.3 million"));
        assert_eq!((in_words(999_999.0), in_words(1e15)), (None, None));
    }

    #[test]
    fn spellings_of_a_number_have_its_value() {
        for same in [
            "1200000000",
            "1,200,000,000",
            "1.2 billion",
            "1.2bn",
            "1.2B",
            "1,200 million",
        ] {
            assert_eq!(values(same), [(1.2e9, false)], "{same}");
        }
        assert_eq!(values("19 %, 19% and 19 percent"), [(19.0, true); 3]);
        assert_eq!(
            values("fell by -5 per cent, 2-3"),
            [(-5.0, true), (2.0, false), (3.0, false)]
        );
        assert_eq!(values("−5"), [(-5.0, false)]);
    }

    #[test]
    fn what_is_no_plain_number_is_kept_as_it_is() {
        for (text, mixed) in [
            ("Q3", "q3"),
            ("1,5", "1,5"),
            ("1e9", "1e9"),
            ("½", "½"),
            ("٣", "٣"),
            ("1.2.3", "1.2.3"),
        ] {
            assert_eq!(tokens(text), [Token::Mixed(mixed.to_owned())], "{text}");
        }
        assert_eq!(tokens("$"), [Token::Word("$".to_owned())]);
    }
}
