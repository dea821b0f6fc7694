//! Whether a model's sentence stands up to the facts that it names.
//!
//! It has to name sources and fields that exist. Every number in it, whether in digits or as a word,
//! must be a number of these fields in these sources, in one of the spellings that the facts have
//! (`96,773,000,000`, `96.8 billion`, `19 %`, `0.19`), or the number of sources or companies. Words
//! with digits in them, currencies, and words such as `double` must stand there themselves. What a
//! sentence says about its numbers is not understood, and so not checked.

use std::collections::BTreeSet;

use crate::facts::{Fact, Material, Read};
use crate::numbers::{Token, of_word, tokens};
use crate::writer::Sentence;

/// Words of quantity, which have to stand in the facts themselves.
const QUANTITIES: [&str; 34] = [
    "twice",
    "double",
    "doubled",
    "doubles",
    "doubling",
    "triple",
    "tripled",
    "tripling",
    "treble",
    "quadruple",
    "quadrupled",
    "half",
    "halved",
    "halving",
    "third",
    "quarter",
    "quarters",
    "dozen",
    "dozens",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "billions",
    "trillion",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "ninety",
];

/// Signs and words of currencies, likewise.
const CURRENCIES: [&str; 26] = [
    "$", "€", "£", "¥", "₹", "usd", "eur", "gbp", "jpy", "cny", "inr", "chf", "cad", "aud", "us$",
    "dollar", "dollars", "euro", "euros", "pound", "pounds", "yen", "yuan", "rupee", "rupees",
    "francs",
];

/// The sources that a sentence rests on.
///
/// # Errors
/// Why it does not stand up to them, in words that repeat nothing of it.
pub fn sentence<'a>(sentence: &Sentence, material: &'a Material) -> Result<Vec<&'a Read>, String> {
    let text = &sentence.text;
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if text.contains("://") || text.to_lowercase().contains("www.") {
        return Err("has an address in it".to_owned());
    }
    if text.contains(['[', ']', '<', '>']) {
        return Err("has markup in it".to_owned());
    }
    let mut reads = Vec::new();
    let numbers: BTreeSet<usize> = sentence.references.iter().copied().collect();
    for number in &numbers {
        let read = material.sources.iter().find(|read| read.number == *number);
        let read = read.filter(|read| !read.facts.is_empty());
        reads.push(read.ok_or("refers to a source that is not there")?);
    }
    if reads.is_empty() {
        return Err("refers to no source".to_owned());
    }
    let mut known = Known::default();
    for field in &sentence.fields {
        let found: Vec<&Fact> = reads.iter().filter_map(|read| named(read, field)).collect();
        if found.is_empty() && field != "name" {
            return Err("names a field that its sources do not have".to_owned());
        }
        for fact in found {
            known.add(fact);
        }
    }
    for read in &reads {
        known.add_text(&read.subject);
    }
    let counts = [material.companies.len(), material.sources.len()];
    known.plain.extend(counts.map(|count| count as f64));
    for token in tokens(text) {
        known.check(&token)?;
    }
    Ok(reads)
}

fn named<'a>(read: &'a Read, field: &str) -> Option<&'a Fact> {
    read.facts.iter().find(|fact| fact.field == field)
}

/// What facts say in the way of numbers.
#[derive(Default)]
struct Known {
    plain: Vec<f64>,
    percent: Vec<f64>,
    words: Vec<String>,
}

impl Known {
    fn add(&mut self, fact: &Fact) {
        self.plain.extend(fact.number);
        self.add_text(&fact.shown);
    }

    fn add_text(&mut self, text: &str) {
        for token in tokens(text) {
            match token {
                Token::Number {
                    value,
                    percent: true,
                } => self.percent.push(value),
                Token::Number { value, .. } => self.plain.push(value),
                Token::Mixed(word) | Token::Word(word) => self.words.push(word),
            }
        }
    }

    fn check(&self, token: &Token) -> Result<(), String> {
        let has = |numbers: &[f64], value: f64| {
            let same = |known: &f64| (known - value).abs() <= 1e-9 * known.abs().max(1.0);
            numbers.iter().any(same)
        };
        let (is_known, what) = match token {
            Token::Number {
                value,
                percent: true,
            } => (has(&self.percent, *value), "percentage"),
            Token::Number { value, .. } => (has(&self.plain, *value), "number"),
            Token::Mixed(word) => (self.words.contains(word), "number"),
            Token::Word(word) if CURRENCIES.contains(&word.as_str()) => {
                (self.words.contains(word), "currency")
            }
            Token::Word(word) if QUANTITIES.contains(&word.as_str()) => {
                (self.words.contains(word), "quantity")
            }
            Token::Word(word) => match of_word(word) {
                Some(value) => (
                    has(&self.plain, value) || self.words.contains(word),
                    "number",
                ),
                None => (true, ""),
            },
        };
        if is_known {
            Ok(())
        } else {
            Err(format!(
                "has a {what} that is not in the facts that it names"
            ))
        }
    }
}
