//! How alike names are, and whether they name what is looked for.

use baton_domain::research::{self, Search};

/// Legal forms, which say nothing about who is meant.
const LEGAL: [&str; 30] = [
    "ab",
    "ag",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "kgaa",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "oy",
    "oyj",
    "plc",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "spa",
    "srl",
    "the",
    "holdings",
];

/// The words of a name: in lower case, without marks, without legal forms where others are left.
pub fn words(name: &str) -> Vec<String> {
    let all = research::words(name);
    let telling: Vec<String> = all
        .iter()
        .filter(|word| !LEGAL.contains(&word.as_str()))
        .cloned()
        .collect();
    if telling.is_empty() { all } else { telling }
}

/// Whether a name shares a whole word with the keywords, but for plurals, or begins one with a wider
/// keyword: those are stems. Everything shares one where nothing is looked for.
pub fn is_meant(name: &str, search: &Search) -> bool {
    let name = words(name);
    let is_in = |keywords: &[String], has: fn(&[String], &str) -> bool| {
        let each = keywords.iter().flat_map(|keyword| words(keyword));
        each.into_iter().any(|word| has(&name, &word))
    };
    (search.keywords.is_empty() && search.wider.is_empty())
        || is_in(&search.keywords, research::has_word)
        || is_in(&search.wider, research::has_stem)
}

/// How alike two names are, 0 to 1: Dice's coefficient of their words, where words that share a
/// beginning count by the share of it, and words that contain each other count half of that.
pub fn alike(one: &[String], other: &[String]) -> f64 {
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let covered = |words: &[String], by: &[String]| -> f64 {
        let best = |word: &String| by.iter().map(|b| word_alike(word, b)).fold(0.0, f64::max);
        words.iter().map(best).sum()
    };
    (covered(one, other) + covered(other, one)) / (one.len() + other.len()) as f64
}

/// Two letters that happen to stand within a word say nothing: `ai` is not in `chair`.
const MIN_INSIDE: usize = 4;
const MIN_PREFIX: usize = 3;

fn word_alike(one: &str, other: &str) -> f64 {
    let (a, b) = (one.chars().count(), other.chars().count());
    let (short, long, least, most) = if a <= b {
        (one, other, a, b)
    } else {
        (other, one, b, a)
    };
    let share = least as f64 / most.max(1) as f64;
    if one == other {
        1.0
    } else if least >= MIN_PREFIX && long.starts_with(short) {
        share
    } else if least >= MIN_INSIDE && long.contains(short) {
        share / 2.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(one: &str, other: &str) -> f64 {
        alike(&words(one), &words(other))
    }

    #[test]
    fn names_are_alike_by_their_words() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(of("Tesla", "TESLA, Inc."), 1.0));
        assert!(close(of("Tesla", "Tesla Energy"), 2.0 / 3.0));
        assert!(close(of("AI", "Chair Makers"), 0.0));
        assert!(close(of("bank", "Banking"), 4.0 / 7.0));
        assert!(close(of("soft", "Microsoft"), 2.0 / 9.0));
        assert!(close(of("", "Tesla"), 0.0));
        assert_eq!(words("Company Inc"), ["company", "inc"]);
    }

    #[test]
    fn letters_within_a_word_name_nobody() {
        let search = |keywords: &[&str], wider: &[&str]| Search {
            keywords: keywords.iter().map(|&word| word.to_owned()).collect(),
            wider: wider.iter().map(|&word| word.to_owned()).collect(),
            aspects: Vec::new(),
        };
        let ev = search(&["EV"], &[]);
        assert!(!is_meant("Ossian Diagnostics, clinical evidence", &ev));
        assert!(is_meant("EVs, a survey", &ev));
        assert!(!is_meant("Other Inc", &search(&["Tesla Inc"], &[])));
        let farms = search(&["agriculture"], &["agri"]);
        assert!(is_meant("Verdance Agritech", &farms));
        assert!(is_meant("Whoever", &search(&[], &[])));
    }

    proptest! {
        #[test]
        fn likeness_is_a_share_and_goes_both_ways(one in "[a-c ]{0,12}", other in "\\PC{0,12}") {
            let there = of(&one, &other);
            prop_assert!((0.0..=1.0).contains(&there));
            prop_assert!((there - of(&other, &one)).abs() < 1e-12);
            prop_assert!(words(&one).is_empty() || (of(&one, &one) - 1.0).abs() < 1e-12);
        }
    }
}
