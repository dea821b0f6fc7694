//! Runs on SQLite and over HTTP.

use std::sync::Arc;
use std::time::Duration;

use baton_app::Settings;
use baton_domain::RunId;
use baton_embedded::SqliteItems;
use baton_http::{Access, router};
use baton_tests::http_api::{Api, Reply, http_client};
use baton_tests::run_contract::{RunWorld, run_contract};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

const TENANT: &str = "runs";

fn items() -> Arc<SqliteItems> {
    Arc::new(SqliteItems::in_memory().expect("SQLite opens in memory"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_hold_their_contract() {
    run_contract(items(), 50).await;
}

/// A world that listens, with streams of events that end after a second.
async fn serve() -> (RunWorld, Api) {
    let mut world = RunWorld::over(items());
    world.app = world.app.with_settings(Settings {
        event_stream_seconds: 1,
        ..Settings::default()
    });
    let api = Api::serving(router(world.app.clone(), Access::Open)).await;
    (world, api)
}

async fn post(api: &Api, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let body = match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    api.send(Method::POST, path, TENANT, headers, body).await
}

async fn raw(api: &Api, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = http_client().get(format!("{}{path}", api.url));
    request = request.header("x-tenant-id", TENANT);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default().to_owned()
}

fn problem(reply: &Reply) -> (u16, &str) {
    let kind = reply.body["type"].as_str().unwrap_or_default();
    let kind = kind.trim_start_matches("urn:baton:problem:");
    (reply.status.as_u16(), kind)
}

#[tokio::test]
async fn a_run_is_started_once_for_a_key() {
    let (world, api) = serve().await;
    // The seed's body.
    let body = json!({"brand_id": "northwind", "selected_month": "2024-11", "tenant_id": TENANT});
    let key = [("idempotency-key", "k1")];
    let first = post(&api, "/runs/start", &key, &body).await;
    assert_eq!(
        (first.status, &first.body["status"]),
        (StatusCode::ACCEPTED, &json!("queued"))
    );
    let again = post(&api, "/runs/start", &key, &body).await;
    assert!(
        again.replayed && again.status == StatusCode::ACCEPTED,
        "{again:?}"
    );
    assert_eq!(again.body, first.body);
    assert_eq!(world.workflows.all().len(), 1);
    let other = json!({"brand_id": "other", "selected_month": "2024-11"});
    let reused = post(&api, "/runs/start", &key, &other).await;
    assert_eq!(problem(&reused), (409, "idempotency-key-reused"));
    let id = first.body["run_id"].as_str().expect("an id");
    let read = raw(&api, &format!("/runs/{id}"), &[]).await;
    assert_eq!(header(&read, "etag"), "\"1\"");
    let listed = api.get("/runs?status=queued&brand=northwind", TENANT).await;
    assert_eq!(listed.body["runs"][0]["run_id"], id);
    for (tenant, path) in [
        ("other", format!("/runs/{id}")),
        (TENANT, format!("/runs/{}", nobody())),
    ] {
        assert_eq!(problem(&api.get(&path, tenant).await), (404, "not-found"));
    }
    assert_eq!(api.get("/runs", "other").await.body["runs"], json!([]));
}

fn nobody() -> RunId {
    RunId::new("2020-01-01T00:00:00Z".parse().expect("a time"), 1)
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (world, api) = serve().await;
    let run = world.start("northwind").await;
    let sound = json!({"brand_id": "northwind", "selected_month": "2024-11"});
    for (field, value) in [
        ("brand_id", json!("a#b")),
        ("selected_month", json!("November")),
        ("tenant_id", json!("other")),
        ("max_cost_usd", json!(-1)),
        ("settings.concurrency", json!(0)),
        ("surprise", json!(1)),
    ] {
        let mut body = sound.clone();
        match field.split_once('.') {
            Some((outer, inner)) => body[outer] = json!({inner: value}),
            None => body[field] = value,
        }
        let reply = post(&api, "/runs/start", &[], &body).await;
        assert_eq!(
            problem(&reply),
            (422, "invalid-field"),
            "{field}: {reply:?}"
        );
        assert_eq!(reply.body["errors"][0]["field"], field, "{reply:?}");
    }
    for (path, field) in [
        ("/runs?status=done".to_owned(), "status"),
        ("/runs?brand=a%23b".to_owned(), "brand"),
        ("/runs?before=req_1".to_owned(), "before"),
        ("/runs?limit=0".to_owned(), "limit"),
        ("/runs/run_1".to_owned(), "id"),
        (format!("/runs/{run}/events?after=-1"), "after"),
        (format!("/runs/{run}/artifacts/A"), "name"),
        (format!("/runs/{run}/artifacts/a?version=0"), "version"),
    ] {
        let reply = api.get(&path, TENANT).await;
        assert_eq!(problem(&reply), (422, "invalid-field"), "{path}: {reply:?}");
        assert_eq!(reply.body["errors"][0]["field"], field, "{path}");
    }
    for (action, body, field) in [
        ("cancel", json!({"reason": "x".repeat(1_001)}), "reason"),
        ("redrive", json!({"from": "production"}), "from"),
        ("fork", json!({}), "from"),
        ("rollback", json!({"to_version": -1}), "to_version"),
    ] {
        let reply = post(&api, &format!("/runs/{run}/{action}"), &[], &body).await;
        assert_eq!(
            problem(&reply),
            (422, "invalid-field"),
            "{action}: {reply:?}"
        );
        assert_eq!(reply.body["errors"][0]["field"], field, "{action}");
    }
    let unquoted = post(
        &api,
        &format!("/runs/{run}/cancel"),
        &[("if-match", "1")],
        &Value::Null,
    )
    .await;
    assert_eq!(unquoted.body["errors"][0]["field"], "If-Match");
}

#[tokio::test]
async fn a_run_is_cancelled_redriven_rolled_back_and_forked() {
    let (world, api) = serve().await;
    let run = world.start("northwind").await;
    let path = |action: &str| format!("/runs/{run}/{action}");
    let notes = |n: u32| json!({"event_id": format!("n{n}"), "artifacts": [{"name": "notes", "content": n, "by": "x"}]});
    for n in 1..=2 {
        world.record(run, notes(n)).await;
    }
    let stale = post(
        &api,
        &path("cancel"),
        &[("if-match", "\"1\"")],
        &Value::Null,
    )
    .await;
    assert_eq!(problem(&stale), (412, "version-mismatch"));
    let at_work = post(&api, &path("rollback"), &[], &json!({"to_version": 2})).await;
    assert_eq!(problem(&at_work), (409, "run-conflict"));
    let cancelled = post(
        &api,
        &path("cancel"),
        &[("if-match", "\"3\"")],
        &json!({"reason": "no budget"}),
    )
    .await;
    assert_eq!(cancelled.status, StatusCode::OK, "{cancelled:?}");
    assert_eq!(
        (&cancelled.body["status"], &cancelled.body["cause"]),
        (&json!("cancelled"), &json!("no budget"))
    );
    let again = post(&api, &path("cancel"), &[], &Value::Null).await;
    assert_eq!(
        (again.status, &again.body),
        (StatusCode::OK, &cancelled.body)
    );
    let back = post(
        &api,
        &path("rollback"),
        &[("if-match", "\"4\"")],
        &json!({"to_version": 2}),
    )
    .await;
    assert_eq!(back.body["artifacts"]["notes"]["version"], 1, "{back:?}");
    let read = api.get(&path("artifacts/notes"), TENANT).await;
    assert_eq!(read.body["content"], 1);
    let key = [("idempotency-key", "again")];
    let redriven = post(&api, &path("redrive"), &key, &Value::Null).await;
    assert_eq!(
        (redriven.status, &redriven.body["attempt"]),
        (StatusCode::ACCEPTED, &json!(2))
    );
    assert!(
        post(&api, &path("redrive"), &key, &Value::Null)
            .await
            .replayed
    );
    let twice = post(&api, &path("redrive"), &[], &Value::Null).await;
    assert_eq!(problem(&twice), (409, "run-conflict"));
    let forked = post(
        &api,
        &path("fork"),
        &[],
        &json!({"from": "strategy", "artifacts": {"notes": [3]}}),
    )
    .await;
    assert_eq!(forked.status, StatusCode::ACCEPTED, "{forked:?}");
    let new = forked.body["run_id"].as_str().expect("an id");
    let read = api
        .get(&format!("/runs/{new}/artifacts/notes"), TENANT)
        .await;
    assert_eq!(read.body["content"], json!([3]));
    let shown = api.get(&format!("/runs/{new}"), TENANT).await;
    assert_eq!(shown.body["origin"]["run_id"], run.to_string());
    let names: Vec<_> = world
        .workflows
        .all()
        .iter()
        .map(baton_domain::run::Run::execution_name)
        .collect();
    assert_eq!(names, [run.to_string(), format!("{run}-2"), new.to_owned()]);
}

#[tokio::test]
async fn events_are_paged_and_followed() {
    let (world, api) = serve().await;
    let run = world.start("northwind").await;
    let path = format!("/runs/{run}/events");
    world
        .record(run, json!({"event_id": "1/enter", "stage": "collect"}))
        .await;
    world
        .record(
            run,
            json!({"event_id": "1/enter-strategy", "stage": "strategy"}),
        )
        .await;
    let page = api.get(&format!("{path}?limit=2"), TENANT).await;
    assert_eq!(
        (
            page.body["events"][1]["version"].as_u64(),
            page.body["next"].as_u64()
        ),
        (Some(2), Some(2))
    );
    let rest = api.get(&format!("{path}?after=2"), TENANT).await;
    assert_eq!(rest.body["events"][0]["stage"], "strategy");
    assert_eq!(rest.body["next"], Value::Null);
    let stream = [("accept", "text/event-stream")];
    // A stream of a run at work ends when its time is up.
    let cut = raw(&api, &path, &stream).await;
    assert_eq!(header(&cut, "content-type"), "text/event-stream");
    let cut = cut.text().await.expect("it ends");
    assert!(
        cut.starts_with("id: 1\nevent: queued\ndata: {") && cut.contains("id: 3\n"),
        "{cut}"
    );
    assert!(!cut.contains("event: over"), "{cut}");
    // One that follows sees what happens meanwhile, and the end.
    let following = async {
        let headers = [stream[0], ("last-event-id", "2")];
        raw(&api, &path, &headers)
            .await
            .text()
            .await
            .expect("it ends")
    };
    let ending = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let end = json!({"event_id": "end", "end": {"status": "partial"}});
        world.record(run, end).await;
    };
    let (followed, ()) = futures::join!(following, ending);
    assert!(
        followed.starts_with("id: 3\nevent: stage_entered\n"),
        "{followed}"
    );
    assert!(followed.contains("id: 4\nevent: ended\n"), "{followed}");
    assert!(
        followed.ends_with("event: over\ndata: {\"status\":\"partial\",\"version\":4}\n\n"),
        "{followed}"
    );
    let seen = raw(&api, &path, &[stream[0], ("last-event-id", "4")]).await;
    assert_eq!(
        seen.status(),
        StatusCode::NO_CONTENT,
        "a browser does not come back"
    );
    let nobody = raw(&api, &format!("/runs/{}/events", nobody()), &stream).await;
    assert_eq!(nobody.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_mail_is_shown_in_a_sandbox() {
    let (world, api) = serve().await;
    let run = world.start("northwind").await;
    let html = "<!doctype html><script>alert(1)</script><p>Socks";
    let content = json!({
        "email_id": "email-01",
        "subject_lines": [{"variant": "A", "text": "Socks", "preheader": "", "technique": "benefit"}],
        "copy": {
            "headline": "Warm", "paragraphs": [], "plain_text": "Socks",
            "call_to_action": {"label": "Buy", "url": "https://example.com"},
        },
        "mockup_html": html, "personalization": [],
    });
    let artifacts = json!([
        {"name": "content.email-01", "content": content, "by": "creative"},
        {"name": "notes", "content": {"mockup_html": html}, "by": "creative"},
    ]);
    world
        .record(run, json!({"event_id": "c", "artifacts": artifacts}))
        .await;
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let path = format!("/runs/{run}/artifacts/content.email-01");
    let page = raw(&api, &path, &browser).await;
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    let policy = header(&page, "content-security-policy");
    assert!(
        policy.starts_with("sandbox; default-src 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("allow-scripts"), "{policy}");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert_eq!(page.text().await.expect("a body"), html);
    for (path, headers) in [
        (path, &[][..]),
        (format!("/runs/{run}/artifacts/notes"), &browser),
    ] {
        let json = raw(&api, &path, headers).await;
        assert_eq!(header(&json, "content-type"), "application/json", "{path}");
        assert_eq!(header(&json, "vary"), "accept");
    }
}

#[tokio::test]
async fn the_document_says_which_bodies_may_be_left_out() {
    let (_, api) = serve().await;
    let document = api.get("/openapi.json", TENANT).await.body;
    for (action, needed) in [
        ("cancel", false),
        ("redrive", false),
        ("fork", true),
        ("rollback", true),
    ] {
        let operation = &document["paths"][format!("/runs/{{id}}/{action}")]["post"];
        let required = operation["requestBody"]["required"].as_bool();
        assert_eq!(required.unwrap_or(false), needed, "{operation:#}");
    }
}
