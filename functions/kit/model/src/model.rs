//! The port: one prompt in, one completion out, and what it cost.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use baton_domain::Money;
use serde_json::Value;

use crate::ModelError;

/// What is asked of a model. Made from a [`crate::PromptFile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The prompt file's name, such as `draft-copy`.
    pub name: &'static str,
    /// The prompt file's version, which answers name in their method.
    pub version: &'static str,
    /// What the model is to do, in our words alone.
    pub system: String,
    /// What it is to do it with; all that a caller brought is fenced.
    pub user: String,
}

/// Which model answers: `openai/gpt-4o-mini`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName {
    /// Who serves it, as in `MODEL_PROVIDER`.
    pub provider: String,
    /// Its name there, as in `PRIMARY_MODEL`.
    pub model: String,
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// One answer of a model, not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The answer, which should be JSON of the asked schema.
    pub text: String,
    /// Tokens sent, by the provider's count.
    pub input_tokens: u64,
    /// Tokens received, reasoning included.
    pub output_tokens: u64,
    /// What they cost at the model's list price, rounded up to a micro-USD.
    pub cost: Money,
}

/// A language model.
#[async_trait]
pub trait Model: Send + Sync {
    /// Which model this is.
    fn describe(&self) -> ModelName;

    /// Asks once for JSON that follows `schema`. The provider is told the schema by whatever means
    /// it has, and is not trusted to follow it: use [`crate::structured`].
    ///
    /// # Errors
    /// When there is no answer to read.
    async fn complete(&self, prompt: &Prompt, schema: &Value) -> Result<Completion, ModelError>;

    /// How long a whole answer may take, its repair included.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(20)
    }
}

/// No model: every question is refused. For where a model is wanted and none is configured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

#[async_trait]
impl Model for Offline {
    fn describe(&self) -> ModelName {
        ModelName {
            provider: "offline".to_owned(),
            model: "none".to_owned(),
        }
    }

    async fn complete(&self, _: &Prompt, _: &Value) -> Result<Completion, ModelError> {
        Err(ModelError::Offline)
    }
}
