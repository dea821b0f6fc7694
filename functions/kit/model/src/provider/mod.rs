//! What each provider is sent, and how its answer reads. Nothing here sends anything.

mod anthropic;
mod bedrock;
mod gemini;
pub(crate) mod image;
mod ollama;
mod openai;
mod sigv4;

use baton_domain::Timestamp;
use serde_json::Value;

use crate::Prompt;
use crate::secret::Secret;
use crate::settings::{Provider, Settings};

/// What a provider knows its caller by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Keys {
    None,
    Key(Secret),
    Aws {
        region: String,
        id: String,
        secret: Secret,
        session: Option<Secret>,
    },
}

impl Keys {
    /// The secret in a header, or nothing.
    fn header(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key.reveal()),
            _ => None,
        }
    }

    /// `text` without any of the keys.
    pub(crate) fn redact(&self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Key(key) => key.redact(text),
            Self::Aws {
                secret, session, ..
            } => {
                let text = secret.redact(text);
                session
                    .as_ref()
                    .map_or(text.clone(), |key| key.redact(&text))
            }
        }
    }
}

/// One request, ready to be sent.
pub(crate) struct Outgoing {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reply {
    /// The text, where there is any.
    pub(crate) text: Option<String>,
    /// Why there is none, in the provider's word.
    pub(crate) declined: Option<String>,
    /// Tokens sent, where they were counted.
    pub(crate) input_tokens: Option<u64>,
    /// Tokens received, where they were counted.
    pub(crate) output_tokens: Option<u64>,
}

pub(crate) fn default_base_url(provider: Provider, keys: &Keys) -> String {
    match (provider, keys) {
        (Provider::OpenAi, _) => "https://api.openai.com/v1".to_owned(),
        (Provider::Anthropic, _) => "https://api.anthropic.com".to_owned(),
        (Provider::Gemini, _) => "https://generativelanguage.googleapis.com".to_owned(),
        (Provider::Bedrock, Keys::Aws { region, .. }) => {
            format!("https://bedrock-runtime.{region}.amazonaws.com")
        }
        (Provider::Ollama | Provider::Bedrock, _) => "http://127.0.0.1:11434".to_owned(),
    }
}

/// The request for one attempt, at this time.
pub(crate) fn outgoing(
    settings: &Settings,
    prompt: &Prompt,
    schema: &Value,
    now: Timestamp,
) -> Outgoing {
    let prompt = Prompt {
        system: told(&prompt.system, schema),
        ..prompt.clone()
    };
    match settings.provider {
        Provider::OpenAi => openai::outgoing(settings, &prompt, schema),
        Provider::Anthropic => anthropic::outgoing(settings, &prompt, schema),
        Provider::Gemini => gemini::outgoing(settings, &prompt, schema),
        Provider::Ollama => ollama::outgoing(settings, &prompt, schema),
        Provider::Bedrock => bedrock::outgoing(settings, &prompt, schema, now),
    }
}

/// What the provider's answer says.
pub(crate) fn read(provider: Provider, body: &Value) -> Reply {
    match provider {
        Provider::OpenAi => openai::read(body),
        Provider::Anthropic => anthropic::read(body),
        Provider::Gemini => gemini::read(body),
        Provider::Ollama => ollama::read(body),
        Provider::Bedrock => bedrock::read(body),
    }
}

/// The system part with the schema. Providers constrain the shape of an answer at most; lengths and
/// bounds the model has to be told.
fn told(system: &str, schema: &Value) -> String {
    format!(
        "{system}\n\nAnswer with one JSON value and nothing else. It must follow this JSON Schema, \
         lengths and bounds included:\n{schema}"
    )
}

/// A JSON request with the content type that all providers want.
fn json_request(url: String, body: &Value) -> Outgoing {
    Outgoing {
        url,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The texts of a list of parts, in order, and none where there is no text.
fn joined<'a>(parts: impl Iterator<Item = &'a Value>) -> Option<String> {
    let text: String = parts.filter_map(Value::as_str).collect();
    (!text.is_empty()).then_some(text)
}

/// A sum of counts, where the first is there.
fn sum(first: &Value, more: &Value) -> Option<u64> {
    Some(first.as_u64()? + more.as_u64().unwrap_or(0))
}
