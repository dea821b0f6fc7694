//! Texts of pictures: how they look, and how much room they take.

/// Where a text stands of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Strong,
    /// Smaller and less dark.
    Soft,
}

impl Look {
    /// The size of its letters, in units.
    pub(super) const fn size(self) -> f64 {
        match self {
            Self::Plain | Self::Strong => 13.0,
            Self::Soft => 12.0,
        }
    }

    /// How wide a text is at most, by the widths of common fonts.
    pub(super) fn width(self, text: &str) -> f64 {
        let wide = if self == Self::Strong { 1.06 } else { 1.0 };
        text.chars().map(em).sum::<f64>() * self.size() * wide
    }

    /// The text, or as much of its beginning as has room.
    pub(super) fn fitted(self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut used = em('…') * self.size() * 1.06;
        let mut fitted = String::new();
        for c in text.chars() {
            used += em(c) * self.size() * 1.06;
            if used > room {
                break;
            }
            fitted.push(c);
        }
        fitted + "…"
    }
}

/// The width of a character in ems, rather too wide.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ' ' | '(' | ')' | '\u{202f}' => 0.4,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.95,
        'A'..='Z' => 0.74,
        '\u{0}'..='\u{10ff}' => 0.6,
        _ => 1.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_to_its_room() {
        for look in [Look::Plain, Look::Strong, Look::Soft] {
            let long = "Wörter 漢字 ".repeat(30);
            let fitted = look.fitted(&long, 120.0);
            assert!(
                look.width(&fitted) <= 120.0 && fitted.ends_with('…'),
                "{fitted}"
            );
            assert_eq!(look.fitted("short", 120.0), "short");
        }
    }
}
