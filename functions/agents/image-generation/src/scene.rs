//! What a composed picture is made of, and how it is written as SVG.

use baton_domain::text::escaped;
use std::fmt::Write as _;

use baton_domain::colour::Colour;

use crate::font::Weight;

/// A picture, in pixels from the left upper corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
    /// What is behind everything.
    pub background: Colour,
    /// What is on it, from back to front.
    pub elements: Vec<Element>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// From the left.
    pub x: f32,
    /// From above.
    pub y: f32,
    /// How wide it is.
    pub width: f32,
    /// How high it is.
    pub height: f32,
}

/// One thing in a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A filled rectangle with round corners.
    Box {
        /// Where it is.
        area: Area,
        /// The radius of its corners.
        radius: f32,
        /// Its colour.
        colour: Colour,
    },
    /// A filled circle, of which only what lies within an area is seen.
    Circle {
        /// Its middle from the left.
        x: f32,
        /// Its middle from above.
        y: f32,
        /// Its radius.
        radius: f32,
        /// Its colour.
        colour: Colour,
        /// What is seen of it.
        within: Area,
    },
    /// One line of text.
    Text {
        /// Where it begins, from the left.
        x: f32,
        /// The line that its letters stand on, from above.
        baseline: f32,
        /// The font's size.
        size: f32,
        /// The font's weight.
        weight: Weight,
        /// Its colour.
        colour: Colour,
        /// The colour behind it.
        behind: Colour,
        /// What it says.
        text: String,
    },
}

impl Scene {
    /// The smallest contrast between a text and what is behind it (WCAG 2.x), 1 to 21.
    pub fn contrast(&self) -> f64 {
        let of = |element: &Element| match element {
            Element::Text { colour, behind, .. } => colour.contrast(*behind),
            _ => 21.0,
        };
        self.elements.iter().map(of).fold(21.0, f64::min)
    }

    /// The picture as SVG; `label` is what it says to those who do not see it.
    pub fn svg(&self, label: &str) -> String {
        let (width, height) = (self.width, self.height);
        let label = escaped(label);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>",
            self.background.hex()
        );
        for (i, element) in self.elements.iter().enumerate() {
            // Writing to text does not fail.
            let _ = write_element(&mut svg, element, i);
        }
        svg + "</svg>"
    }
}

fn write_element(svg: &mut String, element: &Element, i: usize) -> std::fmt::Result {
    match element {
        Element::Box {
            area,
            radius,
            colour,
        } => write!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{radius:.1}\" fill=\"{}\"/>",
            area.x,
            area.y,
            area.width,
            area.height,
            colour.hex()
        ),
        Element::Circle {
            x,
            y,
            radius,
            colour,
            within,
        } => write!(
            svg,
            "<clipPath id=\"c{i}\"><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/></clipPath>\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{}\" clip-path=\"url(#c{i})\"/>",
            within.x,
            within.y,
            within.width,
            within.height,
            colour.hex()
        ),
        Element::Text {
            x,
            baseline,
            size,
            weight,
            colour,
            text,
            ..
        } => write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{baseline:.1}\" font-family=\"Inter, Helvetica, Arial, sans-serif\" \
             font-size=\"{size:.1}\" font-weight=\"{}\" fill=\"{}\">{}</text>",
            if *weight == Weight::Bold { 700 } else { 400 },
            colour.hex(),
            escaped(text)
        ),
    }
}
