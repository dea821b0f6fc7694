//! The platform function `videos`: keeps the token of the task that waits for a run's video, and what
//! a provider tells of it wakes the task.
//!
//! A provider's word only wakes the workflow, which then asks the provider how far the video is: who
//! could forge it could not put in another video. A word that is lost costs time alone, since the
//! task waits no longer than until the next poll. A word that comes before the task waits is kept.

use std::sync::Arc;

use baton_domain::item::{Condition, Item, Key, Table};
use baton_domain::ports::Told;
use baton_domain::video::{Delivery, JobState, VideoWebhooks, WebhookError};
use baton_domain::{FieldError, RunId, TenantId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::function::Operation;
use crate::{App, AppError, FunctionError};

/// How long a token or a word is kept: longer than a workflow waits for a video.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How this Baton hears of videos.
#[derive(Clone)]
pub(crate) struct VideoNews {
    webhooks: Arc<dyn VideoWebhooks>,
    /// Where providers tell, up to the tenant; none reaches an address that is not https.
    url: Option<String>,
}

/// The payload of `await`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    tenant_id: TenantId,
    run_id: RunId,
    attempt: u32,
    token: String,
}

/// That a provider told of a run's video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    /// No task was woken by it yet.
    New,
    /// One was.
    Told,
}

/// What became of a provider's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoHeard {
    /// A task was woken.
    Woken,
    /// It is kept for the task that will wait.
    Kept,
    /// Nobody waits for it, or a task was woken before.
    Ignored,
}

impl App {
    /// The same, believing what these make of providers' messages. Providers are given an address
    /// under `public_url` where that is https.
    #[must_use]
    pub fn with_video_webhooks(
        self,
        webhooks: Arc<dyn VideoWebhooks>,
        public_url: Option<&str>,
    ) -> Self {
        let public_url = public_url.filter(|url| url.starts_with("https://"));
        let url = public_url.map(|url| format!("{}/webhooks/videos", url.trim_end_matches('/')));
        let video_news = Some(VideoNews { webhooks, url });
        Self { video_news, ..self }
    }

    /// Where providers tell of a tenant's videos; they add their names.
    pub(crate) fn video_webhook_url(&self, tenant: &TenantId) -> Option<String> {
        let url = self.video_news.as_ref()?.url.as_ref()?;
        Some(format!("{url}/{tenant}"))
    }

    /// Does one operation of the function: `await`.
    ///
    /// # Errors
    /// With one of [`FunctionError::CODES`].
    pub async fn videos(&self, payload: Value) -> Result<Value, FunctionError> {
        let operation = Operation::of(payload)?;
        match operation.op.as_str() {
            "await" => {
                let waiting: Waiting = operation.fields()?;
                if waiting.token.is_empty() {
                    let error = FieldError::new("token", "must not be empty");
                    return Err(FunctionError::invalid(&error));
                }
                let woken = self.await_video(&waiting).await?;
                Ok(json!({"woken": woken}))
            }
            _ => Err(operation.unknown("await")),
        }
    }

    /// Keeps the token; wakes its task at once where the word was there first.
    async fn await_video(&self, waiting: &Waiting) -> Result<bool, AppError> {
        let (tenant, run_id) = (&waiting.tenant_id, waiting.run_id);
        let run = self.load_run(tenant, run_id).await?;
        if run.status.is_over() || run.attempt != waiting.attempt {
            let message = "the run is over, or another execution carries it on";
            return Err(AppError::RunConflict(message.to_owned()));
        }
        let (token, news) = (
            Key::video_token(tenant, run_id),
            Key::video_news(tenant, run_id),
        );
        self.keep_for_a_day(token, &waiting.token).await?;
        let word = self.ports.items.get(Table::Runs, &news).await?;
        let is_new = word.and_then(|item| item.parse()) == Some(Word::New);
        if is_new {
            self.wake(tenant, run_id, &waiting.token).await?;
        }
        Ok(is_new)
    }

    /// Hears what a provider tells of a tenant's video.
    ///
    /// # Errors
    /// [`AppError::Webhook`] where the message is not believed or cannot be used; when the store or
    /// the workflows do not answer: the provider may tell again.
    pub async fn hear_of_video(
        &self,
        tenant: &TenantId,
        delivery: &Delivery<'_>,
    ) -> Result<VideoHeard, AppError> {
        let news = self.video_news.as_ref();
        let news = news.ok_or(AppError::Webhook(WebhookError::NotConfigured))?;
        let Some(event) = news.webhooks.read(delivery).map_err(AppError::Webhook)? else {
            return Ok(VideoHeard::Ignored);
        };
        let run_id: Option<RunId> = event.reference.and_then(|run| run.parse().ok());
        let Some(run_id) = run_id.filter(|_| event.state != JobState::Processing) else {
            return Ok(VideoHeard::Ignored);
        };
        match self.load_run(tenant, run_id).await {
            Ok(run) if !run.status.is_over() => {}
            Ok(_) | Err(AppError::NotFound(_)) => return Ok(VideoHeard::Ignored),
            Err(error) => return Err(error),
        }
        let news = Key::video_news(tenant, run_id);
        let word = self.ports.items.get(Table::Runs, &news).await?;
        if word.and_then(|item| item.parse()) == Some(Word::Told) {
            return Ok(VideoHeard::Ignored);
        }
        // The word first, then the token; the task's token first, then the word: one of the two
        // sees the other.
        self.keep_for_a_day(news, &Word::New).await?;
        let token = Key::video_token(tenant, run_id);
        let token = self.ports.items.get(Table::Runs, &token).await?;
        match token.and_then(|item| item.parse::<String>()) {
            Some(token) => self.wake(tenant, run_id, &token).await,
            None => Ok(VideoHeard::Kept),
        }
    }

    /// Wakes a task; once it was, no other word wakes one: who repeats a message moves nothing.
    async fn wake(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        token: &str,
    ) -> Result<VideoHeard, AppError> {
        let word = json!({"told": true});
        match self.ports.callbacks.succeed(token, &word).await? {
            Told::Yes => {
                let news = Key::video_news(tenant, run_id);
                self.keep_for_a_day(news, &Word::Told).await?;
                tracing::info!(%run_id, "the task that waits for a video was woken");
                Ok(VideoHeard::Woken)
            }
            Told::NobodyWaits => Ok(VideoHeard::Kept),
        }
    }

    async fn keep_for_a_day(&self, key: Key, document: &impl Serialize) -> Result<(), AppError> {
        let mut item = Item::document(key, document);
        item.expires_at = Some(self.ports.clock.now() + KEPT);
        let put = self.ports.items.put(Table::Runs, &item, &Condition::Always);
        put.await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
