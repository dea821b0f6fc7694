//! What is done about each instruction.

use baton_domain::campaign::SubjectTechnique;

use super::{Instruction, Unwanted, parse};
use crate::draft::{Draft, Kind, Line};
use crate::facts::Facts;
use crate::finish::simplified;
use crate::words::{
    capitalised, contains, only_sentences, replaced, sentences, shortened, without, without_emoji,
};

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
            match draft.lines.first_mut() {
                Some(first) => *first = line,
                None => draft.lines.push(line),
            }
        }
    }
    Ok(())
}
