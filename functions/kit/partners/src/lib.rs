//! Clients of outside services.
//!
//! A client makes each call once. It has short timeouts, reads bounded answers, follows no
//! redirect, and says of every failure whether what was asked may have happened. Whether and when
//! a call is made again is the workflow's to decide: its `Retry` names the codes of
//! [`baton_domain::email_pilot::PartnerError::TRANSIENT`], and a key makes the repetition harmless.

mod email_pilot;
mod secret;
mod settings;
mod tls;
mod webhook;

pub use email_pilot::EmailPilotClient;
pub use secret::Secret;
pub use settings::{EmailPilotSettings, SettingError};
pub use webhook::{Format, Webhook, WebhookSettings};
