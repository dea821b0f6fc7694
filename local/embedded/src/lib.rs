//! Baton in one process: the ports on SQLite and on the engine, the agents linked in.
//!
//! For one machine. Growing past it means `sam deploy`, which runs the same workflows.

mod agents;
mod alerts;
mod definition;
mod dynamodb_json;
mod integrations;
mod store;
mod workflows;

use std::path::Path;
use std::sync::Arc;

use baton_app::{App, Ports, SystemClock};
use baton_domain::ports::{Alerts, Clock, Items};

pub use agents::{Agents, Breakage, UnknownAgent};
pub use alerts::LoggedAlerts;
pub use definition::{definition, substitute};
pub use integrations::Integrations;
pub use store::{OpenError, SqliteItems};
pub use workflows::EmbeddedWorkflows;

/// One embedded Baton.
pub struct Embedded {
    /// The store.
    pub items: Arc<SqliteItems>,
    /// The agents that the workflows invoke.
    pub agents: Agents,
    /// Whom total failures are told.
    pub alerts: Arc<dyn Alerts>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
}

impl Embedded {
    /// A Baton whose state is in the file at `path`, with every agent sound.
    ///
    /// # Errors
    /// When the file cannot be opened or is not Baton's.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self::over(SqliteItems::open(path)?))
    }

    /// A Baton over a store that is open.
    pub fn over(items: SqliteItems) -> Self {
        Self {
            items: Arc::new(items),
            agents: Agents::all(),
            alerts: Arc::new(LoggedAlerts),
            clock: Arc::new(SystemClock),
        }
    }

    /// The use cases over it.
    pub fn app(&self) -> App {
        let items = Arc::clone(&self.items) as Arc<dyn Items>;
        let integrations = Integrations::new(
            self.agents.clone(),
            Arc::clone(&items),
            Arc::clone(&self.alerts),
        );
        let clock = Arc::clone(&self.clock);
        let workflows = EmbeddedWorkflows::new(Arc::new(integrations), Arc::clone(&clock));
        App::new(Ports {
            items,
            workflows: Arc::new(workflows),
            clock,
        })
    }
}
