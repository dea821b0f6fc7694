//! A campaign on the deployed stack, from the start over HTTP to the books of EmailPilot.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use baton_domain::Timestamp;
use baton_domain::campaign::{DeliveryState, Month};
use baton_domain::ports::Workflows as _;
use baton_domain::run::{Run, Workflow};
use baton_sandbox::emailpilot::{Operation, Sandbox, router};
use baton_sandbox::{marketplace, payments};
use baton_tests::avatar::SECRET;
use baton_tests::emulator::Deployed;
use baton_tests::http_api::{Api, Reply};
use baton_tests::talks::{Manner, Talks};
use baton_tests::video_scenario::PUBLIC_URL;
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const TENANT: &str = "campaigns";

/// Signs payments to the sandbox.
const PLAY_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// The longest that anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the stack speaks to: a sandbox EmailPilot, a sandbox marketplace with its Payment Manager,
/// and a webhook that keeps what it is told.
pub(crate) struct Outside {
    pub(crate) market: marketplace::Sandbox,
    marketplace: String,
    payment_manager: String,
    sandbox: Sandbox,
    email_pilot: String,
    told: Arc<Mutex<Vec<Value>>>,
    webhook: String,
    pub(crate) talks: Talks,
}

impl Outside {
    /// All listen in this process.
    pub(crate) async fn start() -> Self {
        let (sandbox, told) = (Sandbox::in_memory(), Arc::<Mutex<Vec<Value>>>::default());
        let hear = async |State(told): State<Arc<Mutex<Vec<Value>>>>, Json(notice)| {
            told.lock().expect("no handler panics").push(notice);
        };
        let webhook = Router::new().route("/", post(hear));
        let market = marketplace::Sandbox::in_memory();
        Self {
            marketplace: Api::serving(marketplace::router(market.clone())).await.url,
            payment_manager: Api::serving(payments::router(market.clone())).await.url,
            market,
            email_pilot: Api::serving(router(sandbox.clone())).await.url,
            webhook: Api::serving(webhook.with_state(Arc::clone(&told)))
                .await
                .url,
            sandbox,
            told,
            talks: Talks::open(Manner::DoneAfter(1)).await,
        }
    }

    /// The parameters by which a stack finds them.
    pub(crate) fn parameters(&self) -> [(&str, &str); 13] {
        [
            ("MarketplaceUrl", &self.marketplace),
            ("PaymentManagerUrl", &self.payment_manager),
            ("X402PrivateKey", PLAY_KEY),
            ("EmailPilotBaseUrl", &self.email_pilot),
            ("NotifyWebhookUrl", &self.webhook),
            ("Approvers", "ada@example.com"),
            ("CampaignBrands", "campaigns/juniper"),
            ("ApprovalLinkSecret", "an-example-of-a-secret-of-32-bytes"),
            ("PublicUrl", PUBLIC_URL),
            ("VideoProvider", "d-id"),
            ("VideoApiKey", "a-key"),
            ("VideoBaseUrl", &self.talks.url),
            ("VideoWebhookSecret", SECRET),
        ]
    }
}

/// Started twice with one key, approved at every gate: every mail is scheduled once, and the
/// approver was told of every gate.
pub(crate) async fn is_approved_and_scheduled_once(api: &Api, outside: &Outside) {
    let run = start(api, "once").await;
    assert_eq!(start(api, "once").await, run, "one key starts one run");
    for gate in ["strategy", "content", "deployment"] {
        let approval = waiting(api, &run).await;
        assert_eq!(approval["gate"], gate);
        let id = &approval["approval_id"];
        let decided = json!({"request_id": id, "decision": "approve", "approver": "ada"});
        let reply = submit(api, "/approvals/submit", &[], &decided).await;
        assert_eq!(reply.status.as_u16(), 200, "{reply:?}");
        told(outside, id).await;
    }
    let state = over(api, &run).await;
    assert_eq!(state["status"], "succeeded", "{state:#}");
    let books = outside.sandbox.books().expect("the books are kept");
    assert!(books.campaigns.len() > 1, "{:?}", books.campaigns);
    for campaign in &books.campaigns {
        assert_eq!(campaign.state, DeliveryState::Scheduled, "{campaign:?}");
        assert_eq!(campaign.run_id, run);
        for operation in [Operation::Create, Operation::TestSend, Operation::Schedule] {
            let entries = books.entries.iter();
            let same = entries.filter(|entry| {
                entry.operation == operation && entry.campaign_id == campaign.campaign_id
            });
            assert_eq!(same.count(), 1, "{operation:?} of {campaign:?}");
        }
    }
}

/// Nobody in the workflow hears of it: the event of Step Functions does what is left to do.
pub(crate) async fn that_is_stopped_ends_its_run(stack: &Deployed, api: &Api) {
    let id = start(api, "stopped").await;
    let approval = waiting(api, &id).await;
    let run = Run {
        run_id: id.parse().expect("an id"),
        attempt: 1,
        tenant_id: TENANT.parse().expect("a name"),
        workflow: Workflow::Campaign,
        input: Value::Null,
    };
    let stopped = stack.workflows().stop(&run, "by the test").await;
    stopped.expect("it is stopped");
    let state = over(api, &id).await;
    assert_eq!(state["status"], "cancelled", "{state:#}");
    let path = format!(
        "/approvals/{}",
        approval["approval_id"].as_str().unwrap_or_default()
    );
    let withdrawn = async || {
        let approval = api.get(&path, TENANT).await.body;
        (approval["status"] == "withdrawn").then_some(())
    };
    eventually("the approval is withdrawn", withdrawn).await;
}

/// What the schedules call, called: a month's campaign starts once, and nothing is left undone.
pub(crate) async fn of_a_schedule_starts_once(stack: &Deployed, api: &Api) {
    let first = invoke(stack, "ScheduleCampaignsFunction");
    let run = first["scheduled"][0]["run_id"].as_str();
    let run = run.unwrap_or_else(|| panic!("it starts: {first}"));
    assert_eq!(waiting(api, run).await["gate"], "strategy");
    let second = invoke(stack, "ScheduleCampaignsFunction");
    assert_eq!(second["scheduled"][0]["run_id"], Value::Null, "{second}");
    // Of runs, other scenarios may have left some that are queued.
    let swept = invoke(stack, "SweepFunction");
    let nothing = json!({"told": 0, "withdrawn": 0, "failed": 0});
    assert_eq!(swept["approvals"], nothing);
}

/// What a function of the stack answers to an event that says nothing.
pub(crate) fn invoke(stack: &Deployed, function: &str) -> Value {
    let answer = stack.run("invoke.py", &[function, "{}"]);
    serde_json::from_str(&answer).expect("functions answer JSON")
}

pub(crate) async fn start(api: &Api, key: &str) -> String {
    let this: Month = Timestamp::now()
        .strftime("%Y-%m")
        .to_string()
        .parse()
        .expect("a month");
    let body = json!({"brand_id": "acme", "selected_month": this.next()});
    let reply = submit(api, "/runs/start", &[("idempotency-key", key)], &body).await;
    assert_eq!(reply.status.as_u16(), 202, "{reply:?}");
    reply.body["run_id"].as_str().expect("an id").to_owned()
}

pub(crate) async fn submit(api: &Api, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let body = body.to_string().into_bytes();
    api.send(Method::POST, path, TENANT, headers, body).await
}

/// The approval of a run that waits.
pub(crate) async fn waiting(api: &Api, run: &str) -> Value {
    let what = format!("{run} waits for approval");
    let pending = async || {
        let page = api.get("/approvals/pending", TENANT).await.body;
        let approvals = page["approvals"].as_array().cloned().unwrap_or_default();
        let found = approvals
            .into_iter()
            .find(|approval| approval["run_id"] == run);
        if found.is_none() {
            let state = api.get(&format!("/runs/{run}"), TENANT).await.body;
            assert!(!is_over(&state), "{state:#}");
        }
        found
    };
    eventually(&what, pending).await
}

/// A run once it is over.
pub(crate) async fn over(api: &Api, run: &str) -> Value {
    let path = format!("/runs/{run}");
    let ended = async || {
        let state = api.get(&path, TENANT).await.body;
        is_over(&state).then_some(state)
    };
    eventually(&format!("{run} is over"), ended).await
}

pub(crate) fn is_over(state: &Value) -> bool {
    let status = state["status"].as_str().unwrap_or_default();
    !["queued", "running", "waiting_approval"].contains(&status)
}

/// The approver got a notice of an approval, with a link.
async fn told(outside: &Outside, approval: &Value) {
    let id = approval.as_str().expect("an id");
    let heard = async || {
        let told = outside.told.lock().expect("no handler panics").clone();
        let mut of_it = told.into_iter().filter(|notice| {
            let notice_id = notice["notice_id"].as_str().unwrap_or_default();
            notice_id.starts_with(id)
        });
        of_it.next()
    };
    let notice = eventually("the approver is told", heard).await;
    assert_eq!(notice["to"], "ada@example.com", "{notice}");
    let link = notice["link"].as_str().unwrap_or_default();
    assert!(link.contains("/approvals/link/"), "{notice}");
}

/// Looks until there is something.
pub(crate) async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
