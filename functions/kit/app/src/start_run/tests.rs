use serde_json::json;

use super::*;
use crate::testing::{TestWorld, tenant};

fn wanted(body: serde_json::Value) -> StartRun {
    let mut whole = json!({"brand_id": "northwind", "selected_month": "2026-02"});
    let serde_json::Value::Object(body) = body else {
        panic!("a body is an object");
    };
    whole.as_object_mut().unwrap().extend(body);
    serde_json::from_value(whole).unwrap()
}

#[tokio::test]
async fn a_start_queues_a_run_and_starts_its_workflow() {
    let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
    let (app, acme) = (world.app(), tenant("acme"));
    let settings = json!({"settings": {"max_rounds": 1}, "max_cost_usd": 2.5});
    let state = app.start_run(&acme, &wanted(settings), None).await.unwrap();
    assert_eq!((state.status, state.version), (RunStatus::Queued, 1));
    let started = world.started();
    assert_eq!(started.len(), 1);
    let input = json!({
        "run_id": state.run_id, "tenant_id": "acme", "brand_id": "northwind",
        "month": "2026-02", "attempt": 1, "from": "collect",
        "started_at": "2026-01-15T12:00:00Z", "not_before": "2026-02-01T00:00:00Z",
        "auto_approve": false,
        "settings": {
            "due_seconds": 86_400, "expires_seconds": 259_200, "default_decision": "reject",
            "max_rounds": 1, "max_qa_rounds": 2, "concurrency": 5,
        },
    });
    assert_eq!(started[0].input, input);
    assert_eq!(state.max_cost_usd, Some(Money::from_micro_usd(2_500_000)));
}

#[tokio::test]
async fn a_workflow_that_was_not_started_is_started_later() {
    let down = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_down = std::sync::Arc::clone(&down);
    let world = TestWorld::new(move |_| {
        if is_down.load(std::sync::atomic::Ordering::SeqCst) {
            Err(WorkflowError::Unavailable("down".to_owned()))
        } else {
            Ok(serde_json::Value::Null)
        }
    });
    let (app, acme) = (world.app(), tenant("acme"));
    let state = app
        .start_run(&acme, &wanted(json!({})), None)
        .await
        .unwrap();
    assert_eq!(
        (state.status, world.started().len()),
        (RunStatus::Queued, 0)
    );
    down.store(false, std::sync::atomic::Ordering::SeqCst);
    let same = app.restart_queued(&acme, state.run_id).await.unwrap();
    assert_eq!((&same, world.started().len()), (&state, 1));
}

#[tokio::test]
async fn a_workflow_that_can_never_start_ends_the_run() {
    let world = TestWorld::new(|_| {
        Err(WorkflowError::Failed {
            error: "States.Runtime".to_owned(),
            cause: "it is not sound".to_owned(),
        })
    });
    let (app, acme) = (world.app(), tenant("acme"));
    let state = app
        .start_run(&acme, &wanted(json!({})), None)
        .await
        .unwrap();
    assert_eq!(state.status, RunStatus::Failed);
    assert_eq!(state.error.as_deref(), Some("States.Runtime"));
}

#[tokio::test]
async fn what_is_wrong_names_its_field_and_starts_nothing() {
    let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
    let (app, acme) = (world.app(), tenant("acme"));
    for (body, field) in [
        (json!({"tenant_id": "other"}), "tenant_id"),
        (
            json!({"settings": {"concurrency": 0}}),
            "settings.concurrency",
        ),
        (
            json!({"settings": {"due_seconds": 259_200}}),
            "settings.expires_seconds",
        ),
    ] {
        let refused = app.start_run(&acme, &wanted(body), None).await.unwrap_err();
        assert!(
            matches!(&refused, AppError::Invalid(e) if e.field == field),
            "{refused}"
        );
    }
    assert!(world.started().is_empty());
    assert!(
        app.start_run(&acme, &wanted(json!({"tenant_id": "acme"})), None)
            .await
            .is_ok()
    );
}

#[test]
fn mails_go_out_in_their_month_and_not_in_the_past() {
    let now: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
    for (month, moment) in [
        ("2026-01", "2026-01-15T12:00:00Z"),
        ("2026-03", "2026-03-01T00:00:00Z"),
        ("2024-11", "2024-11-01T00:00:00Z"),
    ] {
        let moment: Timestamp = moment.parse().unwrap();
        assert_eq!(not_before(month.parse().unwrap(), now), moment, "{month}");
    }
}
