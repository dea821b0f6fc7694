//! Why a model gave no usable answer, and what was spent all the same.

use std::ops::Add;
use std::time::Duration;

use baton_domain::Money;

use crate::Completion;

/// What was spent on answers, usable or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// What they cost.
    pub cost: Money,
}

impl Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost: self.cost + other.cost,
        }
    }
}

impl From<&Completion> for Spent {
    fn from(completion: &Completion) -> Self {
        Self {
            input_tokens: completion.input_tokens,
            output_tokens: completion.output_tokens,
            cost: completion.cost,
        }
    }
}

/// A model gave no usable answer. No message holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No model is configured.
    #[error("no language model is configured: set MODEL_PROVIDER and PRIMARY_MODEL")]
    Offline,
    /// The provider could not be reached, or failed, or throttled, until the retries were used up
    /// or the next one would have come too late.
    #[error("the model could not be reached: {0}")]
    Unavailable(String),
    /// The answer did not come in time.
    #[error("the model gave no answer within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    /// The provider refused the request as it is: key, model name, or request. A retry is no help.
    #[error("the provider refused the request with status {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the provider said, shortened, without keys.
        message: String,
    },
    /// The model would not answer, for its own rules.
    #[error("the model declined to answer: {reason}")]
    Declined {
        /// The provider's word for it.
        reason: String,
        /// What was spent.
        spent: Spent,
    },
    /// The answer's type cannot be asked for: a mistake in the program.
    #[error("{0}")]
    Schema(String),
    /// There were answers, and none followed the schema and the agent's own check.
    #[error("the model's answer is unusable: {problem}")]
    Unusable {
        /// What is wrong with the last answer, by path.
        problem: String,
        /// What was spent.
        spent: Spent,
    },
}

impl ModelError {
    /// What was spent before this went wrong.
    pub fn spent(&self) -> Spent {
        match self {
            Self::Declined { spent, .. } | Self::Unusable { spent, .. } => *spent,
            _ => Spent::default(),
        }
    }

    /// Whether the same question may well be answered in a minute.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Timeout(_))
    }

    /// The word for logs and for an agent's own code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offline => "ModelOffline",
            Self::Unavailable(_) => "ModelUnavailable",
            Self::Timeout(_) => "ModelTimeout",
            Self::Refused { .. } => "ModelRefused",
            Self::Declined { .. } => "ModelDeclined",
            Self::Schema(_) => "ModelSchema",
            Self::Unusable { .. } => "ModelUnusable",
        }
    }
}
