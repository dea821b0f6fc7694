//! Batches over HTTP, told so that any Baton can be asked: embedded, and deployed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::http_api::{Api, Reply};
use crate::normalise::without_times;

/// The longest that a batch takes, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The one of the twelve leads that its agent refuses.
const BAD: usize = 7;

/// Posts a batch.
pub async fn submit(api: &Api, tenant: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let body = body.to_string().into_bytes();
    api.send(Method::POST, "/requests/batch", tenant, headers, body)
        .await
}

/// Twelve leads, one bad for its agent, sent twice under one key: one run, which counts them right, keeps
/// each answer once and logs each request once. The answers in their order, to be compared with those of
/// another Baton.
pub async fn twelve_leads_are_answered_once(api: &Api, tenant: &str) -> Vec<Value> {
    let body = json!({"type": "score", "requests": (0..12).map(lead).collect::<Vec<_>>()});
    let key = [("idempotency-key", "twelve-leads")];
    let accepted = submit(api, tenant, &key, &body).await;
    let id = run_of(&accepted);
    let again = submit(api, tenant, &key, &body).await;
    assert_eq!(run_of(&again), id, "one key starts one run");
    let run = over(api, tenant, &id).await;
    assert_eq!(run["status"], "partial", "{run:#}");
    assert_eq!(run["cause"], "11 answered, 1 partial, 0 failed", "{run:#}");
    assert_eq!(
        (&run["workflow"], &run["requests"]),
        (&json!("batch"), &json!(12))
    );
    assert_eq!(run["agents"]["score"]["calls"], 12, "{run:#}");
    let runs = api.get("/runs", tenant).await.body;
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs:#}");
    let answers = kept(api, tenant, &run).await;
    for (index, answer) in answers.iter().enumerate() {
        is_of_its_lead(index, answer);
    }
    each_is_logged_once(api, tenant, &answers).await;
    answers.into_iter().map(without_times).collect()
}

/// A batch of these requests; its answers in their order, to be compared with those of another Baton.
pub async fn all_are_answered(api: &Api, tenant: &str, body: &Value) -> Vec<Value> {
    let id = run_of(&submit(api, tenant, &[], body).await);
    let run = over(api, tenant, &id).await;
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let answers = kept(api, tenant, &run).await;
    each_is_logged_once(api, tenant, &answers).await;
    answers.into_iter().map(without_times).collect()
}

fn lead(index: usize) -> Value {
    let lead = if index == BAD {
        let event = json!({"at": "2026-01-14T20:11:00Z", "kind": "stare"});
        json!({"as_of": "2026-01-15T12:00:00Z", "events": [event]})
    } else {
        let features = json!({"views": index, "carts": 1});
        json!({"as_of": "2026-01-15T12:00:00Z", "features": features})
    };
    json!({"user_id": format!("user_{index}"), "context": {"want": ["lead"], "lead": lead}})
}

fn is_of_its_lead(index: usize, answer: &Value) {
    assert_eq!(answer["user_id"], format!("user_{index}"), "{answer:#}");
    if index == BAD {
        assert_eq!(answer["status"], "partial", "{answer:#}");
        let errors = answer["errors"].to_string();
        assert!(errors.contains("events[0].kind"), "{answer:#}");
    } else {
        assert_eq!(answer["status"], "success", "{answer:#}");
        let output = &answer["results"]["lead"]["output"];
        assert!(output["probability"].is_f64(), "{answer:#}");
    }
}

/// The run of a batch that was accepted.
fn run_of(accepted: &Reply) -> String {
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{accepted:?}");
    let id = accepted.body["run_id"].as_str().expect("an id");
    assert_eq!(accepted.location, format!("/runs/{id}"), "{accepted:?}");
    id.to_owned()
}

/// The run once it is over.
async fn over(api: &Api, tenant: &str, id: &str) -> Value {
    let began = Instant::now();
    loop {
        let run = api.get(&format!("/runs/{id}"), tenant).await.body;
        if ["succeeded", "partial", "failed"].contains(&run["status"].as_str().expect("a status")) {
            return run;
        }
        assert!(began.elapsed() < PATIENCE, "it is never over: {run:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The answers that a run keeps: one for each request, in their order.
async fn kept(api: &Api, tenant: &str, run: &Value) -> Vec<Value> {
    let id = run["run_id"].as_str().expect("an id");
    let parts = run["artifacts"].as_object().expect("artifacts by name");
    let mut answers = Vec::new();
    for name in parts.keys() {
        let path = format!("/runs/{id}/artifacts/{name}");
        let mut artifact = api.get(&path, tenant).await.body;
        let part = artifact["content"]["answers"].take();
        answers.extend(part.as_array().expect("answers").clone());
    }
    answers.sort_by_key(|answer| answer["index"].as_u64());
    let indices: Vec<_> = answers.iter().map(|answer| &answer["index"]).collect();
    let requests = run["requests"].as_u64().expect("a number");
    assert_eq!(indices, (0..requests).collect::<Vec<_>>(), "{run:#}");
    answers
}

/// The log of the tenant has one entry for each answer, with its status, and no other.
async fn each_is_logged_once(api: &Api, tenant: &str, answers: &[Value]) {
    let about = |entry: &Value| {
        let fields = ["request_id", "user_id", "status"];
        fields.map(|field| entry[field].as_str().unwrap_or_default().to_owned())
    };
    let log = api.log(tenant).await;
    assert_eq!(log.len(), answers.len(), "{log:#?}");
    let logged: BTreeSet<_> = log.iter().map(about).collect();
    let answered: BTreeSet<_> = answers.iter().map(about).collect();
    assert_eq!(logged, answered, "the log's entries, then the answers");
}
