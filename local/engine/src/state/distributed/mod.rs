//! Distributed Map: reads its items from S3, runs each in an execution of its own, and
//! may write what they gave to S3.
//!
//! The child executions are branches of this one: they have no history of their own, but
//! they see neither its variables nor its input.

mod batcher;
mod body;
mod child;
mod progress;
mod reader;
mod writer;

use std::sync::Arc;

use serde_json::Value;

pub(super) use batcher::ItemBatcher;
pub(crate) use child::Child;
pub(super) use child::settled;
pub(super) use progress::Progress;
pub(super) use reader::ItemReader;
pub(super) use writer::{MapRunName, ResultWriter, Results, Transformation};

use crate::check::Reader;
use crate::execution::{Activity, Effect, Execution, FrameId, TaskRequest};
use crate::model::State;
use crate::state::TaskRun;

/// The longest label.
const LONGEST_LABEL: usize = 40;

/// The fields that only a distributed Map has.
#[derive(Debug, Default)]
pub(super) struct Distributed {
    label: Option<String>,
    pub(super) reader: Option<ItemReader>,
    pub(super) batcher: Option<ItemBatcher>,
    pub(super) writer: Option<ResultWriter>,
}

/// What a distributed Map is doing with S3.
#[derive(Debug, Clone)]
pub(crate) enum Transfer {
    /// How far it is.
    Reading(Progress),
    /// The calls that are still to be made, and what leaves the state after them.
    Writing { calls: Vec<Value>, output: Value },
}

impl Distributed {
    pub(super) fn check(reader: &mut Reader<'_>) -> Self {
        let label = reader.text("Label").map(str::to_owned);
        let odd =
            |letter: char| letter.is_whitespace() || "?*<>{}[]:;,\\|^~$#%&`\"/".contains(letter);
        if label.as_ref().is_some_and(|label| {
            label.is_empty() || label.chars().count() > LONGEST_LABEL || label.contains(odd)
        }) {
            reader.report(
                "Label",
                "must be 1 to 40 characters without spaces and signs",
            );
        }
        Self {
            label,
            reader: reader.part("ItemReader").map(ItemReader::check),
            batcher: reader.part("ItemBatcher").map(ItemBatcher::check),
            writer: reader.part("ResultWriter").map(ResultWriter::check),
        }
    }

    /// The name of the map run in ARNs.
    pub(super) fn label<'a>(&'a self, state: &'a State) -> &'a str {
        self.label.as_deref().unwrap_or(&state.name)
    }
}

/// Calls S3 for a Map.
pub(super) fn call(
    state: &State,
    run: &mut Execution,
    frame: FrameId,
    resource: &str,
    arguments: Arc<Value>,
) {
    let task = run.next_task(frame);
    let call = TaskRun {
        task,
        timeout: None,
        heartbeat: None,
        submitted: false,
    };
    run.set_activity(frame, Activity::Task(call));
    let (attempt, _) = run.attempt(frame);
    run.effect(Effect::Call(TaskRequest {
        id: task,
        resource: resource.to_owned(),
        arguments,
        name: state.name.to_string(),
        state: state.path.to_string(),
        attempt,
        token: None,
        timeout: None,
        heartbeat: None,
    }));
}
