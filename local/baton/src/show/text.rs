//! Text of others on this terminal.

/// A text on one line, without control characters: what a server, a model or a person wrote must
/// not move the cursor or colour what stands beside it.
pub(crate) fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(shown).collect()
}

/// The first `most` characters of a text, plain, with `…` where some are left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// A text as the name of a file: letters, digits, `.`, `_` and `-`, and none that is hidden.
pub(crate) fn file_name(text: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name: String = text
        .chars()
        .map(|c| if kept(c) { c } else { '_' })
        .take(100)
        .collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc"), "a [2Jb  c");
        assert_eq!(shortened("warm socks", 5), "warm…");
        assert_eq!(shortened("warm", 4), "warm");
    }

    #[test]
    fn no_name_leaves_its_folder() {
        assert_eq!(file_name("email-01"), "email-01");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name(".."), "unnamed");
        assert_eq!(file_name(".profile"), "profile");
    }
}
