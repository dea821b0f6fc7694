//! Baton in one process: the ports on SQLite and on the engine, the agents linked in. Objects lie
//! in a folder beside the file.
//!
//! For one machine. Growing past it means `sam deploy`, which runs the same workflows.

mod agents;
mod alerts;
mod callbacks;
mod definition;
mod dynamodb_json;
mod executions;
mod integrations;
mod objects;
mod outbox;
mod store;
mod workflows;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use baton_app::{App, LoggedNotices, Ports, SystemClock};
use baton_domain::ports::{Alerts, Clock, Items};

pub use agents::{Agents, Breakage, UnknownAgent};
pub use alerts::LoggedAlerts;
pub use definition::{definition, kind, substitute};
pub use executions::{ExecutionError, Executions, Start, Status, Summary};
pub use integrations::Integrations;
pub use objects::Objects;
pub use outbox::{Message, Outbox};
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
    /// Where objects are, if anywhere.
    pub objects: Option<Objects>,
    executions: OnceLock<Executions>,
}

impl Embedded {
    /// A Baton whose state is in the file at `path`, with every agent sound.
    ///
    /// # Errors
    /// When the file cannot be opened or is not Baton's.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let objects = Objects::new(path.with_extension("objects"));
        Ok(Self {
            objects: Some(objects),
            ..Self::over(SqliteItems::open(path)?)
        })
    }

    /// A Baton over a store that is open, without objects.
    pub fn over(items: SqliteItems) -> Self {
        Self {
            items: Arc::new(items),
            agents: Agents::all(),
            alerts: Arc::new(LoggedAlerts),
            clock: Arc::new(SystemClock),
            objects: None,
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

    /// What does the tasks of its workflows. What is changed later is not seen.
    pub fn integrations(&self) -> Arc<Integrations> {
        let (agents, items) = (self.agents.clone(), Arc::clone(&self.items));
        let integrations = Integrations::new(agents, items, Arc::clone(&self.alerts));
        Arc::new(integrations.with_objects(self.objects.clone()))
    }

    /// The use cases over it.
    pub fn app(&self) -> App {
        let clock = Arc::clone(&self.clock);
        let executions = self.executions().clone();
        let callbacks = Arc::new(executions.clone());
        let workflows = EmbeddedWorkflows::new(self.integrations(), executions, Arc::clone(&clock));
        App::new(Ports {
            items: Arc::clone(&self.items) as Arc<dyn Items>,
            workflows: Arc::new(workflows),
            clock,
            callbacks,
            notices: Arc::new(LoggedNotices),
        })
    }
}
