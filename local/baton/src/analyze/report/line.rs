//! A series and its forecast: what was observed, what is expected, and where it may lie.

use std::fmt::Write as _;

use predictive_analytics::Output;
use predictive_analytics::series::Frequency;

use super::scale::{Scale, Ticks};
use super::svg::{Area, Picture, Width};
use super::text::{Anchor, Look};
use crate::analyze::figures::{percent, short, tick};

const HEIGHT: f64 = 340.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 292.0;

/// The numbered marks of anomalies are so large.
const MARK: f64 = 5.0;

/// What places on the picture are made of.
struct Plot {
    x: Scale,
    y: Scale,
    /// Where the forecast begins, in periods.
    past: usize,
    right: f64,
    left: f64,
}

/// Draws a forecast, and answers how high the picture is.
pub(super) fn draw(output: &Output, width: Width) -> (Picture, f64) {
    let mut picture = Picture::new("forecast", width, "Forecast", &words(output));
    let ticks = vertical(output);
    let labels = ticks.all.iter();
    let labels = labels.map(|number| tick(*number, ticks.step, ticks.largest()));
    let labels: Vec<String> = labels.collect();
    let widest = labels.iter().map(|text| Look::Soft.width(text));
    let left = widest.fold(0.0, f64::max) + 8.0;
    let right = width.units() - 8.0;
    let past = output.history.len();
    let periods = (past + output.forecast.len()).max(2) - 1;
    let plot = Plot {
        x: Scale::new((0.0, periods as f64), (left + 8.0, right - 8.0)),
        y: Scale::new(ticks.range(), (BOTTOM, TOP)),
        past,
        right,
        left,
    };
    for (number, text) in ticks.all.iter().zip(&labels) {
        let y = plot.y.at(*number);
        picture.line("grid", &[(left, y), (right, y)]);
        picture.text((left - 4.0, y + 4.0), Look::Soft, Anchor::End, text);
    }
    let title = format!("Value a {}", output.frequency.name());
    picture.text((2.0, 13.0), Look::Soft, Anchor::Start, &title);
    calendar(&mut picture, &plot, output);
    bands(&mut picture, &plot, output);
    lines(&mut picture, &plot, output);
    anomalies(&mut picture, &plot, output);
    (picture, HEIGHT)
}

/// The axis of values: it holds everything that is drawn.
fn vertical(output: &Output) -> Ticks {
    let observed = output.history.iter().filter_map(|past| past.value);
    let ahead = output.forecast.iter().flat_map(|ahead| {
        let intervals = ahead.intervals.iter().flat_map(|i| [i.low, i.high]);
        intervals.chain([ahead.value])
    });
    let all: Vec<f64> = observed.chain(ahead).filter(|y| y.is_finite()).collect();
    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
    let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if all.is_empty() {
        return Ticks::around(0.0, 1.0, 5);
    }
    // Zero belongs to the picture where it is near: heights are then amounts.
    let low = if low > 0.0 && low < high * 0.5 {
        0.0
    } else {
        low
    };
    Ticks::around(low, high, 5)
}

/// The axis of time, and where the forecast begins.
fn calendar(picture: &mut Picture, plot: &Plot, output: &Output) {
    picture.line("axis", &[(plot.left, BOTTOM), (plot.right, BOTTOM)]);
    let past = output.history.iter().map(|past| past.at.as_str());
    let all: Vec<&str> = past
        .chain(output.forecast.iter().map(|ahead| ahead.at.as_str()))
        .collect();
    let text = |at: &str| date(at, output.frequency);
    let widest = all.iter().map(|at| Look::Soft.width(&text(at)));
    let room = widest.fold(0.0, f64::max) + 14.0;
    let one = plot.x.at(1.0) - plot.x.at(0.0);
    let each = every((room / one.max(1e-9)).ceil() as usize, output.frequency);
    let mut free = plot.left;
    for (at, label) in all.iter().enumerate().filter(|(at, _)| at % each == 0) {
        let x = plot.x.at(at as f64);
        picture.line("axis", &[(x, BOTTOM), (x, BOTTOM + 5.0)]);
        let label = text(label);
        let half = Look::Soft.width(&label) / 2.0;
        let middle = x.clamp(half, (plot.right + 8.0 - half).max(half));
        if middle - half >= free || at == 0 {
            picture.text((middle, BOTTOM + 20.0), Look::Soft, Anchor::Middle, &label);
            free = middle + half + 6.0;
        }
    }
    if plot.past > 0 && !output.forecast.is_empty() {
        let x = plot.x.at(plot.past as f64 - 0.5);
        picture.line("today", &[(x, TOP - 14.0), (x, BOTTOM)]);
        let text = "Forecast";
        let room = plot.right - x - 4.0 >= Look::Soft.width(text);
        let (x, anchor) = if room {
            (x + 4.0, Anchor::Start)
        } else {
            (x - 4.0, Anchor::End)
        };
        picture.text((x, TOP - 6.0), Look::Soft, anchor, text);
    }
}

/// How many periods lie between dates that are written: a whole part or a multiple of a year where
/// that makes them easy to read.
fn every(least: usize, frequency: Frequency) -> usize {
    let round: &[usize] = match frequency {
        Frequency::Hour => &[1, 3, 6, 12, 24, 48, 168],
        Frequency::Day => &[1, 7, 14, 28, 56],
        Frequency::Week => &[1, 2, 4, 13, 26, 52],
        Frequency::Month => &[1, 2, 3, 6, 12, 24, 48],
        Frequency::Quarter => &[1, 2, 4, 8, 20],
        Frequency::Year => &[1, 2, 5, 10, 20],
    };
    let found = round.iter().find(|each| **each >= least);
    found.copied().unwrap_or(least).max(1)
}

/// A date, as long as its period needs.
fn date(at: &str, frequency: Frequency) -> String {
    let part = |range: std::ops::Range<usize>| at.get(range).unwrap_or(at).to_owned();
    match frequency {
        Frequency::Hour => part(5..16).replace('T', " "),
        Frequency::Day | Frequency::Week => part(0..10),
        Frequency::Month | Frequency::Quarter => part(0..7),
        Frequency::Year => part(0..4),
    }
}

/// The intervals, widest first, so that narrow ones lie over wide ones.
fn bands(picture: &mut Picture, plot: &Plot, output: &Output) {
    let levels = output.forecast.first().map_or(0, |a| a.intervals.len());
    for level in (0..levels).rev() {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (at, ahead) in output.forecast.iter().enumerate() {
            let Some(interval) = ahead.intervals.get(level) else {
                continue;
            };
            let x = plot.x.at((plot.past + at) as f64);
            // A single period would have no width.
            let edges = if output.forecast.len() == 1 {
                vec![x - 3.0, x + 3.0]
            } else {
                vec![x]
            };
            for x in edges {
                above.push((x, plot.y.at(interval.high)));
                below.push((x, plot.y.at(interval.low)));
            }
        }
        below.reverse();
        above.extend(below);
        picture.line("band f1 s1", &above);
    }
}

/// What was observed and what is expected. Nothing is drawn where nothing was observed.
fn lines(picture: &mut Picture, plot: &Plot, output: &Output) {
    let mut run: Vec<(f64, f64)> = Vec::new();
    let mut last = None;
    for (at, past) in output.history.iter().enumerate() {
        if let Some(value) = past.value {
            run.push((plot.x.at(at as f64), plot.y.at(value)));
            last = run.last().copied();
        } else {
            end(picture, "series s0", "f0", &run);
            run.clear();
        }
    }
    end(picture, "series s0", "f0", &run);
    let ahead = output.forecast.iter().enumerate();
    let ahead = ahead.map(|(at, a)| (plot.x.at((plot.past + at) as f64), plot.y.at(a.value)));
    let ahead: Vec<(f64, f64)> = last.into_iter().chain(ahead).collect();
    end(picture, "ahead s1", "f1", &ahead);
}

/// A line, or a dot where it has a single point.
fn end(picture: &mut Picture, line: &str, dot: &str, points: &[(f64, f64)]) {
    if let [(x, y)] = points {
        let (x, y, width, height) = (x - 2.5, y - 2.5, 5.0, 5.0);
        let area = Area {
            x,
            y,
            width,
            height,
        };
        picture.rect(dot, area);
    }
    picture.line(line, points);
}

/// A numbered diamond at each anomaly; the table has the figures.
fn anomalies(picture: &mut Picture, plot: &Plot, output: &Output) {
    let mut free = 0.0;
    for (number, anomaly) in output.anomalies.iter().enumerate() {
        let found = output.history.iter().position(|past| past.at == anomaly.at);
        let Some(at) = found else {
            continue;
        };
        let (x, y) = (plot.x.at(at as f64), plot.y.at(anomaly.value));
        let diamond = [
            (x, y - MARK),
            (x + MARK, y),
            (x, y + MARK),
            (x - MARK, y),
            (x, y - MARK),
        ];
        picture.line("odd s3", &diamond);
        let text = (number + 1).to_string();
        let half = Look::Soft.width(&text) / 2.0;
        let above = anomaly.value >= anomaly.expected && y > TOP + 22.0;
        let base = if above { y - 8.0 } else { y + 17.0 };
        let clear = base < BOTTOM - 2.0;
        // The table has every anomaly, also those that have no room for their number here.
        if clear && x - half >= free && x - half > plot.left {
            picture.text((x, base), Look::Soft, Anchor::Middle, &text);
            free = x + half + 3.0;
        }
    }
}

/// The same in words.
fn words(output: &Output) -> String {
    let mut words = format!(
        "By {}. Periods observed: {}",
        output.frequency.name(),
        output.observed
    );
    if let (Some(first), Some(last)) = (output.history.first(), output.history.last()) {
        let _ = write!(words, ", from {} to {}", first.at, last.at);
    }
    if let (Some(first), Some(last)) = (output.forecast.first(), output.forecast.last()) {
        let _ = write!(
            words,
            ". Expected are {} for {} and {} for {}",
            short(first.value),
            first.at,
            short(last.value),
            last.at
        );
        for interval in &last.intervals {
            let (low, high) = (short(interval.low), short(interval.high));
            let _ = write!(words, ", {low} to {high} at {}", percent(interval.level));
        }
    }
    let _ = write!(words, ". Anomalies: {}", output.anomalies.len());
    for (number, anomaly) in output.anomalies.iter().enumerate() {
        let mark = if number == 0 { " –" } else { "," };
        let _ = write!(words, "{mark} {} on {}", short(anomaly.value), anomaly.at);
    }
    words + "."
}

#[cfg(test)]
mod tests;
