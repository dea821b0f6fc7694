//! What Baton talks about, and the rules of each: ids, money, profiles, catalogues, requests,
//! answers, the log, and the ports through which use cases reach the world.
//!
//! This crate does no I/O, has no clock and no randomness: time and entropy come in as values.

pub mod amount;
pub mod approval;
pub mod campaign;
pub mod catalog;
pub mod colour;
pub mod email_pilot;
pub mod envelope;
pub mod id;
pub mod item;
pub mod log;
pub mod marketplace;
pub mod money;
pub mod payment;
pub mod plainly;
pub mod ports;
pub mod problem;
pub mod profile;
pub mod request;
pub mod research;
pub mod run;
pub mod text;
pub mod video;

pub use amount::Amount;
pub use catalog::{Catalog, CatalogItem, PricePolicy, PriceTier};
pub use envelope::{AgentStatus, Envelope, Method, Usage};
pub use id::{ApprovalId, BrandId, LogId, PurchaseId, RequestId, RunId, TenantId, UserId};
pub use jiff::Timestamp;
pub use money::Money;
pub use problem::FieldError;
pub use profile::Profile;
