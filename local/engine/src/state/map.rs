//! Map: runs its processor once per item, some at a time.

use std::sync::Arc;

use serde_json::Value;

use super::dataset::Dataset;
use super::distributed::{Child, Distributed};
use super::items::Items;
use super::iterations::{MapRun, Tolerance, Verdict};
use crate::dialect::{Content, Fault};
use crate::execution::{Activity, Details, EventKind, Execution, FrameId, Item};
use crate::failure::{Failure, TOLERANCE_EXCEEDED};
use crate::jsonata::Scope;
use crate::model::{FlowId, State};
use crate::operand::{Operand, optional_integer};
use crate::state::StateType;

/// The largest concurrency or number of failures that a definition may name.
pub(super) const MOST: u64 = 1_000_000_000;
/// The most iterations that an inline Map runs at the same time, as on AWS.
const MOST_AT_ONCE: usize = 40;
/// The most child executions that a distributed Map runs at the same time.
const MOST_CHILDREN: usize = 10_000;

/// The items, `ItemProcessor` and its limits.
#[derive(Debug)]
pub(crate) struct MapState {
    pub(super) items: Items,
    pub(super) selector: Option<Content>,
    pub(super) processor: Option<FlowId>,
    pub(super) concurrency: Option<Operand<u64>>,
    pub(super) tolerated_count: Option<Operand<u64>>,
    pub(super) tolerated_percentage: Option<Operand<f64>>,
    pub(super) distributed: Option<Box<Distributed>>,
}

impl MapState {
    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        let reader = self
            .distributed
            .as_ref()
            .and_then(|map| map.reader.as_ref());
        if let Some(reader) = reader {
            let arguments = run.evaluate(frame, |scope| reader.arguments(scope))?;
            return Self::read(state, run, frame, reader, arguments);
        }
        let items = run.evaluate(frame, |scope| {
            self.items.dataset(scope, self.is_distributed_run())
        })?;
        self.begin(state, run, frame, items)
    }

    /// Starts the iterations.
    pub(super) fn begin(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        items: Dataset,
    ) -> Result<(), Failure> {
        let limits = run.evaluate(frame, |scope| self.limits(scope))?;
        let items = self.batched(run, frame, items)?;
        let map = MapRun::new(items, limits.0, limits.1);
        let length = map.length();
        let kind = EventKind::StateStarted(StateType::Map);
        run.emit(frame, kind, Details::Length(length));
        if self.distributed.is_some() {
            run.emit(frame, EventKind::MapRunStarted, Details::None);
        }
        run.set_activity(frame, Activity::Map(map));
        self.fill(run, frame)?;
        if length == 0 {
            return self.finish(state, run, frame);
        }
        Ok(())
    }

    /// How many iterations run at once, and how many may fail.
    fn limits(&self, scope: &Scope<'_>) -> Result<(usize, Option<Tolerance>), Fault> {
        let number = |operand: &Option<Operand<u64>>, field| {
            optional_integer(operand.as_ref(), scope, field, 0..=MOST)
        };
        let most = if self.distributed.is_some() {
            MOST_CHILDREN
        } else {
            MOST_AT_ONCE
        };
        let at_once = match number(&self.concurrency, "MaxConcurrency")? {
            None | Some(0) => most,
            Some(wanted) => usize::try_from(wanted).unwrap_or(most).min(most),
        };
        let count = number(&self.tolerated_count, "ToleratedFailureCount")?;
        let percentage = self.tolerated_percentage.as_ref();
        let percentage = percentage
            .map(|operand| operand.percentage(scope, "ToleratedFailurePercentage"))
            .transpose()?;
        let tolerance = match (count, percentage, &self.distributed) {
            (None, None, None) => None,
            (None, None, Some(_)) => Some(Tolerance {
                count: Some(0),
                percentage,
            }),
            _ => Some(Tolerance { count, percentage }),
        };
        Ok((at_once, tolerance))
    }

    /// What an iteration gets of its item.
    pub(super) fn selected(
        &self,
        run: &mut Execution,
        frame: FrameId,
        item: &Item,
    ) -> Result<Arc<Value>, Failure> {
        match &self.selector {
            Some(selector) => {
                run.evaluate_item(frame, item, |scope| selector.value(scope, "ItemSelector"))
            }
            None => Ok(item.input()),
        }
    }

    /// Starts iterations while there is room.
    pub(crate) fn fill(&self, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        let batched = self
            .distributed
            .as_ref()
            .is_some_and(|map| map.batcher.is_some());
        while let Some(item) = run.map_mut(frame).and_then(MapRun::take_next) {
            let index = item.index;
            let input = if batched {
                Arc::clone(&item.value)
            } else {
                self.selected(run, frame, &item)?
            };
            run.limit_state(frame, &input)?;
            let Some(flow) = self.processor else { continue };
            if self.distributed.is_some() {
                let child = Child::new(run, Arc::clone(&input));
                run.child(frame, index, flow, item, child);
                continue;
            }
            let details = Details::Iteration(index);
            run.emit(frame, EventKind::MapIterationStarted, details);
            let child = run.branch(frame, index, flow, input, Some(item));
            if let Some(map) = run.map_mut(frame) {
                map.running.insert(index, child);
            }
        }
        Ok(())
    }

    /// An iteration ended well.
    pub(crate) fn iteration_done(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        index: usize,
        output: Arc<Value>,
    ) -> Result<(), Failure> {
        if self.distributed.is_none() {
            let details = Details::Iteration(index);
            run.emit(frame, EventKind::MapIterationSucceeded, details);
        }
        let output = self.succeeded(state, run, frame, index, output);
        self.settle(state, run, frame, index, output)
    }

    /// An iteration failed: the Map fails, or its error output stands in the result.
    pub(crate) fn iteration_failed(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        index: usize,
        failure: Failure,
    ) -> Result<(), Failure> {
        if self.distributed.is_none() {
            let details = Details::Iteration(index);
            run.emit(frame, EventKind::MapIterationFailed, details);
        }
        match run.map_mut(frame).map(|map| map.judge(index)) {
            None => Ok(()),
            Some(Verdict::Fails) => Err(failure),
            Some(Verdict::Exceeded) => {
                if self.distributed.is_some() {
                    run.emit(frame, EventKind::MapRunFailed, Details::None);
                }
                let cause = "The specified tolerated failure threshold was exceeded";
                Err(Failure::new(TOLERANCE_EXCEEDED, cause))
            }
            Some(Verdict::Tolerated) => {
                let output = self.failed(state, run, frame, index, &failure);
                self.settle(state, run, frame, index, output)
            }
        }
    }

    fn settle(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        index: usize,
        output: Arc<Value>,
    ) -> Result<(), Failure> {
        if let Some(map) = run.map_mut(frame) {
            map.settle(index, output);
        }
        self.fill(run, frame)?;
        match run.map_mut(frame) {
            Some(map) if map.running.is_empty() => self.finish(state, run, frame),
            _ => Ok(()),
        }
    }

    fn finish(&self, state: &State, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        if self.distributed.is_some() {
            return self.finish_run(state, run, frame);
        }
        let results = run.map_mut(frame).map(MapRun::take_results);
        Self::end(state, run, frame, results.unwrap_or_default())
    }

    /// Leaves the state with its result.
    pub(super) fn end(
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        result: Value,
    ) -> Result<(), Failure> {
        let kind = EventKind::StateSucceeded(StateType::Map);
        run.emit(frame, kind, Details::None);
        run.leave(frame, &state.data, state.next, Some(&Arc::new(result)))
    }
}
