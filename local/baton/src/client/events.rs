//! The events of a run, as they happen, over however many connections that takes.

use std::time::{Duration, Instant};

use baton_domain::RunId;
use baton_domain::run::{RunState, RunStatus};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::{CallError, Client};

/// What a follower hears.
#[derive(Debug, PartialEq)]
pub(crate) enum News {
    /// An entry of the journal, as it came.
    Event(Value),
    /// The run is over.
    Over(RunStatus),
}

/// How long a follower tries to get back to a Baton that does not answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Follows a run. A connection that ends is made again, from the last event on.
pub(crate) struct Follower<'a> {
    client: &'a Client,
    run: RunId,
    last: u64,
    response: Option<Response>,
    unread: Vec<u8>,
    lost_since: Option<Instant>,
    pause: Duration,
}

impl<'a> Follower<'a> {
    /// Follows a run from the event after `last`; from its first with 0.
    pub(crate) fn new(client: &'a Client, run: RunId, last: u64) -> Self {
        Self {
            client,
            run,
            last,
            response: None,
            unread: Vec::new(),
            lost_since: None,
            pause: Duration::ZERO,
        }
    }

    /// What happened next.
    ///
    /// # Errors
    /// When there is no such run, or its Baton has not answered for two minutes.
    pub(crate) async fn next(&mut self) -> Result<News, CallError> {
        loop {
            while let Some(message) = self.message() {
                if let Some(news) = self.heard(&message) {
                    return Ok(news);
                }
            }
            let read = match &mut self.response {
                Some(response) => response.chunk().await,
                None => Ok(None),
            };
            if let Ok(Some(chunk)) = read {
                self.unread.extend_from_slice(&chunk);
                (self.lost_since, self.pause) = (None, Duration::ZERO);
            } else if let Some(status) = self.connect().await? {
                return Ok(News::Over(status));
            }
        }
    }

    /// Connects again. Answers how the run ended when there is nothing left to hear.
    async fn connect(&mut self) -> Result<Option<RunStatus>, CallError> {
        // Half a message is sent again, whole.
        self.unread.clear();
        self.response = None;
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).clamp(Duration::from_millis(200), LONGEST_PAUSE);
        match self.open().await {
            Ok(ended) => Ok(ended),
            Err(error) if error.may_pass => {
                let since = *self.lost_since.get_or_insert_with(Instant::now);
                if since.elapsed() < PATIENCE {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn open(&mut self) -> Result<Option<RunStatus>, CallError> {
        let run = self.run.to_string();
        let path = ["runs", &run, "events"];
        let response = self.client.stream(&path, self.last).await?;
        if response.status() == StatusCode::NO_CONTENT {
            let state: RunState = self.client.get(&["runs", &run], &[]).await?;
            // It may have been redriven since.
            return Ok(state.status.is_over().then_some(state.status));
        }
        self.response = Some(response);
        Ok(None)
    }

    /// The next whole message of the stream.
    fn message(&mut self) -> Option<String> {
        let end = self.unread.windows(2).position(|two| two == b"\n\n")?;
        let message: Vec<u8> = self.unread.drain(..end + 2).collect();
        Some(String::from_utf8_lossy(&message).into_owned())
    }

    fn heard(&mut self, message: &str) -> Option<News> {
        let field = |name: &str| {
            let value = message
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.map(|value| value.strip_prefix(' ').unwrap_or(value))
        };
        let data: Value = serde_json::from_str(field("data")?).ok()?;
        if field("event") == Some("over") {
            let status = serde_json::from_value(data["status"].clone()).ok()?;
            return Some(News::Over(status));
        }
        let id: u64 = field("id")?.parse().ok()?;
        if id <= self.last {
            return None;
        }
        self.last = id;
        Some(News::Event(data))
    }
}

#[cfg(test)]
mod tests;
