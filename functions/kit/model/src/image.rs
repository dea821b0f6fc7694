//! Pictures from a model: the port, and the client behind it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use baton_domain::{Money, Timestamp};
use reqwest::Client;

use crate::http::{Failure, attempts, client, exchange};
use crate::provider::{Keys, default_base_url, image};
use crate::settings::{Provider, checked_url, keys, number, required};
use crate::{ModelError, ModelName, SettingError, Spent};

/// The largest answer that is read, in bytes: a picture of some megapixels in base64.
const MAX_BODY: usize = 12 * 1024 * 1024;

/// What a picture is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As wide as high.
    Square,
    /// Three wide, two high.
    Landscape,
    /// Two wide, three high.
    Portrait,
}

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOrder {
    /// What is to be seen, in up to 512 characters, which every model takes.
    pub prompt: String,
    /// In which shape; how many pixels it has is the model's.
    pub shape: Shape,
    /// For models that draw the same from the same seed.
    pub seed: u32,
}

/// A picture as it came: not yet looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// What should be a PNG.
    pub bytes: Vec<u8>,
    /// What was spent.
    pub spent: Spent,
}

/// A model that draws.
#[async_trait]
pub trait ImageModel: Send + Sync {
    /// Which model this is.
    fn describe(&self) -> ModelName;

    /// Draws one picture.
    ///
    /// # Errors
    /// When there is none.
    async fn draw(&self, order: &ImageOrder) -> Result<Drawing, ModelError>;
}

/// All that is known of the model to ask.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) provider: Provider,
    pub(crate) model: String,
    /// Where the provider listens, without a slash at the end.
    pub(crate) base_url: String,
    pub(crate) keys: Keys,
    pub(crate) quality: Option<String>,
    timeout: Duration,
    price: Money,
}

/// The model for pictures that the environment configures, or none where it says `offline` or
/// nothing.
///
/// | variable | |
/// |---|---|
/// | `IMAGE_PROVIDER` | `openai`, `bedrock` or `offline`, the default |
/// | `IMAGE_MODEL` | the model's name at the provider, such as `gpt-image-1` or `amazon.nova-canvas-v1:0` |
/// | `IMAGE_PRICE_USD` | US dollars per picture of that model and quality: without it no budget would hold |
/// | `IMAGE_QUALITY` | the provider's word; `medium` at `openai`, `standard` at `bedrock` where not set |
/// | `IMAGE_TIMEOUT_SECONDS` | 1 to 600 seconds for a picture with its retries; 60 where not set |
/// | `IMAGE_BASE_URL` | where the provider listens, in place of its public address |
/// | keys | as for language models: see [`crate::from_env`] |
///
/// # Errors
/// The first variable that is missing or bad. The process must not start then.
pub fn images_from_env() -> Result<Option<Arc<dyn ImageModel>>, SettingError> {
    images_from_lookup(|name| std::env::var(name).ok())
}

/// The same from anything that answers a variable's value by its name.
///
/// # Errors
/// As [`images_from_env`].
pub fn images_from_lookup(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<Arc<dyn ImageModel>>, SettingError> {
    let Some(settings) = read(lookup)? else {
        return Ok(None);
    };
    let client = client().map_err(|problem| SettingError::new("IMAGE_PROVIDER", problem))?;
    Ok(Some(Arc::new(HttpImages { settings, client })))
}

fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Settings>, SettingError> {
    let lookup = |name: &'static str| {
        let value = lookup(name).map(|value| value.trim().to_owned());
        value.filter(|value| !value.is_empty())
    };
    let provider = match lookup("IMAGE_PROVIDER").as_deref() {
        None | Some("offline") => return Ok(None),
        Some("openai") => Provider::OpenAi,
        Some("bedrock") => Provider::Bedrock,
        Some(other) => {
            let message = format!("must be openai, bedrock or offline, not `{other}`");
            return Err(SettingError::new("IMAGE_PROVIDER", message));
        }
    };
    let base_url = lookup("IMAGE_BASE_URL");
    let keys = keys(provider, base_url.is_some(), &lookup)?;
    let usd: Option<f64> = number(&lookup, "IMAGE_PRICE_USD", 0.0..=100.0)?;
    let usd = usd.ok_or_else(|| {
        let message = "is not set: how many US dollars a picture costs must be known to be charged";
        SettingError::new("IMAGE_PRICE_USD", message)
    })?;
    let price = Money::from_usd(usd);
    Ok(Some(Settings {
        provider,
        model: required(&lookup, "IMAGE_MODEL")?,
        base_url: match &base_url {
            Some(url) => checked_url("IMAGE_BASE_URL", url)?,
            None => default_base_url(provider, &keys),
        },
        keys,
        quality: lookup("IMAGE_QUALITY"),
        timeout: Duration::from_secs(
            number(&lookup, "IMAGE_TIMEOUT_SECONDS", 1..=600)?.unwrap_or(60),
        ),
        price: price.map_err(|problem| SettingError::new("IMAGE_PRICE_USD", problem))?,
    }))
}

struct HttpImages {
    settings: Settings,
    client: Client,
}

#[async_trait]
impl ImageModel for HttpImages {
    fn describe(&self) -> ModelName {
        ModelName {
            provider: self.settings.provider.to_string(),
            model: self.settings.model.clone(),
        }
    }

    async fn draw(&self, order: &ImageOrder) -> Result<Drawing, ModelError> {
        let attempt = || self.attempt(order);
        attempts(self.settings.timeout, &order.prompt, attempt).await
    }
}

impl HttpImages {
    async fn attempt(&self, order: &ImageOrder) -> Result<Drawing, Failure> {
        let settings = &self.settings;
        let request = image::outgoing(settings, order, Timestamp::now());
        let body = exchange(&self.client, request, &settings.keys, MAX_BODY).await?;
        let (picture, (input_tokens, output_tokens)) = image::read(settings.provider, &body);
        let spent = Spent {
            input_tokens,
            output_tokens,
            cost: settings.price,
        };
        let picture =
            picture.map_err(|reason| Failure::Final(ModelError::Declined { reason, spent }))?;
        let bytes = STANDARD.decode(picture.trim()).map_err(|_| {
            let problem = "the picture is not base64".to_owned();
            Failure::Final(ModelError::Unusable { problem, spent })
        })?;
        Ok(Drawing { bytes, spent })
    }
}

/// Draws what it was told to draw, and keeps what it was asked: for the tests of agents. Describes
/// itself as `scripted/images`.
#[derive(Debug, Default)]
pub struct ScriptedImages {
    drawings: Mutex<VecDeque<Result<Drawing, ModelError>>>,
    asked: Mutex<Vec<ImageOrder>>,
}

impl ScriptedImages {
    /// A model that draws or fails so, first to last, and is unavailable then.
    pub fn new(drawings: impl IntoIterator<Item = Result<Drawing, ModelError>>) -> Self {
        Self {
            drawings: Mutex::new(drawings.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    /// Every order so far.
    pub fn asked(&self) -> Vec<ImageOrder> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

#[async_trait]
impl ImageModel for ScriptedImages {
    fn describe(&self) -> ModelName {
        ModelName {
            provider: "scripted".to_owned(),
            model: "images".to_owned(),
        }
    }

    async fn draw(&self, order: &ImageOrder) -> Result<Drawing, ModelError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(order.clone());
        let mut drawings = self.drawings.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Err(ModelError::Unavailable("the script has ended".to_owned()));
        drawings.pop_front().unwrap_or_else(none)
    }
}

#[cfg(test)]
mod tests;
