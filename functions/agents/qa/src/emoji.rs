//! Emoji, by the blocks of Unicode that hold them.

/// The first emoji of a text. Signs that are text unless a variation selector makes them an emoji,
/// such as `™` and `©`, are none.
pub fn first_emoji(text: &str) -> Option<char> {
    text.chars().find(|c| {
        matches!(u32::from(*c),
            0x231a..=0x231b | 0x23e9..=0x23fa | 0x25fd..=0x25fe | 0x2600..=0x27bf
            | 0x2934..=0x2935 | 0x2b05..=0x2b07 | 0x2b1b..=0x2b1c | 0x2b50 | 0x2b55
            | 0xfe0f | 0x20e3 | 0x1f000..=0x1faff)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_told_from_signs() {
        for emoji in ["🔥", "❤", "⏰", "1\u{fe0f}\u{20e3}", "🇺🇸", "⭐"] {
            assert!(first_emoji(emoji).is_some(), "{emoji}");
        }
        for text in ["Trail™ ©2024 — “ok” … 50 % → é 漢", "#1*"] {
            assert_eq!(first_emoji(text), None, "{text}");
        }
    }
}
