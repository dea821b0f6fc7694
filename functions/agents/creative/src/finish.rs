//! What every mail goes through before it is built, whoever wrote it: nothing forbidden is said,
//! nothing promised that the text does not keep, nothing is too long, and no field is unknown.

use baton_domain::campaign::SubjectTechnique;

use crate::Error;
use crate::backing::is_backed;
use crate::compose::{self, PREHEADER};
use crate::draft::{Draft, Kind, Line};
use crate::facts::{Facts, without_addresses};
use crate::words::{
    capitalised, likeness, one_line, only_sentences, sentences, shortened, without, without_emoji,
};

/// No subject line is longer, whatever the brand allows.
const MOST_SUBJECT: usize = 150;
/// Bounds on the other texts, in characters, and on their number.
const MOST_HEADLINE: usize = 120;
const MOST_LABEL: usize = 40;
const MOST_PARAGRAPH: usize = 1_200;
const MOST_PARAGRAPHS: usize = 8;
const MOST_LINES: usize = 4;
/// From which likeness on two subject lines test nothing.
const TOO_LIKE: f64 = 0.85;

/// Brings a draft in order.
///
/// # Errors
/// `NoContent` where nothing is left to be sent.
pub fn finish(mut draft: Draft, facts: &Facts<'_>) -> Result<Draft, Error> {
    draft.paragraphs.truncate(MOST_PARAGRAPHS);
    draft.lines.truncate(MOST_LINES);
    for (kind, text) in draft.texts_mut() {
        *text = tidied(text, kind, facts);
    }
    draft.paragraphs.retain(|paragraph| !paragraph.is_empty());
    if draft.paragraphs.is_empty() {
        draft.paragraphs = compose::paragraphs(facts);
    }
    if draft.headline.is_empty() {
        draft.headline = compose::headline(facts).unwrap_or_default();
    }
    if draft.label.is_empty() {
        draft.label = compose::label(facts);
    }
    if !facts.may_lead_to(&draft.url) {
        facts.url().clone_into(&mut draft.url);
    }
    draft.lines = lines(&draft, facts);
    there(&draft)?;
    Ok(draft)
}

fn there(draft: &Draft) -> Result<(), Error> {
    let missing = [
        (draft.headline.is_empty(), "headline"),
        (draft.paragraphs.is_empty(), "paragraphs"),
        (draft.label.is_empty(), "button"),
        (draft.lines.len() < 2, "two subject lines"),
    ];
    match missing.iter().find(|(is_missing, _)| *is_missing) {
        Some((_, what)) => Err(Error::NoContent(format!(
            "nothing that may be said as {what}"
        ))),
        None => Ok(()),
    }
}

/// One text, brought in order for itself.
fn tidied(text: &str, kind: Kind, facts: &Facts<'_>) -> String {
    let mut text = without_addresses(&one_line(&only_known_fields(text, facts)));
    if matches!(kind, Kind::Subject | Kind::Preheader) && !facts.brand.voice.emoji {
        text = without_emoji(&text);
    }
    text = calmed(&text, kind, facts);
    if kind == Kind::Paragraph {
        text = only_sentences(&text, |sentence| facts.allows(sentence));
    }
    // Fields and brand names may make a phrase that no sentence has for itself; so may shortening.
    while let Some(phrase) = facts.forbidden_in(&text) {
        let rest = without(&text, phrase);
        if rest == text {
            return String::new();
        }
        text = rest;
    }
    let most = match kind {
        Kind::Subject => facts.brand.max_subject_length.min(MOST_SUBJECT),
        Kind::Preheader => *PREHEADER.end(),
        Kind::Headline => MOST_HEADLINE,
        Kind::Label => MOST_LABEL,
        Kind::Paragraph => MOST_PARAGRAPH,
    };
    shortened(&text, most, |text| facts.length(text))
}

/// The text with the brand's merge fields alone: others go, and so do braces of no field.
fn only_known_fields(text: &str, facts: &Facts<'_>) -> String {
    let plain = |text: &str| text.replace(['{', '}'], "");
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        kept.push_str(&plain(before));
        let Some((field, after)) = behind.split_once("}}") else {
            rest = behind;
            break;
        };
        if facts.field(field.trim()).is_some() {
            kept.extend(["{{", field.trim(), "}}"]);
        }
        rest = after;
    }
    kept + &plain(rest)
}

/// The text without shouting: no doubled exclamation marks, one in a line and two in a paragraph at
/// most, no words of capitals where most are.
fn calmed(text: &str, kind: Kind, facts: &Facts<'_>) -> String {
    let allowed = if kind == Kind::Paragraph { 2 } else { 1 };
    let mut calm = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        if c == '!' {
            let doubled = calm.ends_with(['!', '.']);
            marks += usize::from(!doubled);
            if !doubled {
                calm.push(if marks > allowed { '.' } else { '!' });
            }
        } else {
            calm.push(c);
        }
    }
    match kind {
        Kind::Paragraph => {
            let calm: Vec<String> = sentences(&calm)
                .iter()
                .map(|s| lowered(s, 4, facts))
                .collect();
            calm.join(" ")
        }
        _ => lowered(&calm, 10, facts),
    }
}

/// The text in lower case if more than half of its letters are capitals and it has so many; merge
/// fields and the names of brand and products neither count nor change.
fn lowered(text: &str, least: usize, facts: &Facts<'_>) -> String {
    let products = facts.brand.themes.iter().flat_map(|theme| &theme.products);
    let mut own: Vec<&str> = products.map(|product| product.name.as_str()).collect();
    own.push(&facts.brand.name);
    let own: Vec<&str> = own
        .iter()
        .flat_map(|name| name.split_whitespace())
        .collect();
    let is_own = |word: &str| word.contains("{{") || own.iter().any(|name| word.contains(name));
    let letters = || {
        text.split(' ')
            .filter(|word| !is_own(word))
            .flat_map(str::chars)
    };
    let count = letters().filter(|c| c.is_alphabetic()).count();
    let capitals = letters().filter(|c| c.is_uppercase()).count();
    if count < least || 2 * capitals <= count {
        return text.to_owned();
    }
    let lower = |word: &str| {
        if is_own(word) {
            word.to_owned()
        } else {
            word.to_lowercase()
        }
    };
    let words: Vec<String> = text.split(' ').map(lower).collect();
    capitalised(&words.join(" "))
}

/// The techniques by which missing subject lines are written, in turn.
const SPARE: [SubjectTechnique; 6] = [
    SubjectTechnique::Benefit,
    SubjectTechnique::Question,
    SubjectTechnique::Personal,
    SubjectTechnique::Number,
    SubjectTechnique::Benefit,
    SubjectTechnique::Question,
];

/// The subject lines that may be sent, with as many new ones as two need.
fn lines(draft: &Draft, facts: &Facts<'_>) -> Vec<Line> {
    let body = draft.body();
    let mut kept: Vec<Line> = Vec::new();
    for line in &draft.lines {
        let is_new = |text: &str| !kept.iter().any(|k| likeness(&k.text, text) >= TOO_LIKE);
        if !line.text.is_empty() && is_backed(&line.text, &body) && is_new(&line.text) {
            kept.push(line.clone());
        }
    }
    for technique in SPARE {
        let others: Vec<String> = kept.iter().map(|line| line.text.clone()).collect();
        let wanted = kept.len() < 2;
        let line = wanted
            .then(|| compose::line(facts, technique, &body, &others))
            .flatten();
        kept.extend(line.map(|mut line| {
            line.text = tidied(&line.text, Kind::Subject, facts);
            line
        }));
        kept.retain(|line| !line.text.is_empty());
    }
    for (i, line) in kept.iter_mut().enumerate() {
        line.technique = technique_of(line);
        if !PREHEADER.contains(&facts.length(&line.preheader)) {
            let preheader = compose::preheader(facts, &line.text, i);
            line.preheader = tidied(&preheader, Kind::Preheader, facts);
        }
    }
    kept
}

/// The technique that a line says it has, where it can be seen in the line.
fn technique_of(line: &Line) -> SubjectTechnique {
    let text = &line.text;
    let holds = match line.technique {
        SubjectTechnique::Question => text.contains('?'),
        SubjectTechnique::Personal => text.contains("{{"),
        SubjectTechnique::Number => text.contains(|c: char| c.is_ascii_digit()),
        SubjectTechnique::Benefit | SubjectTechnique::Deadline => true,
    };
    match (holds, text.contains('?')) {
        (true, _) => line.technique,
        (false, true) => SubjectTechnique::Question,
        (false, false) => SubjectTechnique::Benefit,
    }
}

/// Makes long sentences short: what hangs together by `;` or `, and` becomes sentences.
pub fn simplified(text: &str) -> String {
    let mut simple = Vec::new();
    for sentence in sentences(text) {
        let parts = sentence
            .replace("; ", "\n")
            .replace(", and ", "\n")
            .replace(", but ", "\nBut ");
        let parts: Vec<String> = parts.lines().map(capitalised).collect();
        simple.push(parts.join(". "));
    }
    simple.join(" ")
}
