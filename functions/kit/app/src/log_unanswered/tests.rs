use std::collections::BTreeSet;
use std::sync::Arc;

use baton_domain::TenantId;
use baton_domain::item::Condition;
use baton_domain::log::LogEntry;
use baton_domain::request::AnswerStatus;
use baton_domain::run::RunStatus;
use serde_json::{Value, json};

use super::*;
use crate::testing::dying_items::DyingItems;
use crate::testing::{TestWorld, tenant};
use crate::{ExecutionEnd, StartBatch};

/// A batch of so many users that was accepted.
async fn accepted(app: &App, acme: &TenantId, users: usize) -> RunState {
    let users: Vec<Value> = (0..users)
        .map(|i| json!({"user_id": format!("user_{i}")}))
        .collect();
    let wanted = json!({"type": "score", "requests": users});
    let wanted: StartBatch = serde_json::from_value(wanted).unwrap();
    let requests = wanted.checked().unwrap();
    app.start_batch(acme, &requests, None).await.unwrap()
}

/// The whole log, newest first.
async fn log(app: &App, acme: &TenantId) -> Vec<LogEntry> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = app.list_log(acme, None, before, 100).await.unwrap();
        all.extend(page.entries);
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

fn each_once(log: &[LogEntry], users: usize) {
    let named: BTreeSet<_> = log.iter().map(|entry| entry.user_id.to_string()).collect();
    assert_eq!((log.len(), named.len()), (users, users));
}

/// How an execution of the batch ended that said nothing.
async fn ends(app: &App, run: &RunState, end: ExecutionEnd) -> Result<RunState, AppError> {
    let name = run.run_id.to_string();
    app.end_of_execution(&run.tenant_id, &name, end, None, None)
        .await
}

#[tokio::test]
async fn every_request_of_a_cancelled_batch_is_logged_once() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let (app, acme) = (world.app(), tenant("acme"));
    let run = accepted(&app, &acme, 300).await;
    let cancelled = app.cancel_run(&acme, run.run_id, None, None).await;
    assert_eq!(cancelled.unwrap().status, RunStatus::Cancelled);
    let first = log(&app, &acme).await;
    each_once(&first, 300);
    assert!(
        first
            .iter()
            .all(|entry| entry.status == AnswerStatus::Failed)
    );
    // Whoever watches executions says the end as well.
    ends(&app, &run, ExecutionEnd::Aborted).await.unwrap();
    assert_eq!(log(&app, &acme).await, first);
}

#[tokio::test]
async fn an_end_that_nobody_wrote_is_logged_and_goes_on_where_it_was_cut_off() {
    for end in [ExecutionEnd::TimedOut, ExecutionEnd::Failed] {
        let world = TestWorld::new(|_| Ok(json!({})));
        let (mut app, acme) = (world.app(), tenant("acme"));
        let run = accepted(&app, &acme, 30).await;
        let dying = Arc::new(DyingItems::over(Arc::clone(&app.ports.items)));
        app.ports.items = Arc::clone(&dying) as _;
        // The end is the first write, its log the thirty others.
        dying.die_at(12, false);
        let cut_off = ends(&app, &run, end).await;
        assert!(matches!(cut_off, Err(AppError::Store(_))), "{cut_off:?}");
        assert!(dying.revive());
        assert!(log(&app, &acme).await.len() < 30);
        assert!(ends(&app, &run, end).await.unwrap().status.is_over());
        each_once(&log(&app, &acme).await, 30);
    }
}

#[tokio::test]
async fn what_was_logged_or_kept_before_stays() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let (app, acme) = (world.app(), tenant("acme"));
    let run = accepted(&app, &acme, 12).await;
    let input: Asked = app.kept_input(&run).await.unwrap();
    let first = app.requests_at(&input.parts[0].key).await.unwrap();
    // The workflow of one request logged it, and its part was not kept.
    let mut success = failed();
    success.status = AnswerStatus::Success;
    let entry = first[0]
        .received
        .entry(&success, false, app.ports.clock.now());
    app.log_request(&acme, &entry, &Condition::Always)
        .await
        .unwrap();
    // Another part was kept, its requests logged by their workflows.
    let second = app.requests_at(&input.parts[1].key).await.unwrap();
    let answers: Vec<Value> = (5..)
        .zip(&second)
        .map(|(index, request)| {
            let output = json!({"findings": success, "logged": true});
            json!({"index": index, "received": request.received, "output": output})
        })
        .collect();
    let told = json!({"op": "answers", "tenant_id": "acme", "run_id": run.run_id, "part": 2, "answers": answers});
    app.record(told).await.unwrap();
    ends(&app, &run, ExecutionEnd::Failed).await.unwrap();
    let log = log(&app, &acme).await;
    each_once(&log, 12 - second.len());
    let kept = log.iter().find(|logged| logged.id == entry.id);
    assert_eq!(kept, Some(&entry));
}
