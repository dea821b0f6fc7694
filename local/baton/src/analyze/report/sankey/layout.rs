//! Where the nodes and ribbons of a Sankey diagram lie.
//!
//! Each step of journeys is a column. A column has the stages most visited at that step, the rest
//! of them joined, and above and below them those journeys that converted or ended there. Ribbons
//! go from each column to the next alone, so that none crosses a column.

use std::collections::BTreeMap;

use journey_analysis::journeys::{CONVERSION, DROP_OFF, OTHER};
use journey_analysis::routes::Flow;

/// The most stages of a column that are told apart.
const MOST: usize = 4;

/// Which share of all journeys a stage must have at a step to be told apart.
const LEAST: f64 = 0.03;

/// What the name and the figures of a node need, and the gap to the next one.
const LABEL: f64 = 31.0;
const GAP: f64 = 6.0;

/// How high all journeys are together.
const ALL: f64 = 260.0;

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) column: usize,
    pub(super) name: String,
    /// How many journeys come through.
    pub(super) count: u64,
    pub(super) top: f64,
    pub(super) height: f64,
}

/// A ribbon between two nodes, by their numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ribbon {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) count: u64,
    /// Where it leaves, where it arrives, and how high it is.
    pub(super) leaves: f64,
    pub(super) arrives: f64,
    pub(super) height: f64,
}

/// A diagram.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Diagram {
    pub(super) nodes: Vec<Node>,
    pub(super) ribbons: Vec<Ribbon>,
    pub(super) columns: usize,
    pub(super) height: f64,
    /// How many nodes were joined with others.
    pub(super) joined: usize,
}

/// The order within a column: conversions on top, then what is visited most, then the joined, then
/// those that ended.
fn rank(name: &str) -> u8 {
    match name {
        CONVERSION => 0,
        OTHER => 2,
        DROP_OFF => 3,
        _ => 1,
    }
}

/// Lays out flows.
pub(super) fn layout(flows: &[Flow]) -> Diagram {
    let (flows, joined) = join(flows);
    let mut diagram = Diagram {
        joined,
        ..Diagram::default()
    };
    let mut counts: BTreeMap<(usize, &str), (u64, u64)> = BTreeMap::new();
    for ((step, from, to), count) in &flows {
        counts.entry((*step, from)).or_default().1 += count;
        counts.entry((step + 1, to)).or_default().0 += count;
    }
    for ((column, name), (comes, goes)) in counts {
        diagram.nodes.push(Node {
            column,
            name: name.to_owned(),
            count: comes.max(goes),
            top: 0.0,
            height: 0.0,
        });
    }
    diagram.nodes.sort_by_key(|node| {
        let most_first = std::cmp::Reverse(node.count);
        (node.column, rank(&node.name), most_first, node.name.clone())
    });
    stack(&mut diagram);
    ribbons(&mut diagram, &flows);
    diagram
}

type Flows = BTreeMap<(usize, String, String), u64>;

/// Flows between columns with the rare stages of each column joined, and how many those are.
fn join(flows: &[Flow]) -> (Flows, usize) {
    let all: u64 = flows.iter().filter(|f| f.step == 0).map(|f| f.count).sum();
    let mut comes: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for flow in flows.iter().filter(|flow| rank(&flow.to) == 1) {
        *comes.entry((flow.step + 1, &flow.to)).or_default() += flow.count;
    }
    let mut columns: BTreeMap<usize, Vec<(u64, &str)>> = BTreeMap::new();
    for ((column, name), count) in comes {
        columns.entry(column).or_default().push((count, name));
    }
    let mut rare: Vec<(usize, &str)> = Vec::new();
    for (column, mut stages) in columns {
        stages.sort_by(|(m, a), (n, b)| (n, a).cmp(&(m, b)));
        let least = LEAST * all as f64;
        let kept = stages.iter().take(MOST);
        let kept = kept.filter(|(count, _)| *count as f64 >= least).count();
        // One alone is no smaller for being called another name.
        if stages.len() - kept > 1 {
            rare.extend(stages[kept..].iter().map(|(_, name)| (column, *name)));
        }
    }
    let named = |column: usize, name: &str| {
        let is_rare = rare.contains(&(column, name));
        if is_rare { OTHER } else { name }.to_owned()
    };
    let mut joined = Flows::new();
    for flow in flows {
        let from = named(flow.step, &flow.from);
        let to = named(flow.step + 1, &flow.to);
        *joined.entry((flow.step, from, to)).or_default() += flow.count;
    }
    (joined, rare.len())
}

/// Gives every node its place in its column.
fn stack(diagram: &mut Diagram) {
    let first = diagram.nodes.iter().filter(|node| node.column == 0);
    let all = first.map(|node| node.count).sum::<u64>().max(1) as f64;
    let (mut column, mut top) = (0, 0.0);
    for node in &mut diagram.nodes {
        if node.column != column {
            (column, top) = (node.column, 0.0);
        }
        node.top = top;
        node.height = ALL * node.count as f64 / all;
        top += node.height.max(LABEL) + GAP;
        diagram.height = diagram.height.max(top);
    }
    diagram.columns = diagram.nodes.last().map_or(0, |node| node.column + 1);
}

/// Lays ribbons side by side at both of their ends, in the order of the nodes that they join.
fn ribbons(diagram: &mut Diagram, flows: &Flows) {
    let number = |column: usize, name: &str| {
        let mut nodes = diagram.nodes.iter();
        nodes.position(|node| node.column == column && node.name == name)
    };
    let mut ribbons: Vec<Ribbon> = Vec::new();
    for ((step, from, to), count) in flows {
        if let (Some(from), Some(to)) = (number(*step, from), number(step + 1, to)) {
            let node = &diagram.nodes[from];
            let height = node.height * *count as f64 / node.count.max(1) as f64;
            ribbons.push(Ribbon {
                from,
                to,
                count: *count,
                leaves: 0.0,
                arrives: 0.0,
                height,
            });
        }
    }
    let mut used = vec![(0.0, 0.0); diagram.nodes.len()];
    ribbons.sort_by_key(|ribbon| (ribbon.from, ribbon.to));
    for ribbon in &mut ribbons {
        ribbon.leaves = diagram.nodes[ribbon.from].top + used[ribbon.from].0;
        used[ribbon.from].0 += ribbon.height;
        ribbon.arrives = diagram.nodes[ribbon.to].top + used[ribbon.to].1;
        used[ribbon.to].1 += ribbon.height;
    }
    diagram.ribbons = ribbons;
}

#[cfg(test)]
mod tests;
