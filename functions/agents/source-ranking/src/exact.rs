//! The best set by dynamic programming: the 0/1 knapsack over groups with falling returns.
//!
//! Candidates come group by group (company), the best first. For each number of sources taken from
//! the current group and each capacity, the table holds the best worth and, of equal ones, the
//! cheapest. A source that is the k-th taken of its group is worth its base halved k times, which is
//! known when it is taken since its betters were decided before: so the optimum is exact.

use std::cmp::Reverse;

use baton_domain::Money;

use crate::gain::{Candidate, after};

/// The most sources that are chosen from exactly.
pub const MAX_EXACT: usize = 60;

/// The most cells of the table: 8 million, some 20 ms on a small function.
pub const MAX_CELLS: u64 = 8_000_000;

/// The unit that every price is a multiple of, in micro-USD, or nothing when the sources are too
/// many or the prices too fine for the table. The budget has no say in this.
pub fn units(candidates: &[Candidate]) -> Option<u64> {
    let unit = candidates
        .iter()
        .fold(0, |unit, candidate| divisor(unit, candidate.price))
        .max(1);
    let total: u64 = candidates
        .iter()
        .map(|candidate| candidate.price / unit)
        .sum();
    let states: u64 = places(candidates)
        .iter()
        .map(|place| *place as u64 + 2)
        .sum();
    let cells = states.saturating_mul(total + 1);
    (candidates.len() <= MAX_EXACT && cells <= MAX_CELLS).then_some(unit)
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// The place of each candidate in its group, from 0.
fn places(candidates: &[Candidate]) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::with_capacity(candidates.len());
    for (i, candidate) in candidates.iter().enumerate() {
        let same = i > 0 && candidates[i - 1].company == candidate.company;
        places.push(if same { places[i - 1] + 1 } else { 0 });
    }
    places
}

/// The best that a capacity can hold: more worth first, then less cost. None where it is impossible.
type Best = Option<(u64, Reverse<u64>)>;

/// One row of the table per number taken from the group.
type Rows = Vec<Vec<Best>>;

/// Which candidates to take with `left` to spend, in units of `unit` (see [`units`]). What is free is
/// taken.
pub fn choose(candidates: &[Candidate], left: Money, unit: u64) -> Vec<bool> {
    let weight = |candidate: &Candidate| (candidate.price / unit) as usize;
    let total: usize = candidates.iter().map(weight).sum();
    let capacity = usize::try_from(left.micro_usd() / unit)
        .unwrap_or(usize::MAX)
        .min(total);
    let places = places(candidates);
    let mut rows: Rows = vec![vec![Some((0, Reverse(0))); capacity + 1]];
    let mut taken = Vec::with_capacity(candidates.len());
    let mut ends = vec![Vec::new(); candidates.len()];
    for (i, candidate) in candidates.iter().enumerate() {
        if places[i] == 0 {
            (rows, ends[i]) = close_group(&rows, capacity);
        }
        let (next, marks) = step(&rows, candidate, weight(candidate));
        rows = next;
        taken.push(marks);
    }
    let mut at = capacity;
    let mut count = close_group(&rows, capacity).1[at];
    let mut chosen = vec![false; candidates.len()];
    for i in (0..candidates.len()).rev() {
        if taken[i][count][at] {
            chosen[i] = true;
            count -= 1;
            at -= weight(&candidates[i]);
        }
        if places[i] == 0 {
            count = ends[i][at];
        }
    }
    chosen
}

/// The one row that the next group begins with, and how many of the group before each capacity took.
fn close_group(rows: &Rows, capacity: usize) -> (Rows, Vec<usize>) {
    let mut best = Vec::with_capacity(capacity + 1);
    let mut counts = Vec::with_capacity(capacity + 1);
    for at in 0..=capacity {
        let mut count = 0;
        for other in 1..rows.len() {
            if rows[other][at] > rows[count][at] {
                count = other;
            }
        }
        best.push(rows[count][at]);
        counts.push(count);
    }
    (vec![best], counts)
}

/// The rows after one more candidate, and for each number and capacity whether it is taken there.
fn step(rows: &Rows, candidate: &Candidate, weight: usize) -> (Rows, Vec<Vec<bool>>) {
    let capacities = rows[0].len();
    let must = candidate.price == 0;
    let mut next: Rows = rows.clone();
    next.push(vec![None; capacities]);
    if must {
        for row in &mut next {
            row.fill(None);
        }
    }
    let mut marks = vec![vec![false; capacities]; next.len()];
    for (count, row) in rows.iter().enumerate() {
        let gain = after(candidate.base, count);
        for at in weight..capacities {
            let with = row[at - weight]
                .map(|(worth, Reverse(cost))| (worth + gain, Reverse(cost + weight as u64)));
            if with > next[count + 1][at] || (must && with.is_some()) {
                next[count + 1][at] = with;
                marks[count + 1][at] = true;
            }
        }
    }
    (next, marks)
}
