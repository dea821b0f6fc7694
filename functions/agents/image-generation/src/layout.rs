//! Where everything stands: a block of colour with circles, and beside or below it the brand's name,
//! the headline, the text and the button, as large as there is room for.

use baton_domain::campaign::Palette;
use baton_domain::colour::Colour;

use crate::font::{Fonts, Weight};
use crate::scene::{Area, Element, Scene};

/// No text is set smaller, in pixels.
const SMALLEST: f32 = 10.0;

/// How many lines a text is broken into at most.
const MOST_LINES: usize = 4;

/// The colours of a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    /// The block.
    pub primary: Colour,
    /// The button and circles.
    pub accent: Colour,
    /// Behind the text.
    pub background: Colour,
    /// The text.
    pub text: Colour,
}

impl Colours {
    /// The colours of a palette.
    ///
    /// # Errors
    /// The name of the first that is not `#rrggbb`.
    pub fn of(palette: &Palette) -> Result<Self, &'static str> {
        let parsed = |name: &'static str, text: &str| Colour::parse(text).ok_or(name);
        Ok(Self {
            primary: parsed("primary", &palette.primary)?,
            accent: parsed("accent", &palette.accent)?,
            background: parsed("background", &palette.background)?,
            text: parsed("text", &palette.text)?,
        })
    }
}

/// What is said, each in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    /// Who speaks.
    pub brand: &'a str,
    /// What is read first.
    pub headline: &'a str,
    /// What is read then.
    pub body: Option<&'a str>,
    /// What the button says.
    pub action: Option<&'a str>,
}

/// A line of text at its place in the column.
struct Line {
    text: String,
    size: f32,
    weight: Weight,
    colour: Colour,
    /// Room above it, in pixels.
    gap: f32,
}

/// Lays out a picture of this size; `seed` moves the circles. None where the words have no room.
pub fn scene(
    (width, height): (u32, u32),
    words: Words<'_>,
    colours: Colours,
    fonts: &Fonts,
    seed: u32,
) -> Option<Scene> {
    let (wide, high) = (width as f32, height as f32);
    let (block, column) = split(wide, high);
    let mut elements = decoration(block, colours, seed);
    // Text as large as fits: it is made smaller in steps of a twentieth.
    let sizes = (0..36).map(|step| 0.95_f32.powi(step));
    let mut fitting = sizes.filter_map(|scale| column_of(words, colours, column, fonts, scale));
    elements.extend(fitting.next()?);
    Some(Scene {
        width,
        height,
        background: colours.background,
        elements,
    })
}

/// The block of colour, and the column that text stands in.
fn split(width: f32, height: f32) -> (Area, Area) {
    let margin = 0.07 * width.min(height);
    let area = |x, y, width, height| Area {
        x,
        y,
        width,
        height,
    };
    if width > 4.0 * height {
        let block = area(0.0, 0.0, 0.12 * width, height);
        let left = block.width + margin;
        (
            block,
            area(left, margin, width - left - margin, height - 2.0 * margin),
        )
    } else if width > 1.3 * height {
        let block = area(
            (0.64 * width).round(),
            0.0,
            width - (0.64 * width).round(),
            height,
        );
        (
            block,
            area(
                margin,
                margin,
                block.x - 2.0 * margin,
                height - 2.0 * margin,
            ),
        )
    } else {
        let block = area(0.0, 0.0, width, (0.34 * height).round());
        let top = block.height + margin;
        (
            block,
            area(margin, top, width - 2.0 * margin, height - top - margin),
        )
    }
}

fn decoration(block: Area, colours: Colours, seed: u32) -> Vec<Element> {
    let size = block.width.min(block.height);
    let mixed = |part: u32| {
        let mix = |a: u8, b: u8| ((u32::from(a) * (4 - part) + u32::from(b) * part) / 4) as u8;
        let (a, b) = (colours.primary, colours.accent);
        Colour(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
    };
    let mut elements = vec![Element::Box {
        area: block,
        radius: 0.0,
        colour: colours.primary,
    }];
    // Knuth's multiplicative hash: neighbouring seeds look different.
    let turn = seed.wrapping_mul(2_654_435_761) >> 8;
    for (i, (radius, part)) in [(0.62, 1), (0.40, 2), (0.20, 4)].into_iter().enumerate() {
        let moved = ((turn >> (8 * i)) % 256) as f32 / 255.0;
        let along = [0.15 + 0.7 * moved, 0.85 - 0.7 * moved][i % 2];
        elements.push(Element::Circle {
            x: block.x + block.width * along,
            y: block.y + block.height * (0.3 + 0.2 * i as f32),
            radius: size * radius,
            colour: mixed(part),
            within: block,
        });
    }
    elements
}

/// The column of text at this scale, or none where it has no room.
fn column_of(
    words: Words<'_>,
    colours: Colours,
    column: Area,
    fonts: &Fonts,
    scale: f32,
) -> Option<Vec<Element>> {
    let unit = scale * (column.width * column.height).sqrt();
    let flat = column.width > 4.0 * column.height;
    let size = |part: f32| (part * unit).max(SMALLEST);
    let text = colours.text.readable_on(colours.background);
    let name = colours.primary.readable_on(colours.background);
    let button = words
        .action
        .map(|action| Button::new(action, size(0.05), colours, fonts));
    // In a banner the button stands beside the text, else below it.
    let beside = button
        .as_ref()
        .filter(|_| flat)
        .map_or(0.0, |button| button.width + 0.03 * unit);
    let width = column.width - beside;
    let mut lines = Vec::new();
    let parts = [
        (Some(words.brand), size(0.045), Weight::Bold, name, 0.0),
        (Some(words.headline), size(0.125), Weight::Bold, text, 0.4),
        (words.body, size(0.05), Weight::Regular, text, 0.5),
    ];
    for (part, size, weight, colour, gap) in parts {
        let Some(part) = part else { continue };
        let broken = broken(part, weight, size, width, fonts)?;
        for (i, text) in broken.into_iter().enumerate() {
            let gap = if i == 0 { gap * size } else { 0.0 };
            lines.push(Line {
                text,
                size,
                weight,
                colour,
                gap,
            });
        }
    }
    let below = button
        .as_ref()
        .filter(|_| !flat)
        .map_or(0.0, |button| 1.7 * button.height);
    let height: f32 = lines
        .iter()
        .map(|line| line.gap + 1.2 * line.size)
        .sum::<f32>()
        + below;
    let button_has_room = button
        .as_ref()
        .is_none_or(|button| button.width <= column.width);
    if height > column.height || width <= 0.0 || !button_has_room {
        return None;
    }
    let mut y = column.y + (column.height - height) / 2.0;
    let mut elements = Vec::new();
    for line in lines {
        y += line.gap + 1.2 * line.size;
        elements.push(Element::Text {
            x: column.x,
            // Letters stand a quarter of the line above its foot.
            baseline: y - 0.3 * line.size,
            size: line.size,
            weight: line.weight,
            colour: line.colour,
            behind: colours.background,
            text: line.text,
        });
    }
    if let Some(button) = button {
        let (x, y) = if flat {
            let x = column.x + column.width - button.width;
            (x, column.y + (column.height - button.height) / 2.0)
        } else {
            (column.x, y + 0.7 * button.height)
        };
        elements.extend(button.at(x, y, colours));
    }
    Some(elements)
}

struct Button<'a> {
    action: &'a str,
    size: f32,
    width: f32,
    height: f32,
    ink: Colour,
}

impl<'a> Button<'a> {
    fn new(action: &'a str, size: f32, colours: Colours, fonts: &Fonts) -> Self {
        Self {
            action,
            size,
            width: fonts.width(action, Weight::Bold, size) + 2.0 * size,
            height: 2.2 * size,
            ink: colours.accent.ink(),
        }
    }

    fn at(&self, x: f32, y: f32, colours: Colours) -> [Element; 2] {
        [
            Element::Box {
                area: Area {
                    x,
                    y,
                    width: self.width,
                    height: self.height,
                },
                radius: 0.35 * self.height,
                colour: colours.accent,
            },
            Element::Text {
                x: x + self.size,
                // Capitals of Inter are 0.73 of the size.
                baseline: y + self.height / 2.0 + 0.365 * self.size,
                size: self.size,
                weight: Weight::Bold,
                colour: self.ink,
                behind: colours.accent,
                text: self.action.to_owned(),
            },
        ]
    }
}

/// A text broken into lines of this width, none where a word is wider or the lines are too many.
fn broken(text: &str, weight: Weight, size: f32, width: f32, fonts: &Fonts) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if fonts.width(word, weight, size) > width {
            return None;
        }
        let longer = lines.last().map(|line| format!("{line} {word}"));
        let longer = longer.filter(|line| fonts.width(line, weight, size) <= width);
        match (longer, lines.last_mut()) {
            (Some(longer), Some(last)) => *last = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    (lines.len() <= MOST_LINES).then_some(lines)
}
