//! Error names of the language and what a failing state carries.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Matches every error but `States.DataLimitExceeded` and `States.Runtime`.
pub const ALL: &str = "States.ALL";
/// Matches every error but timeouts and the two terminal errors.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A task ran longer than `TimeoutSeconds`.
pub const TIMEOUT: &str = "States.Timeout";
/// A task sent no heartbeat for longer than `HeartbeatSeconds`.
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// A JSONata expression failed, gave nothing, or gave a value of the wrong type.
pub const QUERY_EVALUATION: &str = "States.QueryEvaluationError";
/// No rule of a Choice matched and it has no `Default`.
pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// The execution cannot go on; never matched by a wildcard.
pub const RUNTIME: &str = "States.Runtime";
/// A branch of a Parallel or an iteration of a Map failed.
pub const BRANCH_FAILED: &str = "States.BranchFailed";
/// A value exceeded 256 KiB; never matched by a wildcard.
pub const DATA_LIMIT: &str = "States.DataLimitExceeded";
/// More iterations of a Map failed than it tolerates.
pub const TOLERANCE_EXCEEDED: &str = "States.ExceedToleratedFailureThreshold";

/// `ResultPath` cannot be applied to the state's input.
pub const RESULT_PATH_MATCH: &str = "States.ResultPathMatchFailure";
/// A path of a payload template named nothing; AWS itself reports `States.Runtime`.
pub const PARAMETER_PATH: &str = "States.ParameterPathFailure";
/// The items of a distributed Map could not be read.
pub const ITEM_READER_FAILED: &str = "States.ItemReaderFailed";
/// The results of a distributed Map could not be written.
pub const RESULT_WRITER_FAILED: &str = "States.ResultWriterFailed";
/// An intrinsic function failed.
pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";

/// Why a state, a branch or an execution failed.
///
/// Both parts are optional: a Fail state without `Error` and `Cause` has neither.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failure {
    /// The error name that `Retry` and `Catch` match on.
    pub error: Option<String>,
    /// The explanation for people.
    pub cause: Option<String>,
}

impl Failure {
    /// A failure with a name and a cause.
    pub fn new(error: &str, cause: impl Into<String>) -> Self {
        Self {
            error: Some(error.to_owned()),
            cause: Some(cause.into()),
        }
    }

    /// A failure with a name only, as a task timeout is.
    pub fn named(error: &str) -> Self {
        Self {
            error: Some(error.to_owned()),
            cause: None,
        }
    }

    /// `$states.errorOutput`: both parts are always there, so that expressions can name them.
    pub(crate) fn output(&self) -> Value {
        json!({
            "Error": self.error.as_deref().unwrap_or_default(),
            "Cause": self.cause.as_deref().unwrap_or_default(),
        })
    }
}

/// Whether an `ErrorEquals` list matches this error.
///
/// `from_branch` is set when the error came out of a branch or an iteration, which
/// `States.BranchFailed` names whatever the error inside was called.
pub(crate) fn matches(names: &[String], error: Option<&str>, from_branch: bool) -> bool {
    let error = error.unwrap_or_default();
    names.iter().any(|name| {
        let terminal = error == RUNTIME || error == DATA_LIMIT;
        match name.as_str() {
            ALL => !terminal,
            TASK_FAILED => !terminal && error != TIMEOUT && error != HEARTBEAT_TIMEOUT,
            TIMEOUT => error == TIMEOUT || error == HEARTBEAT_TIMEOUT,
            BRANCH_FAILED => error == BRANCH_FAILED || (from_branch && !terminal),
            exact => exact == error,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(name: &str, error: &str) -> bool {
        matches(&[name.to_owned()], Some(error), false)
    }

    #[test]
    fn wildcards_leave_out_what_the_documentation_leaves_out() {
        assert!(hit(ALL, "Anything") && hit(ALL, TIMEOUT));
        assert!(!hit(ALL, RUNTIME) && !hit(ALL, DATA_LIMIT));
        assert!(hit(TASK_FAILED, "Anything") && !hit(TASK_FAILED, TIMEOUT));
        assert!(hit(RUNTIME, RUNTIME) && hit(DATA_LIMIT, DATA_LIMIT));
        assert!(hit(TIMEOUT, HEARTBEAT_TIMEOUT) && !hit(HEARTBEAT_TIMEOUT, TIMEOUT));
    }

    #[test]
    fn branch_failed_names_any_error_of_a_branch() {
        let names = [BRANCH_FAILED.to_owned()];
        assert!(matches(&names, Some("Custom"), true));
        assert!(!matches(&names, Some("Custom"), false));
    }

    #[test]
    fn a_failure_without_a_name_is_caught_by_all_only() {
        assert!(matches(&[ALL.to_owned()], None, false));
        assert!(!matches(&["Custom".to_owned()], None, false));
    }
}
