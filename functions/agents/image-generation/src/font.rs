//! The font that is drawn with: Inter, in Latin letters.

use ttf_parser::{Face, OutlineBuilder};

const REGULAR: &[u8] = include_bytes!("../fonts/inter-400.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/inter-700.ttf");

/// Both weights.
pub struct Fonts {
    regular: Face<'static>,
    bold: Face<'static>,
}

/// A weight of the font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 700.
    Bold,
}

impl Fonts {
    /// The fonts that are linked in; none only where the files are damaged, which a test rules out.
    pub fn new() -> Option<Self> {
        Some(Self {
            regular: Face::parse(REGULAR, 0).ok()?,
            bold: Face::parse(BOLD, 0).ok()?,
        })
    }

    fn face(&self, weight: Weight) -> &Face<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Pixels to a unit of the font.
    pub fn scale(&self, weight: Weight, size: f32) -> f32 {
        size / f32::from(self.face(weight).units_per_em())
    }

    /// How wide a text is, in pixels.
    pub fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        let units: f32 = text.chars().map(|c| self.advance(c, weight)).sum();
        units * self.scale(weight, size)
    }

    /// How far a letter moves the pen, in units of the font.
    pub fn advance(&self, c: char, weight: Weight) -> f32 {
        let face = self.face(weight);
        let glyph = face.glyph_index(c).unwrap_or_default();
        f32::from(face.glyph_hor_advance(glyph).unwrap_or_default())
    }

    /// The letters of a text that the font does not have.
    pub fn missing(&self, text: &str) -> Vec<char> {
        let mut missing: Vec<char> = Vec::new();
        for c in text.chars() {
            let unknown =
                self.regular.glyph_index(c).is_none() || self.bold.glyph_index(c).is_none();
            if unknown && !missing.contains(&c) {
                missing.push(c);
            }
        }
        missing
    }

    /// Draws the outline of a letter, in units of the font, and says which box it lies in: left,
    /// bottom, right, top. None for what has no outline, such as a space.
    pub fn outline(
        &self,
        c: char,
        weight: Weight,
        into: &mut dyn OutlineBuilder,
    ) -> Option<[f32; 4]> {
        let face = self.face(weight);
        let bounds = face.outline_glyph(face.glyph_index(c)?, into)?;
        Some([bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(f32::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_letters_of_europes_latin_languages() {
        let fonts = Fonts::new().unwrap();
        assert_eq!(
            fonts.missing("Zażółć gęślą jaźń, Größe €5 – “ça va”… 20 %!"),
            Vec::<char>::new()
        );
        assert_eq!(fonts.missing("Сa靴"), ['С', '靴']);
        let width = |text, weight| fonts.width(text, weight, 100.0);
        assert!(width("mm", Weight::Bold) > width("ii", Weight::Bold));
        assert!(width("Baton", Weight::Bold) > width("Baton", Weight::Regular));
    }
}
