//! What every agent answers in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Money;

/// An agent's answer: its output, and what a reader needs to trust and to pay for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Envelope<T = Value> {
    /// The agent's name, which is also its crate and its binary: `wtp-scoring`.
    pub agent: String,
    /// Whether this is the agent's best answer.
    pub status: AgentStatus,
    /// The agent's own, validated output.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub output: T,
    /// How sure the agent is of its output, from 0 to 1.
    pub confidence: f64,
    /// What this answer cost: bought data and tokens, and compute at Lambda's list price.
    pub cost_usd: Money,
    /// What the cost is made of.
    pub usage: Usage,
    /// What a reader should know before relying on the output.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What produced the output.
    pub method: Method,
}

/// Whether an answer is an agent's best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// The agent's own method on the input it wants.
    Ok,
    /// The fallback method on less input, or a default value.
    Degraded,
}

/// Resources that an answer used.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Wall time inside the agent, in milliseconds.
    pub duration_ms: f64,
    /// Memory size that the duration is billed at, in MB.
    #[serde(default)]
    pub memory_mb: u32,
    /// Tokens sent to a language model.
    #[serde(default)]
    pub input_tokens: u64,
    /// Tokens received from a language model.
    #[serde(default)]
    pub output_tokens: u64,
}

/// The method behind an output, by the name that the field knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Method {
    /// Such as `mmr` or `rfm-quintiles`; ends in `-offline` where a model would do better.
    pub name: String,
    /// Version of our implementation; raised whenever the same input may answer differently.
    pub version: String,
}

impl Method {
    /// The method `name` in `version`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
        }
    }
}
