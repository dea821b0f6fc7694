//! Texts as words and sentences, and changes to them that leave whole sentences behind.

/// The words in lower case, without what stands between `{{` and `}}`. A number is one word without
/// separators of thousands and without empty cents; `%` and `$` are words of their own.
pub fn words(text: &str) -> Vec<String> {
    let text = outside_fields(text);
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, c) in chars.iter().copied().enumerate() {
        let digit_follows = chars.get(i + 1).is_some_and(char::is_ascii_digit);
        let in_number = digit_follows && word.ends_with(|c: char| c.is_ascii_digit());
        let letter_follows = chars.get(i + 1).is_some_and(|c| c.is_alphabetic());
        match c {
            _ if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            '.' if in_number => word.push('.'),
            ',' if in_number => {}
            '\'' | '’' if !word.is_empty() && letter_follows => word.push('\''),
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
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    if let Some(whole) = word.strip_suffix(".00").filter(|_| is_number) {
        *word = whole.to_owned();
    }
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn outside_fields(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((_, after)) = behind.split_once("}}") else {
            break;
        };
        kept.push_str(before);
        kept.push(' ');
        rest = after;
    }
    kept + rest
}

/// Whether the words of `phrase` stand in `text` one behind the other, whatever their case. A phrase
/// without words, such as an emoji, is looked for as it is written.
pub fn contains(text: &str, phrase: &str) -> bool {
    let wanted = words(phrase);
    if wanted.is_empty() {
        return !phrase.trim().is_empty() && text.contains(phrase.trim());
    }
    words(text).windows(wanted.len()).any(|w| w == wanted)
}

/// The sentences: they end at a line break, or at `.`, `!`, `?` or `…` before white space.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let closes = matches!(c, '.' | '!' | '?' | '…') && next.is_none_or(char::is_whitespace);
        if c == '\n' || closes {
            found.push(text[start..at + c.len_utf8()].trim());
            start = at + c.len_utf8();
        }
    }
    found.push(text[start..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// The sentences of `text` that keep to `rule`, joined again.
pub fn only_sentences(text: &str, rule: impl Fn(&str) -> bool) -> String {
    let mut kept = sentences(text);
    kept.retain(|sentence| rule(sentence));
    kept.join(" ")
}

/// The text with every occurrence of `from`, as whole words and whatever its case, as `to`; none
/// where it does not occur.
pub fn replaced(text: &str, from: &str, to: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = from.trim().chars().collect();
    let same = |a: &char, b: &char| a == b || a.to_lowercase().eq(b.to_lowercase());
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let mut result = String::new();
    let mut found = false;
    let mut at = 0;
    while at < chars.len() {
        let end = at + wanted.len();
        let here = chars.get(at..end).is_some_and(|part| {
            !wanted.is_empty() && part.iter().zip(&wanted).all(|(a, b)| same(a, b))
        });
        let begins = !(is_word(wanted.first()) && at > 0 && is_word(chars.get(at - 1)));
        let ends = !(is_word(wanted.last()) && is_word(chars.get(end)));
        if here && begins && ends {
            result.push_str(to);
            found = true;
            at = end;
        } else {
            result.push(chars[at]);
            at += 1;
        }
    }
    found.then_some(result)
}

/// The text without a phrase, tidied up: no double spaces, none before punctuation, a capital first.
pub fn without(text: &str, phrase: &str) -> String {
    let rest = replaced(text, phrase, "").unwrap_or_else(|| text.to_owned());
    let mut tidy = one_line(&rest);
    for mark in [",", ".", "!", "?", ":", ";"] {
        tidy = tidy.replace(&format!(" {mark}"), mark);
    }
    capitalised(tidy.trim_start_matches([',', '.', ':', ';', '!', '?', ' ', '-', '–', '—']))
}

/// The text in one line, white space collapsed, without characters that nobody sees.
pub fn one_line(text: &str) -> String {
    let unseen = |c: char| {
        (c.is_control() && !c.is_whitespace())
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    let seen: String = text.chars().filter(|c| !unseen(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with its first letter as a capital.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The first words of a text that have at most `most` characters together, without what cannot stand
/// at an end. A single word that is longer is cut.
pub fn shortened(text: &str, most: usize, length: impl Fn(&str) -> usize) -> String {
    const NO_END: [&str; 16] = [
        "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "our", "the", "to",
        "with", "your",
    ];
    if length(text) <= most {
        return text.to_owned();
    }
    let mut kept: Vec<&str> = text.split_whitespace().collect();
    while kept.len() > 1 && length(&kept.join(" ")) > most {
        kept.pop();
    }
    while kept.len() > 2
        && kept
            .last()
            .is_some_and(|w| NO_END.contains(&w.to_lowercase().as_str()))
    {
        kept.pop();
    }
    let mut text = kept.join(" ");
    if length(&text) > most {
        text = text.chars().take(most).collect();
    }
    text.trim_end_matches([',', ':', ';', '-', '–', '—', ' ', '('])
        .to_owned()
}

/// How alike two texts are, from 0 to 1: the Sørensen–Dice coefficient of their pairs of letters.
pub fn likeness(one: &str, other: &str) -> f64 {
    let (one, mut other) = (pairs(one), pairs(other));
    let total = one.len() + other.len();
    let mut shared = 0_usize;
    for pair in one {
        if let Some(at) = other.iter().position(|candidate| *candidate == pair) {
            other.swap_remove(at);
            shared += 1;
        }
    }
    if total == 0 {
        return 1.0;
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

/// The text without emoji.
pub fn without_emoji(text: &str) -> String {
    let is_emoji = |c: char| {
        matches!(u32::from(c),
            0x200d | 0x231a..=0x231b | 0x23e9..=0x23fa | 0x25fd..=0x25fe | 0x2600..=0x27bf
            | 0x2934..=0x2935 | 0x2b05..=0x2b07 | 0x2b1b..=0x2b1c | 0x2b50 | 0x2b55
            | 0xfe0f | 0x20e3 | 0x1f000..=0x1faff)
    };
    let kept: String = text.chars().filter(|c| !is_emoji(*c)).collect();
    one_line(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_replaced_as_whole_words() {
        assert_eq!(
            replaced("Cheap, cheaper, CHEAP", "cheap", "fair").as_deref(),
            Some("fair, cheaper, fair")
        );
        assert_eq!(replaced("cheaper", "cheap", "fair"), None);
        assert_eq!(replaced("x", " ", "y"), None);
        assert_eq!(without("Act now, see it", "act now"), "See it");
    }

    #[test]
    fn sentences_go_as_a_whole() {
        let kept = only_sentences("It is $9.50 now. Go! Yes", |s| !contains(s, "go"));
        assert_eq!(kept, "It is $9.50 now. Yes");
    }

    #[test]
    fn a_line_is_cut_where_it_still_reads() {
        let count = |text: &str| text.chars().count();
        assert_eq!(
            shortened("Dry feet for the long walk", 18, count),
            "Dry feet"
        );
        assert_eq!(shortened("Waterproofing", 5, count), "Water");
        assert_eq!(shortened("Short", 5, count), "Short");
    }

    #[test]
    fn emoji_and_unseen_characters_go() {
        assert_eq!(without_emoji("Dry 🔥 feet ❤️"), "Dry feet");
        assert_eq!(one_line(" a\u{200b}b \n\t c\u{7} "), "ab c");
    }
}
