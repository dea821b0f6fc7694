//! What is answered again, what is logged, and what is neither.

use serde_json::json;

use super::*;
use crate::testing::{TestWorld, tenant};

fn request(user: &str, context: &Value) -> OrchestrationRequest {
    let body = json!({"type": "personalize", "user_id": user, "context": context});
    serde_json::from_value(body).unwrap()
}

fn output(status: &str, logged: bool) -> Value {
    let findings = json!({
        "agents_called": ["wtp-scoring"], "results": {}, "status": status,
        "errors": {}, "skipped": {}, "warnings": [], "total_cost": 0.000_001,
    });
    json!({"findings": findings, "logged": logged})
}

#[tokio::test]
async fn an_equal_request_is_answered_from_the_cache_for_five_minutes() {
    let world = TestWorld::new(|_| Ok(output("success", true)));
    let (app, acme) = (world.app(), tenant("acme"));
    let first = request("user_1", &json!({"page": "pricing", "n": 1}));
    let same = request("user_1", &json!({"n": 1.0, "page": "pricing"}));
    let answer = app.submit_request(&acme, &first).await.unwrap();
    assert!(!answer.cached);
    let again = app.submit_request(&acme, &same).await.unwrap();
    assert!(again.cached && again.findings.agents_called.is_empty());
    assert_eq!(again.findings.total_cost, Money::ZERO);
    assert_ne!(again.request_id, answer.request_id);
    assert_eq!(world.runs(), 1);
    world
        .clock
        .advance(SignedDuration::from_secs(CACHE_SECONDS));
    assert!(!app.submit_request(&acme, &same).await.unwrap().cached);
}

#[tokio::test]
async fn the_cache_keeps_tenants_users_and_contexts_apart() {
    let world = TestWorld::new(|_| Ok(output("success", true)));
    let app = world.app();
    for (name, user, context) in [
        ("acme", "user_1", json!({})),
        ("other", "user_1", json!({})),
        ("acme", "user_2", json!({})),
        ("acme", "user_1", json!({"page": "home"})),
    ] {
        let answer = app
            .submit_request(&tenant(name), &request(user, &context))
            .await;
        assert!(!answer.unwrap().cached, "{name} {user} {context}");
    }
    assert_eq!(world.runs(), 4);
}

#[tokio::test]
async fn partial_and_degraded_answers_are_not_cached() {
    for status in ["partial", "degraded"] {
        let world = TestWorld::new(move |_| Ok(output(status, true)));
        let (app, acme) = (world.app(), tenant("acme"));
        for _ in 0..2 {
            let answer = app
                .submit_request(&acme, &request("user_1", &json!({})))
                .await;
            assert!(!answer.unwrap().cached, "{status}");
        }
    }
}

#[tokio::test]
async fn every_request_is_logged_once() {
    let failed = WorkflowError::TimedOut;
    for (result, status) in [
        (Ok(output("success", false)), AnswerStatus::Success),
        (Err(failed), AnswerStatus::Failed),
        (Ok(json!("not an answer")), AnswerStatus::Failed),
    ] {
        let world = TestWorld::new(move |_| result.clone());
        let (app, acme) = (world.app(), tenant("acme"));
        let _ = app
            .submit_request(&acme, &request("user_1", &json!({})))
            .await;
        let page = app.list_log(&acme, None, None, 10).await.unwrap();
        assert_eq!(page.entries.len(), 1);
        assert_eq!(page.entries[0].status, status);
    }
}

#[tokio::test]
async fn a_cached_answer_is_logged_as_cached() {
    let world = TestWorld::new(|_| Ok(output("success", true)));
    let (app, acme) = (world.app(), tenant("acme"));
    for _ in 0..2 {
        app.submit_request(&acme, &request("user_1", &json!({})))
            .await
            .unwrap();
    }
    let page = app.list_log(&acme, None, None, 10).await.unwrap();
    assert_eq!(page.entries.len(), 1, "the test workflow writes none");
    assert!(page.entries[0].cached && page.entries[0].agents_called.is_empty());
}

#[tokio::test]
async fn a_store_that_fails_costs_the_cache_and_not_the_answer() {
    let world = TestWorld::new(|_| Ok(output("success", true)));
    world.items.fail(true);
    let answer = world
        .app()
        .submit_request(&tenant("acme"), &request("u", &json!({})))
        .await;
    assert!(!answer.unwrap().cached);
}

#[tokio::test]
async fn a_bad_request_runs_and_logs_nothing() {
    let world = TestWorld::new(|_| Ok(output("success", true)));
    let (app, acme) = (world.app(), tenant("acme"));
    let bad = app
        .submit_request(&acme, &request("u", &json!({"want": ["x"]})))
        .await;
    assert!(matches!(bad, Err(AppError::Invalid(e)) if e.field == "context.want[0]"));
    assert_eq!(
        (
            world.runs(),
            app.list_log(&acme, None, None, 1).await.unwrap().entries
        ),
        (0, vec![])
    );
}

#[tokio::test]
async fn a_picture_is_an_artifact_of_its_run() {
    let picture = json!({"svg": "<svg/>", "width": 1, "height": 1});
    let findings = json!({
        "agents_called": ["image-generation"], "status": "success", "total_cost": 0.0,
        "results": {"images": {
            "agent": "image-generation", "status": "ok", "output": picture, "confidence": 1.0,
            "cost_usd": 0.0, "usage": {"duration_ms": 1.0}, "warnings": [],
            "method": {"name": "layout", "version": "1"},
        }},
    });
    let answered = json!({"findings": findings, "logged": true});
    let world = TestWorld::new(move |_| Ok(answered.clone()));
    let (app, acme) = (world.app(), tenant("acme"));
    let body = json!({"type": "creative", "user_id": "u", "context": {"images": {}}});
    let request = serde_json::from_value(body).unwrap();
    let answer = app.submit_request(&acme, &request).await.unwrap();
    let kept = app.load_artifact(&acme, answer.run_id, "images", None);
    assert_eq!(kept.await.unwrap().1, picture);
    let run = app.load_run(&acme, answer.run_id).await.unwrap();
    assert_eq!(run.status.name(), "succeeded");
    let stranger = tenant("other");
    let other = app.load_artifact(&stranger, answer.run_id, "images", None);
    assert!(matches!(other.await, Err(AppError::NotFound(_))));
}
