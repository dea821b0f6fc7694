//! Reaching a running execution from outside: token callbacks, heartbeats, abort.

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::TaskError;

/// What someone outside asks of an execution.
#[derive(Debug, Clone)]
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

/// A request, and where to say what came of it.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) control: Control,
    pub(super) receipt: Receipt,
}

/// Told true once the request is taken in (where there is a journal: kept), false when no
/// open task has the token.
#[derive(Debug, Default)]
pub(super) struct Receipt(Option<oneshot::Sender<bool>>);

impl Receipt {
    pub(super) fn give(self, taken: bool) {
        if let Some(sender) = self.0 {
            // Nobody may be waiting for it any more.
            let _ = sender.send(taken);
        }
    }
}

/// The outside end; clones reach the same execution.
#[derive(Debug, Clone)]
pub struct Remote(mpsc::UnboundedSender<Letter>);

/// The end that a run listens to.
#[derive(Debug)]
pub struct Inbox(mpsc::UnboundedReceiver<Letter>);

/// Two ends of a line to one execution.
pub fn remote() -> (Remote, Inbox) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Remote(sender), Inbox(receiver))
}

impl Remote {
    /// Completes a task; false when the execution is over.
    pub fn complete(&self, token: &str, result: Result<Value, TaskError>) -> bool {
        let token = token.to_owned();
        self.send(Control::Complete { token, result })
    }

    /// Says that a task is alive; false when the execution is over.
    pub fn heartbeat(&self, token: &str) -> bool {
        let token = token.to_owned();
        self.send(Control::Heartbeat { token })
    }

    /// Stops the execution; false when it is over.
    pub fn abort(&self, error: Option<String>, cause: Option<String>) -> bool {
        self.send(Control::Abort { error, cause })
    }

    fn send(&self, control: Control) -> bool {
        let receipt = Receipt::default();
        self.0.send(Letter { control, receipt }).is_ok()
    }

    /// Asks, and waits until it is known what came of it: whether the request was taken in,
    /// or `None` when nobody runs the execution any more.
    pub async fn ask(&self, control: Control) -> Option<bool> {
        let (sender, answer) = oneshot::channel();
        let receipt = Receipt(Some(sender));
        self.0.send(Letter { control, receipt }).ok()?;
        answer.await.ok()
    }
}

impl Inbox {
    pub(super) async fn receive(&mut self) -> Option<Letter> {
        self.0.recv().await
    }
}
