//! Who came through given stages in their order.

use serde::{Deserialize, Serialize};

use crate::journeys::{CONVERSION, Table, Walk};
use crate::rate::{Rate, wilson};

/// The most stages of a funnel.
pub const MAX_STEPS: usize = 20;

/// The most stages of a funnel that is derived.
const DERIVED_STEPS: usize = 8;

/// A funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Funnel {
    /// Whether its stages were derived from the most frequent path that converted.
    pub derived: bool,
    /// Its steps; the last one is `(conversion)`.
    pub steps: Vec<Step>,
}

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The stage.
    pub stage: String,
    /// How many journeys came through this stage after all before it; of `(conversion)`, how many
    /// of those that came through the last stage converted.
    pub journeys: u64,
    /// The share of the step before; of the first step, of all journeys.
    pub from_previous: Rate,
    /// The share of all journeys.
    pub from_all: Rate,
    /// The median of the hours since the step before; absent for the first step, for
    /// `(conversion)`, and where not every event has its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_hours: Option<f64>,
}

/// The funnel of `stages` in their order; other stages may lie between.
pub fn funnel(table: &Table, stages: &[String], level: f64) -> Vec<Step> {
    let numbers: Vec<Option<u32>> = stages.iter().map(|stage| table.stage(stage)).collect();
    let mut reached = vec![0_u64; stages.len() + 1];
    let mut hours: Vec<Vec<f64>> = vec![Vec::new(); stages.len()];
    for walk in table.walks() {
        let depth = descend(&walk, &numbers, &mut hours);
        for count in &mut reached[..depth] {
            *count += 1;
        }
        if depth == stages.len() && walk.converted {
            reached[depth] += 1;
        }
    }
    let all = table.len() as u64;
    let timed = table.untimed() == 0;
    let names = stages.iter().map(String::as_str).chain([CONVERSION]);
    let steps = names
        .zip(&reached)
        .enumerate()
        .map(|(i, (stage, journeys))| {
            let before = if i == 0 { all } else { reached[i - 1] };
            let hours = hours.get_mut(i).filter(|_| timed && i > 0);
            Step {
                stage: stage.to_owned(),
                journeys: *journeys,
                from_previous: wilson(*journeys, before, level),
                from_all: wilson(*journeys, all, level),
                median_hours: hours.and_then(|hours| median(hours)),
            }
        });
    steps.collect()
}

/// How many of the stages a journey came through in their order; notes the hours between.
fn descend(walk: &Walk<'_>, stages: &[Option<u32>], hours: &mut [Vec<f64>]) -> usize {
    let mut depth = 0;
    let mut before = walk.hours[0];
    for (step, at) in walk.steps.iter().zip(walk.hours) {
        if depth < stages.len() && stages[depth] == Some(*step) {
            hours[depth].push(at - before);
            before = *at;
            depth += 1;
        }
    }
    depth
}

fn median(of: &mut [f64]) -> Option<f64> {
    of.sort_by(f64::total_cmp);
    let upper = *of.get(of.len() / 2)?;
    let lower = of[(of.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

/// The stages of the most frequent path that converted, each at its first visit; none where nothing
/// converted.
pub fn derive(table: &Table) -> Vec<String> {
    let mut paths: std::collections::BTreeMap<Vec<u32>, u64> = std::collections::BTreeMap::new();
    for walk in table.walks().filter(|walk| walk.converted) {
        let mut stages: Vec<u32> = Vec::new();
        for step in walk.steps {
            if stages.len() < DERIVED_STEPS && !stages.contains(step) {
                stages.push(*step);
            }
        }
        *paths.entry(stages).or_default() += 1;
    }
    // Of equally frequent ones the first in order of the stages' numbers.
    let best = paths.iter().rev().max_by_key(|(_, count)| **count);
    let names = |stages: &Vec<u32>| {
        let name = |stage: &u32| table.stages()[*stage as usize].clone();
        stages.iter().map(name).collect()
    };
    best.map(|(stages, _)| names(stages)).unwrap_or_default()
}
