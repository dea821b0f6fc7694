//! Reaching a running execution from outside: token callbacks, heartbeats, abort.

use serde_json::Value;
use tokio::sync::mpsc;

use super::TaskError;

/// What someone outside asks of an execution.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Control {
    /// The task with this token is done.
    Complete {
        token: String,
        result: Result<Value, TaskError>,
    },
    /// The task with this token is alive.
    Heartbeat { token: String },
    /// Stop the execution.
    Abort {
        error: Option<String>,
        cause: Option<String>,
    },
}

/// The outside end; clones reach the same execution.
#[derive(Debug, Clone)]
pub struct Remote(mpsc::UnboundedSender<Control>);

/// The end that a run listens to.
#[derive(Debug)]
pub struct Inbox(mpsc::UnboundedReceiver<Control>);

/// Two ends of a line to one execution.
pub fn remote() -> (Remote, Inbox) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Remote(sender), Inbox(receiver))
}

impl Remote {
    /// Completes a task; false when the execution is over.
    pub fn complete(&self, token: &str, result: Result<Value, TaskError>) -> bool {
        let token = token.to_owned();
        self.0.send(Control::Complete { token, result }).is_ok()
    }

    /// Says that a task is alive; false when the execution is over.
    pub fn heartbeat(&self, token: &str) -> bool {
        let token = token.to_owned();
        self.0.send(Control::Heartbeat { token }).is_ok()
    }

    /// Stops the execution; false when it is over.
    pub fn abort(&self, error: Option<String>, cause: Option<String>) -> bool {
        self.0.send(Control::Abort { error, cause }).is_ok()
    }
}

impl Inbox {
    pub(super) async fn receive(&mut self) -> Option<Control> {
        self.0.recv().await
    }
}
