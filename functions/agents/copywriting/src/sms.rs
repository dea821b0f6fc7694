//! The GSM 7-bit alphabet (3GPP TS 23.038, section 6.2.1).

/// How many septets one message holds.
pub const SEPTETS: usize = 160;

/// How many UTF-16 units one message holds that is not in the alphabet.
pub const UTF16: usize = 70;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
    ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// What is sent as two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How many septets a text takes; none where it has a character beyond the alphabet.
pub fn septets(text: &str) -> Option<usize> {
    let of = |c: char| {
        let basic = BASIC.contains(c).then_some(1);
        basic.or(EXTENSION.contains(c).then_some(2))
    };
    text.chars().map(of).sum()
}

/// The text with the marks of typesetting as those of a typewriter, which the alphabet has.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' | '‚' | '′' => plain.push('\''),
            '“' | '”' | '„' | '″' => plain.push('"'),
            '–' | '—' | '−' | '‑' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{202f}' | '\u{2009}' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_its_128_places() {
        // 127 characters, and the escape that the second table hangs on.
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(septets("ok {}"), Some(7));
        assert_eq!(septets("ж"), None);
        assert_eq!(plain("It’s “here” – now…"), "It's \"here\" - now...");
    }
}
