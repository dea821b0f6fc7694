//! The run of a distributed Map: reading, batches, child executions, writing.

use std::sync::Arc;

use serde_json::Value;

use super::dataset::Dataset;
use super::distributed::{
    self, Distributed, ItemReader, MapRunName, Progress, ResultWriter, Results, Transfer,
    Transformation,
};
use super::iterations::MapRun;
use super::map::MapState;
use crate::execution::{Details, EventKind, Execution, FrameId};
use crate::failure::{Failure, ITEM_READER_FAILED, RESULT_WRITER_FAILED};
use crate::model::State;

impl MapState {
    /// Whether each item gets an execution of its own.
    pub(crate) fn is_distributed_run(&self) -> bool {
        self.distributed.is_some()
    }

    /// Asks for the items.
    pub(super) fn read(
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        reader: &ItemReader,
        arguments: Arc<Value>,
    ) -> Result<(), Failure> {
        run.limit_state(frame, &arguments)?;
        let progress = Progress::new(Arc::clone(&arguments));
        run.set_transfer(frame, Some(Transfer::Reading(progress)));
        distributed::call(state, run, frame, reader.resource(), arguments);
        Ok(())
    }

    /// S3 answered.
    pub(crate) fn transferred(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        answer: Value,
    ) -> Result<(), Failure> {
        let Some(map) = &self.distributed else {
            return Ok(());
        };
        match (run.take_transfer(frame), &map.reader, &map.writer) {
            (Some(Transfer::Reading(progress)), Some(reader), _) => {
                self.take(state, run, frame, reader, progress, answer)
            }
            (Some(Transfer::Writing { calls, output }), _, Some(writer)) => {
                Self::write(state, run, frame, writer, calls, output)
            }
            _ => Ok(()),
        }
    }

    /// The failure that a failed call to S3 is for the Map.
    pub(crate) fn untransferred(run: &mut Execution, frame: FrameId, failure: &Failure) -> Failure {
        let error = match run.take_transfer(frame) {
            Some(Transfer::Writing { .. }) => RESULT_WRITER_FAILED,
            _ => ITEM_READER_FAILED,
        };
        let parts = [failure.error.as_deref(), failure.cause.as_deref()];
        let why: Vec<&str> = parts.into_iter().flatten().collect();
        Failure::new(error, why.join(": "))
    }

    fn take(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        reader: &ItemReader,
        mut progress: Progress,
        answer: Value,
    ) -> Result<(), Failure> {
        let max = run.evaluate(frame, |scope| reader.max(scope))?;
        let max = max.and_then(|max| usize::try_from(max).ok());
        let Some((resource, arguments)) = progress.take(reader, answer, max)? else {
            return self.begin(state, run, frame, progress.dataset());
        };
        run.set_transfer(frame, Some(Transfer::Reading(progress)));
        distributed::call(state, run, frame, &resource, arguments);
        Ok(())
    }

    /// The inputs of the child executions, where items are handed over in batches.
    pub(super) fn batched(
        &self,
        run: &mut Execution,
        frame: FrameId,
        items: Dataset,
    ) -> Result<Dataset, Failure> {
        let batcher = self
            .distributed
            .as_ref()
            .and_then(|map| map.batcher.as_ref());
        let Some(batcher) = batcher else {
            return Ok(items);
        };
        let batching = run.evaluate(frame, |scope| batcher.begin(scope))?;
        let mut selected = Vec::new();
        for item in (0..items.len()).filter_map(|index| items.item(index)) {
            let input = self.selected(run, frame, &item)?;
            drop(item);
            selected.push(Arc::unwrap_or_clone(input));
        }
        Ok(items.batched(batching.batches(selected)))
    }

    /// What stands for an iteration that succeeded.
    pub(super) fn succeeded(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        index: usize,
        output: Arc<Value>,
    ) -> Arc<Value> {
        let Some(map) = &self.distributed else {
            return output;
        };
        let child = run
            .map_mut(frame)
            .and_then(|map| map.children.remove(&index));
        match (map.transformation(), child) {
            (Transformation::None, Some(child)) => {
                let label = map.label(state);
                Arc::new(distributed::settled(&child, run, label, Ok(&output)))
            }
            _ => output,
        }
    }

    /// What stands for an iteration that failed and is tolerated.
    pub(super) fn failed(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        index: usize,
        failure: &Failure,
    ) -> Arc<Value> {
        let child = run
            .map_mut(frame)
            .and_then(|map| map.children.remove(&index));
        Arc::new(match (&self.distributed, child) {
            (Some(map), Some(child)) => {
                distributed::settled(&child, run, map.label(state), Err(failure))
            }
            _ => failure.output(),
        })
    }

    /// Every child execution ended: writes what they gave, or hands it on.
    pub(super) fn finish_run(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        let Some(map) = &self.distributed else {
            return Ok(());
        };
        run.emit(frame, EventKind::MapRunSucceeded, Details::None);
        let results = run
            .map_mut(frame)
            .map(MapRun::take_settled)
            .unwrap_or_default();
        let results = map.transformed(results);
        let Some(writer) = &map.writer else {
            return Self::end(state, run, frame, in_order(results));
        };
        let Some(to) = run.evaluate(frame, |scope| writer.arguments(scope))? else {
            return Self::end(state, run, frame, in_order(results));
        };
        let results = Results::from(results);
        let name = MapRunName::new(run, map.label(state));
        let (calls, output) = writer.export(&to, &name, &results);
        Self::write(state, run, frame, writer, calls, output)
    }

    /// Makes the next call that writes results; leaves the state after the last.
    fn write(
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        writer: &ResultWriter,
        mut calls: Vec<Value>,
        output: Value,
    ) -> Result<(), Failure> {
        if calls.is_empty() {
            return Self::end(state, run, frame, output);
        }
        let arguments = Arc::new(calls.remove(0));
        run.set_transfer(frame, Some(Transfer::Writing { calls, output }));
        let resource = writer.resource.as_deref().unwrap_or_default();
        distributed::call(state, run, frame, resource, arguments);
        Ok(())
    }
}

impl Distributed {
    fn transformation(&self) -> Transformation {
        let writer = self.writer.as_ref();
        writer.map_or(Transformation::Compact, ResultWriter::transformation)
    }

    /// The results, flattened where that is asked for; each says whether it failed.
    fn transformed(&self, results: Vec<(bool, Value)>) -> Vec<(bool, Value)> {
        if self.transformation() != Transformation::Flatten {
            return results;
        }
        let mut flat = Vec::with_capacity(results.len());
        for (failed, result) in results {
            match result {
                Value::Array(items) if !failed => {
                    flat.extend(items.into_iter().map(|item| (false, item)));
                }
                other => flat.push((failed, other)),
            }
        }
        flat
    }
}

fn in_order(results: Vec<(bool, Value)>) -> Value {
    Value::Array(results.into_iter().map(|(_, result)| result).collect())
}
