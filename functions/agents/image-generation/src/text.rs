//! Texts of the input in one line, the prompt, and what the picture says to those who do not see it.

use baton_domain::FieldError;

use crate::Input;

/// The longest prompt, in characters, that every model takes.
pub const MOST_PROMPT: usize = 512;

/// The longest alternative text, in characters.
pub const MOST_ALT: usize = 300;

/// A text in one line, of 1 to `most` characters.
///
/// # Errors
/// The field and how long it is.
pub fn line(field: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let unseen = |c: &char| {
        c.is_control() && !c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let seen: String = text.chars().filter(|c| !unseen(c)).collect();
    let line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = line.chars().count();
    if (1..=most).contains(&length) {
        return Ok(line);
    }
    let message = format!("must have 1 to {most} characters, got {length}");
    Err(FieldError::new(field, message))
}

/// What a model is asked to draw. Words in the picture are left to the layout.
pub fn prompt(input: &Input) -> String {
    let subject = match (&input.scene, &input.product) {
        (Some(scene), Some(product)) => format!("{scene}, with {product}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => input.headline.clone(),
    };
    let style = match input.style.as_slice() {
        [] => String::new(),
        style => format!(" Style: {}.", style.join(", ")),
    };
    let palette = &input.brand.palette;
    let rest = format!(
        "{style} Main colours {} and {} on {}. No text, no letters, no logos.",
        palette.primary, palette.accent, palette.background
    );
    let start = "A picture for an advertisement: ";
    let room = MOST_PROMPT.saturating_sub(start.len() + rest.chars().count() + 1);
    format!("{start}{}.{rest}", shortened(&subject, room))
}

/// What is said of a composed picture.
pub fn alt_of_layout(input: &Input) -> String {
    let body = input.body.as_ref().map(|body| format!(" {body}"));
    let action = input
        .call_to_action
        .as_ref()
        .map(|action| format!(" Button: {action}"));
    let rest = [body, action].into_iter().flatten().collect::<String>();
    shortened(
        &format!("{}: {}{rest}", input.brand.name, input.headline),
        MOST_ALT,
    )
}

/// What is said of a picture that a model drew.
pub fn alt_of_drawing(input: &Input) -> String {
    let subject = input
        .scene
        .as_ref()
        .or(input.product.as_ref())
        .unwrap_or(&input.headline);
    shortened(
        &format!("Picture for {}: {subject}", input.brand.name),
        MOST_ALT,
    )
}

/// The first words of a text that have room.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    match cut.rsplit_once(' ') {
        Some((words, _)) if !words.is_empty() => words.to_owned(),
        _ => cut,
    }
}
