//! The use cases: what Baton does for callers, over the ports, one verb a file. Both worlds call
//! these, through one router.

mod accept_request;
mod answer_once;
mod approval_items;
mod approval_link;
mod approving;
mod arrival;
mod artifacts;
mod await_video;
mod bundle_content;
mod campaign_brands;
mod cancel_run;
mod check_model;
mod check_store;
mod clock;
mod deployment;
mod digest;
mod documents;
mod end_run;
mod error;
mod explain;
mod fork_run;
mod function;
mod journal;
mod keep_answers;
mod keep_picture;
mod known_brand;
mod link_secret;
mod list_approvals;
mod list_log;
mod list_runs;
mod load_run;
mod log_unanswered;
mod models;
mod notify;
mod open_approval;
mod payments;
mod received;
mod record;
mod redrive_run;
mod roll_back_run;
mod run_settings;
mod schedule_campaigns;
mod settings;
mod show_task;
mod start_batch;
mod start_run;
mod start_task;
mod submit_approval;
mod submit_request;
mod sweep_approvals;
mod sweep_runs;
mod tell_workflow;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use baton_domain::email_pilot::EmailPilot;
use baton_domain::ports::{Callbacks, Clock, Deliveries, Items, Notices, Workflows};

pub use accept_request::AcceptedRequest;
pub use answer_once::{Claim, Once, StoredResponse};
pub use approval_link::{ApprovalLinks, LinkClaims, LinkDecision, LinkError, Linked};
pub use approving::Approving;
pub use artifacts::MAX_ARTIFACT_BYTES;
pub use await_video::VideoHeard;
pub use campaign_brands::CampaignBrands;
pub use clock::SystemClock;
pub use documents::MAX_DOCUMENT_BYTES;
pub use end_run::ExecutionEnd;
pub use error::AppError;
pub use explain::explained;
pub use fork_run::ForkRun;
pub use function::FunctionError;
pub use journal::{MAX_EVENTS, SNAPSHOT_EVERY};
pub use link_secret::kept_link_secret;
pub use list_approvals::{ApprovalPage, ShownApproval};
pub use list_log::{LogPage, MAX_PAGE};
pub use list_runs::RunPage;
pub use models::{MAX_MODEL_BYTES, StoredModel};
pub use notify::{DirectNotices, LoggedNotices};
pub use open_approval::AUTO_APPROVER;
pub use payments::{PaymentError, PaymentSettings, PaymentTotals, ShownPurchase, SweptPurchases};
pub use run_settings::{CampaignSettings, Settings, SettingsChange};
pub use schedule_campaigns::Scheduled;
pub use settings::{Environment, SettingError};
pub use show_task::{Task, TaskError, TaskPage, TaskSummary};
pub use start_batch::{BatchRequest, MAX_REQUESTS, StartBatch};
pub use start_run::StartRun;
pub use start_task::{MAX_BUDGET_USD, MAX_THEME, StartTask};
pub use submit_approval::ApprovalRefusal;
pub use submit_request::CACHE_SECONDS;
pub use sweep_approvals::Swept;

/// The world, as the use cases see it.
#[derive(Clone)]
pub struct Ports {
    /// The tables.
    pub items: Arc<dyn Items>,
    /// The workflows.
    pub workflows: Arc<dyn Workflows>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// The tasks that wait for people.
    pub callbacks: Arc<dyn Callbacks>,
    /// The way on which people are told.
    pub notices: Arc<dyn Notices>,
}

/// Every use case, over one set of ports.
#[derive(Clone)]
pub struct App {
    ports: Ports,
    approving: Approving,
    settings: Settings,
    email_pilot: Option<Arc<dyn EmailPilot>>,
    deliveries: Option<Arc<dyn Deliveries>>,
    market: payments::Market,
    cannot_buy: bool,
    video_news: Option<await_video::VideoNews>,
}

impl App {
    /// The use cases over these ports.
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            approving: Approving::default(),
            settings: Settings::default(),
            email_pilot: None,
            deliveries: None,
            market: payments::Market::default(),
            cannot_buy: false,
            video_news: None,
        }
    }

    /// The same, with runs that go so.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The settings of runs.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The same, taking mails of cancelled runs back from there.
    #[must_use]
    pub fn with_email_pilot(self, email_pilot: Arc<dyn EmailPilot>) -> Self {
        let email_pilot = Some(email_pilot);
        Self {
            email_pilot,
            ..self
        }
    }

    /// The same, asking people so.
    #[must_use]
    pub fn with_approving(self, approving: Approving) -> Self {
        Self { approving, ..self }
    }

    /// The same, where it is known that research has nowhere to buy: it is not even started. In the
    /// cloud another function buys than the one that starts it, and nobody knows here.
    #[must_use]
    pub fn with_nowhere_to_buy(self) -> Self {
        let cannot_buy = true;
        Self { cannot_buy, ..self }
    }

    /// The same, delivering notices there.
    #[must_use]
    pub fn with_deliveries(self, deliveries: Arc<dyn Deliveries>) -> Self {
        let deliveries = Some(deliveries);
        Self { deliveries, ..self }
    }
}
