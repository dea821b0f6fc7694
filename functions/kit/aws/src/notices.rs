//! [`Notices`] on SQS: a queue whose messages are notices as JSON.

use async_trait::async_trait;
use baton_domain::ports::{Notice, Notices, StoreError};
use serde_json::json;

use crate::caller::Caller;
use crate::{Config, Connection};

/// The queue of notices of one stack.
#[derive(Debug, Clone)]
pub struct SqsNotices {
    caller: Caller,
    endpoint: String,
    queue: String,
}

impl SqsNotices {
    /// The queue that `config` names; none where it names none.
    pub fn new(connection: &Connection, config: &Config) -> Option<Self> {
        let queue = config.notifications.clone()?;
        let endpoint = connection.endpoint().unwrap_or_else(|| origin(&queue));
        Some(Self {
            caller: connection.caller("sqs"),
            endpoint: format!("{}/", endpoint.trim_end_matches('/')),
            queue,
        })
    }
}

#[async_trait]
impl Notices for SqsNotices {
    async fn send(&self, notice: &Notice) -> Result<(), StoreError> {
        let failed = |cause: String| StoreError(format!("SendMessage on notifications: {cause}"));
        let text = serde_json::to_string(notice).map_err(|error| failed(error.to_string()))?;
        let message = json!({"QueueUrl": self.queue, "MessageBody": text});
        let target = "AmazonSQS.SendMessage";
        let sent = self.caller.call(&self.endpoint, target, &message).await;
        sent.map_err(failed)
    }
}

/// The scheme and the host of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

#[cfg(test)]
mod tests;
