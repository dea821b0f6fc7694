//! Parallel: runs its branches at the same time and gathers what they give.

use std::sync::Arc;

use serde_json::Value;

use crate::check::Reader;
use crate::execution::{Activity, Details, EventKind, Execution, FrameId};
use crate::failure::Failure;
use crate::model::{FlowId, State};
use crate::state::StateType;

/// `Branches`.
#[derive(Debug)]
pub(crate) struct Parallel {
    branches: Vec<FlowId>,
}

/// Branches in progress.
#[derive(Debug, Clone)]
pub(crate) struct ParallelRun {
    /// The frames that still run.
    pub(crate) running: Vec<FrameId>,
    results: Vec<Option<Arc<Value>>>,
}

impl Parallel {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let branches = reader
            .array("Branches")
            .map(Vec::as_slice)
            .unwrap_or_default();
        if branches.is_empty() {
            reader.report("", "needs 'Branches' with at least one branch");
        }
        let mut flows = Vec::with_capacity(branches.len());
        for (index, branch) in branches.iter().enumerate() {
            if let Some(mut branch) = reader.inner(&format!("Branches/{index}"), branch) {
                branch.text("Comment");
                flows.push(branch.flow());
                branch.finish("a branch");
            }
        }
        Self { branches: flows }
    }

    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        let input = run.evaluate(frame, |scope| state.data.arguments(scope))?;
        run.limit_state(frame, &input)?;
        run.emit(
            frame,
            EventKind::StateStarted(StateType::Parallel),
            Details::None,
        );
        let running = self
            .branches
            .iter()
            .enumerate()
            .map(|(index, flow)| run.branch(frame, index, *flow, Arc::clone(&input), None))
            .collect();
        let results = vec![None; self.branches.len()];
        let branches = ParallelRun { running, results };
        run.set_activity(frame, Activity::Parallel(branches));
        Ok(())
    }
}

impl ParallelRun {
    /// Keeps a branch's output; gives the whole result when it was the last one.
    pub(crate) fn done(
        &mut self,
        child: FrameId,
        index: usize,
        output: Arc<Value>,
    ) -> Option<Value> {
        self.running.retain(|id| *id != child);
        self.results[index] = Some(output);
        if !self.running.is_empty() {
            return None;
        }
        let results = std::mem::take(&mut self.results);
        let results = results.into_iter().flatten().map(Arc::unwrap_or_clone);
        Some(Value::Array(results.collect()))
    }
}
