//! The iterations of a running Map.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::dataset::Dataset;
use super::distributed::Child;
use crate::execution::{FrameId, Item};

/// Iterations in progress.
#[derive(Debug, Clone)]
pub(crate) struct MapRun {
    items: Dataset,
    /// The next item to start.
    next: usize,
    at_once: usize,
    pub(crate) running: BTreeMap<usize, FrameId>,
    results: Vec<Option<Arc<Value>>>,
    failed: BTreeSet<usize>,
    /// The running child executions of a distributed Map.
    pub(crate) children: BTreeMap<usize, Child>,
    tolerance: Option<Tolerance>,
}

/// How many iterations may fail; a Map without it fails with its first iteration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tolerance {
    pub(super) count: Option<u64>,
    pub(super) percentage: Option<f64>,
}

/// What a failed iteration means for its Map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The Map fails with the iteration's failure.
    Fails,
    /// The Map fails since it tolerates no more.
    Exceeded,
    Tolerated,
}

impl MapRun {
    pub(super) fn new(items: Dataset, at_once: usize, tolerance: Option<Tolerance>) -> Self {
        let length = items.len();
        Self {
            items,
            next: 0,
            at_once,
            running: BTreeMap::new(),
            results: vec![None; length],
            failed: BTreeSet::new(),
            children: BTreeMap::new(),
            tolerance,
        }
    }

    pub(super) fn length(&self) -> usize {
        self.results.len()
    }

    /// The next item, if there is one and room to run it.
    pub(super) fn take_next(&mut self) -> Option<Item> {
        if self.running.len() >= self.at_once {
            return None;
        }
        let item = self.items.item(self.next)?;
        self.next += 1;
        Some(item)
    }

    /// An iteration ended, and this stands for it in the result.
    pub(super) fn settle(&mut self, index: usize, output: Arc<Value>) {
        self.running.remove(&index);
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(output);
        }
    }

    /// One more iteration failed.
    pub(super) fn judge(&mut self, index: usize) -> Verdict {
        self.failed.insert(index);
        let failed = self.failed.len();
        match self.tolerance {
            None => Verdict::Fails,
            Some(tolerance) if tolerance.holds(failed, self.length()) => Verdict::Tolerated,
            Some(_) => Verdict::Exceeded,
        }
    }

    /// Every result with whether it failed, in the order of the items.
    pub(super) fn take_settled(&mut self) -> Vec<(bool, Value)> {
        let results = std::mem::take(&mut self.results).into_iter().enumerate();
        results
            .filter_map(|(index, result)| {
                let result = Arc::unwrap_or_clone(result?);
                Some((self.failed.contains(&index), result))
            })
            .collect()
    }

    /// Every result, in the order of the items.
    pub(super) fn take_results(&mut self) -> Value {
        let results = std::mem::take(&mut self.results);
        let results = results.into_iter().flatten().map(Arc::unwrap_or_clone);
        Value::Array(results.collect())
    }
}

impl Tolerance {
    /// Either limit fails the Map when it is exceeded.
    fn holds(self, failed: usize, total: usize) -> bool {
        let by_count = self.count.is_none_or(|count| failed as u64 <= count);
        let share = failed as f64 * 100.0 / total.max(1) as f64;
        let by_share = self.percentage.is_none_or(|percentage| share <= percentage);
        by_count && by_share
    }
}
