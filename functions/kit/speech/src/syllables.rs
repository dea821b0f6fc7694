//! Syllables, estimated from spelling.
//!
//! A syllable is a group of vowels; English drops the silent e of `made`, `makes` and `asked`.
//! Characters of Chinese, Japanese and Korean are one each, numbers are counted as they are said,
//! abbreviations without vowels letter by letter.

use crate::number;
use crate::rate::{Language, is_wide};

/// How many syllables a text has, at least one for each word.
pub fn syllables(text: &str, language: Language) -> u32 {
    let apart = |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '/' | '\u{a0}');
    let words = text.split(apart).map(|token| of_word(token, language));
    words.fold(0, u32::saturating_add)
}

fn of_word(token: &str, language: Language) -> u32 {
    let outside = |c: char| !(c.is_alphanumeric() || matches!(c, '$' | '€' | '£' | '%'));
    let word = token.trim_matches(outside);
    if word.chars().any(|c| c.is_ascii_digit()) {
        return number::token(word);
    }
    let wide = word.chars().filter(|c| is_wide(*c)).count();
    if wide > 0 {
        return u32::try_from(wide).unwrap_or(u32::MAX);
    }
    let letters: Vec<char> = word
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    if letters.is_empty() {
        return 0;
    }
    if !letters.iter().any(|c| is_vowel(*c)) {
        return u32::try_from(letters.len()).unwrap_or(u32::MAX);
    }
    let groups = letters
        .iter()
        .enumerate()
        .filter(|(i, c)| is_vowel(**c) && (*i == 0 || !is_vowel(letters[i - 1])));
    let groups = u32::try_from(groups.count()).unwrap_or(u32::MAX);
    let silent = match language {
        Language::English | Language::Other => silent_e(&letters),
        // French ends many words on an e that is not said.
        Language::French => u32::from(letters.ends_with(&['e']) || letters.ends_with(&['e', 's'])),
        _ => 0,
    };
    let apart = hiatus(&letters, language);
    (groups + apart).saturating_sub(silent).max(1)
}

fn is_vowel(c: char) -> bool {
    "aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿąęōūīēāаеёиоуыэюяієїαεηιουωάέήίόύώ".contains(c)
}

/// Whether English leaves the last e of a word silent.
fn silent_e(letters: &[char]) -> u32 {
    let before = |from_end: usize| {
        letters
            .len()
            .checked_sub(from_end)
            .and_then(|i| letters.get(i))
            .copied()
    };
    let silent = match letters {
        [.., 'l', 'e'] => before(3).is_some_and(is_vowel),
        [.., 'l', 'e', 's'] => before(4).is_some_and(is_vowel),
        [.., 'e', 'e']
        | [.., 't' | 'd', 'e', 'd']
        | [.., 's' | 'z' | 'x' | 'c' | 'g' | 'h', 'e', 's'] => false,
        [.., c, 'e'] | [.., c, 'e', 'd' | 's'] => !is_vowel(*c),
        _ => false,
    };
    u32::from(silent && letters.len() > 2)
}

/// Vowels that stand together and are said apart.
fn hiatus(letters: &[char], language: Language) -> u32 {
    let pairs: &[&[char]] = match language {
        Language::English | Language::Other => &[
            &['i', 'a'],
            &['i', 'o'],
            &['e', 'o'],
            &['u', 'a'],
            &['i', 'u'],
        ],
        Language::Spanish | Language::Italian => &[&['e', 'a'], &['e', 'o'], &['a', 'e']],
        _ => return 0,
    };
    let apart = letters.windows(2).enumerate().filter(|(i, pair)| {
        // -tion, -cial, -gion, people and question are said as one; so is qu.
        let before = i.checked_sub(1).map(|i| letters[i]);
        pairs.contains(pair)
            && !(matches!(pair, ['i', _]) && matches!(before, Some('t' | 's' | 'c' | 'g')))
            && !(matches!(pair, ['u', _]) && matches!(before, Some('q' | 'g')))
            && !(matches!(pair, ['e', 'o']) && before == Some('p'))
    });
    u32::try_from(apart.count()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn most_english_words_are_right() {
        // Counts of the Carnegie Mellon pronouncing dictionary.
        let known = [
            ("made", 1),
            ("makes", 1),
            ("asked", 1),
            ("wanted", 2),
            ("table", 2),
            ("tables", 2),
            ("people", 2),
            ("necessary", 4),
            ("every", 3),
            ("boot", 1),
            ("jacket", 2),
            ("weather", 2),
            ("the", 1),
            ("we", 1),
            ("see", 1),
            ("agree", 2),
            ("idea", 3),
            ("radio", 3),
            ("video", 3),
            ("nation", 2),
            ("special", 2),
            ("region", 2),
            ("question", 2),
            ("offer", 2),
            ("today", 2),
            ("welcome", 2),
            ("customer", 3),
            ("separate", 3),
            ("opinions", 3),
            ("boxes", 2),
            ("watches", 2),
            ("quality", 3),
            ("actual", 3),
            ("mountain", 2),
            ("waterproof", 3),
            ("beautiful", 3),
            ("hello", 2),
            ("free", 1),
            ("you", 1),
            ("eye", 1),
            ("smile", 1),
            ("rule", 1),
            ("little", 2),
        ];
        let right = known
            .iter()
            .filter(|(word, count)| syllables(word, Language::English) == *count)
            .count();
        assert!(
            right * 100 >= known.len() * 92,
            "{right} of {}",
            known.len()
        );
    }

    #[test]
    fn other_scripts_and_signs_are_counted() {
        assert_eq!(syllables("こんにちは", Language::Japanese), 5);
        assert_eq!(syllables("Guten Morgen", Language::German), 4);
        assert_eq!(syllables("une table", Language::French), 2);
        assert_eq!(syllables("TV — PDF!", Language::English), 5);
        assert_eq!(syllables("… — !", Language::English), 0);
    }

    proptest! {
        #[test]
        fn a_longer_text_has_no_fewer_syllables(a in "\\PC{0,80}", b in "\\PC{0,80}") {
            let language = Language::English;
            let both = syllables(&format!("{a} {b}"), language);
            prop_assert_eq!(both, syllables(&a, language) + syllables(&b, language));
        }
    }
}
