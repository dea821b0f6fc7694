//! Colours of a palette, moved until text can be read on them (WCAG 2.x, level AA).

/// The contrast that text gets at least.
const MIN_CONTRAST: f64 = 4.5;

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// Black.
pub const BLACK: Colour = Colour(0, 0, 0);
/// White.
pub const WHITE: Colour = Colour(255, 255, 255);

impl Colour {
    /// Parses `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.trim().strip_prefix('#')?;
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(hex, 16).ok()?.to_be_bytes();
        Some(Self(red, green, blue))
    }

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio of two colours, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Black or white, whichever reads better on this colour. One of them always reaches 4.5, since
    /// the product of both contrasts is 21 and its root 4.58.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) {
            WHITE
        } else {
            BLACK
        }
    }

    /// This colour, moved towards black or white until it can be read on `background`.
    #[must_use]
    pub fn readable_on(self, background: Self) -> Self {
        const STEPS: u32 = 16;
        let goal = background.ink();
        let mixed = |step: u32| {
            let mix = |own: u8, goal: u8| {
                ((u32::from(own) * (STEPS - step) + u32::from(goal) * step) / STEPS) as u8
            };
            Self(
                mix(self.0, goal.0),
                mix(self.1, goal.1),
                mix(self.2, goal.2),
            )
        };
        let mut steps = (0..=STEPS).map(mixed);
        steps
            .find(|colour| colour.contrast(background) >= MIN_CONTRAST)
            .unwrap_or(goal)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrast_is_the_published_one() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        assert!((Colour::parse("#767676").unwrap().contrast(WHITE) - 4.54).abs() < 5e-3);
        assert_eq!(Colour::parse("#12345"), None);
        assert_eq!(Colour::parse("#+12345"), None);
    }

    proptest! {
        #[test]
        fn every_pair_becomes_readable(a: [u8; 3], b: [u8; 3]) {
            let (fore, back) = (Colour(a[0], a[1], a[2]), Colour(b[0], b[1], b[2]));
            let moved = fore.readable_on(back);
            prop_assert!(moved.contrast(back) >= MIN_CONTRAST);
            prop_assert!(back.ink().contrast(back) >= MIN_CONTRAST);
            if fore.contrast(back) >= MIN_CONTRAST {
                prop_assert_eq!(moved, fore);
            }
        }
    }
}
