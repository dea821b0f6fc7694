//! Journeys as a Sankey diagram: from step to step, and out by a conversion or without one.

mod layout;

use std::fmt::Write as _;

use journey_analysis::journeys::{CONVERSION, DROP_OFF, OTHER, START};
use journey_analysis::routes::Flow;

use self::layout::{Diagram, Node, Ribbon, layout};
use super::svg::{Area, Picture, Width, place};
use super::text::{Anchor, Look};
use crate::analyze::figures::{count, percent};

/// How wide a node is.
const BOX: f64 = 10.0;

/// Above the diagram: the numbers of the steps.
const HEAD: f64 = 24.0;

/// A picture of flows.
pub(super) struct Sankey {
    pub(super) picture: Picture,
    pub(super) height: f64,
    /// How many nodes were joined with others.
    pub(super) joined: usize,
    /// Whether there are journeys that go on behind the last column.
    pub(super) goes_on: bool,
}

/// Draws flows; one width alone, since no telephone is wide enough for names beside names.
pub(super) fn draw(flows: &[Flow]) -> Sankey {
    let diagram = layout(flows);
    let all = diagram.nodes.iter().filter(|node| node.column == 0);
    let all: u64 = all.map(|node| node.count).sum();
    let words = words(&diagram, all);
    let mut picture = Picture::new("flows", Width::Wide, "Journeys step by step", &words);
    let pitch = (Width::Wide.units() - 4.0) / diagram.columns.max(1) as f64;
    for ribbon in &diagram.ribbons {
        draw_ribbon(&mut picture, &diagram, ribbon, pitch);
    }
    for column in 0..diagram.columns {
        let text = match column {
            0 => "Start".to_owned(),
            column => format!("Step {column}"),
        };
        let x = 2.0 + pitch * column as f64;
        picture.text((x, 12.0), Look::Soft, Anchor::Start, &text);
    }
    for node in &diagram.nodes {
        draw_node(&mut picture, node, all, pitch);
    }
    let ends = |node: &Node| matches!(node.name.as_str(), CONVERSION | DROP_OFF);
    let mut nodes = diagram.nodes.iter();
    Sankey {
        picture,
        height: diagram.height + HEAD,
        joined: diagram.joined,
        goes_on: nodes.any(|node| node.column + 1 == diagram.columns && !ends(node)),
    }
}

/// The colour of a node, of which its name says the same.
fn colour(name: &str) -> usize {
    match name {
        CONVERSION => 2,
        DROP_OFF => 1,
        START | OTHER => 5,
        _ => 0,
    }
}

/// What a node is called.
pub(super) fn called(name: &str) -> &str {
    match name {
        START => "All journeys",
        CONVERSION => "Converted",
        DROP_OFF => "Left",
        OTHER => "Other",
        name => name,
    }
}

fn draw_node(picture: &mut Picture, node: &Node, all: u64, pitch: f64) {
    let x = 2.0 + pitch * node.column as f64;
    let y = node.top + HEAD;
    let area = Area {
        x,
        y,
        width: BOX,
        height: node.height.max(1.0),
    };
    picture.rect(&format!("f{}", colour(&node.name)), area);
    let room = pitch - BOX - 12.0;
    let name = Look::Strong.fitted(called(&node.name), room);
    let share = node.count as f64 / all.max(1) as f64;
    let figures = format!("{} · {}", count(node.count), percent(share));
    let figures = Look::Plain.fitted(&figures, room);
    let x = x + BOX + 4.0;
    picture.text((x, y + 12.0), Look::Strong, Anchor::Start, &name);
    picture.text((x, y + 27.0), Look::Plain, Anchor::Start, &figures);
}

fn draw_ribbon(picture: &mut Picture, diagram: &Diagram, ribbon: &Ribbon, pitch: f64) {
    let to = &diagram.nodes[ribbon.to];
    let from = &diagram.nodes[ribbon.from];
    let x = 2.0 + pitch * from.column as f64 + BOX;
    let end = 2.0 + pitch * to.column as f64;
    let (top, foot) = (ribbon.leaves + HEAD, ribbon.leaves + ribbon.height + HEAD);
    let (arrives, lands) = (ribbon.arrives + HEAD, ribbon.arrives + ribbon.height + HEAD);
    let middle = place(f64::midpoint(x, end));
    let (x0, x1) = (place(x), place(end));
    let path = format!(
        "M{x0} {}C{middle} {} {middle} {} {x1} {}L{x1} {}C{middle} {} {middle} {} {x0} {}Z",
        place(top),
        place(top),
        place(arrives),
        place(arrives),
        place(lands),
        place(lands),
        place(foot),
        place(foot)
    );
    let colour = colour(&to.name);
    let points = [(x, top), (x, foot), (end, arrives), (end, lands)];
    picture.path(&format!("ribbon f{colour} s{colour}"), &path, &points);
}

/// The same in words: where journeys are at each step.
fn words(diagram: &Diagram, all: u64) -> String {
    let mut words = format!("{} journeys.", count(all));
    for column in 1..diagram.columns {
        let _ = write!(words, " Step {column}:");
        let nodes = diagram.nodes.iter().filter(|node| node.column == column);
        for (at, node) in nodes.enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(
                words,
                "{comma} {} {}",
                called(&node.name),
                count(node.count)
            );
        }
        words.push('.');
    }
    words
}

#[cfg(test)]
mod tests {
    use journey_analysis::journeys::{Event, Journey};
    use journey_analysis::{Settings, analyse};
    use proptest::prelude::*;

    use super::super::svg::checks::sound;
    use super::*;

    proptest! {
        #[test]
        fn everything_has_its_place(
            journeys in prop::collection::vec(
                (prop::collection::vec(0_u8..12, 1..9), any::<bool>()), 1..40),
            name in ".{0,40}",
        ) {
            let event = |stage: &u8| Event { stage: format!("{stage}{name}"), at: None };
            let journey = |(stages, converted): &(Vec<u8>, bool)| Journey {
                user: None,
                events: stages.iter().map(event).collect(),
                converted: *converted,
            };
            let journeys: Vec<Journey> = journeys.iter().map(journey).collect();
            let (output, _) = analyse(&journeys, &Settings::default()).expect("analysed");
            let sankey = draw(&output.flows);
            sound(&sankey.picture, sankey.height).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn no_flows_make_an_empty_picture() {
        let sankey = draw(&[]);
        assert!(!sankey.goes_on && sankey.picture.labels.is_empty());
    }
}
