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
mod hold;
mod housekeeping;
mod integrations;
mod objects;
mod outbox;
mod platform;
mod store;
mod workflows;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use baton_app::{App, Approving, DirectNotices, LoggedNotices, Ports, Settings, SystemClock};
use baton_domain::email_pilot::EmailPilot;
use baton_domain::marketplace::{Marketplace, PaymentManager, Wallet};
use baton_domain::ports::{Alerts, Clock, Deliveries, Items, Notices};
use baton_domain::video::VideoWebhooks;
use baton_engine::TaskExecutor;

pub use agents::{AgentSettingError, Agents, Breakage, UnknownAgent};
pub use alerts::LoggedAlerts;
pub use definition::{definition, kind, substitute};
pub use executions::{ExecutionError, Executions, Start, Status, Summary};
pub use hold::Hold;
pub use integrations::Integrations;
pub use objects::Objects;
pub use outbox::{Message, Outbox};
pub use platform::Platform;
pub use store::{OpenError, SqliteItems};
pub use workflows::EmbeddedWorkflows;

/// What reads messages, and the address under which their senders reach this Baton, where they do.
pub type HeardAt = (Arc<dyn VideoWebhooks>, Option<String>);

/// One embedded Baton. Its fields are for the time before it is first used: what is changed later
/// is not seen.
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
    /// How runs go.
    pub settings: Settings,
    /// How people are asked.
    pub approving: Approving,
    /// From where campaigns are read and to where they are deployed, if anywhere.
    pub email_pilot: Option<Arc<dyn EmailPilot>>,
    /// Where data is bought, if anywhere.
    pub marketplace: Option<Arc<dyn Marketplace>>,
    /// Whose tokens pay for it, if anybody's.
    pub payment_manager: Option<Arc<dyn PaymentManager>>,
    /// What signs payments of the other rail, if anything does.
    pub wallet: Option<Arc<dyn Wallet>>,
    /// What reads the messages of videos' providers, if anything does, and the address under which
    /// they reach this Baton.
    pub video_webhooks: Option<HeardAt>,
    /// To where notices are delivered, if anywhere.
    pub deliveries: Option<Arc<dyn Deliveries>>,
    wired: OnceLock<Wired>,
}

/// Everything, wired together.
struct Wired {
    integrations: Arc<Integrations>,
    executions: Executions,
    app: Arc<App>,
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
            settings: Settings::default(),
            approving: Approving::default(),
            email_pilot: None,
            marketplace: None,
            payment_manager: None,
            wallet: None,
            video_webhooks: None,
            deliveries: None,
            wired: OnceLock::new(),
        }
    }

    /// Its Standard executions.
    pub fn executions(&self) -> &Executions {
        &self.wired().executions
    }

    /// What does the tasks of its workflows.
    pub fn integrations(&self) -> Arc<Integrations> {
        Arc::clone(&self.wired().integrations)
    }

    /// The use cases over it.
    pub fn app(&self) -> App {
        (*self.wired().app).clone()
    }

    fn wired(&self) -> &Wired {
        self.wired.get_or_init(|| {
            let platform = Platform::default();
            let (agents, items) = (self.agents.clone(), Arc::clone(&self.items));
            let integrations = Integrations::new(agents, items, Arc::clone(&self.alerts))
                .with_objects(self.objects.clone())
                .with_platform(platform.clone());
            let integrations = Arc::new(integrations);
            let tasks = Arc::clone(&integrations) as Arc<dyn TaskExecutor>;
            let clock = Arc::clone(&self.clock);
            let executions = Executions::over(&self.items, Arc::clone(&tasks), clock);
            let app = Arc::new(self.app_over(tasks, executions.clone()));
            platform.is(&app);
            Wired {
                integrations,
                executions,
                app,
            }
        })
    }

    fn app_over(&self, tasks: Arc<dyn TaskExecutor>, executions: Executions) -> App {
        let clock = Arc::clone(&self.clock);
        let callbacks = Arc::new(executions.clone());
        let workflows = EmbeddedWorkflows::new(tasks, executions, Arc::clone(&clock));
        let notices: Arc<dyn Notices> = match &self.deliveries {
            Some(deliveries) => Arc::new(DirectNotices(Arc::clone(deliveries))),
            None => Arc::new(LoggedNotices),
        };
        let mut app = App::new(Ports {
            items: Arc::clone(&self.items) as Arc<dyn Items>,
            workflows: Arc::new(workflows),
            clock,
            callbacks,
            notices,
        })
        .with_settings(self.settings.clone())
        .with_approving(self.approving.clone());
        if let Some(email_pilot) = &self.email_pilot {
            app = app.with_email_pilot(Arc::clone(email_pilot));
        }
        if let Some(marketplace) = &self.marketplace {
            app = app.with_marketplace(Arc::clone(marketplace));
        }
        if let Some(manager) = &self.payment_manager {
            app = app.with_payment_manager(Arc::clone(manager));
        }
        if self.marketplace.is_none() || self.payment_manager.is_none() {
            app = app.with_nowhere_to_buy();
        }
        if let Some((webhooks, public_url)) = &self.video_webhooks {
            app = app.with_video_webhooks(Arc::clone(webhooks), public_url.as_deref());
        }
        app.with_wallet(self.wallet.clone())
    }
}
