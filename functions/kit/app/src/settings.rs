//! Settings that both worlds share, read once at start.

use std::str::FromStr;

/// Where Baton runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine or account; callers may go unidentified.
    Development,
    /// A rehearsal of production.
    Staging,
    /// Customers.
    Production,
}

/// A setting that stops the start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {message}")]
pub struct SettingError {
    /// The environment variable to mend.
    pub variable: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

impl SettingError {
    /// A refusal of `variable`.
    pub fn new(variable: &'static str, message: impl Into<String>) -> Self {
        Self {
            variable,
            message: message.into(),
        }
    }
}

impl Environment {
    /// The variable that says where Baton runs.
    pub const VARIABLE: &'static str = "APP_ENVIRONMENT";

    /// Reads [`Environment::VARIABLE`]; `development` when it is not set.
    ///
    /// # Errors
    /// When it is set to something else than the three environments.
    pub fn from_env() -> Result<Self, SettingError> {
        std::env::var(Self::VARIABLE).map_or(Ok(Self::Development), |name| name.parse())
    }
}

impl FromStr for Environment {
    type Err = SettingError;

    fn from_str(name: &str) -> Result<Self, SettingError> {
        match name {
            "development" => Ok(Self::Development),
            "staging" => Ok(Self::Staging),
            "production" => Ok(Self::Production),
            other => Err(SettingError::new(
                Self::VARIABLE,
                format!("must be development, staging or production, not `{other}`"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_environment_names_the_variable() {
        let error = "prod".parse::<Environment>().unwrap_err().to_string();
        assert!(
            error.starts_with("APP_ENVIRONMENT: must be development"),
            "{error}"
        );
    }
}
