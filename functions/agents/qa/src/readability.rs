//! How easy a text is to read: Flesch reading ease (Flesch 1948) and Flesch–Kincaid grade (Kincaid,
//! Fishburne, Rogers and Chissom 1975), both for English.

use baton_domain::campaign::Readability;

use crate::mail::Mail;
use crate::rules::{self, Findings};
use crate::syllables::count;
use crate::words::{sentences, words};

/// Below this ease Flesch's own table calls a text difficult.
const DIFFICULT: f64 = 50.0;

/// With fewer words a single long one decides.
const LEAST_WORDS: usize = 20;

/// Measures the paragraphs of a mail, and notes when they are difficult.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) -> Readability {
    let text = mail.with_examples(&mail.content.copy.paragraphs.join("\n"));
    let readability = measure(&text);
    if readability.reading_ease < DIFFICULT && words(&text).len() >= LEAST_WORDS {
        let message = format!(
            "the text has a reading ease of {:.0}: shorter sentences and words would bring it to {DIFFICULT}",
            readability.reading_ease
        );
        findings.add(rules::READABILITY, "/copy/paragraphs", message);
    }
    readability
}

/// The readability of a text; zero for one without words.
pub fn measure(text: &str) -> Readability {
    let spoken: Vec<String> = words(text)
        .into_iter()
        .filter(|word| word.starts_with(char::is_alphanumeric))
        .collect();
    if spoken.is_empty() {
        return Readability::default();
    }
    let sentences = sentences(text).len().max(1);
    let syllables: usize = spoken.iter().map(|word| count(word)).sum();
    of_counts(spoken.len(), sentences, syllables)
}

/// The readability of so many words, sentences and syllables, none of them zero.
pub fn of_counts(words: usize, sentences: usize, syllables: usize) -> Readability {
    let length = words as f64 / sentences as f64;
    let weight = syllables as f64 / words as f64;
    Readability {
        reading_ease: 206.835 - 1.015 * length - 84.6 * weight,
        grade: 0.39 * length + 11.8 * weight - 15.59,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_examples() {
        // Sentences whose scores are widely published (the encyclopedia's article on the tests).
        for (text, ease, grade) in [
            ("The cat sat on the mat.", 116.0, -1.45),
            (
                "This sentence, taken as a reading passage unto itself, is being used to prove a point.",
                69.0,
                7.6,
            ),
            (
                "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.",
                37.5,
                11.3,
            ),
        ] {
            let found = measure(text);
            assert!((found.reading_ease - ease).abs() < 0.2, "{text}: {found:?}");
            assert!((found.grade - grade).abs() < 0.1, "{text}: {found:?}");
        }
    }

    #[test]
    fn the_grade_of_a_book_for_children() {
        // Green Eggs and Ham: 5.7 words a sentence, 1.02 syllables a word, grade −1.3.
        let found = of_counts(5_700, 1_000, 5_814);
        assert!((found.grade + 1.3).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn nothing_is_neither_easy_nor_hard() {
        assert_eq!(measure(" … "), Readability::default());
    }
}
