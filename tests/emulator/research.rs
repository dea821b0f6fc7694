//! Research on the deployed stack: bought on both rails from a marketplace in this process.

use baton_sandbox::marketplace::{Call, Fault, Faults, Kind};
use baton_tests::http_api::{Api, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use super::campaign::{Outside, TENANT, eventually, is_over, submit, waiting};

/// Started twice with one key, and with an answer lost after the money moved: each source is paid
/// for once, the task says what the books say, and its report can be read.
pub(crate) async fn is_bought_once(api: &Api, outside: &Outside) {
    let lost = Fault::once(Call::Pay, Kind::Error500AfterCharging);
    let faults = vec![lost];
    let set = outside.market.set_faults(Faults { seed: 1, faults });
    set.expect("the faults mean something");
    let before = outside.market.books().total.micro_usd();
    let body = json!({
        "theme": "Tesla Inc financial performance 2023", "budget": 50, "voice_id": "user_voice_123",
    });
    let id = start(api, "tesla", &body).await;
    assert_eq!(
        start(api, "tesla", &body).await,
        id,
        "one key starts one task"
    );
    let task = over(api, &id).await;
    assert_eq!(task["status"], "succeeded", "{task:#}");
    let charged = outside.market.books().total.micro_usd() - before;
    assert_eq!(
        (&task["spent"], charged),
        (&json!(12.15), 12_150_000),
        "{task:#}"
    );
    let report = get(api, &format!("/tasks/{id}/report?format=html")).await;
    assert_eq!(report.status.as_u16(), 200, "{report:?}");
}

/// The budget reaches for nothing until somebody raises it.
pub(crate) async fn waits_for_a_larger_budget(api: &Api) {
    let body = json!({"theme": "Orbis Cloud revenue", "budget": 10, "voice_id": "v"});
    let id = start(api, "orbis", &body).await;
    let approval = waiting(api, &id).await;
    assert_eq!(approval["gate"], "budget", "{approval:#}");
    let decided = json!({
        "request_id": approval["approval_id"], "decision": "approve", "approver": "ada",
        "max_cost_usd": 30.0,
    });
    let reply = submit(api, "/approvals/submit", &[], &decided).await;
    assert_eq!(reply.status.as_u16(), 200, "{reply:?}");
    // One of the two is still too dear, and nobody is asked for ever.
    let decide = async || {
        let task = get(api, &format!("/tasks/{id}")).await.body;
        if let Some(gate) = task["approvals"].get(0) {
            let no = json!({
                "request_id": gate["approval_id"], "decision": "reject", "approver": "ada",
            });
            submit(api, "/approvals/submit", &[], &no).await;
        }
        is_over(&task).then_some(task)
    };
    let task = eventually("the task is over", decide).await;
    assert_eq!(
        (&task["spent"], &task["budget"]),
        (&json!(22.0), &json!(30.0)),
        "{task:#}"
    );
}

async fn start(api: &Api, key: &str, body: &Value) -> String {
    let reply = submit(api, "/tasks", &[("idempotency-key", key)], body).await;
    assert_eq!(reply.status.as_u16(), 200, "{reply:?}");
    reply.body["task_id"].as_str().expect("an id").to_owned()
}

async fn over(api: &Api, id: &str) -> Value {
    let path = format!("/tasks/{id}");
    let ended = async || {
        let task = get(api, &path).await.body;
        is_over(&task).then_some(task)
    };
    eventually(&format!("{id} is over"), ended).await
}

async fn get(api: &Api, path: &str) -> Reply {
    api.send(Method::GET, path, TENANT, &[], Vec::new()).await
}
