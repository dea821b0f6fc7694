//! Who does the tasks, and who watches.

use async_trait::async_trait;
use serde_json::Value;

use crate::execution::Event;
pub use crate::execution::TaskRequest as Task;

/// Does the tasks of a workflow.
#[async_trait]
pub trait TaskExecutor: Send + Sync {
    /// Does one task. The future is dropped when nobody waits for it any more.
    async fn execute(&self, task: Task) -> Result<Value, TaskError>;
}

/// Watches an execution.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Why a task failed: the name that `Retry` and `Catch` match, and the cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {cause}")]
pub struct TaskError {
    /// The error name, such as `InvalidInput` or `Lambda.TooManyRequestsException`.
    pub error: String,
    /// The cause, for people.
    pub cause: String,
}

/// No task may fail with this name.
const DEFERRED: &str = "Baton.Deferred";

impl TaskError {
    /// A failure.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
        }
    }

    /// Not a failure: this call gives no answer now.
    ///
    /// The task stays open until someone completes it by its token through a
    /// [`Remote`](super::Remote), or until its timeout. A call that waits for a token
    /// answers so; under a virtual clock it is also how a test makes a task hang.
    pub fn deferred() -> Self {
        Self::new(DEFERRED, "")
    }

    pub(super) fn is_deferred(&self) -> bool {
        self.error == DEFERRED
    }
}
