//! Settings, read once at start.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use baton_domain::Money;

use crate::http::HttpModel;
use crate::prices::{self, Price};
use crate::provider::{Keys, default_base_url};
use crate::secret::Secret;
use crate::{Model, ModelName};

/// A setting that stops the start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {message}")]
pub struct SettingError {
    /// The environment variable to mend.
    pub variable: &'static str,
    /// What is wrong and what would be right; never the value of a key.
    pub message: String,
}

impl SettingError {
    pub(crate) fn new(variable: &'static str, message: impl Into<String>) -> Self {
        Self {
            variable,
            message: message.into(),
        }
    }
}

/// Who serves a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    OpenAi,
    Anthropic,
    Gemini,
    Bedrock,
    Ollama,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
            Self::Ollama => "ollama",
        })
    }
}

/// All that is known of the model to ask.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) provider: Provider,
    pub(crate) model: String,
    /// Where the provider listens, without a slash at the end.
    pub(crate) base_url: String,
    pub(crate) keys: Keys,
    /// None where the model takes none.
    pub(crate) temperature: Option<f64>,
    pub(crate) max_tokens: u64,
    pub(crate) timeout: Duration,
    pub(crate) price: Price,
    /// Whether the model is one of the table, of which more is known.
    pub(crate) listed: bool,
    /// Whether it thinks before it answers.
    pub(crate) thinks: bool,
}

impl Settings {
    pub(crate) fn name(&self) -> ModelName {
        ModelName {
            provider: self.provider.to_string(),
            model: self.model.clone(),
        }
    }
}

/// The model that the environment configures, or none where it says `offline` or nothing.
///
/// | variable | |
/// |---|---|
/// | `MODEL_PROVIDER` | `openai`, `anthropic`, `gemini`, `bedrock`, `ollama` or `offline`, the default |
/// | `PRIMARY_MODEL` | the model's name at the provider |
/// | `MODEL_TEMPERATURE` | 0 to 2, 0.7 where not set; not sent to models that take none |
/// | `MODEL_MAX_TOKENS` | 1 to 100000 tokens of an answer, thoughts included; 2000 where not set |
/// | `MODEL_TIMEOUT_SECONDS` | 1 to 600 seconds for an answer with its retries and its repair; 20 where not set |
/// | `MODEL_BASE_URL` | where the provider listens, in place of its public address |
/// | `MODEL_PRICE_PER_MTOK_IN`, `…_OUT` | US dollars per million tokens, for models that are not in the price table |
/// | `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GEMINI_API_KEY` | the provider's key; the first may be absent with a `MODEL_BASE_URL` |
/// | `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | for `bedrock`; Lambda sets them |
///
/// # Errors
/// The first variable that is missing or bad. The process must not start then.
pub fn from_env() -> Result<Option<Arc<dyn Model>>, SettingError> {
    from_lookup(|name| std::env::var(name).ok())
}

/// The same from anything that answers a variable's value by its name.
///
/// # Errors
/// As [`from_env`].
pub fn from_lookup(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<Arc<dyn Model>>, SettingError> {
    let Some(settings) = read(lookup)? else {
        return Ok(None);
    };
    let model =
        HttpModel::new(settings).map_err(|problem| SettingError::new("MODEL_PROVIDER", problem))?;
    Ok(Some(Arc::new(model)))
}

pub(crate) fn read(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<Settings>, SettingError> {
    let lookup = |name: &'static str| {
        let value = lookup(name).map(|value| value.trim().to_owned());
        value.filter(|value| !value.is_empty())
    };
    let Some(provider) = provider(lookup("MODEL_PROVIDER").as_deref())? else {
        return Ok(None);
    };
    let model = required(&lookup, "PRIMARY_MODEL")?;
    let base_url = lookup("MODEL_BASE_URL");
    let keys = keys(provider, base_url.is_some(), &lookup)?;
    let base_url = match &base_url {
        Some(url) => checked_url("MODEL_BASE_URL", url)?,
        None => default_base_url(provider, &keys),
    };
    let listed = prices::find(provider, &model);
    let thinks = listed.is_some_and(|listed| listed.thinks);
    let temperature = number(&lookup, "MODEL_TEMPERATURE", 0.0..=2.0)?;
    let temperature = match (temperature, listed) {
        (_, Some(listed)) if listed.thinks => None,
        (None, Some(_)) => Some(0.7),
        // An unknown model may refuse a temperature, so it gets one only when told so.
        (given, _) => given.or((provider == Provider::Ollama).then_some(0.7)),
    };
    Ok(Some(Settings {
        provider,
        base_url,
        keys,
        temperature,
        max_tokens: number(&lookup, "MODEL_MAX_TOKENS", 1..=100_000)?.unwrap_or(2_000),
        timeout: Duration::from_secs(
            number(&lookup, "MODEL_TIMEOUT_SECONDS", 1..=600)?.unwrap_or(20),
        ),
        price: price(provider, &model, listed.map(|listed| listed.price), &lookup)?,
        listed: listed.is_some(),
        thinks,
        model,
    }))
}

fn provider(name: Option<&str>) -> Result<Option<Provider>, SettingError> {
    Ok(Some(match name {
        None | Some("offline") => return Ok(None),
        Some("openai") => Provider::OpenAi,
        Some("anthropic") => Provider::Anthropic,
        Some("gemini") => Provider::Gemini,
        Some("bedrock") => Provider::Bedrock,
        Some("ollama") => Provider::Ollama,
        Some(other) => {
            let message = format!(
                "must be openai, anthropic, gemini, bedrock, ollama or offline, not `{other}`"
            );
            return Err(SettingError::new("MODEL_PROVIDER", message));
        }
    }))
}

pub(crate) fn keys(
    provider: Provider,
    elsewhere: bool,
    lookup: &impl Fn(&'static str) -> Option<String>,
) -> Result<Keys, SettingError> {
    let key = |name| required(lookup, name).map(Secret::new);
    Ok(match provider {
        // Servers that speak OpenAI's language on one's own machine often want no key.
        Provider::OpenAi if elsewhere => {
            lookup("OPENAI_API_KEY").map_or(Keys::None, |key| Keys::Key(Secret::new(key)))
        }
        Provider::OpenAi => Keys::Key(key("OPENAI_API_KEY")?),
        Provider::Anthropic => Keys::Key(key("ANTHROPIC_API_KEY")?),
        Provider::Gemini => Keys::Key(key("GEMINI_API_KEY")?),
        Provider::Ollama => Keys::None,
        Provider::Bedrock => Keys::Aws {
            region: required(lookup, "AWS_REGION")?,
            id: required(lookup, "AWS_ACCESS_KEY_ID")?,
            secret: key("AWS_SECRET_ACCESS_KEY")?,
            session: lookup("AWS_SESSION_TOKEN").map(Secret::new),
        },
    })
}

/// The address without a slash at its end.
pub(crate) fn checked_url(variable: &'static str, url: &str) -> Result<String, SettingError> {
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"));
    // The text is not repeated: it may hold a password.
    if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['?', '#', '@', ' '])) {
        let message = "must be an http or https address without user, query or fragment";
        return Err(SettingError::new(variable, message));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn price(
    provider: Provider,
    model: &str,
    listed: Option<Price>,
    lookup: &impl Fn(&'static str) -> Option<String>,
) -> Result<Price, SettingError> {
    const INPUT: &str = "MODEL_PRICE_PER_MTOK_IN";
    const OUTPUT: &str = "MODEL_PRICE_PER_MTOK_OUT";
    let dollars = |name| {
        let usd: Option<f64> = number(lookup, name, 0.0..=10_000.0)?;
        let money = usd.map(Money::from_usd).transpose();
        money.map_err(|problem| SettingError::new(name, problem))
    };
    match (dollars(INPUT)?, dollars(OUTPUT)?) {
        (Some(input), Some(output)) => Ok(Price {
            input: input.micro_usd(),
            output: output.micro_usd(),
            long: None,
        }),
        (Some(_), None) => Err(SettingError::new(OUTPUT, "must be set with the other price")),
        (None, Some(_)) => Err(SettingError::new(INPUT, "must be set with the other price")),
        (None, None) if provider == Provider::Ollama => Ok(Price::FREE),
        (None, None) => listed.ok_or_else(|| {
            let message = format!(
                "the price of {provider}/{model} is not known, so no budget would hold: set {INPUT} \
                 and {OUTPUT} in US dollars per million tokens, or choose a model of the table"
            );
            SettingError::new("PRIMARY_MODEL", message)
        }),
    }
}

pub(crate) fn required(
    lookup: &impl Fn(&'static str) -> Option<String>,
    name: &'static str,
) -> Result<String, SettingError> {
    lookup(name).ok_or_else(|| SettingError::new(name, "is not set, and the provider needs it"))
}

pub(crate) fn number<N: FromStr + PartialOrd + fmt::Display>(
    lookup: &impl Fn(&'static str) -> Option<String>,
    name: &'static str,
    range: RangeInclusive<N>,
) -> Result<Option<N>, SettingError> {
    let Some(text) = lookup(name) else {
        return Ok(None);
    };
    let parsed: Option<N> = text.parse().ok();
    match parsed.filter(|number| range.contains(number)) {
        Some(number) => Ok(Some(number)),
        None => Err(SettingError::new(
            name,
            format!(
                "must be a number from {} to {}, not `{text}`",
                range.start(),
                range.end()
            ),
        )),
    }
}

#[cfg(test)]
mod tests;
