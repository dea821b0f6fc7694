//! A scene as pixels, and pixels as PNG.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use baton_domain::colour::Colour;
use ttf_parser::OutlineBuilder;

use crate::font::{Fonts, Weight};
use crate::scene::{Area, Element, Scene};

/// Pixels of three bytes, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// How many a row has.
    pub width: u32,
    /// How many rows there are.
    pub height: u32,
    /// Red, green, blue.
    pub bytes: Vec<u8>,
}

impl Pixels {
    /// All of one colour.
    pub fn filled(width: u32, height: u32, colour: Colour) -> Self {
        let count = width as usize * height as usize;
        Self {
            width,
            height,
            bytes: [colour.0, colour.1, colour.2].repeat(count),
        }
    }

    /// All of it.
    fn area(&self) -> Area {
        Area {
            x: 0.0,
            y: 0.0,
            width: self.width as f32,
            height: self.height as f32,
        }
    }

    /// Lays a colour over a pixel, as far as `coverage` from 0 to 1 says; beyond the edge nothing is.
    fn blend(&mut self, x: i64, y: i64, colour: Colour, coverage: f32) {
        // Sums of many edges are off by a little: what is nearly nothing or all is just that.
        const LEAST: f32 = 1.0 / 255.0;
        let inside =
            (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y);
        if !inside || coverage < LEAST {
            return;
        }
        let at = 3 * (y as usize * self.width as usize + x as usize);
        let coverage = if coverage > 1.0 - LEAST {
            1.0
        } else {
            coverage
        };
        for (byte, new) in self.bytes[at..at + 3]
            .iter_mut()
            .zip([colour.0, colour.1, colour.2])
        {
            let mixed = f32::from(*byte) * (1.0 - coverage) + f32::from(new) * coverage;
            *byte = mixed.round() as u8;
        }
    }
}

/// Draws a scene.
pub fn draw(scene: &Scene, fonts: &Fonts) -> Pixels {
    let mut pixels = Pixels::filled(scene.width, scene.height, scene.background);
    let everywhere = pixels.area();
    for element in &scene.elements {
        match element {
            Element::Box {
                area,
                radius,
                colour,
            } => {
                let mut pen = Pen::new(area.x, area.y, area.width, area.height);
                rounded(&mut pen, *area, *radius);
                pen.lay(&mut pixels, *colour, everywhere);
            }
            Element::Circle {
                x,
                y,
                radius,
                colour,
                within,
            } => {
                let area = Area {
                    x: x - radius,
                    y: y - radius,
                    width: 2.0 * radius,
                    height: 2.0 * radius,
                };
                let mut pen = Pen::new(area.x, area.y, area.width, area.height);
                rounded(&mut pen, area, *radius);
                pen.lay(&mut pixels, *colour, *within);
            }
            Element::Text {
                x,
                baseline,
                size,
                weight,
                colour,
                text,
                ..
            } => write(
                &mut pixels,
                fonts,
                (*x, *baseline),
                (*size, *weight),
                *colour,
                text,
            ),
        }
    }
    pixels
}

fn write(
    pixels: &mut Pixels,
    fonts: &Fonts,
    (mut x, baseline): (f32, f32),
    (size, weight): (f32, Weight),
    colour: Colour,
    text: &str,
) {
    let scale = fonts.scale(weight, size);
    let everywhere = pixels.area();
    for c in text.chars() {
        let bounds = fonts.outline(c, weight, &mut Nowhere);
        if let Some([left, bottom, right, top]) = bounds {
            let (width, height) = ((right - left) * scale, (top - bottom) * scale);
            let mut pen = Pen::new(x + left * scale, baseline - top * scale, width, height);
            pen.letter = (x, baseline, scale);
            fonts.outline(c, weight, &mut pen);
            pen.lay(pixels, colour, everywhere);
        }
        x += fonts.advance(c, weight) * scale;
    }
}

/// Fills one outline within its own box.
struct Pen {
    rasterizer: Rasterizer,
    left: f32,
    top: f32,
    start: Point,
    at: Point,
    /// Where a letter's origin is, and pixels to a unit of its font.
    letter: (f32, f32, f32),
}

impl Pen {
    fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        // A pixel on every side, for rounding.
        let (left, top) = (x.floor() - 1.0, y.floor() - 1.0);
        let side = |length: f32| (length.ceil().max(0.0) as usize) + 4;
        Self {
            rasterizer: Rasterizer::new(side(width), side(height)),
            left,
            top,
            start: point(0.0, 0.0),
            at: point(0.0, 0.0),
            letter: (0.0, 0.0, 1.0),
        }
    }

    fn place(&self, x: f32, y: f32) -> Point {
        point(x - self.left, y - self.top)
    }

    fn of_letter(&self, x: f32, y: f32) -> Point {
        let (origin, baseline, scale) = self.letter;
        self.place(origin + x * scale, baseline - y * scale)
    }

    fn line(&mut self, to: Point) {
        self.rasterizer.draw_line(self.at, to);
        self.at = to;
    }

    fn lay(&self, pixels: &mut Pixels, colour: Colour, within: Area) {
        let (left, top) = (self.left as i64, self.top as i64);
        self.rasterizer.for_each_pixel_2d(|x, y, coverage| {
            let (x, y) = (left + i64::from(x), top + i64::from(y));
            let middle = (x as f32 + 0.5, y as f32 + 0.5);
            let is_seen = (within.x..within.x + within.width).contains(&middle.0)
                && (within.y..within.y + within.height).contains(&middle.1);
            if is_seen {
                pixels.blend(x, y, colour, coverage);
            }
        });
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.of_letter(x, y);
        self.at = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.line(self.of_letter(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, to) = (self.of_letter(x1, y1), self.of_letter(x, y));
        self.rasterizer.draw_quad(self.at, control, to);
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (first, second) = (self.of_letter(x1, y1), self.of_letter(x2, y2));
        let to = self.of_letter(x, y);
        self.rasterizer.draw_cubic(self.at, first, second, to);
        self.at = to;
    }

    fn close(&mut self) {
        self.line(self.start);
    }
}

/// Takes an outline for its box alone.
struct Nowhere;

impl OutlineBuilder for Nowhere {
    fn move_to(&mut self, _: f32, _: f32) {}
    fn line_to(&mut self, _: f32, _: f32) {}
    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
    fn close(&mut self) {}
}

/// A rectangle whose corners are quarters of circles, as cubic curves.
fn rounded(pen: &mut Pen, area: Area, radius: f32) {
    /// How far a quarter's control points lie from its ends, in radii.
    const CURVE: f32 = 0.552_285;
    let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
    let (left, top) = (area.x, area.y);
    let (right, bottom) = (left + area.width, top + area.height);
    let near = radius * (1.0 - CURVE);
    // Each corner: where it begins, its control points, where it ends.
    let corners = [
        [
            (right - radius, top),
            (right - near, top),
            (right, top + near),
            (right, top + radius),
        ],
        [
            (right, bottom - radius),
            (right, bottom - near),
            (right - near, bottom),
            (right - radius, bottom),
        ],
        [
            (left + radius, bottom),
            (left + near, bottom),
            (left, bottom - near),
            (left, bottom - radius),
        ],
        [
            (left, top + radius),
            (left, top + near),
            (left + near, top),
            (left + radius, top),
        ],
    ];
    pen.at = pen.place(left + radius, top);
    for corner in corners {
        let [from, first, second, to] = corner.map(|(x, y)| pen.place(x, y));
        pen.line(from);
        pen.rasterizer.draw_cubic(from, first, second, to);
        pen.at = to;
    }
    pen.line(pen.place(left + radius, top));
}

/// Pixels as PNG; none where they cannot be written, which only their number could cause.
pub fn png(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width, pixels.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels.bytes).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}
