//! What an agent needs to be a Lambda function, and nothing more.
//!
//! An agent implements [`Agent`]; its main calls [`serve`]. The same agent runs in process through
//! [`invoke`]: both take the same payload, answer the same [`Envelope`] and fail with the same
//! codes, which Amazon States Language matches in `Retry` and `Catch`.

mod cost;
mod failure;
mod invoke;
mod serve;
mod size;

use std::future::Future;

use baton_domain::{Method, Money};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use baton_domain::Envelope;
pub use cost::compute_cost;
pub use failure::{AGENT_PANICKED, Failure, INVALID_INPUT, INVALID_OUTPUT};
pub use invoke::{InProcess, Invocation, Mode, invoke};
/// What [`serve`] fails with.
pub use lambda_runtime::Error as ServeError;
pub use serve::{serve, start_logging};
pub use size::{MAX_OUTPUT_BYTES, json_bytes, rounded};

/// One agent: a typed input, a typed output and a closed set of errors. It has no store, no clock
/// and no randomness of its own: the same input answers the same output.
pub trait Agent: Send + Sync + 'static {
    /// The agent's name, which is also its crate's, its binary's and its events folder's.
    const NAME: &'static str;

    /// What the agent's own method works on.
    type Input: DeserializeOwned + Send;
    /// What its fallback works on: less, and never something that the fallback could miss.
    type FallbackInput: DeserializeOwned + Send;
    /// What it answers.
    type Output: Serialize + Send;
    /// Why it may fail.
    type Error: AgentError;

    /// The agent's own method.
    ///
    /// # Errors
    /// One of the agent's closed set; the workflow then tries the fallback.
    fn run(
        &self,
        input: Self::Input,
    ) -> impl Future<Output = Result<Report<Self::Output>, Self::Error>> + Send;

    /// The method for when `run` failed.
    ///
    /// # Errors
    /// One of the agent's closed set; the workflow then takes its default value.
    fn fallback(
        &self,
        input: Self::FallbackInput,
    ) -> impl Future<Output = Result<Report<Self::Output>, Self::Error>> + Send;

    /// Checks an output before it leaves: ranges, order, finite numbers.
    ///
    /// # Errors
    /// What is wrong; the invocation then fails with [`INVALID_OUTPUT`].
    fn validate(&self, output: &Self::Output) -> Result<(), String>;
}

/// The closed error set of an agent.
pub trait AgentError: std::error::Error + Send + Sync + 'static {
    /// Every code of the set, in PascalCase.
    const CODES: &'static [&'static str];

    /// The code of this error, one of [`AgentError::CODES`]: the Lambda `errorType`.
    fn code(&self) -> &'static str;
}

/// What a method reports: the agent kit makes the envelope around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<T> {
    /// The output.
    pub output: T,
    /// How sure the method is of it, from 0 to 1.
    pub confidence: f64,
    /// What produced it.
    pub method: Method,
    /// What a reader should know before relying on it.
    pub warnings: Vec<String>,
    /// What was bought to produce it: tokens, data.
    pub bought: Bought,
}

impl<T> Report<T> {
    /// A report of `output` by `method` for which nothing was bought.
    pub fn new(output: T, confidence: f64, method: Method) -> Self {
        Self {
            output,
            confidence,
            method,
            warnings: Vec::new(),
            bought: Bought::default(),
        }
    }

    /// The same report with warnings.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<String>) -> Self {
        self.warnings = warnings;
        self
    }
}

/// What a method bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bought {
    /// Tokens sent to a language model.
    pub input_tokens: u64,
    /// Tokens received from a language model.
    pub output_tokens: u64,
    /// What all of it cost.
    pub cost: Money,
}
