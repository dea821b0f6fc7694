use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::ExecutionEnd;
use crate::testing::{TestWorld, tenant};

fn world() -> TestWorld {
    TestWorld::new(|_| Ok(Value::Null))
}

fn avatar(user: &str, target_seconds: u32) -> OrchestrationRequest {
    let script = json!({
        "purpose": "promote", "brand": {"name": "Fernhill"}, "target_seconds": target_seconds,
    });
    let body = json!({"type": "avatar", "user_id": user, "context": {"script": script}});
    serde_json::from_value(body).unwrap()
}

#[tokio::test]
async fn a_request_becomes_a_run_whose_workflow_knows_what_was_asked() {
    let (world, acme) = (world(), tenant("acme"));
    let app = world.app();
    let accepted = app.accept_request(&acme, &avatar("user_1", 15), None).await;
    let accepted = accepted.unwrap();
    assert_eq!(
        (accepted.status, accepted.cached),
        (RunStatus::Queued, false)
    );
    let started = world.started();
    assert_eq!(started.len(), 1);
    let input = &started[0].input;
    assert_eq!(input["run_id"], json!(accepted.run_id));
    assert_eq!(input["request"]["request_id"], json!(accepted.request_id));
    assert_eq!(input["request"]["context"]["script"]["target_seconds"], 15);
    assert_eq!(input["webhook_url"], Value::Null);
    let run = app.load_run(&acme, accepted.run_id).await.unwrap();
    assert_eq!(run.subject.user_id, Some("user_1".parse().unwrap()));
}

#[tokio::test]
async fn an_equal_request_gets_the_same_run_for_five_minutes() {
    let (world, acme) = (world(), tenant("acme"));
    let app = world.app();
    let ask = async |tenant: &TenantId, user, seconds| {
        let request = avatar(user, seconds);
        app.accept_request(tenant, &request, None).await.unwrap()
    };
    let first = ask(&acme, "user_1", 15).await;
    let same = ask(&acme, "user_1", 15).await;
    assert!(same.cached && same.run_id == first.run_id && same.request_id != first.request_id);
    let entries = app.list_log(&acme, None, None, 9).await.unwrap().entries;
    assert_eq!(entries.len(), 1, "the run's own entry is its workflow's");
    assert!(entries[0].cached && entries[0].request_id == same.request_id);
    for (tenant, user, seconds) in [
        (&tenant("other"), "user_1", 15),
        (&acme, "user_2", 15),
        (&acme, "user_1", 20),
    ] {
        assert!(!ask(tenant, user, seconds).await.cached);
    }
    world
        .clock
        .advance(SignedDuration::from_secs(CACHE_SECONDS));
    assert!(!ask(&acme, "user_1", 15).await.cached);
    assert_eq!(world.started().len(), 5);
}

#[tokio::test]
async fn equal_requests_at_once_get_one_run() {
    for _ in 0..20 {
        let (world, acme) = (world(), tenant("acme"));
        let app = world.app();
        let request = avatar("user_1", 15);
        let asked = (0..4).map(|_| app.accept_request(&acme, &request, None));
        let accepted = futures::future::join_all(asked).await;
        let runs: std::collections::BTreeSet<_> = accepted
            .into_iter()
            .map(|one| one.unwrap().run_id)
            .collect();
        assert_eq!((runs.len(), world.started().len()), (1, 1));
    }
}

#[tokio::test]
async fn a_run_that_failed_is_nobodys_answer_and_is_logged_once() {
    let (world, acme) = (world(), tenant("acme"));
    let app = world.app();
    let first = app.accept_request(&acme, &avatar("user_1", 15), None).await;
    let first = first.unwrap();
    let name = first.run_id.to_string();
    for _ in 0..2 {
        let ended = app.end_of_execution(&acme, &name, ExecutionEnd::TimedOut, None, None);
        assert_eq!(ended.await.unwrap().status, RunStatus::Expired);
    }
    let entries = app.list_log(&acme, None, None, 9).await.unwrap().entries;
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (entries[0].request_id, entries[0].status),
        (first.request_id, AnswerStatus::Failed)
    );
    let again = app.accept_request(&acme, &avatar("user_1", 15), None).await;
    assert!(!again.unwrap().cached);
}

#[tokio::test]
async fn the_same_key_is_the_same_run() {
    let (world, acme) = (world(), tenant("acme"));
    let app = world.app();
    let mut runs = Vec::new();
    for seconds in [15, 20] {
        let request = avatar("user_1", seconds);
        let accepted = app.accept_request(&acme, &request, Some("key")).await;
        runs.push(accepted.unwrap().run_id);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_request_that_has_nothing_to_say_is_refused() {
    let (world, acme) = (world(), tenant("acme"));
    for context in [
        json!({}),
        json!({"voice": {"segment": "loyal"}}),
        json!({"video": {"title": "x"}}),
        json!({"script": "hello"}),
        json!({"voice": {"ssml": "<speak>Hello.</speak>"}}),
    ] {
        let field = if context["voice"]["ssml"].is_null() {
            "context.script"
        } else {
            // A video speaks what its scenes show.
            "context.voice.ssml"
        };
        let body = json!({"type": "avatar", "user_id": "u", "context": context});
        let request = serde_json::from_value(body).unwrap();
        let refused = world.app().accept_request(&acme, &request, None).await;
        assert!(
            matches!(&refused, Err(AppError::Invalid(e)) if e.field == field),
            "{context}: {refused:?}"
        );
    }
    assert!(world.started().is_empty());
}
