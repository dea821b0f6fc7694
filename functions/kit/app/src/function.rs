//! What a platform function fails with: a closed set of codes that workflows name in `Retry` and
//! `Catch`.

use baton_domain::FieldError;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::AppError;
use crate::load_run::RUN;

/// A failure of a platform function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct FunctionError {
    /// One of [`FunctionError::CODES`].
    pub code: &'static str,
    /// What happened and what to do; no personal data.
    pub message: String,
}

impl FunctionError {
    /// The run is not there.
    pub const RUN_NOT_FOUND: &'static str = "RunNotFound";
    /// The run does not allow it now, or many changed it at once. Trying again may help.
    pub const RUN_CONFLICT: &'static str = "RunConflict";
    /// The payload breaks a rule; the message names the field.
    pub const INVALID_INPUT: &'static str = "InvalidInput";
    /// The artifact, or what else was asked for, is not there.
    pub const ARTIFACT_NOT_FOUND: &'static str = "ArtifactNotFound";
    /// The artifact is larger than can be stored.
    pub const ARTIFACT_TOO_LARGE: &'static str = "ArtifactTooLarge";
    /// The run is over, or a later attempt of it is at work: nothing more is done for this one.
    pub const RUN_ENDED: &'static str = "RunEnded";
    /// The store, or another service of the house, does not answer. Trying again helps.
    pub const STORE_UNAVAILABLE: &'static str = "StoreUnavailable";

    /// Every code.
    pub const CODES: [&'static str; 7] = [
        Self::RUN_NOT_FOUND,
        Self::RUN_CONFLICT,
        Self::INVALID_INPUT,
        Self::ARTIFACT_NOT_FOUND,
        Self::ARTIFACT_TOO_LARGE,
        Self::RUN_ENDED,
        Self::STORE_UNAVAILABLE,
    ];

    /// The codes of what may pass by itself. A workflow's `Retry` names these.
    pub const TRANSIENT: [&'static str; 2] = [Self::STORE_UNAVAILABLE, Self::RUN_CONFLICT];

    /// A failure with one of the codes.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// A payload that breaks a rule.
    pub fn invalid(error: &FieldError) -> Self {
        let place = match error.field.as_str() {
            "" => "the payload",
            field => field,
        };
        Self::new(Self::INVALID_INPUT, format!("{place}: {}", error.message))
    }
}

impl From<AppError> for FunctionError {
    fn from(error: AppError) -> Self {
        let code = match &error {
            AppError::Invalid(field) => return Self::invalid(field),
            AppError::NotFound(what) if *what == RUN => Self::RUN_NOT_FOUND,
            AppError::NotFound(_) => Self::ARTIFACT_NOT_FOUND,
            AppError::TooLarge { .. } => Self::ARTIFACT_TOO_LARGE,
            AppError::Store(_) | AppError::Workflow(_) => Self::STORE_UNAVAILABLE,
            _ => Self::RUN_CONFLICT,
        };
        Self::new(code, error.to_string())
    }
}

/// A payload whose field `op` says which operation of the function is meant.
pub(crate) struct Operation {
    pub(crate) op: String,
    fields: Value,
}

impl Operation {
    /// Takes `op` out of the payload.
    pub(crate) fn of(mut payload: Value) -> Result<Self, FunctionError> {
        let op = payload.as_object_mut().and_then(|map| map.remove("op"));
        match op {
            Some(Value::String(op)) => Ok(Self {
                op,
                fields: payload,
            }),
            _ => Err(FunctionError::invalid(&FieldError::new(
                "op",
                "must be text that names an operation",
            ))),
        }
    }

    /// The other fields, as the operation's type.
    pub(crate) fn fields<T: DeserializeOwned>(self) -> Result<T, FunctionError> {
        serde_path_to_error::deserialize(self.fields).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { String::new() } else { path };
            let message = error.into_inner().to_string();
            FunctionError::invalid(&FieldError::new(field, message))
        })
    }

    /// There is no such operation.
    pub(crate) fn unknown(&self, known: &str) -> FunctionError {
        let message = format!("must be one of {known}, not `{}`", self.op);
        FunctionError::invalid(&FieldError::new("op", message))
    }
}
