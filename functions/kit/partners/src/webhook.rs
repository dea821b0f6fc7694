//! Notices to a webhook: any receiver of JSON, or a Slack channel.
//!
//! Links in notices decide in the name of the person that they are for: who reads the channel can
//! use them. A receiver of JSON can pass each on to its `to` alone.

mod payload;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use baton_domain::ports::{Deliveries, DeliveryError, Notice};
use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

use crate::settings::is_this_machine;
use crate::tls::tls;
use crate::{Secret, SettingError};
use payload::{body, signature};

const TIMEOUT: Duration = Duration::from_secs(5);

/// The signature of the body: `sha256=` and its HMAC-SHA256 in hexadecimal.
const SIGNATURE: HeaderName = HeaderName::from_static("x-baton-signature");

/// The notice's id: who gets it twice may drop the second.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The fewest bytes of a secret.
const MIN_SECRET: usize = 32;

/// What a webhook is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The notice as JSON.
    Json,
    /// A message for a Slack channel, or for what takes the same.
    Slack,
}

/// Where notices go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// The address; it often holds a key of its own and is not shown.
    url: Secret,
    secret: Option<Secret>,
    format: Format,
}

impl WebhookSettings {
    /// The address that notices are posted to. Without it they go nowhere.
    pub const URL: &'static str = "NOTIFY_WEBHOOK_URL";
    /// What bodies are signed with, at least 32 bytes; without it they are not signed.
    pub const SECRET: &'static str = "NOTIFY_WEBHOOK_SECRET";
    /// `json` or `slack`; `json` when it is not set.
    pub const FORMAT: &'static str = "NOTIFY_FORMAT";

    /// Reads the settings from the environment; none where no address is set.
    ///
    /// # Errors
    /// A setting that means nothing, by name.
    pub fn from_env() -> Result<Option<Self>, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`WebhookSettings::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SettingError> {
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        let refused = |variable, message| SettingError { variable, message };
        let format = match set(Self::FORMAT).as_deref() {
            None | Some("json") => Format::Json,
            Some("slack") => Format::Slack,
            Some(_) => return Err(refused(Self::FORMAT, "must be json or slack")),
        };
        let secret = set(Self::SECRET).map(Secret::new);
        if secret
            .as_ref()
            .is_some_and(|secret| secret.reveal().len() < MIN_SECRET)
        {
            return Err(refused(Self::SECRET, "must have at least 32 bytes"));
        }
        set(Self::URL)
            .map(|url| Self::new(&url, secret, format))
            .transpose()
    }

    /// Notices to `url`, signed with `secret`.
    ///
    /// # Errors
    /// An address that is not one, or that would carry links in clear over a network.
    pub fn new(url: &str, secret: Option<Secret>, format: Format) -> Result<Self, SettingError> {
        let refused = |message| SettingError {
            variable: Self::URL,
            message,
        };
        let parsed: Url = url
            .parse()
            .map_err(|_| refused("must be a URL such as https://hooks.example.com/T0/B0"))?;
        match parsed.scheme() {
            "https" => {}
            "http" if is_this_machine(&parsed) => {}
            _ => return Err(refused("must be https: links go over no network in clear")),
        }
        let url = Secret::new(url);
        Ok(Self {
            url,
            secret,
            format,
        })
    }
}

/// Posts notices, each once.
#[derive(Clone)]
pub struct Webhook {
    http: Client,
    settings: WebhookSettings,
}

impl Webhook {
    /// A webhook. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: WebhookSettings) -> Result<Self, SettingError> {
        let unusable = SettingError {
            variable: WebhookSettings::URL,
            message: "no connection can be set up",
        };
        let http = Client::builder()
            .tls_backend_preconfigured(tls().map_err(|_| unusable.clone())?)
            .user_agent(concat!("baton/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .build()
            .map_err(|_| unusable)?;
        Ok(Self { http, settings })
    }

    /// The webhook that the environment asks for; none where no address is set.
    ///
    /// # Errors
    /// As [`WebhookSettings::from_env`].
    pub fn from_env() -> Result<Option<Self>, SettingError> {
        WebhookSettings::from_env()?.map(Self::new).transpose()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhook").field(&self.settings).finish()
    }
}

#[async_trait]
impl Deliveries for Webhook {
    async fn deliver(&self, notice: &Notice) -> Result<(), DeliveryError> {
        let body = body(notice, self.settings.format);
        let mut request = self
            .http
            .post(self.settings.url.reveal())
            .header(CONTENT_TYPE, "application/json")
            .header(KEY, &notice.notice_id);
        if let Some(secret) = &self.settings.secret {
            request = request.header(SIGNATURE, signature(secret, &body));
        }
        // The error's own text would quote the address.
        let answer = request.body(body).send().await;
        let answer = answer.map_err(|error| {
            failed(
                if error.is_timeout() {
                    "the webhook did not answer in time"
                } else {
                    "the webhook cannot be reached"
                },
                true,
            )
        })?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(refusal(status)),
        }
    }
}

fn failed(reason: &str, transient: bool) -> DeliveryError {
    DeliveryError {
        reason: reason.to_owned(),
        transient,
    }
}

fn refusal(status: StatusCode) -> DeliveryError {
    let transient = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    failed(
        &format!("the webhook answered {}", status.as_u16()),
        transient,
    )
}

#[cfg(test)]
mod tests;
