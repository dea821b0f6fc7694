//! The funnel: a bar for each step, as long as its share of all journeys, with the interval.

use std::fmt::Write as _;

use journey_analysis::funnel::Step;

use super::sankey::called;
use super::scale::Scale;
use super::svg::{Area, Picture, Width};
use super::text::{Anchor, Look};
use crate::analyze::figures::{count, percent};

/// How high a step is.
const ROW: f64 = 74.0;
const BAR: f64 = 22.0;
/// What whiskers need beside the longest bar.
const EDGE: f64 = 2.0;

/// Draws the steps of `all` journeys, and answers how high the picture is.
pub(super) fn draw(all: u64, steps: &[Step], level: f64, width: Width) -> (Picture, f64) {
    let description = words(all, steps, level);
    let mut picture = Picture::new("funnel", width, "Funnel", &description);
    let share = Scale::new((0.0, 1.0), (EDGE, width.units() - EDGE));
    let whole = (1.0, 1.0, 1.0);
    row(&mut picture, share, 0, ("All journeys", all, whole, "f5"));
    for (at, step) in steps.iter().enumerate() {
        let last = at + 1 == steps.len();
        let rate = step.from_all;
        let class = if last { "f2" } else { "f0" };
        let shares = (rate.low, rate.rate, rate.high);
        row(
            &mut picture,
            share,
            at + 1,
            (called(&step.stage), step.journeys, shares, class),
        );
        let before = step.from_previous;
        let text = format!(
            "{} of those before ({} – {})",
            percent(before.rate),
            percent(before.low),
            percent(before.high)
        );
        let y = (at + 1) as f64 * ROW + 58.0;
        picture.text((EDGE, y), Look::Soft, Anchor::Start, &text);
    }
    let height = (steps.len() + 1) as f64 * ROW - 8.0;
    (picture, height)
}

fn row(
    picture: &mut Picture,
    share: Scale,
    at: usize,
    (name, journeys, (low, rate, high), class): (&str, u64, (f64, f64, f64), &str),
) {
    let top = at as f64 * ROW;
    let (left, right) = (share.at(0.0), share.at(1.0));
    let figures = format!("{} · {}", count(journeys), percent(rate));
    let room = right - left - Look::Plain.width(&figures) - 12.0;
    let name = Look::Strong.fitted(name, room);
    picture.text((left, top + 14.0), Look::Strong, Anchor::Start, &name);
    picture.text((right, top + 14.0), Look::Plain, Anchor::End, &figures);
    let bar = |width: f64| Area {
        x: left,
        y: top + 20.0,
        width,
        height: BAR,
    };
    picture.rect("track", bar(right - left));
    picture.rect(class, bar(share.at(rate) - left));
    if high > low {
        let middle = top + 20.0 + BAR / 2.0;
        let (low, high) = (share.at(low), share.at(high));
        // Once in the colour of the page, so that it stands out from the bar under it.
        for class in ["whisker under", "whisker"] {
            picture.line(class, &[(low, middle), (high, middle)]);
            for x in [low, high] {
                picture.line(class, &[(x, middle - 5.0), (x, middle + 5.0)]);
            }
        }
    }
}

/// The same in words.
fn words(all: u64, steps: &[Step], level: f64) -> String {
    let mut words = format!("Of {} journeys", count(all));
    for step in steps {
        let rate = step.from_all;
        let _ = write!(
            words,
            ", {} ({}; {} to {} at {}) came to {}",
            count(step.journeys),
            percent(rate.rate),
            percent(rate.low),
            percent(rate.high),
            percent(level),
            called(&step.stage)
        );
    }
    words + "."
}

#[cfg(test)]
mod tests {
    use journey_analysis::rate::wilson;
    use proptest::prelude::*;

    use super::super::svg::checks::sound;
    use super::*;

    fn steps(counts: &[u64], name: &str) -> Vec<Step> {
        let all = counts.first().copied().unwrap_or(0).max(1);
        let step = |(at, journeys): (usize, &u64)| Step {
            stage: format!("{name}{at}"),
            journeys: *journeys,
            from_previous: wilson(*journeys, counts[at.saturating_sub(1)], 0.95),
            from_all: wilson(*journeys, all, 0.95),
            median_hours: None,
        };
        counts.iter().enumerate().map(step).collect()
    }

    proptest! {
        #[test]
        fn bars_are_in_proportion_and_everything_has_its_place(
            mut counts in prop::collection::vec(0_u64..1_000_000_000_000, 1..21), name in ".{0,80}",
        ) {
            counts.sort_unstable_by(|a, b| b.cmp(a));
            let steps = steps(&counts, &name);
            for width in Width::BOTH {
                let (picture, height) = draw(counts[0], &steps, 0.95, width);
                sound(&picture, height).map_err(TestCaseError::fail)?;
                // Whiskers are flat; of the rest, every step has a track and then a bar.
                let bars: Vec<f64> = picture.shapes.iter()
                    .filter(|shape| (shape.height - BAR).abs() < 1e-9)
                    .map(|shape| shape.width).collect();
                prop_assert_eq!(bars.len(), 2 * (steps.len() + 1));
                for (at, step) in steps.iter().enumerate() {
                    let wanted = bars[0] * step.from_all.rate;
                    prop_assert!((bars[2 * at + 3] - wanted).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn the_words_have_the_figures() {
        let words = words(200, &steps(&[200, 50], "s"), 0.95);
        assert!(words.starts_with("Of 200 journeys, 200 (100 %;"), "{words}");
        assert!(
            words.contains(", 50 (25 %;") && words.ends_with(" came to s1."),
            "{words}"
        );
    }
}
