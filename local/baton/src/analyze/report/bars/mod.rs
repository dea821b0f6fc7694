//! The credits of channels: for each channel a bar of every model, all on one scale.

mod legend;

use std::fmt::Write as _;

use attribution::{Model, Output};

use super::scale::{Scale, Ticks};
use super::svg::{Area, Picture, Width};
use super::text::{Anchor, Look};
use crate::analyze::figures::{percent, short, tick};
use crate::analyze::show::model_name;

/// The most channels that have bars of their own.
const MOST: usize = 10;
const BAR: f64 = 13.0;
const STEP: f64 = 17.0;
const HEAD: f64 = 24.0;
/// Where bars begin: before them stands the model's name.
const LEFT: f64 = 82.0;
/// What the figures behind a bar need.
const RIGHT: f64 = 124.0;

/// What each model gives to one channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) channel: String,
    /// Conversions and their share, in the order of the models.
    pub(super) credits: Vec<(f64, f64)>,
}

/// The channels that have no bars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rest {
    pub(super) channels: usize,
    /// The least and the largest share of the conversions that any model gives them together.
    pub(super) shares: (f64, f64),
}

/// The channels most credited, and the others, which would dwarf them as one bar.
pub(super) fn rows(output: &Output) -> (Vec<Row>, Option<Rest>) {
    let mut rows = every(output);
    if rows.len() <= MOST {
        return (rows, None);
    }
    let rest = rows.split_off(MOST);
    let share = |at: usize| rest.iter().map(|row| row.credits[at].1).sum::<f64>();
    let shares: Vec<f64> = (0..output.models.len()).map(share).collect();
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    let rest = Rest {
        channels: rest.len(),
        shares: (least, shares.iter().copied().fold(0.0, f64::max)),
    };
    (rows, Some(rest))
}

/// Every channel, most credited by any model first.
pub(super) fn every(output: &Output) -> Vec<Row> {
    let Some(first) = output.models.first() else {
        return Vec::new();
    };
    let row = |(at, credit): (usize, &attribution::Credit)| Row {
        channel: credit.channel.clone(),
        credits: output
            .models
            .iter()
            .map(|model| (model.credits[at].conversions, model.credits[at].share))
            .collect(),
    };
    let mut rows: Vec<Row> = first.credits.iter().enumerate().map(row).collect();
    rows.sort_by(|a, b| most(b).total_cmp(&most(a)));
    rows
}

fn most(row: &Row) -> f64 {
    row.credits.iter().map(|(c, _)| *c).fold(0.0, f64::max)
}

/// Draws rows, and answers how high the picture is.
pub(super) fn draw(rows: &[Row], models: &[Model], width: Width) -> (Picture, f64) {
    let words = words(rows, models);
    let mut picture = Picture::new("attribution", width, "Credits of channels", &words);
    let top = legend::draw(&mut picture, models, width) + 26.0;
    let group = HEAD + STEP * models.len() as f64 + 8.0;
    let height = top + group * rows.len() as f64;
    let largest = rows.iter().map(most).fold(0.0, f64::max);
    let wanted = if width == Width::Wide { 5 } else { 2 };
    let ticks = Ticks::around(0.0, if largest > 0.0 { largest } else { 1.0 }, wanted);
    let scale = Scale::new(ticks.range(), (LEFT, width.units() - RIGHT));
    axis(&mut picture, scale, &ticks, (top - 6.0, height));
    for (at, row) in rows.iter().enumerate() {
        let y = top + group * at as f64;
        let name = Look::Strong.fitted(&row.channel, width.units() - 4.0);
        picture.text((2.0, y + 16.0), Look::Strong, Anchor::Start, &name);
        for (at, (conversions, share)) in row.credits.iter().enumerate() {
            let y = y + HEAD + STEP * at as f64;
            let name = model_name(models[at]);
            picture.text((LEFT - 6.0, y + 11.0), Look::Soft, Anchor::End, name);
            let end = scale.at(*conversions);
            let (x, width) = (LEFT, end - LEFT);
            let (y, height) = (y, BAR);
            let area = Area {
                x,
                y,
                width,
                height,
            };
            picture.patterned(pattern(models[at]), area);
            let figures = format!("{} · {}", short(*conversions), percent(*share));
            picture.text((end + 5.0, y + 11.0), Look::Soft, Anchor::Start, &figures);
        }
    }
    (picture, height)
}

/// The same pattern for the same model, whichever were asked for.
fn pattern(model: Model) -> usize {
    Model::ALL.iter().position(|m| *m == model).unwrap_or(0)
}

fn axis(picture: &mut Picture, scale: Scale, ticks: &Ticks, (top, bottom): (f64, f64)) {
    let mut free = 0.0;
    for number in &ticks.all {
        let x = scale.at(*number);
        picture.line("grid", &[(x, top), (x, bottom)]);
        let text = tick(*number, ticks.step, ticks.largest());
        let half = Look::Soft.width(&text) / 2.0;
        if x - half >= free {
            picture.text((x, top - 4.0), Look::Soft, Anchor::Middle, &text);
            free = x + half + 6.0;
        }
    }
}

/// The same in words.
fn words(rows: &[Row], models: &[Model]) -> String {
    let mut words = "Conversions credited to each channel.".to_owned();
    for row in rows {
        let _ = write!(words, " {}:", row.channel);
        for (at, (conversions, share)) in row.credits.iter().enumerate() {
            let (model, comma) = (model_name(models[at]), if at == 0 { "" } else { "," });
            let _ = write!(
                words,
                "{comma} {model} {} ({})",
                short(*conversions),
                percent(*share)
            );
        }
        words.push('.');
    }
    words
}

#[cfg(test)]
mod tests {
    use attribution::attribute;
    use attribution::paths::Path;
    use proptest::prelude::*;

    use super::super::svg::checks::sound;
    use super::*;

    fn output(channels: usize, conversions: f64) -> Output {
        let path = |n: usize| Path {
            steps: vec![format!("channel {n}"), "mail".to_owned()],
            conversions: if n == 0 {
                conversions
            } else {
                conversions / n as f64
            },
            nulls: 10.0,
            ..Path::default()
        };
        let paths: Vec<Path> = (0..channels).map(path).collect();
        attribute(&paths, 1, 7.0, &Model::ALL)
            .expect("attributed")
            .0
    }

    #[test]
    fn of_many_channels_those_most_credited_have_bars_and_nothing_is_lost() {
        let output = output(199, 1000.0);
        let (rows, rest) = rows(&output);
        let rest = rest.expect("others");
        assert_eq!((rows.len(), rest.channels), (MOST, 200 - MOST));
        let shown = |at: usize| rows.iter().map(|row| row.credits[at].1).sum::<f64>();
        for at in 0..output.models.len() {
            let left = 1.0 - shown(at);
            assert!(
                (rest.shares.0 - 1e-3..=rest.shares.1 + 1e-3).contains(&left),
                "{left}"
            );
        }
    }

    #[test]
    fn without_conversions_there_are_bars_of_no_length() {
        let (rows, _) = rows(&output(2, 0.0));
        let (picture, height) = draw(&rows, &Model::ALL, Width::Narrow);
        sound(&picture, height).expect("sound");
    }

    proptest! {
        #[test]
        fn bars_are_in_proportion_and_everything_has_its_place(
            credits in prop::collection::vec(prop::collection::vec(0.0_f64..1e12, 6), 1..12),
            name in ".{0,60}",
        ) {
            let total: f64 = credits.iter().flatten().sum();
            let row = |credits: &Vec<f64>| Row {
                channel: name.clone(),
                credits: credits.iter().map(|c| (*c, c / total.max(1.0))).collect(),
            };
            let rows: Vec<Row> = credits.iter().map(row).collect();
            for width in Width::BOTH {
                let (picture, height) = draw(&rows, &Model::ALL, width);
                sound(&picture, height).map_err(TestCaseError::fail)?;
                let bars: Vec<f64> = picture.shapes.iter()
                    .filter(|shape| (shape.height - BAR).abs() < 1e-9)
                    .map(|shape| shape.width).step_by(2).collect();
                let numbers: Vec<f64> = credits.iter().flatten().copied().collect();
                prop_assert_eq!(bars.len(), numbers.len());
                let unit = bars.iter().zip(&numbers).map(|(b, n)| b / n).fold(0.0, f64::max);
                for (bar, number) in bars.iter().zip(&numbers) {
                    prop_assert!((bar - unit * number).abs() < 1e-6);
                }
            }
        }
    }
}
