//! Approvals on SQLite, over HTTP, and behind links.

use std::sync::Arc;

use baton_app::{ApprovalLinks, Approving};
use baton_domain::approval::Approval;
use baton_embedded::SqliteItems;
use baton_http::{Access, router};
use baton_tests::approval_contract::{World, approval_contract};
use baton_tests::http_api::Api;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::Lines;

const TOKEN: &str = "AQCEAAAAKgAAAAMAAAAA-task-token";

fn items() -> Arc<SqliteItems> {
    Arc::new(SqliteItems::in_memory().expect("SQLite opens in memory"))
}

fn links() -> ApprovalLinks {
    let secret = b"0123456789abcdef0123456789abcdef";
    ApprovalLinks::new(secret, "http://localhost").expect("a secret and an address")
}

/// A world that listens, with one approval that waits.
async fn serve() -> (World, Api, Approval) {
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

async fn page(response: Response) -> (StatusCode, String) {
    for (name, part) in [
        ("content-type", "text/html"),
        ("content-security-policy", "default-src 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        let value = response.headers().get(name).expect(name);
        assert!(
            value.to_str().expect("text").contains(part),
            "{name}: {value:?}"
        );
    }
    (response.status(), response.text().await.expect("a body"))
}

/// A mail scanner looks at every link, and a person then decides.
#[tokio::test]
async fn a_link_shows_and_only_its_form_decides() {
    let (world, api, approval) = serve().await;
    let link = links().link(&approval, "ada@example.com");
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let url = format!("{}/approvals/link/{token}", api.url);
    let http = Client::new();
    for _ in 0..3 {
        let (status, text) = page(http.get(&url).send().await.expect("it answers")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            text.contains("&lt;b&gt;socks") && !text.contains("<b>socks"),
            "{text}"
        );
        assert!(
            text.contains("request_changes") && text.contains("ada@example.com"),
            "{text}"
        );
        http.head(&url).send().await.expect("it answers");
    }
    assert_eq!(world.tasks.told(TOKEN), [], "looking decides nothing");
    let post = async |form: &[(&str, &str)]| {
        let form: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = http.post(&url).body(form.join("&"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        page(request.send().await.expect("it answers")).await
    };
    for form in [
        &[("decision", "approve")][..],
        &[("decision", "approve"), ("token", "of-another-page")],
        &[("decision", "perhaps"), ("token", &token)],
        &[("decision", "request_changes"), ("token", &token)],
        &[
            ("decision", "approve"),
            ("token", &token),
            ("approver", "eve"),
        ],
    ] {
        let (status, text) = post(form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}: {text}");
    }
    assert_eq!(world.tasks.told(TOKEN), []);
    let (status, text) = post(&[("decision", "approve"), ("notes", "ok"), ("token", &token)]).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let told = world.tasks.told(TOKEN);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].approver.as_deref(), Some("ada@example.com"));
    let (status, text) = post(&[("decision", "reject"), ("token", &token)]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        text.contains("decided before") && text.contains("Approve"),
        "{text}"
    );
    let (status, text) = page(http.get(&url).send().await.expect("it answers")).await;
    assert!(
        status == StatusCode::OK && !text.contains("<form"),
        "{text}"
    );
}

#[tokio::test]
async fn links_that_do_not_hold_show_a_page() {
    let (world, api, approval) = serve().await;
    let link = links().link(&approval, "ada@example.com");
    let token = link.rsplit('/').next().expect("a token");
    let claims = links().read(token).expect("it was made here");
    let mut other = claims.clone();
    other.artifact_hash = "0".repeat(64);
    let mut late = claims.clone();
    late.expires_at = 1_700_000_000;
    let mut tampered = token.to_owned();
    tampered.replace_range(4..5, if &token[4..5] == "A" { "B" } else { "A" });
    let http = Client::new();
    for (token, expected) in [
        (tampered, StatusCode::NOT_FOUND),
        ("x".to_owned(), StatusCode::NOT_FOUND),
        ("%FF".to_owned(), StatusCode::NOT_FOUND),
        (links().token(&other), StatusCode::CONFLICT),
        (links().token(&late), StatusCode::GONE),
    ] {
        let url = format!("{}/approvals/link/{token}", api.url);
        let (status, text) = page(http.get(&url).send().await.expect("it answers")).await;
        assert_eq!(status, expected, "{token}: {text}");
        let request = http
            .post(&url)
            .body(format!("decision=approve&token={token}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, _) = page(request.send().await.expect("it answers")).await;
        let form_differs = token == "%FF";
        assert!(status == expected || form_differs, "{token}: {status}");
    }
    assert_eq!(world.tasks.told(TOKEN), []);
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
