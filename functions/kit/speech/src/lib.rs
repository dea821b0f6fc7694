//! Spoken text: how long it takes to say, marked up for a voice, and written under a picture.
//!
//! [`rate`] estimates durations from syllables, [`ssml`] reads and writes the part of the Speech
//! Synthesis Markup Language that voices agree on, [`captions`] makes WebVTT. Everything is pure;
//! no voice is asked, so that durations are estimates.

pub mod captions;
pub mod number;
pub mod rate;
pub mod ssml;
pub mod syllables;

/// Whether XML 1.0 allows the character, and a reader would see it.
pub(crate) fn is_xml(c: char) -> bool {
    matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// Sentences of a text, each with its closing mark and without space around it.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let wide = matches!(c, '。' | '！' | '？');
        let closes = matches!(c, '.' | '!' | '?' | '…')
            && chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if wide || closes || c == '\n' {
            let end = at + c.len_utf8();
            sentences.push(text[from..end].trim());
            from = end;
        }
    }
    sentences.push(text[from..].trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_their_marks_and_not_in_numbers() {
        assert_eq!(
            sentences("It costs 1.5 dollars. Really?  Yes\nand more"),
            ["It costs 1.5 dollars.", "Really?", "Yes", "and more"]
        );
        assert_eq!(sentences("今日は。はい。"), ["今日は。", "はい。"]);
        assert!(sentences(" \n ").is_empty());
    }
}
