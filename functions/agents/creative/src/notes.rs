//! What reviewers ask for, by a small grammar; and what of it was done.
//!
//! A note is one or more instructions, each on a line of its own or behind a `;`. Case does not
//! matter, and quotation marks around a phrase are taken off.
//!
//! | instruction | what is done |
//! |---|---|
//! | `shorter` | half of the sentences of each paragraph, and shorter subject lines |
//! | `shorter subject` | subject lines at three quarters of their length |
//! | `shorter copy` | half of the sentences of each paragraph |
//! | `simpler` | long sentences are divided |
//! | `no emoji` | emoji go, everywhere |
//! | `no exclamation marks` | they become full stops |
//! | `no questions` | subject lines that ask are written anew |
//! | `no prices` | sentences with prices go |
//! | `no name` | the reader is not named |
//! | `replace X with Y` | every X becomes Y |
//! | `remove X`, `avoid X` | sentences of paragraphs that say X go; elsewhere X goes |
//! | `mention X` | X becomes a sentence of its own |
//! | `subject: X` | the first subject line is X |
//! | `headline: X` | the headline is X |
//! | `button: X` | the button says X |
//!
//! What the brand forbids is not said because a note asks for it. A note that was not understood or
//! could not be followed is reported.

use baton_domain::campaign::SubjectTechnique;

use crate::draft::{Draft, Kind, Line};
use crate::facts::Facts;
use crate::finish::simplified;
use crate::words::{
    capitalised, contains, one_line, only_sentences, replaced, sentences, shortened, without,
    without_emoji,
};

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// Shorter subject lines, shorter paragraphs.
    Shorter {
        /// Subject lines.
        subject: bool,
        /// Paragraphs.
        copy: bool,
    },
    /// Shorter sentences.
    Simpler,
    /// Something that is not to be there at all.
    No(Unwanted),
    /// One phrase for another.
    Replace(String, String),
    /// A phrase that is not to be there.
    Remove(String),
    /// A phrase that is to be there.
    Mention(String),
    /// A text that is to be this.
    Set(Kind, String),
}

/// What a note may not want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// Emoji.
    Emoji,
    /// Exclamation marks.
    Exclamation,
    /// Questions in subject lines.
    Questions,
    /// Prices.
    Prices,
    /// The reader's name.
    Name,
}

/// The instructions of a note, each with its text; none for what is not understood.
pub fn parse(note: &str) -> Vec<(String, Option<Instruction>)> {
    let parts = note
        .split(['\n', ';'])
        .map(one_line)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| (part.clone(), instruction(&part)))
        .collect()
}

fn instruction(whole: &str) -> Option<Instruction> {
    let text = whole.trim_end_matches(['.', '!']);
    if let Some(known) = fixed(&text.to_lowercase()) {
        return Some(known);
    }
    let after = |word: &str| {
        let start = text.get(..word.len())?;
        start
            .eq_ignore_ascii_case(word)
            .then(|| phrase(&text[word.len()..]))?
    };
    if let Some(rest) = after("replace ") {
        let at = rest.to_ascii_lowercase().find(" with ")?;
        let (from, to) = (phrase(&rest[..at])?, phrase(&rest[at + 6..])?);
        return Some(Instruction::Replace(from, to));
    }
    let sets = [
        ("subject:", Kind::Subject),
        ("headline:", Kind::Headline),
        ("button:", Kind::Label),
    ];
    if let Some((word, kind)) = sets.iter().find(|(word, _)| after(word).is_some()) {
        // What a text is to be is taken with its full stop.
        return phrase(&whole[word.len()..]).map(|text| Instruction::Set(*kind, text));
    }
    let removed = after("remove ").or_else(|| after("avoid "));
    removed
        .map(Instruction::Remove)
        .or_else(|| after("mention ").map(Instruction::Mention))
}

fn fixed(text: &str) -> Option<Instruction> {
    let shorter = |subject, copy| Some(Instruction::Shorter { subject, copy });
    match text {
        "shorter" | "make it shorter" => shorter(true, true),
        "shorter subject" | "shorter subjects" | "shorter subject lines" => shorter(true, false),
        "shorter copy" | "shorter text" => shorter(false, true),
        "simpler" | "plainer" => Some(Instruction::Simpler),
        "no emoji" | "no emojis" => Some(Instruction::No(Unwanted::Emoji)),
        "no exclamation marks" => Some(Instruction::No(Unwanted::Exclamation)),
        "no questions" => Some(Instruction::No(Unwanted::Questions)),
        "no prices" => Some(Instruction::No(Unwanted::Prices)),
        "no name" | "no names" => Some(Instruction::No(Unwanted::Name)),
        _ => None,
    }
}

/// A phrase without the quotation marks around it; none where nothing is left.
fn phrase(text: &str) -> Option<String> {
    let marks = ['"', '\'', '“', '”', '‘', '’', '`', ' '];
    let text = text.trim_matches(marks);
    (!text.is_empty()).then(|| text.to_owned())
}

/// Follows the notes. What is to be avoided is added to the facts, so that nothing that is written
/// later brings it back. Returns what was not done and why.
pub fn apply(notes: &[String], draft: &mut Draft, facts: &mut Facts<'_>) -> Vec<String> {
    let mut undone = Vec::new();
    for (text, instruction) in notes.iter().flat_map(|note| parse(note)) {
        let result = match instruction {
            Some(instruction) => follow(&instruction, draft, facts),
            None => Err("is not understood"),
        };
        if let Err(why) = result {
            let shown: String = text.chars().take(80).collect();
            undone.push(format!("the note `{shown}` {why}"));
        }
    }
    undone
}

fn follow(
    instruction: &Instruction,
    draft: &mut Draft,
    facts: &mut Facts<'_>,
) -> Result<(), &'static str> {
    match instruction {
        Instruction::Shorter { subject, copy } => shorten(draft, *subject, *copy, facts),
        Instruction::Simpler => {
            draft.paragraphs.iter_mut().for_each(|p| *p = simplified(p));
        }
        Instruction::No(unwanted) => leave_out(*unwanted, draft, facts),
        Instruction::Replace(from, to) => return replace(draft, facts, from, to),
        Instruction::Remove(what) => remove(draft, facts, what),
        Instruction::Mention(what) => return mention(draft, facts, what),
        Instruction::Set(kind, text) => return set(draft, facts, *kind, text),
    }
    Ok(())
}

fn shorten(draft: &mut Draft, subject: bool, copy: bool, facts: &Facts<'_>) {
    if subject {
        for line in &mut draft.lines {
            let most = facts.length(&line.text) * 3 / 4;
            line.text = shortened(&line.text, most.max(8), |text| facts.length(text));
        }
    }
    if copy {
        for paragraph in &mut draft.paragraphs {
            let all = sentences(paragraph);
            *paragraph = all[..all.len().div_ceil(2)].join(" ");
        }
    }
}

fn leave_out(unwanted: Unwanted, draft: &mut Draft, facts: &Facts<'_>) {
    if unwanted == Unwanted::Questions {
        draft.lines.retain(|line| !line.text.contains('?'));
    }
    for (kind, text) in draft.texts_mut() {
        match unwanted {
            Unwanted::Emoji => *text = without_emoji(text),
            Unwanted::Exclamation => *text = text.replace('!', "."),
            Unwanted::Prices if kind == Kind::Paragraph => {
                *text = only_sentences(text, |sentence| !sentence.contains('$'));
            }
            Unwanted::Prices if text.contains('$') => text.clear(),
            Unwanted::Name => {
                let field = facts.name_field().map(|f| format!("{{{{{}}}}}", f.name));
                if let Some(field) = field.filter(|field| text.contains(field.as_str())) {
                    *text = without(&text.replace(&format!(" {field}"), ""), &field);
                }
            }
            Unwanted::Prices | Unwanted::Questions => {}
        }
    }
}

fn replace(draft: &mut Draft, facts: &Facts<'_>, from: &str, to: &str) -> Result<(), &'static str> {
    if !facts.allows(to) {
        return Err("asks for what the brand does not say");
    }
    let mut found = false;
    for (_, text) in draft.texts_mut() {
        if let Some(changed) = replaced(text, from, to) {
            *text = changed;
            found = true;
        }
    }
    if found {
        Ok(())
    } else {
        Err("names what does not stand in the mail")
    }
}

fn remove(draft: &mut Draft, facts: &mut Facts<'_>, what: &str) {
    for (kind, text) in draft.texts_mut() {
        if !contains(text, what) {
            continue;
        }
        *text = match kind {
            Kind::Paragraph => only_sentences(text, |sentence| !contains(sentence, what)),
            _ => without(text, what),
        };
    }
    facts.avoid.push(what.to_owned());
}

fn mention(draft: &mut Draft, facts: &Facts<'_>, what: &str) -> Result<(), &'static str> {
    if !facts.allows(what) {
        return Err("asks for what the brand does not say");
    }
    if draft
        .paragraphs
        .iter()
        .any(|paragraph| contains(paragraph, what))
    {
        return Ok(());
    }
    let sentence = capitalised(what);
    let ended = sentence.ends_with(['.', '!', '?']);
    let sentence = if ended {
        sentence
    } else {
        format!("{sentence}.")
    };
    let before_last = draft.paragraphs.len().saturating_sub(1);
    draft.paragraphs.insert(before_last, sentence);
    Ok(())
}

fn set(draft: &mut Draft, facts: &Facts<'_>, kind: Kind, text: &str) -> Result<(), &'static str> {
    if !facts.allows(text) {
        return Err("asks for what the brand does not say");
    }
    match kind {
        Kind::Headline => text.clone_into(&mut draft.headline),
        Kind::Label => text.clone_into(&mut draft.label),
        _ => {
            let line = Line {
                text: text.to_owned(),
                preheader: draft
                    .lines
                    .first()
                    .map(|l| l.preheader.clone())
                    .unwrap_or_default(),
                technique: SubjectTechnique::Benefit,
            };
            draft.lines.truncate(1.max(draft.lines.len()));
            match draft.lines.first_mut() {
                Some(first) => *first = line,
                None => draft.lines.push(line),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_of_the_table_is_understood() {
        let table = include_str!("notes.rs")
            .lines()
            .filter(|line| line.starts_with("//! | `"));
        let mut count = 0;
        for row in table {
            let cell = row.split('|').nth(1).unwrap();
            for text in cell.split(',').map(|part| part.trim().trim_matches('`')) {
                assert!(instruction(text).is_some(), "{text}");
                count += 1;
            }
        }
        assert_eq!(count, 16);
    }

    #[test]
    fn notes_are_read_as_they_are_written() {
        let replace = Instruction::Replace("wet days".to_owned(), "rain".to_owned());
        let parsed = parse("REPLACE “wet days” with 'rain'.; no emoji\nlovely!");
        let parsed: Vec<Option<Instruction>> = parsed.into_iter().map(|(_, i)| i).collect();
        assert_eq!(
            parsed,
            [Some(replace), Some(Instruction::No(Unwanted::Emoji)), None]
        );
        for odd in [
            "replace x",
            "remove",
            "mention  ",
            "sübject: x",
            "replace  with ",
        ] {
            assert!(parse(odd).iter().all(|(_, i)| i.is_none()), "{odd}");
        }
    }
}
