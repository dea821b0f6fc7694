//! Clients of outside services.
//!
//! A client makes each call once. It has short timeouts, reads bounded answers, follows no
//! redirect, and says of every failure whether what was asked may have happened. Whether and when
//! a call is made again is the workflow's to decide: its `Retry` names the codes of
//! [`baton_domain::email_pilot::PartnerError::TRANSIENT`], and a key makes the repetition harmless.
//! Where money moves nothing makes it harmless: the ledger looks before it pays again.

mod email_pilot;
mod http;
mod marketplace;
mod payment_manager;
mod secret;
mod settings;
mod tls;
pub mod video;
mod webhook;
mod x402;

pub use email_pilot::EmailPilotClient;
pub use marketplace::{MarketplaceClient, MarketplaceSettings, PaymentManagerSettings};
pub use payment_manager::PaymentManagerClient;
pub use secret::Secret;
pub use settings::{EmailPilotSettings, SettingError};
pub use webhook::{Format, Webhook, WebhookSettings};
pub use x402::{AllowedAssets, EvmWallet};
