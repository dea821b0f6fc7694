//! The video of an avatar played on the engine in virtual time: the real agents and platform
//! functions over a store, and a provider who tells when a video is over, or does not.

use std::sync::Arc;

use async_trait::async_trait;
use baton_app::{App, LoggedNotices, Ports};
use baton_domain::log::LogEntry;
use baton_domain::request::{AnswerStatus, Findings, OrchestrationRequest};
use baton_domain::run::{Run, RunState, RunStatus, Workflow};
use baton_domain::video::{Delivery, Provider};
use baton_embedded::{Agents, Integrations, Platform, SqliteItems};
use baton_engine::bench::{Plan, Scene};
use baton_engine::{Finished, Task, TaskError, TaskExecutor};
use baton_partners::Secret;
use baton_partners::video::VideoSettings;
use baton_partners::video::webhook::WebhookSecrets;
use serde_json::{Value, json};
use video_generation::VideoGeneration;

use crate::people::{Desk, Starts, StoppedClock, tenant};
use crate::root;
use crate::talks::{Manner, Talks};
use crate::workflow::{RecordedAlerts, end_of, plan};

/// What addresses are sealed with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Who makes videos, and whether it tells when one is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// Nobody.
    Nobody,
    /// A provider that tells.
    Telling(Manner),
    /// A provider that has to be asked.
    Silent(Manner),
}

/// A world with one request in it that was accepted.
pub struct AvatarWorld {
    /// The use cases.
    pub app: Arc<App>,
    /// The provider, if there is one.
    pub talks: Option<Arc<Talks>>,
    /// What was alerted.
    pub alerts: Arc<RecordedAlerts>,
    /// The request's run.
    pub run: Run,
    executor: Arc<dyn TaskExecutor>,
    starts: Arc<Starts>,
}

/// The request of the workflow's event of this name.
pub fn request(case: &str) -> OrchestrationRequest {
    let path = format!("events/workflows/avatar/{case}.json");
    let text = std::fs::read_to_string(root().join(path)).expect("an event");
    let event: Value = serde_json::from_str(&text).expect("JSON");
    let mut request = json!({
        "type": "avatar", "user_id": event["request"]["user_id"],
        "context": event["request"]["context"],
    });
    request["context"]["want"] = event["request"]["want"].clone();
    serde_json::from_value(request).expect("a request")
}

impl AvatarWorld {
    /// A world in which the happy request was accepted.
    pub async fn of(maker: Maker) -> Self {
        Self::asking(maker, &request("happy")).await
    }

    /// A world in which this request was accepted.
    pub async fn asking(maker: Maker, request: &OrchestrationRequest) -> Self {
        let (talks, tells) = match maker {
            Maker::Nobody => (None, false),
            Maker::Telling(manner) => (Some(Arc::new(Talks::open(manner).await)), true),
            Maker::Silent(manner) => (Some(Arc::new(Talks::open(manner).await)), false),
        };
        let items = Arc::new(SqliteItems::in_memory().expect("SQLite opens in memory"));
        let (starts, desk) = (Arc::new(Starts::default()), Arc::new(Desk::default()));
        let secrets = WebhookSecrets {
            tokens: Some(Secret::new(SECRET)),
            heygen: None,
        };
        let app = App::new(Ports {
            items: Arc::clone(&items) as _,
            workflows: Arc::clone(&starts) as _,
            clock: Arc::<StoppedClock>::default(),
            callbacks: Arc::clone(&desk) as _,
            notices: Arc::new(LoggedNotices),
        });
        let app = app.with_video_webhooks(Arc::new(secrets), Some("https://baton.example"));
        let app = Arc::new(app);
        let platform = Platform::default();
        platform.is(&app);
        let alerts = Arc::<RecordedAlerts>::default();
        let agents = Agents::all().with(Arc::new(filming(talks.as_deref())));
        let rest = Integrations::new(agents, items, Arc::clone(&alerts) as _);
        let executor = Arc::new(WithProvider {
            rest: rest.with_platform(platform),
            app: Arc::clone(&app),
            desk,
            talks: talks.clone().filter(|_| tells),
        });
        let accepted = app.accept_request(&tenant(), request, None).await;
        accepted.expect("it is accepted");
        Self {
            app,
            talks,
            alerts,
            run: starts.last().expect("its workflow was started"),
            executor,
            starts,
        }
    }

    /// A world whose request is redriven: its execution died once the video was bought.
    pub async fn redriven(maker: Maker) -> Self {
        let dies = |task: &Task| {
            let event = task.arguments["Payload"]["event_id"].as_str();
            let dies = event.is_some_and(|event| event.ends_with("/video"));
            dies.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
        };
        let world = Self::of(maker).await;
        let played = world.plan().play(world, false, Arc::new(dies)).await;
        let mut world = played.scene;
        let state = world.check(&played.finished, "the first attempt").await;
        assert_eq!(state.status, RunStatus::Failed);
        let tenant = tenant();
        let redriven = world.app.redrive_run(&tenant, state.run_id, None, None);
        redriven.await.expect("it can be redriven");
        world.run = world.starts.last().expect("its workflow was started");
        world
    }

    /// The workflow with the run's input.
    pub fn plan(&self) -> Plan {
        plan(Workflow::Avatar, self.run.input.clone())
    }

    /// The answer, as the run keeps it.
    pub async fn answer(&self) -> Option<Findings> {
        let (tenant, run) = (tenant(), self.run.run_id);
        let kept = self.app.load_artifact(&tenant, run, "answer", None);
        let (_, answer) = kept.await.ok()?;
        Some(serde_json::from_value(answer).expect("an answer"))
    }

    /// The log.
    pub async fn log(&self) -> Vec<LogEntry> {
        let page = self.app.list_log(&tenant(), None, None, 10).await;
        page.expect("the log is there").entries
    }

    /// Checks what must hold however it ended, and answers how the run did: it is over and logged
    /// once, its status is its answer's, and no video was made twice.
    pub async fn check(&self, finished: &Finished, what: &str) -> RunState {
        let (end, error, cause) = end_of(finished);
        let (tenant, name) = (tenant(), self.run.execution_name());
        let ended = self.app.end_of_execution(&tenant, &name, end, error, cause);
        let state = ended.await.expect("the end can be written");
        assert!(state.status.is_over(), "{what}: {:?}", state.status);
        let log = self.log().await;
        assert_eq!(log.len(), 1, "{what}: {log:?}");
        let wanted = match (self.answer().await, state.status) {
            (Some(answer), RunStatus::Succeeded) => {
                assert_eq!(answer.status, AnswerStatus::Success, "{what}");
                AnswerStatus::Success
            }
            (Some(answer), RunStatus::Partial) => {
                assert_eq!(answer.status, AnswerStatus::Partial, "{what}");
                AnswerStatus::Partial
            }
            (answer, RunStatus::Failed) => {
                assert!(
                    answer.is_none_or(|answer| answer.status == AnswerStatus::Degraded),
                    "{what}"
                );
                log[0].status
            }
            (answer, status) => panic!("{what}: {status:?} with {answer:?}"),
        };
        assert_eq!(log[0].status, wanted, "{what}");
        let made = self.talks.as_ref().map_or(0, |talks| talks.all().len());
        assert!(made <= 1, "{what}: {made} videos");
        state
    }
}

impl Scene for AvatarWorld {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Arc::clone(&self.executor)
    }
}

/// The agent that has videos made by this provider, if there is one.
pub fn filming(talks: Option<&Talks>) -> VideoGeneration {
    let Some(talks) = talks else {
        return VideoGeneration::default();
    };
    let settings = VideoSettings::from_lookup(|name| match name {
        "D_ID_BASE_URL" | "HEYGEN_BASE_URL" => Some(talks.url.clone()),
        "D_ID_API_KEY" | "HEYGEN_API_KEY" => Some("a-key".to_owned()),
        "VIDEO_WEBHOOK_SECRET" => Some(SECRET.to_owned()),
        _ => None,
    });
    let agent = VideoGeneration::with_settings(settings.expect("the settings mean something"));
    agent.expect("a client")
}

/// Does tasks, and lets the provider tell of the video while one waits for it.
struct WithProvider {
    rest: Integrations,
    app: Arc<App>,
    desk: Arc<Desk>,
    /// A provider that tells.
    talks: Option<Arc<Talks>>,
}

#[async_trait]
impl TaskExecutor for WithProvider {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let token = task.arguments["Payload"]["token"].clone();
        let done = self.rest.execute(task).await;
        let waits = done == Err(TaskError::deferred());
        let Some(token) = token.as_str().filter(|_| waits) else {
            return done;
        };
        if let Some(talks) = &self.talks {
            self.tell(talks).await;
        }
        self.desk.told(token).map_or(done, Ok)
    }
}

impl WithProvider {
    /// Posts what a provider posts, to the address that it was given.
    async fn tell(&self, talks: &Talks) {
        let Some(n) = talks.all().len().checked_sub(1) else {
            return;
        };
        let body = &talks.all()[n].body;
        let (provider, url) = match body["callback_url"].as_str() {
            Some(url) => (Provider::HeyGen, Some(url)),
            None => (Provider::DId, body["webhook"].as_str()),
        };
        let url = url.expect("the provider was given an address");
        let name = provider.name();
        let before = format!("https://baton.example/webhooks/videos/acme/{name}?token=");
        let token = url.strip_prefix(&before).unwrap_or_else(|| panic!("{url}"));
        let word = talks.word(n).to_string();
        let delivery = Delivery {
            provider,
            body: word.as_bytes(),
            signature: None,
            token: Some(token),
        };
        let heard = self.app.hear_of_video(&tenant(), &delivery).await;
        heard.expect("the provider is believed");
    }
}
