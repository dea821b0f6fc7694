//! Baton in one process: the ports on SQLite and on the engine, the agents linked in.
//!
//! For one machine. Growing past it means `sam deploy`, which runs the same workflows.

mod agents;
mod alerts;
mod definition;
mod dynamodb_json;
mod executions;
mod integrations;
mod store;
mod workflows;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use baton_app::{App, Ports, SystemClock};
use baton_domain::ports::{Alerts, Clock, Items};

pub use agents::{Agents, Breakage, UnknownAgent};
pub use alerts::LoggedAlerts;
pub use definition::{definition, kind, substitute};
pub use executions::{ExecutionError, Executions, Start, Status, Summary};
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
    executions: OnceLock<Executions>,
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
            executions: OnceLock::new(),
        }
    }

    /// Its Standard executions. Agents that are broken on purpose must be so before.
    pub fn executions(&self) -> &Executions {
        self.executions.get_or_init(|| {
            let clock = Arc::clone(&self.clock);
            Executions::over(&self.items, self.integrations(), clock)
        })
    }

    fn integrations(&self) -> Arc<Integrations> {
        Arc::new(Integrations::new(
            self.agents.clone(),
            Arc::clone(&self.items) as Arc<dyn Items>,
            Arc::clone(&self.alerts),
        ))
    }

    /// The use cases over it.
    pub fn app(&self) -> App {
        let clock = Arc::clone(&self.clock);
        let executions = self.executions().clone();
        let workflows = EmbeddedWorkflows::new(self.integrations(), executions, Arc::clone(&clock));
        App::new(Ports {
            items: Arc::clone(&self.items) as Arc<dyn Items>,
            workflows: Arc::new(workflows),
            clock,
        })
    }
}
