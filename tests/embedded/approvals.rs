//! Approvals on SQLite and over HTTP.

use std::sync::Arc;

use baton_app::{ApprovalLinks, Approving};
use baton_domain::approval::Approval;
use baton_embedded::SqliteItems;
use baton_http::{Access, router};
use baton_tests::approval_contract::{World, approval_contract};
use baton_tests::http_api::Api;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::Lines;

pub(crate) const TOKEN: &str = "AQCEAAAAKgAAAAMAAAAA-task-token";

fn items() -> Arc<SqliteItems> {
    Arc::new(SqliteItems::in_memory().expect("SQLite opens in memory"))
}

pub(crate) fn links() -> ApprovalLinks {
    let secret = b"0123456789abcdef0123456789abcdef";
    ApprovalLinks::new(secret, "http://localhost").expect("a secret and an address")
}

/// A world that listens, with one approval that waits.
pub(crate) async fn serve() -> (World, Api, Approval) {
    let mut world = World::over(items());
    let approving = Approving {
        approvers: vec!["ada@example.com".to_owned()],
        links: Some(links()),
        may_auto_approve: false,
    };
    world.app = world.app.with_approving(approving);
    let api = Api::serving(router(world.app.clone(), Access::Open)).await;
    let approval = world.waiting(TOKEN).await;
    (world, api, approval)
}

async fn submit(api: &Api, tenant: &str, body: &Value) -> baton_tests::http_api::Reply {
    let body = body.to_string().into_bytes();
    api.send(Method::POST, "/approvals/submit", tenant, &[], body)
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approvals_hold_their_contract() {
    approval_contract(items(), 100).await;
}

#[tokio::test]
async fn approvals_are_listed_shown_and_decided_once() {
    let (world, api, approval) = serve().await;
    let (tenant, id) = ("approvals", approval.approval_id.to_string());
    for path in [
        "/approvals",
        "/approvals/pending",
        "/approvals?status=pending&limit=1",
    ] {
        let reply = api.get(path, tenant).await;
        assert_eq!(
            reply.body["approvals"][0]["approval_id"], id,
            "{path}: {reply:?}"
        );
    }
    let shown = api.get(&format!("/approvals/{id}"), tenant).await;
    assert_eq!(shown.body["content"]["plan"], "<b>socks</b>");
    // The seed's body, and what comes after it.
    let yes = json!({"request_id": id, "decision": "approve", "approver": "user@example.com",
        "notes": "Looks good"});
    let first = submit(&api, tenant, &yes).await;
    assert_eq!(
        (first.status, &first.body["status"]),
        (StatusCode::OK, &json!("decided"))
    );
    let again = submit(&api, tenant, &yes).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    let no = json!({"request_id": id, "decision": "reject", "approver": "eve"});
    let lost = submit(&api, tenant, &no).await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    assert_eq!(lost.body["type"], "urn:baton:problem:approval-decided");
    assert_eq!(lost.body["decision"], first.body["outcome"]);
    assert_eq!(world.tasks.told(TOKEN).len(), 1);
    assert_eq!(
        api.get("/approvals/pending", tenant).await.body["approvals"],
        json!([])
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_other_tenants_see_nothing() {
    let (_, api, approval) = serve().await;
    let (tenant, id) = ("approvals", approval.approval_id.to_string());
    let yes = json!({"request_id": id, "decision": "approve", "approver": "ada"});
    for (field, value) in [
        ("request_id", json!("req_1")),
        ("decision", json!("maybe")),
        ("approver", json!(" ")),
        ("notes", json!("x".repeat(4_001))),
        ("edits", json!([{"op": "remove", "path": "/plan"}])),
        ("max_cost_usd", json!(-1)),
        ("max_cost_usd", json!(1)),
        ("surprise", json!(true)),
    ] {
        let mut body = yes.clone();
        body[field] = value;
        let reply = submit(&api, tenant, &body).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}: {reply:?}"
        );
        assert_eq!(reply.body["errors"][0]["field"], field, "{reply:?}");
    }
    for path in [
        "/approvals?status=open",
        "/approvals?limit=0",
        "/approvals/pending?status=pending",
        "/approvals/apr_1",
    ] {
        let reply = api.get(path, tenant).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {reply:?}"
        );
    }
    let fixes = json!({"request_id": id, "decision": "approve_with_fixes", "approver": "ada",
        "edits": [{"op": "remove", "path": "/emails/7"}]});
    let reply = submit(&api, tenant, &fixes).await;
    assert_eq!(reply.body["errors"][0]["field"], "edits[0]", "{reply:?}");
    let hash = json!({"request_id": id, "decision": "approve", "approver": "ada",
        "artifact_hash": "0"});
    let reply = submit(&api, tenant, &hash).await;
    assert_eq!(
        reply.body["type"], "urn:baton:problem:artifact-changed",
        "{reply:?}"
    );
    assert_eq!(
        submit(&api, "eve", &yes).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        api.get(&format!("/approvals/{id}"), "eve").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        api.get("/approvals", "eve").await.body["approvals"],
        json!([])
    );
}

#[tokio::test]
async fn the_task_token_is_in_no_answer_and_in_no_log_line() {
    let log = Lines::default();
    let watching = log.watch();
    let (world, api, approval) = serve().await;
    let (tenant, id) = ("approvals", approval.approval_id.to_string());
    let link = links().link(&approval, "ada@example.com");
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let yes = json!({"request_id": id, "decision": "approve", "approver": "ada"});
    let no = json!({"request_id": id, "decision": "reject", "approver": "bob"});
    let mut answers = String::new();
    for path in ["/approvals".to_owned(), format!("/approvals/{id}")] {
        answers += &api.get(&path, tenant).await.body.to_string();
    }
    let url = format!("{}/approvals/link/{token}", api.url);
    answers += &Client::new()
        .get(&url)
        .send()
        .await
        .expect("it answers")
        .text()
        .await
        .expect("text");
    for body in [&yes, &yes, &no] {
        answers += &submit(&api, tenant, body).await.body.to_string();
    }
    drop(watching);
    assert_eq!(world.tasks.told(TOKEN).len(), 1, "it was used");
    assert!(!answers.contains("task-token"), "{answers}");
    assert!(
        log.everything().contains(&id),
        "something was logged: {}",
        log.everything()
    );
    for secret in ["task-token", token.as_str(), "ada@example.com", "socks"] {
        assert!(
            !log.everything().contains(secret),
            "{secret}: {}",
            log.everything()
        );
    }
}
