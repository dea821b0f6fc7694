//! Map (inline): runs its processor once per item, some at a time.

use std::sync::Arc;

use serde_json::Value;

use super::iterations::{MapRun, Tolerance, Verdict};
use crate::check::Reader;
use crate::dialect::{Operand, optional_integer};
use crate::execution::{Activity, Details, EventKind, Execution, FrameId, Item};
use crate::failure::{Failure, TOLERANCE_EXCEEDED};
use crate::jsonata::{EvalError, Scope, Template};
use crate::model::{FlowId, State};
use crate::state::StateType;

/// The largest concurrency or number of failures that a definition may name.
const MOST: u64 = 1_000_000_000;
/// The most iterations that an inline Map runs at the same time, as on AWS.
const MOST_AT_ONCE: usize = 40;

/// `Items`, `ItemProcessor` and its limits.
#[derive(Debug)]
pub(crate) struct MapState {
    items: Option<Template>,
    selector: Option<Template>,
    processor: Option<FlowId>,
    concurrency: Option<Operand<u64>>,
    tolerated_count: Option<Operand<u64>>,
    tolerated_percentage: Option<Operand<f64>>,
}

impl MapState {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let items = reader.template("Items");
        if let Some(Template::Literal(value)) = &items
            && !value.is_array()
        {
            reader.report("Items", "must be an array or a JSONata expression");
        }
        for distributed in ["ItemReader", "ItemBatcher", "ResultWriter"] {
            if reader.get(distributed).is_some() {
                reader.report(distributed, "distributed Map is not supported yet");
            }
        }
        Self {
            items,
            selector: reader.template("ItemSelector"),
            processor: Self::processor(reader),
            concurrency: reader.integer_operand("MaxConcurrency", 0..=MOST),
            tolerated_count: reader.integer_operand("ToleratedFailureCount", 0..=MOST),
            tolerated_percentage: reader.operand(
                "ToleratedFailurePercentage",
                "a number from 0 to 100",
                |value| {
                    value
                        .as_f64()
                        .filter(|number| (0.0..=100.0).contains(number))
                },
            ),
        }
    }

    fn processor(reader: &mut Reader<'_>) -> Option<FlowId> {
        let Some(value) = reader.get("ItemProcessor") else {
            reader.report("", "needs the field 'ItemProcessor'");
            return None;
        };
        let mut processor = reader.inner("ItemProcessor", value)?;
        processor.text("Comment");
        if let Some(config) = processor.get("ProcessorConfig")
            && config.get("Mode").is_some_and(|mode| mode != "INLINE")
        {
            processor.report("ProcessorConfig", "distributed Map is not supported yet");
        }
        let flow = processor.flow();
        processor.finish("an ItemProcessor");
        Some(flow)
    }

    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        let map = run.evaluate(frame, |scope| self.begin(scope))?;
        let length = map.length();
        run.emit(
            frame,
            EventKind::StateStarted(StateType::Map),
            Details::Length(length),
        );
        run.set_activity(frame, Activity::Map(map));
        self.fill(run, frame)?;
        if length == 0 {
            return self.finish(state, run, frame);
        }
        Ok(())
    }

    fn begin(&self, scope: &Scope<'_>) -> Result<MapRun, EvalError> {
        let items = self.items(scope).map_err(|error| error.within("Items"))?;
        let number = |operand: &Option<Operand<u64>>, field| {
            optional_integer(operand.as_ref(), scope, field, 0..=MOST)
        };
        let at_once = match number(&self.concurrency, "MaxConcurrency")? {
            None | Some(0) => MOST_AT_ONCE,
            Some(most) => usize::try_from(most)
                .unwrap_or(MOST_AT_ONCE)
                .min(MOST_AT_ONCE),
        };
        let count = number(&self.tolerated_count, "ToleratedFailureCount")?;
        let percentage = self.tolerated_percentage.as_ref();
        let percentage = percentage
            .map(|operand| operand.percentage(scope, "ToleratedFailurePercentage"))
            .transpose()?;
        let tolerance =
            (count.is_some() || percentage.is_some()).then_some(Tolerance { count, percentage });
        Ok(MapRun::new(items, at_once, tolerance))
    }

    /// What to iterate over: the state's input when `Items` is absent.
    fn items(&self, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        let (items, source) = match &self.items {
            Some(template) => (template.evaluate(scope)?, template.source()),
            None => (Arc::clone(scope.input), None),
        };
        if items.is_array() {
            return Ok(items);
        }
        Err(EvalError::wrong_type(source, "array", &items))
    }

    /// Starts iterations while there is room.
    pub(crate) fn fill(&self, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        while let Some((index, value)) = run.map_mut(frame).and_then(MapRun::take_next) {
            let item = Item { index, value };
            let input = match &self.selector {
                Some(selector) => run.evaluate_item(frame, &item, |scope| {
                    selector
                        .evaluate(scope)
                        .map_err(|error| error.within("ItemSelector"))
                })?,
                None => Arc::clone(&item.value),
            };
            run.limit_state(frame, &input)?;
            run.emit(
                frame,
                EventKind::MapIterationStarted,
                Details::Iteration(index),
            );
            let Some(flow) = self.processor else { continue };
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
        run.emit(
            frame,
            EventKind::MapIterationSucceeded,
            Details::Iteration(index),
        );
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
        run.emit(
            frame,
            EventKind::MapIterationFailed,
            Details::Iteration(index),
        );
        match run.map_mut(frame).map(MapRun::judge) {
            None => Ok(()),
            Some(Verdict::Fails) => Err(failure),
            Some(Verdict::Exceeded) => Err(Failure::new(
                TOLERANCE_EXCEEDED,
                "The specified tolerated failure threshold was exceeded",
            )),
            Some(Verdict::Tolerated) => {
                self.settle(state, run, frame, index, Arc::new(failure.output()))
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

    #[allow(clippy::unused_self, reason = "the parts of a Map are called alike")]
    fn finish(&self, state: &State, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        let results = run.map_mut(frame).map(MapRun::take_results);
        let result = Arc::new(results.unwrap_or_default());
        run.emit(
            frame,
            EventKind::StateSucceeded(StateType::Map),
            Details::None,
        );
        run.leave(frame, &state.data, state.next, Some(&result))
    }
}
