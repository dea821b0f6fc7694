//! Texts as words.

use std::collections::BTreeSet;

use crate::channel::is_emoji;

/// The words in lower case. Points and commas within a number belong to it.
pub fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        let next = chars.get(i + 1);
        let word = words.last_mut();
        let in_word = word.as_ref().is_some_and(|word| !word.is_empty());
        let digits = word
            .as_ref()
            .is_some_and(|word| word.ends_with(|c: char| c.is_ascii_digit()))
            && next.is_some_and(char::is_ascii_digit);
        let kept = match c {
            c if c.is_alphanumeric() => Some(*c),
            '.' if digits => Some('.'),
            ',' if digits => continue,
            '\'' | '’' if in_word && next.is_some_and(|c| c.is_alphabetic()) => Some('\''),
            _ => None,
        };
        match (kept, word) {
            (Some(c), Some(word)) => word.extend(c.to_lowercase()),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the words of `phrase` stand in `text` one behind the other, whatever their case.
pub fn contains(text: &str, phrase: &str) -> bool {
    let wanted = words(phrase);
    if wanted.is_empty() {
        return !phrase.trim().is_empty() && text.contains(phrase.trim());
    }
    words(text).windows(wanted.len()).any(|run| run == wanted)
}

/// How alike two texts are: of all words in either, the part that is in both (Jaccard 1912); 1 where
/// neither has any.
pub fn likeness(one: &str, other: &str) -> f64 {
    let set = |text: &str| words(text).into_iter().collect::<BTreeSet<String>>();
    let (one, other) = (set(one), set(other));
    let all = one.union(&other).count();
    if all == 0 {
        return 1.0;
    }
    one.intersection(&other).count() as f64 / all as f64
}

/// The numbers in a text.
pub fn numbers(text: &str) -> BTreeSet<String> {
    let has_digit = |word: &String| word.chars().any(|c| c.is_ascii_digit());
    words(text).into_iter().filter(has_digit).collect()
}

/// The text in one line, white space collapsed, without characters that nobody sees.
pub fn one_line(text: &str) -> String {
    let unseen = |c: char| {
        (c.is_control() && !c.is_whitespace())
            || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
                | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}')
    };
    let seen: String = text.chars().filter(|c| !unseen(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether there is an emoji.
pub fn has_emoji(text: &str) -> bool {
    text.chars().any(is_emoji)
}

/// The text without emoji.
pub fn without_emoji(text: &str) -> String {
    let goes = |c: char| is_emoji(c) || matches!(c, '\u{fe0f}' | '\u{20e3}' | '\u{200d}');
    one_line(&text.chars().filter(|c| !goes(*c)).collect::<String>())
}

/// The text with a capital first and without the marks that end a sentence.
pub fn phrase(text: &str) -> String {
    let bare = text.trim_end_matches(['.', '!', '?', '…', ' ', ',', ';', ':']);
    let mut chars = bare.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_likeness() {
        assert_eq!(words("It's $1,299.50 – NOW."), ["it's", "1299.50", "now"]);
        assert!(contains("The cheapest, act NOW!", "act now") && !contains("cheaper", "cheap"));
        assert!((likeness("dry feet all day", "Dry feet, all night") - 0.6).abs() < 1e-12);
        assert_eq!(
            numbers("20% off 3 boots"),
            ["20", "3"].map(str::to_owned).into()
        );
        assert_eq!(without_emoji("Dry 🔥 feet ❤️"), "Dry feet");
        assert_eq!(phrase("keeps feet dry!"), "Keeps feet dry");
        assert_eq!(one_line("a\u{200b}b \n c\u{e0041}"), "ab c");
    }
}
