//! A campaign played on the engine in virtual time: the real agents and platform functions over a
//! store, the sandbox EmailPilot with its books, and people who decide as a test says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use baton_app::{App, AppError, Approving, LoggedNotices, Ports, StartRun};
use baton_domain::approval::{Approval, ApprovalStatus};
use baton_domain::campaign::DeliveryState;
use baton_domain::email_pilot::EmailPilot;
use baton_domain::run::{Run, RunState, RunStatus, Workflow};
use baton_embedded::{Agents, Integrations, Platform, SqliteItems};
use baton_engine::bench::{Plan, Scene};
use baton_engine::{Finished, Task, TaskError, TaskExecutor};
use baton_partners::{EmailPilotClient, EmailPilotSettings};
use baton_sandbox::emailpilot::{CampaignEntry, Fault, Faults, Sandbox, router};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::failing_items::FailingItems;
use crate::people::{Desk, People, Starts, StoppedClock, WithPeople, approving, tenant};
use crate::workflow::{RecordedAlerts, end_of, noon, plan};

/// Approves a deployment plan without its `n`th send (counted from 0), as the gate's summary lists
/// them.
pub fn dropping(approval: &Approval, n: usize) -> Value {
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let lines: Vec<&String> = approval.summary.iter().collect();
    let total = lines[0].split(' ').nth(3).map(number);
    let sends = lines.iter().filter(|line| line.starts_with("email-"));
    let size = sends
        .filter_map(|line| line.split(['(', ')']).nth(1))
        .nth(n);
    let left = total.zip(size.map(number)).map(|(all, size)| all - size);
    json!({
        "decision": "approve_with_fixes",
        "edits": [
            {"op": "remove", "path": format!("/sends/{n}")},
            {"op": "replace", "path": "/recipients", "value": left.expect("it has that many")},
        ],
    })
}

/// A world with one queued run in it.
pub struct CampaignWorld {
    /// The use cases.
    pub app: Arc<App>,
    /// What was alerted.
    pub alerts: Arc<RecordedAlerts>,
    /// The EmailPilot, with its books.
    pub sandbox: Sandbox,
    /// The store.
    pub items: Arc<FailingItems>,
    /// The run.
    pub run: Run,
    executor: Arc<dyn TaskExecutor>,
    starts: Arc<Starts>,
    desk: Arc<Desk>,
    serving: JoinHandle<()>,
}

/// How long a call to EmailPilot may take: short, since some tests let every call time out.
const HASTE: Duration = Duration::from_millis(400);

impl CampaignWorld {
    /// A world in which a brand's campaign for February 2026 is queued.
    pub async fn of(brand: &str, people: Arc<People>) -> Self {
        let wanted = json!({"brand_id": brand, "selected_month": "2026-02"});
        Self::wanting(wanted, people, Vec::new()).await
    }

    /// The same with what is asked for as a caller of the API would, and faults of EmailPilot.
    pub async fn wanting(wanted: Value, people: Arc<People>, faults: Vec<Fault>) -> Self {
        let sandbox = Sandbox::in_memory();
        sandbox.set_clock(Some(noon()));
        set_faults(&sandbox, faults);
        let (email_pilot, serving) = serve(sandbox.clone()).await;
        let sqlite = SqliteItems::in_memory().expect("SQLite opens in memory");
        let items = Arc::new(FailingItems::over(sqlite.clone()));
        let (starts, desk) = (Arc::new(Starts::default()), Arc::new(Desk::default()));
        let approving = Approving {
            may_auto_approve: true,
            ..Approving::default()
        };
        let app = App::new(Ports {
            items: Arc::clone(&items) as _,
            workflows: Arc::clone(&starts) as _,
            clock: Arc::new(StoppedClock::default()),
            callbacks: Arc::clone(&desk) as _,
            notices: Arc::new(LoggedNotices),
        });
        let app = Arc::new(app.with_approving(approving).with_email_pilot(email_pilot));
        let platform = Platform::default();
        platform.is(&app);
        let alerts = Arc::<RecordedAlerts>::default();
        let (sqlite, told) = (Arc::new(sqlite), Arc::clone(&alerts) as _);
        let integrations = Integrations::new(Agents::all(), sqlite, told);
        let executor = Arc::new(WithPeople {
            rest: integrations.with_platform(platform),
            app: Arc::clone(&app),
            desk: Arc::clone(&desk),
            people,
        });
        let wanted: StartRun = serde_json::from_value(wanted).expect("it can be asked for");
        let started = app.start_run(&tenant(), &wanted, None).await;
        started.expect("a run starts");
        let run = starts.last().expect("its workflow was started");
        Self {
            app,
            alerts,
            sandbox,
            items,
            run,
            executor,
            starts,
            desk,
            serving,
        }
    }

    /// The workflow with the run's input.
    pub fn plan(&self) -> Plan {
        plan(Workflow::Campaign, self.run.input.clone())
    }

    /// The same world once its run failed at its deployment and was redriven from a stage.
    pub async fn redriven(brand: &str, from: &str) -> Self {
        let mut world = Self::of(brand, approving()).await;
        let fails = |task: &Task| {
            let fails = task.name == "SendTest";
            fails.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
        };
        let executor = Arc::clone(&world.executor);
        let played = world.plan().play(executor, false, Arc::new(fails)).await;
        let failed = world.settle(&played.finished).await;
        assert_eq!(failed.status, RunStatus::Failed);
        let redriven = world.redrive(from).await;
        redriven.expect("what failed can be redriven");
        world
    }

    /// Redrives the run from a stage.
    ///
    /// # Errors
    /// As the use case; the run is as it was then.
    pub async fn redrive(&mut self, from: &str) -> Result<RunState, AppError> {
        let from = serde_json::from_value(json!(from)).expect("a stage");
        let (tenant, run) = (tenant(), self.run.run_id);
        let redriven = self.app.redrive_run(&tenant, run, Some(from), None).await?;
        self.run = self.starts.last().expect("it was started again");
        // Tokens come from a seed here: those of the next execution may be the same.
        self.desk.forget();
        Ok(redriven)
    }

    /// What is wrong with EmailPilot from now on.
    pub fn suffer(&self, faults: Vec<Fault>) {
        set_faults(&self.sandbox, faults);
    }

    /// Does what housekeeping does when an execution ended, and answers how the run stands.
    pub async fn settle(&self, finished: &Finished) -> RunState {
        let ended = self.try_settle(finished).await;
        ended.expect("the end can be written")
    }

    /// The same.
    ///
    /// # Errors
    /// As the use case: housekeeping would try again later.
    pub async fn try_settle(&self, finished: &Finished) -> Result<RunState, AppError> {
        let (end, error, cause) = end_of(finished);
        let (tenant, name) = (tenant(), self.run.execution_name());
        let ended = self.app.end_of_execution(&tenant, &name, end, error, cause);
        ended.await
    }

    /// How the run stands.
    pub async fn state(&self) -> RunState {
        let state = self.app.load_run(&tenant(), self.run.run_id).await;
        state.expect("the run is there")
    }

    /// Every campaign that EmailPilot has.
    pub fn campaigns(&self) -> Vec<CampaignEntry> {
        self.sandbox.books().expect("the books are kept").campaigns
    }

    /// The mails that go out or went out, by name, with how often each does.
    pub fn mails_that_go_out(&self) -> BTreeMap<String, usize> {
        let campaigns = self.campaigns().into_iter();
        let out =
            campaigns.filter(|c| matches!(c.state, DeliveryState::Scheduled | DeliveryState::Sent));
        let mut mails = BTreeMap::new();
        for campaign in out {
            *mails.entry(campaign.email_id).or_default() += 1;
        }
        mails
    }

    /// Checks what must hold however a campaign ended, and answers how it did: it is over, nothing
    /// waits for anybody, no mail goes out twice, and what goes out is what the run says.
    pub async fn check(&self, finished: &Finished, what: &str) -> RunState {
        let state = self.settle(finished).await;
        assert!(state.status.is_over(), "{what}: {:?}", state.status);
        let (tenant, pending) = (tenant(), Some(ApprovalStatus::Pending));
        let pending = self.app.list_approvals(&tenant, pending, None, 10);
        let pending = pending.await.expect("approvals are listed").approvals;
        assert_eq!(pending, [], "{what}: approvals that wait");
        let mails = self.mails_that_go_out();
        let twice = mails.iter().find(|(_, times)| **times > 1);
        assert_eq!(twice, None, "{what}: a mail goes out twice");
        let done = matches!(state.status, RunStatus::Succeeded | RunStatus::Partial);
        let dirty = state.error.as_deref() == Some("FailedDirty");
        assert!(
            done || dirty || mails.is_empty(),
            "{what}: {mails:?} go out"
        );
        assert!(!done || !mails.is_empty(), "{what}: nothing goes out");
        for (mail, delivery) in &state.deliveries {
            let says = matches!(
                delivery.state,
                DeliveryState::Scheduled | DeliveryState::Sent
            );
            if !dirty {
                assert_eq!(mails.contains_key(mail), says, "{what}: {mail}");
            }
        }
        state
    }
}

impl Drop for CampaignWorld {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Scene for CampaignWorld {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Arc::clone(&self.executor)
    }
}

fn set_faults(sandbox: &Sandbox, faults: Vec<Fault>) {
    let set = sandbox.set_faults(Faults { seed: 1, faults });
    set.expect("the faults mean something");
}

async fn serve(sandbox: Sandbox) -> (Arc<dyn EmailPilot>, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move {
        let served = axum::serve(listener, router(sandbox)).await;
        served.expect("it serves");
    });
    let settings = EmailPilotSettings::new(&format!("http://{address}"), None);
    let settings = settings.expect("an address").with_timeout(HASTE);
    let client = EmailPilotClient::new(settings).expect("a client");
    (Arc::new(client), serving)
}
