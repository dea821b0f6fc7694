use std::sync::Arc;

use baton_domain::run::RunStatus;

use crate::testing::dying_items::DyingItems;
use crate::testing::{TestWorld, tenant};
use crate::{FunctionError, StartBatch};

use super::*;

/// A run of three requests, and what is kept of them.
async fn batch(app: &App) -> (RunId, Vec<Value>) {
    let users: Vec<Value> = (0..3)
        .map(|i| json!({"user_id": format!("user_{i}")}))
        .collect();
    let wanted = json!({"type": "score", "requests": users});
    let wanted: StartBatch = serde_json::from_value(wanted).unwrap();
    let requests = wanted.checked().unwrap();
    let run = app
        .start_batch(&tenant("acme"), &requests, None)
        .await
        .unwrap();
    let input: Value = app.kept_input(&run).await.unwrap();
    let key = serde_json::from_value(input["parts"][0]["key"].clone()).unwrap();
    let table = baton_domain::item::Table::Runs;
    let item = app.ports.items.get(table, &key).await.unwrap().unwrap();
    (run.run_id, item.parse().unwrap())
}

fn output(status: &str, logged: bool) -> Value {
    let findings = json!({
        "agents_called": ["lead-scoring"], "results": {},
        "status": status, "errors": {}, "skipped": {}, "warnings": [], "total_cost": 0.000_002,
    });
    json!({"findings": findings, "logged": logged})
}

fn told(run: RunId, requests: &[Value]) -> Value {
    let about = |i: usize| json!({"index": i, "received": requests[i]["received"]});
    let mut answers = [about(0), about(1), about(2)];
    answers[0]["output"] = output("success", true);
    answers[1]["output"] = output("partial", false);
    answers[2]["error"] = "States.Timeout".into();
    json!({"op": "answers", "tenant_id": "acme", "run_id": run, "part": 1, "answers": answers})
}

#[tokio::test]
async fn answers_are_kept_counted_and_logged_once() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let (app, acme) = (world.app(), tenant("acme"));
    let (run, requests) = batch(&app).await;
    let before = json!({"op": "answered", "tenant_id": "acme", "run_id": run, "part": 1});
    assert_eq!(
        app.record(before.clone()).await.unwrap(),
        json!({"known": false})
    );
    let counts = app.record(told(run, &requests)).await.unwrap();
    let wanted =
        json!({"known": true, "answered": 1, "partial": 1, "failed": 1, "cost": 0.000_004});
    assert_eq!(counts, wanted);
    // A workflow that comes again changes nothing.
    assert_eq!(app.record(told(run, &requests)).await.unwrap(), wanted);
    assert_eq!(app.record(before).await.unwrap(), wanted);
    let state = app.load_run(&acme, run).await.unwrap();
    let total = &state.agents["score"];
    assert_eq!((total.calls, total.degraded, total.failed), (3, 1, 1));
    assert_eq!(state.total_cost.micro_usd(), 4);
    assert_ne!(state.status, RunStatus::Failed);
    let (_, content) = app
        .load_artifact(&acme, run, "results.1", None)
        .await
        .unwrap();
    assert_eq!(content["answers"][0]["agents_called"][0], "lead-scoring");
    assert_eq!(content["answers"][2]["error"], "States.Timeout");
    assert_eq!(content["answers"][2]["status"], "failed");
    // The first was logged by its own workflow.
    let page = app.list_log(&acme, None, None, 10).await.unwrap();
    let users: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.user_id.to_string())
        .collect();
    assert_eq!(users.len(), 2, "{users:?}");
    assert!(!users.contains(&"user_0".to_owned()), "{users:?}");
}

#[tokio::test]
async fn what_says_nothing_is_refused() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let app = world.app();
    let (run, requests) = batch(&app).await;
    let mut silent = told(run, &requests);
    silent["answers"][2] = json!({"index": 2, "received": requests[2]["received"]});
    let refused = app.record(silent).await.unwrap_err();
    assert!(refused.message.contains("answers[2]"), "{refused}");
}

/// Who finds the part heard asks nobody again: a log that could not be written must be heard of before.
#[tokio::test]
async fn a_part_is_not_heard_before_its_requests_are_logged() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let (mut app, acme) = (world.app(), tenant("acme"));
    let (run, requests) = batch(&app).await;
    let dying = Arc::new(DyingItems::over(Arc::clone(&app.ports.items)));
    app.ports.items = Arc::clone(&dying) as _;
    // First the artifact and an entry are written; then that entry again, and the other.
    for attempt in 1..=2 {
        dying.die_at(2, false);
        let failed = app.record(told(run, &requests)).await.unwrap_err();
        assert_eq!(failed.code, FunctionError::STORE_UNAVAILABLE);
        assert!(dying.revive());
        let asked = json!({"op": "answered", "tenant_id": "acme", "run_id": run, "part": 1});
        let answered = app.record(asked).await.unwrap();
        assert_eq!(answered, json!({"known": false}), "attempt {attempt}");
    }
    dying.die_at(i64::MAX, false);
    app.record(told(run, &requests)).await.unwrap();
    let page = app.list_log(&acme, None, None, 10).await.unwrap();
    assert_eq!(page.entries.len(), 2);
}
