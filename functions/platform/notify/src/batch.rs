//! A batch of messages from SQS: what is answered as failed comes again, and lands in the queue of
//! dead letters after some times.

use baton_app::{App, FunctionError};
use baton_domain::ports::Notice;
use baton_platform::parse;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "messageId")]
    id: String,
    body: String,
}

/// Delivers every notice of a batch; answers the messages that are to come again. A message that is
/// no notice comes again too, until it is put aside where people find it.
///
/// # Errors
/// An event that is no batch of SQS.
pub(crate) async fn deliver(app: &App, event: Value) -> Result<Value, FunctionError> {
    let batch: Batch = parse(event)?;
    let mut failed = Vec::new();
    for message in &batch.messages {
        if !is_done(app, message).await {
            failed.push(json!({"itemIdentifier": message.id}));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

/// Whether nothing is left to do. Who refuses a notice for good would refuse it again: it is
/// dropped, with a line in the log.
async fn is_done(app: &App, message: &Message) -> bool {
    let message_id = &message.id;
    let Ok(notice) = serde_json::from_str::<Notice>(&message.body) else {
        tracing::error!(%message_id, "a message is no notice");
        return false;
    };
    let (notice_id, run_id) = (&notice.notice_id, notice.run_id);
    match app.notify(&notice).await {
        Ok(()) => true,
        Err(error) if error.transient => {
            tracing::warn!(%notice_id, %run_id, %error, "a notice comes again");
            false
        }
        Err(error) => {
            tracing::error!(%notice_id, %run_id, %error, "a notice is dropped");
            true
        }
    }
}

#[cfg(test)]
mod tests;
