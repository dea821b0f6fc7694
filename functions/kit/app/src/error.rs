//! Why a use case refuses or fails.

use baton_domain::FieldError;
use baton_domain::ports::{StoreError, WorkflowError};
use baton_domain::run::Refusal;

use crate::ApprovalRefusal;

/// The closed set of refusals and failures; the HTTP layer maps each to one problem type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// What a provider told is not believed, or cannot be used.
    #[error(transparent)]
    Webhook(baton_domain::video::WebhookError),
    /// Nothing is stored there.
    #[error("there is no {0}")]
    NotFound(&'static str),
    /// The document is larger than a workflow can carry.
    #[error("the {what} has {bytes} bytes; at most {limit} can be stored")]
    TooLarge {
        /// What was to be stored.
        what: &'static str,
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The idempotency key was used with another body.
    #[error("this Idempotency-Key was used with another body: use a new key for a new request")]
    KeyReused,
    /// The first request under the idempotency key has not ended.
    #[error("the first request under this Idempotency-Key is still running: repeat it later")]
    StillRunning,
    /// How the run stands does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What a stage of the run needs is not there, or it cannot be done in its state.
    #[error("{0}")]
    RunConflict(String),
    /// The run is at another version than the caller knows.
    #[error("the run is at version {version}, not at the one that was named: read it again")]
    Stale {
        /// The run's version.
        version: u64,
    },
    /// Others changed the run all the while.
    #[error("the run is changed by many at once: repeat the request in a moment")]
    Contended,
    /// An approval cannot be decided (so).
    #[error(transparent)]
    Approval(#[from] ApprovalRefusal),
    /// Research has nowhere to buy.
    #[error(
        "research has nowhere to buy: set MARKETPLACE_URL and PAYMENT_MANAGER_URL where Baton \
         runs, or start it with a sandbox (`baton serve --sandbox`)"
    )]
    NowhereToBuy,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The workflow did not succeed.
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
}
