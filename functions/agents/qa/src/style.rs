//! Inline styles: colours, sizes and whether anything is seen, as they are inherited; and the
//! contrast of two colours.

use std::collections::BTreeMap;

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// The contrast that text needs (WCAG 2.x, success criterion 1.4.3, level AA). Large text may have
/// 3.0 there; here all text is held to the same.
pub const MIN_CONTRAST: f64 = 4.5;

impl Colour {
    /// Parses `#rgb`, `#rrggbb`, `rgb(r, g, b)` and the basic names of CSS.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let named = NAMED.iter().find(|(name, _)| *name == text);
        if let Some((_, colour)) = named {
            return Some(*colour);
        }
        if let Some(hex) = text.strip_prefix('#') {
            return Self::of_hex(hex);
        }
        let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let parts: Vec<u8> = inner
            .split(',')
            .map_while(|part| part.trim().parse().ok())
            .collect();
        match parts.as_slice() {
            [r, g, b] => Some(Self(*r, *g, *b)),
            _ => None,
        }
    }

    fn of_hex(hex: &str) -> Option<Self> {
        let digits: Option<Vec<u8>> = hex
            .chars()
            .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect();
        let digits = digits?;
        let parts: Vec<u8> = match digits.len() {
            3 => digits.iter().map(|digit| digit * 17).collect(),
            6 => digits
                .chunks(2)
                .map(|pair| pair[0] * 16 + pair[1])
                .collect(),
            _ => return None,
        };
        Some(Self(parts[0], parts[1], parts[2]))
    }

    /// Relative luminance, 0 to 1 (WCAG 2.x).
    pub fn luminance(self) -> f64 {
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

    /// Contrast ratio of two colours, 1 to 21 (WCAG 2.x).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }
}

/// The sixteen colours of CSS 1.
const NAMED: [(&str, Colour); 16] = [
    ("black", Colour(0, 0, 0)),
    ("silver", Colour(192, 192, 192)),
    ("gray", Colour(128, 128, 128)),
    ("white", Colour(255, 255, 255)),
    ("maroon", Colour(128, 0, 0)),
    ("red", Colour(255, 0, 0)),
    ("purple", Colour(128, 0, 128)),
    ("fuchsia", Colour(255, 0, 255)),
    ("green", Colour(0, 128, 0)),
    ("lime", Colour(0, 255, 0)),
    ("olive", Colour(128, 128, 0)),
    ("yellow", Colour(255, 255, 0)),
    ("navy", Colour(0, 0, 128)),
    ("blue", Colour(0, 0, 255)),
    ("teal", Colour(0, 128, 128)),
    ("aqua", Colour(0, 255, 255)),
];

/// What applies to the text of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Its colour; none where it is not one that is understood.
    pub colour: Option<Colour>,
    /// What is behind it; none where it is not one that is understood, such as an image.
    pub background: Option<Colour>,
    /// Its size in pixels.
    pub font_px: f64,
    /// Whether nobody sees it.
    pub hidden: bool,
}

/// What mail programs begin with.
const INITIAL: Style = Style {
    colour: Some(Colour(0, 0, 0)),
    background: Some(Colour(255, 255, 255)),
    font_px: 16.0,
    hidden: false,
};

/// Links are blue wherever nothing else is said.
const LINK: Colour = Colour(0, 0, 238);

impl Style {
    /// The style of an element with these attributes within `parent`.
    pub fn of(name: &str, attributes: &BTreeMap<String, String>, parent: Option<&Self>) -> Self {
        let parent = parent.copied().unwrap_or(INITIAL);
        let mut style = parent;
        if name == "a" && attributes.contains_key("href") {
            style.colour = Some(LINK);
        }
        style.hidden |= attributes.contains_key("hidden");
        if let Some(colour) = attributes.get("bgcolor") {
            style.background = Colour::parse(colour);
        }
        if let Some(colour) = attributes.get("color") {
            style.colour = Colour::parse(colour);
        }
        if attributes.contains_key("background") {
            style.background = None;
        }
        for (property, value) in declarations(attributes.get("style").map_or("", String::as_str)) {
            style.declare(&property, &value, &parent);
        }
        style
    }

    fn declare(&mut self, property: &str, value: &str, parent: &Self) {
        match property {
            "color" if value == "inherit" => self.colour = parent.colour,
            "color" => self.colour = Colour::parse(value),
            "background-color" | "background" => match value {
                "transparent" | "none" | "inherit" => self.background = parent.background,
                _ => self.background = Colour::parse(value),
            },
            "background-image" if value != "none" => self.background = None,
            "font-size" => self.font_px = pixels(value, parent.font_px).unwrap_or(self.font_px),
            "font" => {
                let size = value
                    .split([' ', '/'])
                    .find_map(|v| pixels(v, parent.font_px));
                self.font_px = size.unwrap_or(self.font_px);
            }
            "display" => self.hidden |= value == "none",
            "visibility" => self.hidden |= value == "hidden",
            _ => {}
        }
    }
}

/// The declarations of a `style` attribute, in lower case and without `!important`.
pub fn declarations(style: &str) -> Vec<(String, String)> {
    style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(property, value)| {
            let value = value.trim().to_ascii_lowercase();
            let value = value.trim_end_matches("!important").trim_end().to_owned();
            (property.trim().to_ascii_lowercase(), value)
        })
        .collect()
}

/// A size in pixels; relative ones are of `parent`.
fn pixels(value: &str, parent: f64) -> Option<f64> {
    let units = [
        ("px", 1.0),
        ("pt", 4.0 / 3.0),
        ("rem", 16.0),
        ("em", parent),
        ("%", parent / 100.0),
    ];
    units.into_iter().find_map(|(unit, factor)| {
        let number: f64 = value.trim().strip_suffix(unit)?.parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(one: &str, other: &str) -> f64 {
        Colour::parse(one)
            .unwrap()
            .contrast(Colour::parse(other).unwrap())
    }

    #[test]
    fn contrast_is_the_published_one() {
        // The ends of the scale, and the two greys between which WCAG's 4.5 on white lies.
        assert!((contrast("#000", "white") - 21.0).abs() < 1e-9);
        assert!((contrast("#123456", "#123456") - 1.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 5e-3);
        assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 5e-3);
        assert!((contrast("rgb(255, 0, 0)", "#fff") - 4.0).abs() < 5e-3);
    }

    #[test]
    fn colours_are_parsed_or_refused() {
        assert_eq!(Colour::parse(" #AbC "), Some(Colour(170, 187, 204)));
        for bad in [
            "",
            "#12",
            "#12345g",
            "rgb(1,2)",
            "rgb(256,0,0)",
            "var(--x)",
            "tomatoes",
        ] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn styles_are_inherited_and_overridden() {
        let attributes = |style: &str| BTreeMap::from([("style".to_owned(), style.to_owned())]);
        let outer = Style::of(
            "td",
            &attributes("font-size:20px;COLOR:#111!important"),
            None,
        );
        let inner = Style::of(
            "p",
            &attributes("font-size:.8em;background:#eee"),
            Some(&outer),
        );
        assert_eq!(inner.colour, Some(Colour(17, 17, 17)));
        assert_eq!(inner.background, Some(Colour(238, 238, 238)));
        assert!((inner.font_px - 16.0).abs() < 1e-9);
        let link = BTreeMap::from([("href".to_owned(), "x".to_owned())]);
        assert_eq!(Style::of("a", &link, Some(&inner)).colour, Some(LINK));
        let hidden = Style::of("p", &attributes("display:none"), None);
        assert!(Style::of("b", &BTreeMap::new(), Some(&hidden)).hidden);
    }
}
