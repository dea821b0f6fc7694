//! A model behind HTTP: sends, retries, counts.

use std::time::Duration;

use async_trait::async_trait;
use baton_domain::Timestamp;
use reqwest::{Client, Response, redirect};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::provider::{self, Keys, Outgoing, Reply};
use crate::retry::{self, RETRIES};
use crate::settings::Settings;
use crate::{Completion, Model, ModelError, ModelName, Prompt, Spent};

/// To connect takes milliseconds, or something is wrong that another attempt may mend.
const CONNECT: Duration = Duration::from_secs(3);

/// The largest answer that is read, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// How much of a provider's complaint is repeated, in characters.
const SHOWN: usize = 300;

pub(crate) struct HttpModel {
    settings: Settings,
    client: Client,
}

/// Why an attempt failed.
pub(crate) enum Failure {
    /// Another attempt may succeed, after a pause that the provider may have asked for.
    Transient(String, Option<Duration>),
    /// None will.
    Final(ModelError),
}

impl HttpModel {
    /// # Errors
    /// When no TLS client can be made, as where the system has no certificates.
    pub(crate) fn new(settings: Settings) -> Result<Self, String> {
        Ok(Self {
            settings,
            client: client()?,
        })
    }

    async fn attempt(&self, prompt: &Prompt, schema: &Value) -> Result<Completion, Failure> {
        let settings = &self.settings;
        let request = provider::outgoing(settings, prompt, schema, Timestamp::now());
        let sent = request.body.len() as u64;
        let body = exchange(&self.client, request, &settings.keys, MAX_BODY).await?;
        self.completion(provider::read(self.settings.provider, &body), sent)
    }

    /// Counts what the provider did not count at the most that it can be: a token is at least a
    /// byte. So what is reported spent is never less than what is billed.
    fn completion(&self, reply: Reply, sent: u64) -> Result<Completion, Failure> {
        let input_tokens = reply.input_tokens.unwrap_or(sent);
        let output_tokens = reply.output_tokens.unwrap_or(self.settings.max_tokens);
        let completion = Completion {
            text: reply.text.unwrap_or_default(),
            input_tokens,
            output_tokens,
            cost: self.settings.price.of(input_tokens, output_tokens),
        };
        match reply.declined {
            Some(reason) => Err(Failure::Final(ModelError::Declined {
                reason,
                spent: Spent::from(&completion),
            })),
            None => Ok(completion),
        }
    }
}

/// # Errors
/// When no TLS client can be made.
pub(crate) fn client() -> Result<Client, String> {
    // Whoever installed one first has chosen the same, since only ring is linked.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(CONNECT)
        // A redirect would take the key to another host.
        .redirect(redirect::Policy::none())
        .build();
    client.map_err(|error| format!("no HTTP client: {}", chain(&error)))
}

/// Sends a request and reads the JSON of its answer, of so many bytes at most.
pub(crate) async fn exchange(
    client: &Client,
    request: Outgoing,
    keys: &Keys,
    most: usize,
) -> Result<Value, Failure> {
    let mut builder = client.post(request.url).body(request.body);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let mut response = builder.send().await.map_err(|error| unreached(&error))?;
    let status = response.status().as_u16();
    let asked = response.headers().get("retry-after");
    let asked = asked.and_then(|value| value.to_str().ok());
    let asked = asked.and_then(|value| retry::retry_after(value, Timestamp::now()));
    let body = read_body(&mut response, most).await?;
    if !response.status().is_success() {
        return Err(refused(keys, status, &body, asked));
    }
    serde_json::from_slice(&body)
        .map_err(|_| Failure::Transient("its answer is not JSON".to_owned(), None))
}

fn refused(keys: &Keys, status: u16, body: &[u8], asked: Option<Duration>) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &body["error"];
    // Every provider has its own place for it; Ollama's `error` is the text itself.
    let said = [&error["message"], &body["message"], error];
    let said = said.into_iter().find_map(Value::as_str).unwrap_or("");
    let said: String = keys.redact(said).chars().take(SHOWN).collect();
    if retry::is_transient(status) {
        return Failure::Transient(format!("status {status} {said}"), asked);
    }
    let message = said;
    Failure::Final(ModelError::Refused { status, message })
}

/// Up to three attempts, all of them and the pauses between them within the time limit. A pause that
/// would not leave any time is not made. `salt` spreads the pauses.
pub(crate) async fn attempts<T, F: Future<Output = Result<T, Failure>>>(
    limit: Duration,
    salt: &str,
    attempt: impl Fn() -> F,
) -> Result<T, ModelError> {
    let deadline = Instant::now() + limit;
    let mut retry = 0;
    loop {
        let (problem, asked) = match timeout_at(deadline, attempt()).await {
            Err(_) => return Err(ModelError::Timeout(limit)),
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(Failure::Final(error))) => return Err(error),
            Ok(Err(Failure::Transient(problem, asked))) => (problem, asked),
        };
        let pause = retry::pause(retry, asked, salt);
        let late = Instant::now()
            .checked_add(pause)
            .is_none_or(|at| at >= deadline);
        if retry == RETRIES || late {
            return Err(ModelError::Unavailable(problem));
        }
        sleep(pause).await;
        retry += 1;
    }
}

#[async_trait]
impl Model for HttpModel {
    fn describe(&self) -> ModelName {
        self.settings.name()
    }

    async fn complete(&self, prompt: &Prompt, schema: &Value) -> Result<Completion, ModelError> {
        let attempt = || self.attempt(prompt, schema);
        attempts(self.settings.timeout, &prompt.user, attempt).await
    }

    fn time_limit(&self) -> Duration {
        self.settings.timeout
    }
}

async fn read_body(response: &mut Response, most: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreached(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > most {
            let problem = format!("its answer is larger than {most} bytes");
            return Err(Failure::Transient(problem, None));
        }
    }
    Ok(body)
}

fn unreached(error: &reqwest::Error) -> Failure {
    Failure::Transient(chain(error), None)
}

/// An error with its causes, without the address, which may hold what is nobody's business.
fn chain(error: &reqwest::Error) -> String {
    let mut text = if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the exchange failed".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
