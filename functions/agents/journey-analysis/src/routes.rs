//! What diagrams are drawn from: links between stages, flows step by step, and frequent paths.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::journeys::{CONVERSION, DROP_OFF, START, Table};

/// The most links that are answered.
pub const MAX_LINKS: usize = 500;

/// How many steps from the start the flows go.
pub const FLOW_STEPS: usize = 6;

/// The most flows of one step.
pub const MAX_FLOWS: usize = 80;

/// How many stages of a path are told apart.
pub const PATH_STEPS: usize = 12;

/// How often one step was taken, anywhere in a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The stage before, or `(start)`.
    pub from: String,
    /// The stage after, `(conversion)` or `(drop-off)`.
    pub to: String,
    /// How often.
    pub count: u64,
    /// The share of all steps from there, 0 to 1.
    pub share: f64,
    /// The mean of the hours between; absent where not every event has its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_hours: Option<f64>,
}

/// How often one step was taken at one distance from the start. A stage at two distances is two
/// nodes, so that no flow goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// How many stages lie before `to`: 0 for the steps from `(start)`.
    pub step: usize,
    /// The stage before, or `(start)`.
    pub from: String,
    /// The stage after, `(conversion)` or `(drop-off)`.
    pub to: String,
    /// How many journeys.
    pub count: u64,
}

/// One path and how often it was taken. Visits of one stage in a row count as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The stages.
    pub steps: Vec<String>,
    /// Whether the path goes on; paths with the same first stages are counted together.
    pub cut: bool,
    /// How many journeys took it.
    pub journeys: u64,
    /// How many of them converted.
    pub converted: u64,
    /// The share of all journeys, 0 to 1.
    pub share: f64,
    /// The share of these journeys that converted, 0 to 1.
    pub conversion_rate: f64,
}

/// Every link, most frequent first.
pub fn links(table: &Table, chain: &Chain) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |from: &str, to: &str, count: u64, of: u64, mean_hours: Option<f64>| {
        if count > 0 {
            links.push(Link {
                from: from.to_owned(),
                to: to.to_owned(),
                count,
                share: count as f64 / of as f64,
                mean_hours,
            });
        }
    };
    for (from, name) in table.stages().iter().enumerate() {
        let visits = chain.visits[from];
        add(START, name, chain.begun[from], table.len() as u64, None);
        for (to, next) in table.stages().iter().enumerate() {
            let hours = chain.mean_hours(from, to);
            add(name, next, chain.moves(from, to), visits, hours);
        }
        add(name, CONVERSION, chain.converted[from], visits, None);
        add(name, DROP_OFF, chain.dropped[from], visits, None);
    }
    links.sort_by_key(|link| std::cmp::Reverse(link.count));
    links
}

/// A node of the flows: a stage by its number, or where journeys come from and go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Node {
    Start,
    Stage(u32),
    Conversion,
    DropOff,
}

impl Node {
    fn name(self, table: &Table) -> String {
        match self {
            Self::Start => START.to_owned(),
            Self::Stage(number) => table.stages()[number as usize].clone(),
            Self::Conversion => CONVERSION.to_owned(),
            Self::DropOff => DROP_OFF.to_owned(),
        }
    }
}

/// The first [`FLOW_STEPS`] steps of every journey, by step and then most frequent first; of each
/// step the [`MAX_FLOWS`] most frequent flows.
pub fn flows(table: &Table) -> Vec<Flow> {
    let mut counts: HashMap<(usize, Node, Node), u64> = HashMap::new();
    for walk in table.walks() {
        let end = if walk.converted {
            Node::Conversion
        } else {
            Node::DropOff
        };
        let stages = walk.steps.iter().map(|step| Node::Stage(*step));
        let mut from = Node::Start;
        for (step, to) in stages.chain([end]).take(FLOW_STEPS).enumerate() {
            *counts.entry((step, from, to)).or_default() += 1;
            from = to;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((step, from, to), count)| (*step, std::cmp::Reverse(*count), *from, *to));
    let flow = |((step, from, to), count): ((usize, Node, Node), u64)| Flow {
        step,
        from: from.name(table),
        to: to.name(table),
        count,
    };
    let mut kept = [0; FLOW_STEPS];
    let frequent = counts.into_iter().filter(|((step, _, _), _)| {
        kept[*step] += 1;
        kept[*step] <= MAX_FLOWS
    });
    frequent.map(flow).collect()
}

/// The `wanted` most frequent paths; of equally frequent ones those first that convert more.
pub fn routes(table: &Table, wanted: usize) -> Vec<Route> {
    let mut counts: HashMap<(Vec<u32>, bool), (u64, u64)> = HashMap::new();
    for walk in table.walks() {
        let mut steps = walk.steps.to_vec();
        steps.dedup();
        let cut = steps.len() > PATH_STEPS;
        steps.truncate(PATH_STEPS);
        let (journeys, converted) = counts.entry((steps, cut)).or_default();
        *journeys += 1;
        *converted += u64::from(walk.converted);
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, (n, c)), (b, (m, d))| (m, d, a).cmp(&(n, c, b)));
    counts.truncate(wanted);
    let route = |((steps, cut), (journeys, converted)): ((Vec<u32>, bool), (u64, u64))| Route {
        steps: steps
            .iter()
            .map(|step| table.stages()[*step as usize].clone())
            .collect(),
        cut,
        journeys,
        converted,
        share: journeys as f64 / table.len() as f64,
        conversion_rate: converted as f64 / journeys as f64,
    };
    counts.into_iter().map(route).collect()
}
