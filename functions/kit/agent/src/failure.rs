//! How an invocation fails.

use crate::AgentError;

/// The code of an input that is not of the agent's type.
pub const INVALID_INPUT: &str = "InvalidInput";

/// The code of an output that broke the agent's own rules and was kept back.
pub const INVALID_OUTPUT: &str = "InvalidOutput";

/// The code of an agent that panicked: a defect, which must not take the process along.
pub const AGENT_PANICKED: &str = "AgentPanicked";

/// A failed invocation: a code that workflows match on, and a message for people.
///
/// Its `Debug` form is the code alone: the Lambda runtime logs that form, and a message may quote
/// the input.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// PascalCase code: the Lambda `errorType`.
    pub code: String,
    /// What happened, naming the field where one is to blame.
    pub message: String,
}

impl Failure {
    /// A failure with this code and message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    pub(crate) fn of(error: &impl AgentError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)
    }
}

impl From<Failure> for lambda_runtime::Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.code,
            error_message: failure.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_does_not_quote_the_input() {
        let failure = Failure::new(
            INVALID_INPUT,
            "input.as_of: invalid type: string \"ada@example.com\"",
        );
        assert_eq!(format!("{failure:?}"), INVALID_INPUT);
    }
}
