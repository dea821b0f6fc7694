//! The ports of `baton-domain` on AWS: items in DynamoDB, workflows in Step Functions, notices in
//! SQS.
//!
//! Only platform functions use this crate. It is built for a short cold start: credentials come
//! from the environment that Lambda sets and not from a chain of providers, TLS is rustls on ring,
//! and the trust store holds the few roots that AWS uses. An endpoint override
//! (`AWS_ENDPOINT_URL`) points the same code at an emulator.

mod attempts;
mod attributes;
mod callbacks;
mod caller;
mod config;
mod connection;
mod expression;
mod items;
mod notices;
mod transaction;
mod workflows;

pub use callbacks::StepFunctionsCallbacks;
pub use config::{Config, ConfigError, Uses};
pub use connection::Connection;
pub use items::DynamoItems;
pub use notices::SqsNotices;
pub use workflows::StepFunctionsWorkflows;
