//! What providers tell when a video ends.
//!
//! D-ID posts the talk to the address that it was submitted with, and signs nothing. HeyGen posts
//! events, and signs those for a registered endpoint: HMAC-SHA256 of the body in hexadecimal, in the
//! header `Signature` (`Heygen-Signature` since its third version). What is not signed is known by
//! the address: [`sealed_url`] puts a token into it that only this house can make, for one reference.
//! A message that was told twice is harmless: a run ends once.

use baton_domain::video::{Delivery, JobState, Provider, VideoEvent, VideoWebhooks, WebhookError};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use serde_json::Value;
use sha2::Sha256;

use super::{d_id, done, failed, id, seal};
use crate::{Secret, SettingError};

/// The largest message that is read, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// The fewest bytes of a secret of this house.
const MIN_SECRET: usize = 32;

/// The name of the token in an address.
const TOKEN: &str = "token";

/// What webhooks are known by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookSecrets {
    /// What tokens of addresses are made with.
    pub tokens: Option<Secret>,
    /// What HeyGen signs with.
    pub heygen: Option<Secret>,
}

impl WebhookSecrets {
    /// What tokens of addresses are made with, at least 32 bytes.
    pub const TOKENS: &'static str = "VIDEO_WEBHOOK_SECRET";
    /// The secret that HeyGen answered when the endpoint was registered.
    pub const HEYGEN: &'static str = "HEYGEN_WEBHOOK_SECRET";

    /// The secrets that the environment names.
    ///
    /// # Errors
    /// As [`WebhookSecrets::from_lookup`].
    pub fn from_env() -> Result<Self, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Whether any message could be believed.
    pub fn is_configured(&self) -> bool {
        self.tokens.is_some() || self.heygen.is_some()
    }

    /// The secrets from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// A secret that is too short, by name.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let set = |name| {
            lookup(name)
                .filter(|value| !value.is_empty())
                .map(Secret::new)
        };
        let tokens = set(Self::TOKENS);
        if tokens
            .as_ref()
            .is_some_and(|secret| secret.reveal().len() < MIN_SECRET)
        {
            return Err(SettingError {
                variable: Self::TOKENS,
                message: "must have at least 32 bytes",
            });
        }
        Ok(Self {
            tokens,
            heygen: set(Self::HEYGEN),
        })
    }
}

impl VideoWebhooks for WebhookSecrets {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Option<VideoEvent>, WebhookError> {
        parse(self, delivery)
    }
}

/// An address with a token for one reference.
pub fn sealed_url(url: &str, tokens: &Secret, reference: &str) -> Option<String> {
    let mut url: Url = url.parse().ok()?;
    url.query_pairs_mut()
        .append_pair(TOKEN, &seal(tokens, reference));
    Some(url.to_string())
}

/// What a message tells; none where it is of a kind that does not matter here and is to be
/// acknowledged.
///
/// # Errors
/// As [`WebhookError`] says; nothing of an unauthenticated message is answered.
pub fn parse(
    secrets: &WebhookSecrets,
    delivery: &Delivery<'_>,
) -> Result<Option<VideoEvent>, WebhookError> {
    let malformed = |problem: &str| WebhookError::Malformed(problem.to_owned());
    if delivery.body.len() > MAX_BODY {
        return Err(malformed("it is larger than 256 KiB"));
    }
    let signed = is_signed(secrets, delivery);
    let body: Result<Value, _> = serde_json::from_slice(delivery.body);
    let reference = body.as_ref().ok().and_then(|body| match delivery.provider {
        Provider::DId => body["user_data"].as_str(),
        Provider::HeyGen => body["event_data"]["callback_id"].as_str(),
    });
    if !signed {
        authenticate(secrets, delivery, reference)?;
    }
    let reference = reference.map(str::to_owned);
    let body = body.map_err(|_| malformed("it is not JSON"))?;
    let told = match delivery.provider {
        Provider::DId => Some((id(&body["id"])?, d_id::state(&body)?)),
        Provider::HeyGen => heygen(&body)?,
    };
    Ok(told.map(|(job_id, state)| VideoEvent {
        provider: delivery.provider,
        job_id,
        reference,
        state,
    }))
}

fn heygen(body: &Value) -> Result<Option<(String, JobState)>, WebhookError> {
    let data = &body["event_data"];
    let state = match body["event_type"].as_str() {
        Some("avatar_video.success") => {
            let url = if data["url"].is_string() {
                &data["url"]
            } else {
                &data["video_url"]
            };
            done(url, &data["duration"])?
        }
        Some("avatar_video.fail") => failed(&[
            &data["msg"],
            &data["failure_message"],
            &data["error"]["message"],
            &data["error"],
        ]),
        Some(_) => return Ok(None),
        None => return Err(WebhookError::Malformed("it has no event_type".to_owned())),
    };
    Ok(Some((id(&data["video_id"])?, state)))
}

fn is_signed(secrets: &WebhookSecrets, delivery: &Delivery<'_>) -> bool {
    let (Provider::HeyGen, Some(secret)) = (delivery.provider, &secrets.heygen) else {
        return false;
    };
    delivery
        .signature
        .is_some_and(|signature| verifies(secret, delivery.body, signature))
}

fn authenticate(
    secrets: &WebhookSecrets,
    delivery: &Delivery<'_>,
    reference: Option<&str>,
) -> Result<(), WebhookError> {
    let has_own = delivery.provider == Provider::HeyGen && secrets.heygen.is_some();
    let Some(tokens) = &secrets.tokens else {
        return Err(if has_own {
            WebhookError::Unauthenticated
        } else {
            WebhookError::NotConfigured
        });
    };
    let known = reference.zip(delivery.token);
    let right =
        known.is_some_and(|(reference, token)| verifies(tokens, reference.as_bytes(), token));
    if right {
        Ok(())
    } else {
        Err(WebhookError::Unauthenticated)
    }
}

/// Whether `hexadecimal` is the HMAC of `text`, compared in constant time.
fn verifies(secret: &Secret, text: &[u8], hexadecimal: &str) -> bool {
    let digit = |b: u8| char::from(b).to_digit(16);
    let bytes: Option<Vec<u8>> = hexadecimal
        .trim()
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect();
    let mac = mac(secret, text);
    bytes
        .zip(mac)
        .is_some_and(|(bytes, mac)| mac.verify_slice(&bytes).is_ok())
}

/// HMAC takes keys of every length.
pub(super) fn mac(secret: &Secret, text: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(text);
    Some(mac)
}
