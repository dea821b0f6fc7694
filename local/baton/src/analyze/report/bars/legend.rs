//! Which colour and pattern belongs to which model.

use std::fmt::Write as _;

use attribution::Model;

use super::super::svg::{Area, Picture, Width};
use super::super::text::{Anchor, Look};
use super::pattern;
use crate::analyze::show::model_name;

/// What is drawn over the colour of each model, on tiles of six units: nothing, two diagonals,
/// dots, and lines along and across.
const MARKS: [&str; 6] = [
    "",
    "M0 6L6 0",
    "M2 3L4 3M3 2L3 4",
    "M0 0L6 6",
    "M0 3L6 3",
    "M3 0L3 6",
];

const SWATCH: f64 = 14.0;
const ROW: f64 = 22.0;

/// Draws the patterns and the legend, and answers how high it is.
pub(super) fn draw(picture: &mut Picture, models: &[Model], width: Width) -> f64 {
    let mut patterns = "<defs>\n".to_owned();
    for (at, mark) in MARKS.iter().enumerate() {
        let id = picture.id();
        let _ = writeln!(
            patterns,
            "<pattern id=\"{id}-p{at}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
             <path class=\"mark\" d=\"{}\"/></pattern>",
            if mark.is_empty() { "M0 0" } else { mark }
        );
    }
    picture.raw(&(patterns + "</defs>\n"));
    let columns = if width == Width::Wide { 6 } else { 3 };
    let column = (width.units() - 4.0) / columns as f64;
    for (at, model) in models.iter().enumerate() {
        let x = 2.0 + column * (at % columns) as f64;
        let y = ROW * (at / columns) as f64 + 4.0;
        let area = Area {
            x,
            y,
            width: SWATCH,
            height: SWATCH + 2.0,
        };
        picture.patterned(pattern(*model), area);
        let name = model_name(*model);
        picture.text(
            (x + SWATCH + 5.0, y + 12.0),
            Look::Plain,
            Anchor::Start,
            name,
        );
    }
    ROW * models.len().div_ceil(columns) as f64
}
