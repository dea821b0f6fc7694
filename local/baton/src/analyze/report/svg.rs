//! A picture in SVG, with its words for those who do not see it, and the room that everything
//! takes.

use std::fmt::Write as _;

use baton_domain::text::escaped;

use super::text::{Anchor, Look};

/// How wide a picture is drawn: one for screens and paper, one for telephones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Wide,
    Narrow,
}

impl Width {
    pub(super) const BOTH: [Self; 2] = [Self::Wide, Self::Narrow];

    /// In units, which are pixels where the page has the room.
    pub(super) const fn units(self) -> f64 {
        match self {
            Self::Wide => 960.0,
            Self::Narrow => 340.0,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

/// A rectangle of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A picture in the making.
pub(super) struct Picture {
    id: String,
    width: Width,
    title: String,
    description: String,
    body: String,
    /// What shapes cover, in the order of drawing.
    pub(super) shapes: Vec<Area>,
    /// What texts cover.
    pub(super) labels: Vec<Area>,
}

impl Picture {
    /// An empty picture; `name` is its own on the page, `description` says in words what it shows.
    pub(super) fn new(name: &str, width: Width, title: &str, description: &str) -> Self {
        Self {
            id: format!("{name}-{}", width.class()),
            width,
            title: title.to_owned(),
            description: description.to_owned(),
            body: String::new(),
            shapes: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// What ids within the picture begin with.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// A text on the base line `y`.
    pub(super) fn text(&mut self, (x, y): (f64, f64), look: Look, anchor: Anchor, text: &str) {
        let width = look.width(text);
        let (class, left) = match anchor {
            Anchor::Start => ("name halo", x),
            Anchor::Middle => ("name halo middle", x - width / 2.0),
            Anchor::End => ("name halo end", x - width),
        };
        let more = match look {
            Look::Plain => "",
            Look::Strong => " strong",
            Look::Soft => " soft",
        };
        self.labels.push(Area {
            x: left,
            y: y - look.size() * 0.85,
            width,
            height: look.size() * 1.1,
        });
        let _ = writeln!(
            self.body,
            "<text class=\"{class}{more}\" x=\"{}\" y=\"{}\">{}</text>",
            place(x),
            place(y),
            escaped(text)
        );
    }

    /// A rectangle.
    pub(super) fn rect(&mut self, class: &str, area: Area) {
        self.filled(&format!("class=\"{class}\""), area);
    }

    /// A rectangle with a pattern of this picture over it.
    pub(super) fn patterned(&mut self, pattern: usize, area: Area) {
        self.filled(&format!("class=\"f{pattern}\""), area);
        let fill = format!("fill=\"url(#{}-p{pattern})\"", self.id);
        self.filled(&fill, area);
    }

    fn filled(&mut self, how: &str, area: Area) {
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        self.shapes.push(area);
        let _ = writeln!(
            self.body,
            "<rect {how} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            place(x),
            place(y),
            place(width),
            place(height)
        );
    }

    /// A path through points, straight from each to the next; with less than two there is none.
    pub(super) fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        if points.len() < 2 {
            return;
        }
        let mut path = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let verb = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{} {}", place(*x), place(*y));
        }
        self.path(class, &path, points);
    }

    /// A path as SVG writes it, whose curves stay between `points`.
    pub(super) fn path(&mut self, class: &str, path: &str, points: &[(f64, f64)]) {
        let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        for (x, y) in points {
            low = (low.0.min(*x), low.1.min(*y));
            high = (high.0.max(*x), high.1.max(*y));
        }
        self.shapes.push(Area {
            x: low.0,
            y: low.1,
            width: high.0 - low.0,
            height: high.1 - low.1,
        });
        let _ = writeln!(self.body, "<path class=\"{class}\" d=\"{path}\"/>");
    }

    /// Markup of its own, such as patterns.
    pub(super) fn raw(&mut self, markup: &str) {
        self.body.push_str(markup);
    }

    /// The picture, so high.
    pub(super) fn finish(self, height: f64) -> String {
        let Self { id, width, .. } = &self;
        format!(
            "<svg class=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\">\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{}</svg>\n",
            width.class(),
            place(width.units()),
            place(height),
            escaped(&self.title),
            escaped(&self.description),
            self.body
        )
    }
}

/// A place to a tenth of a unit, which is finer than eyes.
pub(super) fn place(at: f64) -> String {
    let tenths = (at * 10.0).round() / 10.0;
    // No picture has a negative zero.
    format!("{}", if tenths == 0.0 { 0.0 } else { tenths })
}

#[cfg(test)]
pub(super) mod checks {
    use super::*;

    impl Area {
        fn overlaps(&self, other: &Self) -> bool {
            self.x + 0.1 < other.x + other.width
                && other.x + 0.1 < self.x + self.width
                && self.y + 0.1 < other.y + other.height
                && other.y + 0.1 < self.y + self.height
        }
    }

    /// Nothing lies outside, nothing is no number, and no label covers another.
    pub(in super::super) fn sound(picture: &Picture, height: f64) -> Result<(), String> {
        let units = picture.width.units();
        for area in picture.shapes.iter().chain(&picture.labels) {
            let within = area.x >= -0.1
                && area.y >= -0.1
                && area.width >= 0.0
                && area.height >= 0.0
                && area.x + area.width <= units + 0.1
                && area.y + area.height <= height + 0.1;
            if !within {
                return Err(format!("{area:?} outside of {units} × {height}"));
            }
        }
        for (at, label) in picture.labels.iter().enumerate() {
            let other = picture.labels[..at]
                .iter()
                .find(|other| other.overlaps(label));
            if let Some(other) = other {
                return Err(format!("{label:?} covers {other:?}\n{}", picture.body));
            }
        }
        Ok(())
    }

    #[test]
    fn words_are_escaped_and_tied_to_the_picture() {
        let mut picture = Picture::new("funnel", Width::Narrow, "A & B", "<b>");
        picture.text((1.0, 20.0), Look::Soft, Anchor::Start, "\"<script>");
        let svg = picture.finish(30.0);
        assert!(svg.contains("aria-labelledby=\"funnel-narrow-title funnel-narrow-desc\""));
        assert!(svg.contains("<title id=\"funnel-narrow-title\">A &amp; B</title>"));
        assert!(svg.contains("&quot;&lt;script&gt;</text>"), "{svg}");
    }
}
