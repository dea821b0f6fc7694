use journey_analysis::journeys::{Event, Journey};
use journey_analysis::{Settings, analyse};
use proptest::prelude::*;

use super::*;

fn flows(journeys: &[(Vec<u8>, bool)]) -> Vec<Flow> {
    let event = |stage: &u8| Event {
        stage: format!("stage {stage}"),
        at: None,
    };
    let journey = |(stages, converted): &(Vec<u8>, bool)| Journey {
        user: None,
        events: stages.iter().map(event).collect(),
        converted: *converted,
    };
    let journeys: Vec<Journey> = journeys.iter().map(journey).collect();
    let analysed = analyse(&journeys, &Settings::default());
    analysed.expect("analysed").0.flows
}

proptest! {
    /// What comes into a stage goes out of it, but for the last column; ribbons fill their nodes
    /// and never more; nodes and what is written beside them do not overlap.
    #[test]
    fn flows_are_conserved(
        journeys in prop::collection::vec(
            (prop::collection::vec(0_u8..12, 1..9), any::<bool>()), 1..60),
    ) {
        let diagram = layout(&flows(&journeys));
        let all = journeys.len() as u64;
        let last = diagram.columns - 1;
        let sums = |count: fn(&Ribbon) -> f64, end: fn(&Ribbon) -> usize, node: usize| {
            let ribbons = diagram.ribbons.iter().filter(|r| end(r) == node);
            ribbons.map(count).sum::<f64>()
        };
        for (number, node) in diagram.nodes.iter().enumerate() {
            let comes = sums(|r| r.count as f64, |r| r.to, number);
            let goes = sums(|r| r.count as f64, |r| r.from, number);
            let ends = matches!(node.name.as_str(), CONVERSION | DROP_OFF);
            if node.column > 0 {
                prop_assert!((comes - node.count as f64).abs() < 1e-9, "{node:?}");
            }
            if !ends && node.column < last {
                prop_assert!((goes - node.count as f64).abs() < 1e-9, "{node:?}");
            }
            let high = sums(|r| r.height, |r| r.to, number);
            prop_assert!(high <= node.height + 1e-6, "{node:?} {high}");
            let wanted = ALL * node.count as f64 / all as f64;
            prop_assert!((node.height - wanted).abs() < 1e-6, "in proportion: {node:?}");
            prop_assert!(node.top + node.height.max(LABEL) <= diagram.height);
        }
        for pair in diagram.nodes.windows(2) {
            let below = pair[0].top + pair[0].height.max(LABEL) + GAP;
            let same = pair[0].column == pair[1].column;
            prop_assert!(!same || pair[1].top >= below - 1e-9, "{pair:?}");
        }
        for column in 0..=last {
            let stages = diagram.nodes.iter().filter(|node| node.column == column);
            prop_assert!(stages.count() <= MOST + 3);
        }
    }
}

#[test]
fn rare_stages_are_joined_and_counted() {
    let journeys: Vec<(Vec<u8>, bool)> = (0..20).map(|n| (vec![n], n < 5)).collect();
    let diagram = layout(&flows(&journeys));
    let other = diagram.nodes.iter().find(|node| node.name == OTHER);
    assert_eq!(
        (other.map(|node| node.count), diagram.joined),
        (Some(16), 16)
    );
}

#[test]
fn nothing_makes_an_empty_diagram() {
    assert_eq!(layout(&[]).ribbons, []);
}
