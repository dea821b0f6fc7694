//! An interpreter of Amazon States Language: parse → checked model → step → effects.
//!
//! - [`Machine::parse`] checks a definition and gives every [`Problem`] at once.
//! - [`Execution`] is the step core: plain state, moved by [`Stimulus`], answering with
//!   [`Effect`]. It knows no clock, no randomness and no input or output.
//! - [`run`] drives one execution under a real or a virtual [`Clock`], with a
//!   [`TaskExecutor`] that does the tasks.
//! - [`run_journaled`] drives one that outlives the process: what happens is kept in a
//!   [`Journal`] before it is used, and [`Execution::replay`] makes the same execution of it.
//!   Redrive and fork are stimuli too, so they stand in the journal.
//! - `bench` (a feature) plays a workflow with every task failing, repeated, and the process
//!   killed after every write; [`Mocks`] answer tasks as AWS's mock files say.
//!
//! There are two dialects, JSONata and JSONPath. What depends on them is in `jsonata/`,
//! `jsonpath/`, `dialect.rs` and `operand.rs`, so that the states know neither.
//!
//! # Choices
//! Where the language and its documentation leave room, this is what the engine does:
//! - A Standard execution fails with `States.Runtime` at 25,000 history events, or at as many
//!   retries of one state, and is `TIMED_OUT` after a year of 365 days. An Express execution is
//!   so after five minutes, or after a million transitions without any time passing.
//! - The variables of an execution hold at most 10 MiB of JSON at a time and one `Assign` gives
//!   at most 256 KiB of it, else `States.DataLimitExceeded`; a child execution has its own.
//! - An inline Map runs at most 40 iterations at a time. A failure that it tolerates stands
//!   in its result as `{"Error", "Cause"}`.
//! - A branch's failure keeps its own name; `States.BranchFailed` matches it as well.
//! - A missing heartbeat is `States.HeartbeatTimeout`, which `States.Timeout` matches.
//! - Values are nested at most 120 levels deep and are at most 256 KiB of JSON, else
//!   `States.DataLimitExceeded`.
//! - An expression runs at most two seconds, else `States.QueryEvaluationError`.
//! - A path that names one place fails with `States.Runtime` when nothing is there; one that
//!   looks around (`*`, `..`, slices, unions, filters) gives an array, empty if need be, and
//!   looks at two million values at most. Of the functions of paths only `length()` exists.
//! - `States.ParameterPathFailure` is never raised: AWS reports `States.Runtime` for what the
//!   language gives that name. Tasks may fail with it, and it may be caught.
//! - What comes of an `OutputPath` after a Task, a Map or a Parallel is caught by nothing, and
//!   a path that names nothing in a state without `Catch` ends the execution at once.
//! - `Assign` under JSONPath sees what `ResultSelector` made of the result.
//! - A wrong number of arguments fails an intrinsic function when it is called; what does not
//!   parse is refused when the definition is checked.
//! - A distributed Map reads and writes by tasks of its own name to `s3:getObject`,
//!   `s3:listObjectsV2` and `s3:putObject`; the text of an object is the answer or its `Body`.
//!   Its child executions are branches that see neither variables nor input from outside, and
//!   count their own events. It tolerates no failure unless it says so; a tolerated one stands
//!   in the result as its metadata. Manifests, Parquet and compressed objects are not read.
//! - A distributed Map over an object runs over its fields in the order of their names: a child
//!   gets `{"Key", "Value"}` unless an `ItemSelector` says otherwise, which sees the value at
//!   `Map.Item.Value` and the name at `Map.Item.Key`. `Map.Item.Source` is `STATE_DATA`,
//!   `s3://bucket` or `s3://bucket/key`. `LOAD_AND_FLATTEN` reads one object after the other and
//!   leaves out keys that end with `/`.
//! - Activities are refused.
//! - Any action of `aws-sdk:` in the right spelling is taken for an integration.
//! - `$random`, `$uuid`, task tokens and jitter come from the seed, `$now` and `$millis`
//!   from the execution's time, so an execution can be replayed from its stimuli.

#[cfg(feature = "bench")]
pub mod bench;
mod check;
mod dialect;
mod digest;
mod driver;
mod execution;
mod failure;
mod jsonata;
mod jsonpath;
mod mocks;
mod model;
mod nearest;
mod operand;
mod seeded;
mod state;

pub use check::Problem;
pub use driver::{
    Clock, Control, Ended, Finished, Inbox, Journal, JournalError, Journaled, MemoryJournal,
    Observer, Order, Remote, RunOptions, Task, TaskError, TaskExecutor, remote, run, run_journaled,
};
pub use execution::{
    Assigned, Begun, Details, Effect, Entry, Event, EventKind, Execution, Info, Origin, Outcome,
    Record, Stimulus, TaskId, TaskRequest, TimerId, WorkflowKind,
};
pub use failure::Failure;
pub use mocks::{MockFile, MockProblem, Mocks};
pub use model::Machine;
pub use state::StateType;

/// The error names of the language.
pub mod errors {
    pub use crate::failure::{
        ALL, BRANCH_FAILED, DATA_LIMIT, HEARTBEAT_TIMEOUT, INTRINSIC_FAILURE, ITEM_READER_FAILED,
        NO_CHOICE_MATCHED, PARAMETER_PATH, QUERY_EVALUATION, RESULT_PATH_MATCH,
        RESULT_WRITER_FAILED, RUNTIME, TASK_FAILED, TIMEOUT, TOLERANCE_EXCEEDED,
    };
}
