//! The use cases: what Baton does for callers, over the ports, one verb a file. Both worlds call
//! these, through one router.

mod answer_once;
mod check_store;
mod clock;
mod digest;
mod documents;
mod error;
mod list_log;
mod settings;
mod submit_request;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use baton_domain::ports::{Clock, Items, Workflows};

pub use answer_once::{Claim, Once, StoredResponse};
pub use clock::SystemClock;
pub use documents::MAX_DOCUMENT_BYTES;
pub use error::AppError;
pub use list_log::{LogPage, MAX_PAGE};
pub use settings::{Environment, SettingError};
pub use submit_request::CACHE_SECONDS;

/// The world, as the use cases see it.
#[derive(Clone)]
pub struct Ports {
    /// The tables.
    pub items: Arc<dyn Items>,
    /// The workflows.
    pub workflows: Arc<dyn Workflows>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
}

/// Every use case, over one set of ports.
#[derive(Clone)]
pub struct App {
    ports: Ports,
}

impl App {
    /// The use cases over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }
}
