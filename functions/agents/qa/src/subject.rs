//! Subject lines and preheaders.

use baton_domain::campaign::{SubjectLine, SubjectTechnique};

use crate::emoji::first_emoji;
use crate::mail::Mail;
use crate::rules::{self, Findings, quoted};
use crate::words::{likeness, words};

/// No subject line is longer, whatever the brand allows: EmailPilot's own limit.
pub const MAX_SUBJECT: usize = 150;

/// How long preheaders are: shorter ones leave room for whatever the mail begins with, longer ones
/// are cut by every mail program.
pub const PREHEADER: std::ops::RangeInclusive<usize> = 20..=130;

/// So many subject lines are compared with each other: a test of more finds nothing out, and each
/// would be compared with all.
const MAX_COMPARED: usize = 20;

/// From which likeness on two lines test nothing.
const TOO_LIKE: f64 = 0.85;

/// Checks every subject line for itself and against the others.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    let lines = &mail.content.subject_lines;
    if lines.len() < 2 {
        let message = format!(
            "there are {} subject lines: two are needed to test",
            lines.len()
        );
        findings.add(rules::SUBJECT_VARIANTS, "/subject_lines", message);
    }
    if lines.len() > MAX_COMPARED {
        let message = format!(
            "there are {} subject lines: only the first {MAX_COMPARED} were compared with each other",
            lines.len()
        );
        findings.add(rules::SUBJECT_VARIANTS, "/subject_lines", message);
    }
    for (i, line) in lines.iter().enumerate() {
        let place = format!("/subject_lines/{i}");
        check_line(mail, line, &place, findings);
        check_preheader(mail, line, &place, findings);
        check_technique(mail, line, &place, findings);
        if i < MAX_COMPARED {
            for other in &lines[..i] {
                check_pair(line, other, &place, findings);
            }
        }
    }
}

fn check_line(mail: &Mail<'_>, line: &SubjectLine, place: &str, findings: &mut Findings) {
    let at = format!("{place}/text");
    if line.text.trim().is_empty() || line.text.contains(['\n', '\r']) {
        let message = "a subject line is one line of text";
        return findings.add(rules::SUBJECT_MISSING, at, message);
    }
    let most = mail
        .brand
        .map_or(MAX_SUBJECT, |b| b.max_subject_length.min(MAX_SUBJECT));
    let length = mail.at_longest(&line.text).chars().count();
    if length > most {
        let shown = quoted(&line.text);
        let message = format!("{shown} has up to {length} characters: at most {most} are allowed");
        findings.add(rules::SUBJECT_LENGTH, &at, message);
    }
    if mail.brand.is_some_and(|brand| !brand.voice.emoji) {
        for (at, text) in [
            (at, &line.text),
            (format!("{place}/preheader"), &line.preheader),
        ] {
            if let Some(emoji) = first_emoji(text) {
                let message =
                    format!("`{emoji}` is an emoji: the brand uses none in subject lines");
                findings.add(rules::EMOJI, at, message);
            }
        }
    }
}

fn check_preheader(mail: &Mail<'_>, line: &SubjectLine, place: &str, findings: &mut Findings) {
    let length = mail.at_longest(line.preheader.trim()).chars().count();
    if !PREHEADER.contains(&length) {
        let (least, most) = (PREHEADER.start(), PREHEADER.end());
        let message = format!("the preheader has {length} characters: {least} to {most} are shown");
        findings.add(
            rules::PREHEADER_LENGTH,
            format!("{place}/preheader"),
            message,
        );
    }
}

fn check_technique(mail: &Mail<'_>, line: &SubjectLine, place: &str, findings: &mut Findings) {
    let text = words(&line.text);
    let (holds, wanted) = match line.technique {
        SubjectTechnique::Benefit => (true, ""),
        SubjectTechnique::Question => (line.text.contains('?'), "asks nothing"),
        SubjectTechnique::Personal => (line.text.contains("{{"), "names nobody"),
        SubjectTechnique::Deadline => {
            let named = crate::backing::names_a_time(&text);
            (named, "names no time")
        }
        SubjectTechnique::Number => {
            let named = text.iter().any(|word| crate::backing::is_number(word));
            (named, "has no number")
        }
    };
    if !holds {
        let message = format!(
            "{} {wanted}, other than its technique says",
            quoted(&line.text)
        );
        findings.add(
            rules::SUBJECT_TECHNIQUE,
            format!("{place}/technique"),
            message,
        );
    }
    for claim in crate::backing::unbacked(&line.text, &mail.with_examples(&mail.body())) {
        let message = format!("`{claim}` is promised here, and the text does not say it");
        findings.add(rules::SUBJECT_UNBACKED, format!("{place}/text"), message);
    }
}

fn check_pair(line: &SubjectLine, other: &SubjectLine, place: &str, findings: &mut Findings) {
    if line.variant == other.variant {
        let message = format!("{} names two subject lines", quoted(&line.variant));
        findings.add(
            rules::SUBJECT_DUPLICATE,
            format!("{place}/variant"),
            message,
        );
    }
    let at = format!("{place}/text");
    if words(&line.text) == words(&other.text) && fields(&line.text) == fields(&other.text) {
        let message = format!(
            "{} is the same as variant {}",
            quoted(&line.text),
            other.variant
        );
        findings.add(rules::SUBJECT_DUPLICATE, at, message);
    } else if likeness(&line.text, &other.text) >= TOO_LIKE {
        let message = format!("{} is nearly variant {}", quoted(&line.text), other.variant);
        findings.add(rules::SUBJECT_SIMILAR, at, message);
    }
}

fn fields(text: &str) -> usize {
    text.matches("{{").count()
}
