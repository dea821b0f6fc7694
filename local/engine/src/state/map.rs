//! Map (inline): runs its processor once per item, some at a time.

use std::sync::Arc;

use serde_json::Value;

use super::iterations::{MapRun, Tolerance, Verdict};
use crate::check::Reader;
use crate::dialect::{Content, Fault};
use crate::execution::{Activity, Details, EventKind, Execution, FrameId, Item};
use crate::failure::{Failure, TOLERANCE_EXCEEDED};
use crate::jsonata::{EvalError, Scope, Template};
use crate::jsonpath::{Path, PathFault, Selection, Sight};
use crate::model::{FlowId, State};
use crate::operand::{Operand, optional_integer};
use crate::state::StateType;

/// The largest concurrency or number of failures that a definition may name.
const MOST: u64 = 1_000_000_000;
/// The most iterations that an inline Map runs at the same time, as on AWS.
const MOST_AT_ONCE: usize = 40;

/// `Items`, `ItemProcessor` and its limits.
#[derive(Debug)]
pub(crate) struct MapState {
    items: Items,
    selector: Option<Content>,
    processor: Option<FlowId>,
    concurrency: Option<Operand<u64>>,
    tolerated_count: Option<Operand<u64>>,
    tolerated_percentage: Option<Operand<f64>>,
}

/// What to iterate over.
#[derive(Debug)]
enum Items {
    /// `Items`
    Jsonata(Option<Template>),
    /// `ItemsPath`, and the part of the input that it sees.
    JsonPath(Option<Path>, Selection),
}

impl MapState {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let items = Items::check(reader);
        let (name, path) = ("MaxConcurrency", "MaxConcurrencyPath");
        let concurrency = reader.integer_operand(name, 0..=MOST);
        let concurrency = reader.with_path(concurrency, name, path);
        let (name, path) = ("ToleratedFailureCount", "ToleratedFailureCountPath");
        let tolerated_count = reader.integer_operand(name, 0..=MOST);
        let tolerated_count = reader.with_path(tolerated_count, name, path);
        let name = "ToleratedFailurePercentage";
        let percentage = |value: &Value| {
            let number = value.as_f64();
            number.filter(|number| (0.0..=100.0).contains(number))
        };
        let tolerated_percentage = reader.operand(name, "a number from 0 to 100", percentage);
        let path = "ToleratedFailurePercentagePath";
        let tolerated_percentage = reader.with_path(tolerated_percentage, name, path);
        for distributed in ["ItemReader", "ItemBatcher", "ResultWriter"] {
            if reader.get(distributed).is_some() {
                reader.report(distributed, "distributed Map is not supported yet");
            }
        }
        Self {
            items,
            selector: Self::selector(reader),
            processor: Self::processor(reader),
            concurrency,
            tolerated_count,
            tolerated_percentage,
        }
    }

    /// `ItemSelector`, or `Parameters` as it was once called.
    fn selector(reader: &mut Reader<'_>) -> Option<Content> {
        let old = (!reader.is_jsonata() && reader.get("Parameters").is_some())
            .then(|| reader.content("Parameters"))
            .flatten();
        let selector = reader.content("ItemSelector");
        if old.is_some() && selector.is_some() {
            reader.report("", "has both 'ItemSelector' and 'Parameters'");
        }
        selector.or(old)
    }

    /// `ItemProcessor`, or `Iterator` as it was once called.
    fn processor(reader: &mut Reader<'_>) -> Option<FlowId> {
        let mut name = "ItemProcessor";
        let old = !reader.is_jsonata() && reader.get("Iterator").is_some();
        if old && reader.get(name).is_some() {
            reader.report("", "has both 'ItemProcessor' and 'Iterator'");
        } else if old {
            name = "Iterator";
        }
        let Some(value) = reader.get(name) else {
            reader.report("", "needs the field 'ItemProcessor'");
            return None;
        };
        let mut processor = reader.inner(name, value)?;
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

    fn begin(&self, scope: &Scope<'_>) -> Result<MapRun, Fault> {
        let items = self.items.value(scope)?;
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

    /// Starts iterations while there is room.
    pub(crate) fn fill(&self, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        while let Some((index, value)) = run.map_mut(frame).and_then(MapRun::take_next) {
            let item = Item { index, value };
            let input = match &self.selector {
                Some(selector) => {
                    run.evaluate_item(frame, &item, |scope| selector.value(scope, "ItemSelector"))?
                }
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

impl Items {
    fn check(reader: &mut Reader<'_>) -> Self {
        if !reader.is_jsonata() {
            return Self::JsonPath(reader.reference("ItemsPath"), reader.input_path());
        }
        let items = reader.template("Items");
        if let Some(Template::Literal(value)) = &items
            && !value.is_array()
        {
            reader.report("Items", "must be an array or a JSONata expression");
        }
        Self::Jsonata(items)
    }

    /// The array: the state's input when nothing else is said.
    fn value(&self, scope: &Scope<'_>) -> Result<Arc<Value>, Fault> {
        match self {
            Self::Jsonata(template) => Self::evaluated(template.as_ref(), scope)
                .map_err(|error| error.within("Items").into()),
            Self::JsonPath(path, input) => Ok(Self::found(path.as_ref(), input, scope)?),
        }
    }

    fn evaluated(template: Option<&Template>, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        let (items, source) = match template {
            Some(template) => (template.evaluate(scope)?, template.source()),
            None => (Arc::clone(scope.input), None),
        };
        if items.is_array() {
            return Ok(items);
        }
        Err(EvalError::wrong_type(source, "array", &items))
    }

    fn found(
        path: Option<&Path>,
        input: &Selection,
        scope: &Scope<'_>,
    ) -> Result<Arc<Value>, PathFault> {
        let data = input.of(scope, scope.input)?;
        let items = match path {
            None => Arc::clone(&data),
            Some(path) => path.value(Sight { scope, data: &data }).map_err(|why| {
                PathFault::runtime(format!("Invalid path '{}' : {why}", path.text()))
            })?,
        };
        if items.is_array() {
            return Ok(items);
        }
        let path = path.map_or("$", Path::text);
        let why = format!("Reference path \"{path}\" must point to array.");
        Err(PathFault::runtime(why))
    }
}
