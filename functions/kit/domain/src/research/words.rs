//! Whole words of names. A marketplace finds what contains a keyword anywhere: `EV` stands in
//! `clinical evidence`, and is not what it is about.

/// How much of a name is looked at, in characters; marketplaces list no longer ones.
const MAX_NAME: usize = 200;

/// The shortest stem of which a word may be the rest, in characters.
const MIN_STEM: usize = 3;

/// The words of a name: in lower case, without marks.
pub fn words(name: &str) -> Vec<String> {
    let lower: String = name.chars().take(MAX_NAME).collect();
    // Dots belong to abbreviations such as `S.A.`, apostrophes to the word before.
    let lower = lower.to_lowercase().replace(['.', '\'', '\u{2019}'], "");
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether two words are the same, but for a plural that English makes by rule.
pub fn is_same_word(one: &str, other: &str) -> bool {
    one == other || singular(one) == singular(other)
}

/// Whether a word is in a name: as a whole word, but for its plural. Words of scripts that write no
/// spaces stand within others.
pub fn has_word(name: &[String], word: &str) -> bool {
    let cased = |c: char| c.is_uppercase() || c.is_lowercase() || c.is_numeric();
    if word.chars().any(cased) {
        name.iter().any(|of_name| is_same_word(of_name, word))
    } else {
        !word.is_empty() && name.iter().any(|of_name| of_name.contains(word))
    }
}

/// Whether a word of a name begins with a stem such as `agri`, or is it.
pub fn has_stem(name: &[String], stem: &str) -> bool {
    let begins = |word: &String| word.starts_with(stem);
    has_word(name, stem) || (stem.chars().count() >= MIN_STEM && name.iter().any(begins))
}

fn singular(word: &str) -> String {
    let ends = |end: &str| word.ends_with(end);
    if word.chars().count() < 3 || !ends("s") || ends("ss") || ends("us") || ends("is") {
        return word.to_owned();
    }
    let cut = |count: usize, instead: &str| {
        let stem: String = word.chars().take(word.chars().count() - count).collect();
        stem + instead
    };
    match () {
        () if ends("ies") => cut(3, "y"),
        () if ["sses", "shes", "ches", "xes"].into_iter().any(ends) => cut(2, ""),
        () => cut(1, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(name: &str, word: &str) -> bool {
        has_word(&words(name), &word.to_lowercase())
    }

    #[test]
    fn only_whole_words_count() {
        assert!(!has("Ossian Diagnostics, clinical evidence", "EV"));
        assert!(has("EVs of the north", "EV") && has("EV charging", "ev"));
        assert!(has("Northfell Batteries AS", "battery") && has("Box Inc", "boxes"));
        assert!(!has("Teslarossa Spa", "Tesla") && has("Tesla's books", "Teslas"));
        assert!(has("トヨタ自動車", "トヨタ"), "a script without spaces");
        assert!(!has("Tesla", ""));
    }

    #[test]
    fn stems_begin_words() {
        let has = |name: &str, stem: &str| has_stem(&words(name), stem);
        assert!(has("Verdance Agritech", "agri") && has("Fast Cars", "car"));
        assert!(!has("Blockchain Ltd", "chain") && !has("Evidence", "ev"));
        assert!(!has("Anything", ""));
    }
}
