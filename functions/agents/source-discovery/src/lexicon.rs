//! What is known of words: which are no keywords, which fields of the data they ask about, and
//! which industries they name.
//!
//! Words stand here in lower case, in the singular and without dots; [`singular`] brings others
//! there. The fields are those that marketplaces of company data give.

mod lists;

use crate::words::Word;
use lists::{ASPECTS, GENERIC, INDUSTRIES, LEGAL, LEGAL_IF_CAPITAL, LINKS, STOP};

fn stands_in(words: &str, word: &str) -> bool {
    !word.contains(' ') && words.contains(&format!(" {word} "))
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// No keyword.
    None,
    /// Names an industry.
    Industry,
    /// Starts with a capital, and nothing else is known of it.
    Capital,
    /// Any other.
    Plain,
}

/// What a word is.
pub fn class(word: &Word) -> Class {
    let folded = word.folded();
    let singular = singular(&folded);
    let is = |words| stands_in(words, &folded) || stands_in(words, &singular);
    let says_nothing = || {
        let is_stop = is(STOP) && !word.is_acronym();
        is_stop || is(GENERIC) || is_legal_form(word) || !fields(&folded).is_empty()
    };
    if word.is_number() || folded == "&" {
        Class::None
    } else if industry(&folded).is_some() {
        Class::Industry
    } else if says_nothing() {
        Class::None
    } else if word.is_capital() {
        Class::Capital
    } else {
        Class::Plain
    }
}

/// Whether a word is one of grammar or of requests.
pub fn is_stop(word: &Word) -> bool {
    let folded = word.folded();
    folded == "&" || stands_in(STOP, &folded)
}

/// Whether marketplaces are known to have this field.
pub fn is_known_field(field: &str) -> bool {
    ASPECTS.iter().any(|(_, fields)| fields.contains(&field))
}

/// Whether any list has the word.
pub fn knows(folded: &str) -> bool {
    let singular = singular(folded);
    let is = |words| stands_in(words, folded) || stands_in(words, &singular);
    is(STOP) || is(GENERIC) || !fields(folded).is_empty() || industry(folded).is_some()
}

/// The fields of the data that a word asks about.
pub fn fields(folded: &str) -> &'static [&'static str] {
    let singular = singular(folded);
    let known = |word: &str| word == folded || word == singular;
    let found = ASPECTS.iter().find(|(word, _)| known(word));
    found.map_or(&[], |(_, fields)| fields)
}

/// What companies have in their names of the industry that a word names.
pub fn industry(folded: &str) -> Option<&'static [&'static str]> {
    let singular = singular(folded);
    let known = |word: &str| word == folded || word == singular;
    let found = INDUSTRIES.iter().find(|(word, _)| known(word));
    found.map(|(_, wider)| *wider)
}

/// Whether a word is a legal form, such as `Inc` or `GmbH`.
pub fn is_legal_form(word: &Word) -> bool {
    let folded = word.folded();
    let capital = word.text.starts_with(char::is_uppercase);
    stands_in(LEGAL, &folded) || (capital && stands_in(LEGAL_IF_CAPITAL, &folded))
}

/// Whether a word links words of one name, such as `of` in `Bank of America`.
pub fn is_link(word: &Word) -> bool {
    stands_in(LINKS, &word.text)
}

/// Whether a text can be the name of a field: 1 to 64 of `a-z 0-9 _`, with dots between names.
pub fn is_field(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let named = |part: &str| !part.is_empty() && part.chars().all(plain);
    text.len() <= 64 && text.split('.').all(named)
}

/// The singular of a plural that English makes by rule; other words as they are.
pub fn singular(word: &str) -> String {
    let ends = |end: &str| word.ends_with(end);
    if word.chars().count() < 4 || !ends("s") || ends("ss") || ends("us") || ends("is") {
        return word.to_owned();
    }
    let bare = |end: &str, instead: &str| {
        let stem = word.strip_suffix(end).unwrap_or(word);
        format!("{stem}{instead}")
    };
    match () {
        () if ends("ies") => bare("ies", "y"),
        () if ends("sses") || ends("shes") || ends("ches") || ends("xes") => bare("es", ""),
        () => bare("s", ""),
    }
}

/// The stem of a word in `-ing`, where enough is left of it.
pub fn stem(word: &str) -> Option<&str> {
    let stem = word.strip_suffix("ing")?;
    (stem.chars().count() >= 4).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_the_singular_and_do_not_overlap() {
        let industries = INDUSTRIES.map(|(word, _)| word);
        let aspects = ASPECTS.map(|(word, _)| word);
        assert!(industries.is_sorted());
        for word in aspects {
            assert!(
                !stands_in(STOP, word) && !stands_in(GENERIC, word),
                "{word}"
            );
            assert!(!industries.contains(&word), "{word}");
        }
        for word in industries {
            assert!(
                !stands_in(STOP, word) && !stands_in(GENERIC, word),
                "{word}"
            );
        }
        for (_, fields) in ASPECTS {
            assert!(fields.iter().all(|field| is_field(field)));
        }
    }

    #[test]
    fn plurals_and_stems_are_made_by_rule() {
        for (plural, one) in [
            ("years", "year"),
            ("industries", "industry"),
            ("businesses", "business"),
            ("boxes", "box"),
            ("business", "business"),
            ("analysis", "analysis"),
            ("gas", "gas"),
        ] {
            assert_eq!(singular(plural), one);
        }
        assert_eq!((stem("banking"), stem("mining")), (Some("bank"), None));
    }

    #[test]
    fn fields_have_a_form() {
        for field in ["revenue", "financial_data.growth_rate", "q3"] {
            assert!(is_field(field), "{field}");
        }
        for no in ["", "Revenue", "a..b", ".a", "a b", "a[0]", "*"] {
            assert!(!is_field(no), "{no}");
        }
    }
}
