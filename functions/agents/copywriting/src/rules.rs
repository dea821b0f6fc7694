//! What every copy is held to, whoever wrote it.

use crate::brief::Brief;
use crate::channel::{Channel, Role, measure};
use crate::sms;
use crate::words::{has_emoji, likeness, numbers, one_line};
use crate::{Text, Variant};

/// Checks one copy.
///
/// # Errors
/// The first rule that is broken, beginning with the field's name.
pub fn check(channel: Channel, variant: &Variant, brief: &Brief) -> Result<(), String> {
    let said = brief.said();
    let known = numbers(&said);
    for field in channel.fields() {
        let mut texts = variant
            .fields
            .iter()
            .filter(|text| text.field == field.name);
        let (Some(text), None) = (texts.next(), texts.next()) else {
            return Err(format!("{}: must be there once", field.name));
        };
        let wrong = |problem: String| Err(format!("{}: {problem}", field.name));
        if text.text.trim().is_empty() || text.text != one_line(&text.text) {
            return wrong("must be one line of text".to_owned());
        }
        let (length, limit, _) = measure(field, &text.text);
        if length > limit {
            return wrong(format!(
                "is {length} long as {} counts, {limit} is the limit",
                channel.name()
            ));
        }
        if let Some(banned) = brief.banned_in(&text.text) {
            return wrong(format!("says `{banned}`, which the brand bans"));
        }
        if !brief.voice.emoji && has_emoji(&text.text) {
            return wrong("has an emoji, which the brand does not use".to_owned());
        }
        let has_address = ["://", "www."].iter().any(|mark| text.text.contains(mark));
        if has_address && !said.contains(&text.text) {
            return wrong("has an address".to_owned());
        }
        if let Some(number) = numbers(&text.text).difference(&known).next() {
            return wrong(format!(
                "names the number {number}, which the brief does not have"
            ));
        }
        let required = brief
            .disclaimer
            .as_deref()
            .filter(|_| channel.carries_disclaimer());
        if field.role == Role::Body && required.is_some_and(|words| !holds(&text.text, words)) {
            return wrong("lacks the required disclaimer, word for word".to_owned());
        }
    }
    if variant.fields.len() != channel.fields().len() {
        return Err(format!("has fields that {} does not have", channel.name()));
    }
    Ok(())
}

/// A message is set in a typewriter's marks, and so is the disclaimer in it.
fn holds(text: &str, disclaimer: &str) -> bool {
    text.contains(disclaimer) || text.contains(&sms::plain(disclaimer))
}

/// What of a copy is compared with others: everything but the disclaimer, which all have.
pub fn compared(variant: &Variant, brief: &Brief) -> String {
    let mut text = variant
        .fields
        .iter()
        .map(|text| text.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(disclaimer) = &brief.disclaimer {
        text = text
            .replace(disclaimer, "")
            .replace(&sms::plain(disclaimer), "");
    }
    text
}

/// How alike the two most alike copies are; 0 where there is one.
pub fn most_alike(variants: &[Variant], brief: &Brief) -> f64 {
    let texts: Vec<String> = variants
        .iter()
        .map(|variant| compared(variant, brief))
        .collect();
    let mut most: f64 = 0.0;
    for (i, one) in texts.iter().enumerate() {
        for other in &texts[..i] {
            most = most.max(likeness(one, other));
        }
    }
    most
}

impl Text {
    /// The text in a field, measured.
    pub(crate) fn of(field: &crate::channel::Field, text: String) -> Self {
        let (length, limit, unit) = measure(field, &text);
        Self {
            field: field.name.to_owned(),
            text,
            length,
            limit,
            unit,
        }
    }
}
