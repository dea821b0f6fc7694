//! The ports: what use cases need of the world. Each has an adapter embedded and one on AWS.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use crate::item::{Condition, Item, Key, Table, Write, Written};
use crate::run::Run;

/// The store could not do what was asked; whether it did is unknown when the call was a write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store is unavailable: {0}")]
pub struct StoreError(pub String);

/// The tables of items. Profiles, catalogues, the log and the cache are typed views of it, written
/// once in the use cases, so that an adapter is four small methods.
#[async_trait]
pub trait Items: Send + Sync {
    /// The item under `key`, expired or not; strongly consistent.
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError>;

    /// Stores a whole item if `condition` holds for what is there.
    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, StoreError>;

    /// Deletes the item under `key`; no error when there is none.
    async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError>;

    /// Does all of these writes, or none when the condition of one does not hold. At most
    /// [`crate::item::MAX_WRITES`], no two of the same key.
    async fn transact(&self, writes: &[Write]) -> Result<Written, StoreError>;

    /// The items of one partition, largest sort key first, at most `limit` of them, after (that
    /// is, with a smaller sort key than) `before` when it is given.
    async fn newest(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError>;
}

/// A workflow did not end in success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkflowError {
    /// It ran and failed.
    #[error("the workflow failed with {error}: {cause}")]
    Failed {
        /// The error's name, as in Amazon States Language.
        error: String,
        /// What happened.
        cause: String,
    },
    /// It ran out of time.
    #[error("the workflow timed out")]
    TimedOut,
    /// It could not be started, or its end could not be learned.
    #[error("the workflow service is unavailable: {0}")]
    Unavailable(String),
}

impl WorkflowError {
    /// The error's name, without the cause: a cause may quote data.
    pub fn name(&self) -> &str {
        match self {
            Self::Failed { error, .. } => error,
            Self::TimedOut => "States.Timeout",
            Self::Unavailable(_) => "Unavailable",
        }
    }
}

/// Runs workflows.
#[async_trait]
pub trait Workflows: Send + Sync {
    /// Runs a workflow to its end and answers its output.
    async fn run(&self, run: &Run) -> Result<Value, WorkflowError>;

    /// Starts a workflow that outlives the call. Starting the same execution twice is starting it
    /// once, also when it is over.
    async fn start(&self, run: &Run) -> Result<(), WorkflowError>;

    /// Stops the execution of a run; does nothing when it is over or was never started.
    async fn stop(&self, run: &Run, cause: &str) -> Result<(), WorkflowError>;
}

/// Whether a waiting task took what it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It did.
    Yes,
    /// It no longer waits: it was told before, ran out of time, or its execution is over.
    NobodyWaits,
}

/// Tells waiting tasks to go on.
#[async_trait]
pub trait Callbacks: Send + Sync {
    /// Completes the task with this token, which then answers `output`.
    async fn succeed(&self, token: &str, output: &Value) -> Result<Told, WorkflowError>;
}

/// Something that people should know, and act on.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// Names what happened: who gets it twice can tell.
    pub notice_id: String,
    /// Whose it is.
    pub tenant_id: crate::TenantId,
    /// What happened: `approval_requested`, `approval_reminder`, `run_ended`, ….
    pub kind: String,
    /// For whom, where it is for one person alone: the link then decides in their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The run.
    pub run_id: crate::RunId,
    /// One line.
    pub title: String,
    /// A few lines.
    pub lines: Vec<String>,
    /// Where to act, if there is something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Sends notices on their way: a queue, at least once.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Hands over a notice.
    async fn send(&self, notice: &Notice) -> Result<(), StoreError>;
}

/// A notice did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notice was not delivered: {reason}")]
pub struct DeliveryError {
    /// What happened; quotes neither the notice nor the address.
    pub reason: String,
    /// Whether it may arrive when it is sent again.
    pub transient: bool,
}

/// Delivers notices to where people see them: a webhook. Who gets the same `notice_id` twice may
/// drop the second.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Delivers a notice, once.
    async fn deliver(&self, notice: &Notice) -> Result<(), DeliveryError>;
}

/// Something that engineers must see now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// One line.
    pub subject: String,
    /// What happened, as JSON text without personal data.
    pub message: String,
}

/// Tells engineers. On AWS the workflows publish to an SNS topic; this is its embedded stand-in.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Raises an alert.
    async fn raise(&self, alert: &Alert) -> Result<(), StoreError>;
}

/// Time and chance, so that tests can choose both.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;

    /// 128 random bits; ids use the lower 80.
    fn entropy(&self) -> u128;
}
