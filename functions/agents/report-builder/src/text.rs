//! Data as text, and text as Markdown that is nothing but text.

/// The text in one line: controls and white space become single spaces, what readers do not see is
/// left out, and what is longer than `most` characters is cut off with an ellipsis.
pub fn clean(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for c in text.chars() {
        if is_invisible(c) {
            continue;
        }
        let c = if c.is_whitespace() || c.is_control() {
            ' '
        } else {
            c
        };
        if c == ' ' && (line.is_empty() || line.ends_with(' ')) {
            continue;
        }
        if length == most {
            line.truncate(line.trim_end().len());
            line.push('…');
            return line;
        }
        line.push(c);
        length += 1;
    }
    line.truncate(line.trim_end().len());
    line
}

/// Marks without width, marks of direction, and Unicode tags, which can hide or turn around what a
/// text says.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Text as Markdown in which nothing of it is markup: no link, image, HTML, heading, list, cell or
/// emphasis, in `CommonMark` and in GitHub's. Square brackets are the report's own, for references:
/// in data they become round.
pub fn markdown(text: &str, most: usize) -> String {
    let text = clean(text, most);
    let mut out = String::with_capacity(text.len() + 8);
    let lead = text.chars().take_while(char::is_ascii_digit).count();
    let mut before = [' '; 3];
    let mut rest = text.chars().enumerate().peekable();
    while let Some((i, c)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        match c {
            '[' => out.push('('),
            ']' => out.push(')'),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            '\\' => out.push_str("&#92;"),
            '`' => out.push_str("&#96;"),
            '@' => out.push_str("&#64;"),
            '*' | '_' | '~' | '#' | '$' | '^' | '{' | '}' => out.extend(['\\', c]),
            // Addresses would become links.
            ':' if next == Some('/') => out.push_str("&#58;"),
            '.' if before.iter().all(|c| matches!(c, 'w' | 'W')) => out.push_str("&#46;"),
            // What would begin a list, a definition or an underline.
            '-' | '+' | '=' | ':' | '!' if i == 0 => out.extend(['\\', c]),
            '.' | ')' if i == lead && lead > 0 && next.is_none_or(|c| c == ' ') => {
                out.extend(['\\', c]);
            }
            _ => out.push(c),
        }
        before = [before[1], before[2], c];
    }
    out
}

/// References to sources by their numbers: `[1][3]`, or `[1]–[9]` where they are many in a row.
pub fn references(numbers: &[usize]) -> String {
    let in_a_row = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    match numbers {
        [first, .., last] if in_a_row && numbers.len() > 3 => format!("[{first}]–[{last}]"),
        _ => numbers
            .iter()
            .fold(String::new(), |all, number| format!("{all}[{number}]")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    use super::*;

    /// What a renderer with every extension makes of a paragraph, or the markup that it found.
    fn rendered(markdown: &str) -> Result<String, String> {
        let mut text = String::new();
        for event in Parser::new_ext(markdown, Options::all()) {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::Start(pulldown_cmark::Tag::Paragraph) | Event::End(_) => {}
                other => return Err(format!("{other:?}")),
            }
        }
        Ok(text)
    }

    /// The text with the typographic marks that a renderer may put in written plainly.
    fn plain(text: &str) -> String {
        let quotes = text.replace(['“', '”'], "\"").replace(['‘', '’'], "'");
        quotes
            .replace('—', "---")
            .replace('–', "--")
            .replace('…', "...")
    }

    #[test]
    fn lines_are_cleaned_and_cut() {
        assert_eq!(clean(" a\n\tb\u{0}c\u{202e}d\u{200b} ", 99), "a b cd");
        assert_eq!(clean("abc def", 4), "abc…");
        assert_eq!(clean("abc", 3), "abc");
    }

    #[test]
    fn references_are_short() {
        assert_eq!(references(&[1, 3]), "[1][3]");
        assert_eq!(references(&[2, 3, 4, 5]), "[2]–[5]");
    }

    #[test]
    fn markup_in_data_is_text() {
        for attack in [
            "[x](https://evil.example)",
            "![x](https://evil.example/p.png)",
            "<img src=x onerror=alert(1)>",
            "<https://evil.example>",
            "# Heading {#id}",
            "a | b | c",
            "- item",
            "1. item",
            "> quote",
            "```js",
            "*x* _y_ ~z~ `c` $m$ ^s^",
            "&lt;script&gt; \\<script\\>",
            ": definition",
            "---",
            "===",
            "[^1]: note",
            "[[wiki]]",
            "https://evil.example www.evil.example",
        ] {
            let text = rendered(&markdown(attack, 200)).map(|text| plain(&text));
            assert_eq!(
                text,
                Ok(attack.replace('[', "(").replace(']', ")")),
                "{attack}"
            );
        }
        assert_eq!(
            markdown("see https://www.x.y", 99),
            "see https&#58;//www&#46;x.y"
        );
    }

    proptest! {
        #[test]
        fn any_text_stays_text(text in prop_oneof!["\\PC{0,60}", "[-\\[\\]()!<>#*_`~|:.0-9 =+a{}$^&;\\\\]{1,30}"]) {
            let line = clean(&text, 200);
            let expected = plain(&line.replace('[', "(").replace(']', ")"));
            prop_assert_eq!(rendered(&markdown(&text, 200)).map(|text| plain(&text)), Ok(expected));
        }
    }
}
