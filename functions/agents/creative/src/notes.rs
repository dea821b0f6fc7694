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

mod follow;

pub use follow::apply;

use crate::draft::Kind;
use crate::words::one_line;

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
