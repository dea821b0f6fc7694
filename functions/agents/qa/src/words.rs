//! Words of a text, compared without regard to case, punctuation or invisible characters.

/// What makes no difference to a reader, but would hide a word from a comparison: soft hyphens,
/// zero-width characters and the marks of text direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The words in lower case. A number is one word without separators of thousands and without
/// empty cents; `%` and `$` are words of their own. What stands between `{{` and `}}` is no text.
pub fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = without_fields(text)
        .chars()
        .filter(|c| !is_invisible(*c))
        .collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, c) in chars.iter().copied().enumerate() {
        let next = chars.get(i + 1);
        let in_number = word.chars().last().is_some_and(|c| c.is_ascii_digit())
            && next.is_some_and(char::is_ascii_digit);
        match c {
            _ if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            '.' if in_number => word.push('.'),
            ',' if in_number => {}
            '\'' | '’' if !word.is_empty() && next.is_some_and(|c| c.is_alphabetic()) => {
                word.push('\'');
            }
            _ => {
                finish(&mut word, &mut words);
                if matches!(c, '%' | '$') {
                    words.push(c.to_string());
                }
            }
        }
    }
    finish(&mut word, &mut words);
    words
}

fn finish(word: &mut String, words: &mut Vec<String>) {
    if word.is_empty() {
        return;
    }
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    if let Some(whole) = word.strip_suffix(".00").filter(|_| is_number) {
        *word = whole.to_owned();
    }
    words.push(std::mem::take(word));
}

/// Whether the words of `phrase` stand in `text` one behind the other. A phrase without words, such
/// as an emoji, is looked for as it is written.
pub fn contains(text: &str, phrase: &str) -> bool {
    has_phrase(&words(text), text, phrase)
}

/// The same as [`contains`] for a text whose words are known.
pub fn has_phrase(text_words: &[String], text: &str, phrase: &str) -> bool {
    let wanted = words(phrase);
    if wanted.is_empty() {
        let phrase = phrase.trim();
        return !phrase.is_empty() && text.contains(phrase);
    }
    text_words
        .windows(wanted.len())
        .any(|window| window == wanted)
}

/// The text with a space in place of each merge field.
pub fn without_fields(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((_, after)) = behind.split_once("}}") else {
            break;
        };
        kept.push_str(before);
        kept.push(' ');
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// The sentences: a sentence ends at a line break, or at `.`, `!`, `?` or `…` where white space or
/// nothing follows.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let closes = matches!(c, '.' | '!' | '?' | '…') && next.is_none_or(char::is_whitespace);
        if c == '\n' || closes {
            let end = at + c.len_utf8();
            found.push(text[start..end].trim());
            start = end;
        }
    }
    found.push(text[start..].trim());
    found.retain(|sentence| sentence.contains(char::is_alphanumeric));
    found
}

/// How alike two texts are, from 0 to 1: the Sørensen–Dice coefficient of their pairs of letters
/// (Dice 1945), words apart, without regard to case.
pub fn likeness(one: &str, other: &str) -> f64 {
    let (one, mut other) = (pairs(one), pairs(other));
    let total = one.len() + other.len();
    if total == 0 {
        return 1.0;
    }
    let mut shared = 0_usize;
    for pair in one {
        if let Some(at) = other.iter().position(|candidate| *candidate == pair) {
            other.swap_remove(at);
            shared += 1;
        }
    }
    2.0 * shared as f64 / total as f64
}

fn pairs(text: &str) -> Vec<(char, char)> {
    let pairs_of = |word: String| {
        let chars: Vec<char> = word.chars().collect();
        match chars.as_slice() {
            [single] => vec![(*single, ' ')],
            chars => chars.windows(2).map(|pair| (pair[0], pair[1])).collect(),
        }
    };
    words(text).into_iter().flat_map(pairs_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_a_reader_reads() {
        assert_eq!(
            words("Don't pay $1,299.00: 20% off!"),
            ["don't", "pay", "$", "1299", "20", "%", "off"]
        );
        assert_eq!(words("Hi {{first_name}}, v1.5."), ["hi", "v1.5"]);
        assert_eq!(words("mir\u{200b}acle"), ["miracle"]);
        assert_eq!(words("{{open"), ["open"]);
    }

    #[test]
    fn phrases_are_whole_words() {
        assert!(contains("A Risk-Free trial.", "risk free"));
        assert!(!contains("A brisk freedom", "risk free"));
        assert!(!contains("100 km", "100%"));
        assert!(contains("now 🔥", "🔥"));
        assert!(!contains("anything", " "));
    }

    #[test]
    fn prices_do_not_end_sentences() {
        assert_eq!(sentences("Only $9.50 now. Go!\nYes…").len(), 3);
        assert!(sentences(" … ").is_empty());
    }

    #[test]
    fn likeness_is_the_published_coefficient() {
        // ni-ig-gh-ht and na-ac-ch-ht share one pair of four and four.
        assert!((likeness("night", "nacht") - 0.25).abs() < 1e-12);
        assert!((likeness("Boots, dry", "boots dry!") - 1.0).abs() < 1e-12);
        assert!(likeness("abc", "xyz").abs() < 1e-12);
    }
}
