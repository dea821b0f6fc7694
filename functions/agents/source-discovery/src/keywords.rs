//! From terms to keywords and aspects, within their bounds.

use baton_domain::research::Search;

use crate::terms::{Kind, Term};
use crate::words::Word;
use crate::{Error, MAX_ASPECTS, MAX_KEYWORD, MAX_KEYWORDS, is_keyword, lexicon};

/// The search for these terms: names first, then industries, then all others, each in the theme's
/// order. What does not fit is in the warnings.
pub fn search(terms: &[Term], aspects: Vec<String>, warnings: &mut Vec<String>) -> Search {
    let mut sorted: Vec<&Term> = terms.iter().collect();
    sorted.sort_by_key(|term| term.kind);
    let mut keywords = Vec::new();
    for term in &sorted {
        let name = term.words.join(" ");
        let with_form = term.legal.as_ref().map(|legal| format!("{name} {legal}"));
        for form in with_form.into_iter().chain([name]) {
            add(&mut keywords, &[], &form);
        }
    }
    let left_out = keywords.len().saturating_sub(MAX_KEYWORDS);
    if left_out > 0 {
        warnings.push(format!(
            "{left_out} more keywords were left out: at most {MAX_KEYWORDS} are searched for"
        ));
    }
    let mut wider = Vec::new();
    for form in sorted.iter().flat_map(|term| wider_forms(term)) {
        add(&mut wider, &keywords, &form);
    }
    // What was left out above is not brought back as a wider keyword.
    keywords.truncate(MAX_KEYWORDS);
    wider.truncate(MAX_KEYWORDS);
    Search {
        keywords,
        wider,
        aspects,
    }
}

/// The search for a theme's words as they stand: without words of grammar, where others are.
pub fn plainly(words: &[Word]) -> Search {
    let mut keywords = Vec::new();
    let telling = |word: &&Word| !word.is_number() && !lexicon::is_stop(word);
    for word in words.iter().filter(telling) {
        add(&mut keywords, &[], &word.text);
    }
    if keywords.is_empty() {
        for word in words {
            add(&mut keywords, &[], &word.text);
        }
    }
    keywords.truncate(MAX_KEYWORDS);
    Search {
        keywords,
        wider: Vec::new(),
        aspects: Vec::new(),
    }
}

/// The fields that are asked about: those that the caller names, then those of the theme's words.
///
/// # Errors
/// [`Error::InvalidAspect`] with the first that is neither a field nor a word of the lexicon.
pub fn aspects(named: &[String], words: &[Word]) -> Result<Vec<String>, Error> {
    if named.len() > MAX_ASPECTS {
        let message = format!("aspects: are {}; at most {MAX_ASPECTS} can be", named.len());
        return Err(Error::InvalidAspect(message));
    }
    let mut aspects: Vec<String> = Vec::new();
    let mut add = |field: &str| {
        if !aspects.iter().any(|known| known == field) {
            aspects.push(field.to_owned());
        }
    };
    for (i, aspect) in named.iter().enumerate() {
        match lexicon::fields(&aspect.trim().to_lowercase()) {
            // A field's own name is that field alone, also where it is a word of the lexicon.
            _ if lexicon::is_field(aspect) && lexicon::is_known_field(aspect) => add(aspect),
            [] if lexicon::is_field(aspect) => add(aspect),
            [] => {
                let message = format!(
                    "aspects[{i}]: is not the name of a field, such as `revenue` or \
                     `financial_data.growth_rate`"
                );
                return Err(Error::InvalidAspect(message));
            }
            fields => fields.iter().for_each(|field| add(field)),
        }
    }
    let asked = words.iter().filter(|word| word.quote.is_none());
    for field in asked.flat_map(|word| lexicon::fields(&word.folded())) {
        add(field);
    }
    aspects.truncate(MAX_ASPECTS);
    Ok(aspects)
}

/// Words of names, neighbours of industries, singulars and stems.
fn wider_forms(term: &Term) -> Vec<String> {
    let mut forms = Vec::new();
    for word in &term.words {
        let folded = word.to_lowercase();
        if term.words.len() > 1 && folded.chars().count() > 2 && !lexicon::knows(&folded) {
            forms.push(word.clone());
        }
        if term.kind == Kind::Name {
            continue;
        }
        forms.extend(
            lexicon::industry(&folded)
                .unwrap_or_default()
                .iter()
                .map(|&form| form.to_owned()),
        );
        forms.push(lexicon::singular(&folded));
        forms.extend(lexicon::stem(&folded).map(str::to_owned));
    }
    forms
}

/// Adds a keyword that is one, and is new.
fn add(keywords: &mut Vec<String>, others: &[String], form: &str) {
    let form: String = form.chars().take(MAX_KEYWORD).collect();
    let form = form.trim();
    let folded = form.to_lowercase();
    let known = keywords
        .iter()
        .chain(others)
        .any(|known| known.to_lowercase() == folded);
    if is_keyword(form) && !known {
        keywords.push(form.to_owned());
    }
}
