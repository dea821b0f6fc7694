//! Research over HTTP, bought at the sandbox: the published examples, what is refused, reports, and
//! a task that waits for a person.

use std::sync::Arc;
use std::time::{Duration, Instant};

use baton_domain::Money;
use baton_domain::marketplace::{Marketplace, PaymentManager, Wallet};
use baton_embedded::Embedded;
use baton_http::Access;
use baton_partners::{
    AllowedAssets, EvmWallet, MarketplaceClient, MarketplaceSettings, PaymentManagerClient,
    PaymentManagerSettings, Secret,
};
use baton_sandbox::marketplace::{self, Sandbox};
use baton_sandbox::payments;
use baton_tests::http_api::{Api, Reply, http_client};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::embedded;

/// The tenant of callers who name none, as those of the examples.
const TENANT: &str = "default";

/// Signs payments to the sandbox.
const PLAY_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// The body of the published example, as it is written there.
const TESLA: &str = r#"{
    "theme": "Tesla Inc financial performance 2023",
    "budget": 50,
    "voice_id": "user_voice_123"
  }"#;

/// A Baton that listens and buys at a sandbox.
struct Shop {
    api: Api,
    sandbox: Sandbox,
    _baton: Embedded,
}

impl Shop {
    async fn open() -> Self {
        Self::asking_above(50).await
    }

    /// One that asks a person before it buys what costs more dollars than this.
    async fn asking_above(dollars: u64) -> Self {
        let sandbox = Sandbox::in_memory();
        let market = Api::serving(marketplace::router(sandbox.clone())).await;
        let manager = Api::serving(payments::router(sandbox.clone())).await;
        let mut baton = embedded();
        let assets = AllowedAssets::usual(true);
        let settings = MarketplaceSettings::new(&market.url, assets.clone()).expect("an address");
        let market = MarketplaceClient::new(settings).expect("a client");
        let settings = PaymentManagerSettings::new(&manager.url).expect("an address");
        let manager = PaymentManagerClient::new(settings).expect("a client");
        let wallet = EvmWallet::new(&Secret::new(PLAY_KEY), assets).expect("a key");
        baton.marketplace = Some(Arc::new(market) as Arc<dyn Marketplace>);
        baton.payment_manager = Some(Arc::new(manager) as Arc<dyn PaymentManager>);
        baton.wallet = Some(Arc::new(wallet) as Arc<dyn Wallet>);
        let limit = Money::from_micro_usd(dollars * 1_000_000);
        baton.settings.payments.auto_approve_price = limit;
        Self {
            api: Api::of(&baton, Access::Open).await,
            sandbox,
            _baton: baton,
        }
    }

    async fn post(&self, path: &str, body: &str) -> Reply {
        let body = body.as_bytes().to_vec();
        self.api.send(Method::POST, path, TENANT, &[], body).await
    }

    /// Starts a task and answers its id.
    async fn begin(&self, body: &str) -> String {
        let reply = self.post("/tasks", body).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let answer = reply.body.as_object().expect("an object");
        assert_eq!(answer.keys().collect::<Vec<_>>(), ["task_id"]);
        let id = reply.body["task_id"].as_str().expect("an id");
        id.to_owned()
    }

    async fn task(&self, id: &str) -> Value {
        let reply = self.api.get(&format!("/tasks/{id}"), TENANT).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.body
    }

    /// The task once it stands as one of these.
    async fn once(&self, id: &str, stands: &[&str]) -> Value {
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(1) {
            let task = self.task(id).await;
            let status = task["status"].as_str().expect("a status");
            if stands.contains(&status) {
                return task;
            }
            assert!(
                !["succeeded", "partial", "failed"].contains(&status),
                "it was to be {stands:?}: {task:#}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{id} is never {stands:?}");
    }

    /// What came of a task: a report, and a ledger that says what the sandbox's books say.
    async fn researched(&self, body: &str) -> Value {
        let before = self.sandbox.books().total;
        let id = self.begin(body).await;
        let task = self.once(&id, &["succeeded"]).await;
        let charged = self.sandbox.books().total.micro_usd() - before.micro_usd();
        let spent: Money = serde_json::from_value(task["spent"].clone()).expect("a sum");
        assert_eq!(spent.micro_usd(), charged, "{task:#}");
        assert_eq!(task["reserved"], json!(0.0), "nothing is held");
        assert_eq!(task["error"], Value::Null);
        let asked: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(task["theme"], asked["theme"]);
        let budget = asked["budget"].as_f64().expect("a number");
        assert_eq!(task["budget"], json!(budget));
        assert!(spent.usd() <= budget, "{task:#}");
        assert!(task["report"].as_str().expect("a report").contains("# "));
        task
    }

    /// A report as it comes: its media type and its text.
    async fn report(&self, id: &str, query: &str, accept: &str) -> (StatusCode, String, String) {
        let url = format!("{}/tasks/{id}/report{query}", self.api.url);
        let request = http_client().get(url).header("accept", accept);
        let response = request.send().await.expect("an answer");
        let kind = response.headers()["content-type"].to_str().expect("text");
        let (status, kind) = (response.status(), kind.to_owned());
        (status, kind, response.text().await.expect("text"))
    }
}

/// What was bought on a rail and delivered, and for how much.
fn bought<'a>(task: &'a Value, rail: &str) -> Vec<(&'a str, f64)> {
    let purchases = task["purchases"].as_array().expect("purchases").iter();
    let of_rail = purchases.filter(|p| p["rail"] == rail && p["state"] == "delivered");
    let told = of_rail.map(|p| {
        let name = p["name"].as_str().expect("a name");
        (name, p["cost"].as_f64().unwrap_or_default())
    });
    told.collect()
}

/// The published call, sent as it is: without tenant and key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_request_is_researched_and_bought_on_both_rails() {
    let shop = Shop::open().await;
    let request = http_client().post(format!("{}/tasks", shop.api.url));
    let request = request.header("Content-Type", "application/json");
    let response = request.body(TESLA).send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let answer: Value = response.json().await.expect("JSON");
    let id = answer["task_id"].as_str().expect("an id");
    let task = shop.once(id, &["succeeded"]).await;
    assert_eq!(
        bought(&task, "token"),
        [("Tesla Inc, annual filing 2023", 12.0)]
    );
    assert_eq!(
        bought(&task, "x402"),
        [("Tesla Inc, production and deliveries 2023", 0.15)]
    );
    assert!(!bought(&task, "free").is_empty(), "{task:#}");
    assert_eq!(task["spent"], json!(12.15));
    assert_eq!(shop.sandbox.books().total.micro_usd(), 12_150_000);
    let report = task["report"].as_str().expect("a report");
    for said in ["Tesla", "96,773,000,000", "12.15 USD was spent"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    let listed = shop.api.get("/tasks", TENANT).await.body;
    assert_eq!(listed["tasks"][0]["task_id"], id);
    let audited = format!("/tasks/{id}?audit=true");
    let trail = shop.api.get(&audited, TENANT).await.body["audit"].clone();
    let trail: Vec<&str> = trail
        .as_array()
        .expect("a trail")
        .iter()
        .filter_map(|entry| entry["event"].as_str())
        .collect();
    assert_eq!(
        (trail.first(), trail.last()),
        (Some(&"opened"), Some(&"closed"))
    );
}

/// The other bodies that are published: of JavaScript and of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_published_body_is_researched() {
    let shop = Shop::open().await;
    for (theme, budget, voice) in [
        (
            "Blockchain adoption in finance",
            100,
            "voice_fintech_analyst",
        ),
        ("Test research", 50, "test_voice"),
        ("Integration test", 100, "test_voice"),
    ] {
        let body = json!({"theme": theme, "budget": budget, "voice_id": voice});
        let task = shop.researched(&body.to_string()).await;
        if theme.starts_with("Blockchain") {
            assert!(!bought(&task, "token").is_empty(), "{task:#}");
        }
    }
    let health = shop.api.get("/health", TENANT).await;
    assert_eq!(
        (health.status, &health.body["status"]),
        (StatusCode::OK, &json!("healthy"))
    );
}

/// The part of httpx that the example uses, by what Python has itself.
const HTTPX: &str = r#"
import json as codec
import urllib.request

class Response:
    def __init__(self, answered):
        self.status_code = answered.status
        self.text = answered.read().decode()

    def json(self):
        return codec.loads(self.text)

class Client:
    def __init__(self, base_url):
        self.base_url = base_url

    def post(self, path, json):
        request = urllib.request.Request(
            self.base_url + path,
            data=codec.dumps(json).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return Response(opener.open(request, timeout=30))
"#;

/// The published client, but for the address.
const CLIENT: &str = r#"
import httpx

client = httpx.Client(base_url="http://localhost:8000")

response = client.post("/tasks", json={
    "theme": "AI market trends in healthcare",
    "budget": 75,
    "voice_id": "voice_medical_researcher"
})

task_id = response.json()["task_id"]
print(f"Task created: {task_id}")
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_client_in_python_starts_a_task() {
    let shop = Shop::open().await;
    let folder = tempfile::tempdir().expect("a folder");
    let script = CLIENT.replace("http://localhost:8000", &shop.api.url);
    std::fs::write(folder.path().join("httpx.py"), HTTPX).expect("a file");
    std::fs::write(folder.path().join("client.py"), script).expect("a file");
    // The folder of a script is where Python looks for modules first.
    let ran = tokio::process::Command::new("python3")
        .arg(folder.path().join("client.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    let ran = ran.await.expect("python3 runs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let id = said
        .trim()
        .strip_prefix("Task created: ")
        .expect("its words");
    let task = shop.once(id, &["succeeded"]).await;
    assert_eq!(task["theme"], "AI market trends in healthcare");
    assert_eq!(task["budget"], json!(75.0));
    let names: Vec<&str> = [bought(&task, "token"), bought(&task, "x402")]
        .concat()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(
        names.iter().any(|name| name.contains("Health")),
        "{names:?}"
    );
    assert_eq!(task["spent"], json!(shop.sandbox.books().total));
}

// What is said of a field: the message, and the kind.
const MISSING: (&str, &str) = ("field required", "value_error.missing");
const NULL: (&str, &str) = (
    "none is not an allowed value",
    "type_error.none.not_allowed",
);
const TEXT: (&str, &str) = ("str type expected", "type_error.str");
const INTEGER: (&str, &str) = ("value is not a valid integer", "type_error.integer");
const OBJECT: (&str, &str) = ("value is not a valid dict", "type_error.dict");
const POSITIVE: (&str, &str) = ("Budget must be positive", "value_error");
const EMPTY: (&str, &str) = ("Theme cannot be empty", "value_error");
type Said<'a> = &'a [(&'a str, (&'a str, &'a str))];

/// Bodies, and everything that is said of each: where, what, and the kind.
#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_in_the_published_form() {
    let shop = Shop::open().await;
    let table: [(&str, Said<'_>); 14] = [
        (r#"{"budget": 50, "voice_id": "v"}"#, &[("theme", MISSING)]),
        (
            r#"{"theme": "EV", "voice_id": "v"}"#,
            &[("budget", MISSING)],
        ),
        (r#"{"theme": "EV", "budget": 50}"#, &[("voice_id", MISSING)]),
        (
            "{}",
            &[
                ("theme", MISSING),
                ("budget", MISSING),
                ("voice_id", MISSING),
            ],
        ),
        ("", &[("", MISSING)]),
        ("null", &[("", MISSING)]),
        ("[]", &[("", OBJECT)]),
        ("7", &[("", OBJECT)]),
        (
            r#"{"theme": null, "budget": 1, "voice_id": "v"}"#,
            &[("theme", NULL)],
        ),
        (
            r#"{"theme": ["t"], "budget": 1, "voice_id": 5}"#,
            &[("theme", TEXT), ("voice_id", TEXT)],
        ),
        (
            r#"{"theme": "  ", "budget": 0, "voice_id": "v"}"#,
            &[("theme", EMPTY), ("budget", POSITIVE)],
        ),
        (
            r#"{"theme": "EV", "budget": -5, "voice_id": "v"}"#,
            &[("budget", POSITIVE)],
        ),
        (
            r#"{"theme": "EV", "budget": "50", "voice_id": "v"}"#,
            &[("budget", INTEGER)],
        ),
        (
            r#"{"theme": "EV", "budget": 1.5, "voice_id": "v"}"#,
            &[("budget", INTEGER)],
        ),
    ];
    for (body, said) in table {
        let reply = shop.post("/tasks", body).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}: {reply:?}"
        );
        assert_eq!(reply.content_type, "application/json", "{body}");
        let wrong = said.iter().map(|(field, (msg, kind))| {
            let loc = if field.is_empty() {
                json!(["body"])
            } else {
                json!(["body", field])
            };
            json!({"loc": loc, "msg": msg, "type": kind})
        });
        let expected = json!({"detail": wrong.collect::<Vec<_>>()});
        assert_eq!(reply.body, expected, "{body}");
    }
    let broken = shop.post("/tasks", "{\"theme\": \n x}").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(broken.body["detail"][0]["type"], "value_error.jsondecode");
    let listed = shop.api.get("/tasks", TENANT).await.body;
    assert_eq!(listed["tasks"], json!([]), "nothing was started");
    assert_eq!(
        shop.sandbox.books().tokens.len(),
        0,
        "no token was asked for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_markdown_or_a_page() {
    let shop = Shop::open().await;
    let task = shop.researched(TESLA).await;
    let id = task["task_id"].as_str().expect("an id");
    let markdown = task["report"].as_str().expect("a report");
    for (query, accept, is_page) in [
        ("", "*/*", false),
        ("", "text/html,application/xhtml+xml;q=0.9", true),
        ("?format=html", "*/*", true),
        ("?format=markdown", "text/html", false),
    ] {
        let (status, kind, text) = shop.report(id, query, accept).await;
        assert_eq!(status, StatusCode::OK, "{query} {accept}");
        if is_page {
            assert_eq!(kind, "text/html; charset=utf-8");
            assert!(text.starts_with("<!doctype html>"), "{text}");
            assert!(text.contains("<h1>") && text.contains("<table>"), "{text}");
            assert!(text.contains("96,773,000,000"), "{text}");
        } else {
            assert_eq!(kind, "text/markdown; charset=utf-8");
            assert_eq!(text, markdown);
        }
    }
    let (status, kind, _) = shop.report(id, "?format=pdf", "*/*").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "application/problem+json")
    );
    let none = "run_01JD2Z5Y8N3V9QK7M4T6W1X0RB";
    assert_eq!(shop.report(none, "", "*/*").await.0, StatusCode::NOT_FOUND);
    let reply = shop.api.get(&format!("/tasks/{none}"), TENANT).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    let foreign = shop.api.get(&format!("/tasks/{id}"), "eve").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "another tenant's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_waits_for_a_person_shows_the_approval() {
    let shop = Shop::asking_above(10).await;
    for (decision, end, spent) in [("approve", "succeeded", 12.15), ("reject", "partial", 0.15)] {
        let before = shop.sandbox.books().total.micro_usd();
        let id = shop.begin(TESLA).await;
        let task = shop.once(&id, &["waiting_approval"]).await;
        let gates = task["approvals"].as_array().expect("gates");
        assert_eq!(gates.len(), 1, "{task:#}");
        assert_eq!(gates[0]["gate"], "purchase");
        assert_eq!(
            (&task["report"], &task["error"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(bought(&task, "token"), [], "nobody was asked yet");
        assert_eq!(shop.report(&id, "", "*/*").await.0, StatusCode::NOT_FOUND);
        let approval = &gates[0]["approval_id"];
        let path = format!("/approvals/{}", approval.as_str().expect("an id"));
        let shown = shop.api.get(&path, TENANT).await.body;
        let summary = shown["summary"][0].as_str().expect("a summary");
        assert!(
            summary.contains("Tesla Inc, annual filing 2023"),
            "{shown:#}"
        );
        let decided = json!({"request_id": approval, "decision": decision,
            "approver": "user@example.com"});
        let reply = shop.post("/approvals/submit", &decided.to_string()).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let over = shop.once(&id, &[end]).await;
        assert_eq!(over["approvals"], json!([]), "{over:#}");
        assert_eq!(over["spent"], json!(spent), "{over:#}");
        let charged = shop.sandbox.books().total.micro_usd() - before;
        assert_eq!(
            json!(Money::from_micro_usd(charged)),
            json!(spent),
            "{decision}"
        );
        assert!(over["report"].is_string(), "{over:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_that_is_not_known_ends_a_task_with_its_error() {
    let shop = Shop::open().await;
    let body = json!({"theme": "Tesla", "budget": 5, "voice_id": "bad_voice"}).to_string();
    let id = shop.begin(&body).await;
    let task = shop.once(&id, &["failed"]).await;
    let error = task["error"].as_object().expect("an error");
    let names: Vec<&String> = error.keys().collect();
    let mut form = ["error", "message", "task_id", "timestamp"];
    form.sort_unstable();
    assert_eq!(names, form);
    assert_eq!(
        (&error["error"], &error["task_id"]),
        (&json!("AuthenticationError"), &json!(id))
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|said| !said.is_empty())
    );
    assert_eq!(
        (&task["spent"], &task["report"]),
        (&json!(0.0), &Value::Null)
    );
    assert_eq!(shop.sandbox.books().total, Money::ZERO);
}
