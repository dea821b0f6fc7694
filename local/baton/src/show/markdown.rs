//! Markdown as it is read on a terminal.

/// How agents write marks that would be markup.
const ENTITIES: [(&str, char); 9] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&#124;", '|'),
    ("&#92;", '\\'),
    ("&#96;", '`'),
    ("&#64;", '@'),
    ("&#58;", ':'),
    ("&#46;", '.'),
];

/// A line of Markdown without what keeps text from being markup: on a terminal nothing is.
pub(crate) fn unescaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let entity = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
        let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
        let (shown, length) = match (entity, escaped) {
            (Some((entity, mark)), _) => (*mark, entity.len()),
            (None, Some(mark)) if mark.is_ascii_punctuation() => (mark, 2),
            _ => (c, c.len_utf8()),
        };
        out.push(shown);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_is_read_as_it_was_written() {
        for (line, read) in [
            ("https&#58;//www&#46;tesla.com", "https://www.tesla.com"),
            ("A\\*b\\_c &amp; d &#124; e", "A*b_c & d | e"),
            ("&amp;lt; is not undone twice", "&lt; is not undone twice"),
            ("\\&lt; \\é \\", "&lt; \\é \\"),
            ("&#92;\\# &unknown;", "\\# &unknown;"),
        ] {
            assert_eq!(unescaped(line), read, "{line}");
        }
    }
}
