//! Golden traces: for each input the path of states, then what was answered, stored and alerted.

use std::sync::Arc;

use baton_domain::item::{Condition, Item, Key, Table};
use baton_domain::ports::Items as _;
use baton_domain::run::Workflow;
use baton_engine::{Task, TaskError};
use baton_tests::normalise::without_times;
use baton_tests::workflow::{Meddle, World};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::input;
use crate::personalize::{findings, log, tenant};

/// What agents answer in full is proven by their own tests: here, by whom and by which method.
fn brief(findings: &Value) -> Value {
    let mut findings = findings.clone();
    if let Some(results) = findings["results"].as_object_mut() {
        for envelope in results.values_mut() {
            *envelope = json!({
                "agent": envelope["agent"], "status": envelope["status"],
                "method": envelope["method"]["name"],
                "warnings": envelope["warnings"],
            });
        }
    }
    findings
}

async fn golden_in(world: &World, input: Value, meddle: Arc<Meddle>) -> Value {
    let played = world.play(input, false, meddle).await;
    let (findings, logged) = findings(&played.finished);
    json!({
        "path": played.path,
        "findings": brief(&without_times(json!(findings))),
        "logged": logged,
        "log": log(world).await.into_iter().map(without_times).collect::<Vec<_>>(),
        "alerts": world.alerts.all().into_iter().map(|alert| alert.subject).collect::<Vec<_>>(),
    })
}

async fn golden(workflow: Workflow, input: Value, meddle: Arc<Meddle>) -> Value {
    golden_in(&World::of(workflow).await, input, meddle).await
}

fn undisturbed() -> Arc<Meddle> {
    Arc::new(|_: &Task| None)
}

fn failing(fails: fn(&Task) -> bool) -> Arc<Meddle> {
    Arc::new(move |task: &Task| {
        let fails = fails(task);
        fails.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
    })
}

#[tokio::test]
async fn a_known_user_is_scored() {
    let happy = input(Workflow::Score, "happy");
    assert_json_snapshot!(golden(Workflow::Score, happy, undisturbed()).await);
}

#[tokio::test]
async fn nobody_knows_the_user() {
    let thin = input(Workflow::Score, "thin");
    assert_json_snapshot!(golden(Workflow::Score, thin, undisturbed()).await);
}

#[tokio::test]
async fn what_was_fitted_is_used() {
    let world = World::of(Workflow::Score).await;
    let version =
        json!({"method": "bgnbd-ml/1", "data_until": "2026-01-01T00:00:00Z", "customers": 2357});
    let fitted = json!({
        "version": version, "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    });
    let models = json!({"churn": {"version": 1, "fitted": fitted}});
    let item = Item::document(Key::models(&tenant()), &models);
    let put = world.items.put(Table::Catalogs, &item, &Condition::Always);
    put.await.expect("the store answers");
    let happy = input(Workflow::Score, "happy");
    let golden = golden_in(&world, happy, undisturbed()).await;
    let results = &golden["findings"]["results"];
    assert_eq!(results["churn"]["method"], "bgnbd");
    assert_eq!(results["ltv"]["method"], "bgnbd-gamma-gamma-prior");
}

#[tokio::test]
async fn what_a_request_brings_is_analyzed() {
    let happy = input(Workflow::Analyze, "happy");
    assert_json_snapshot!(golden(Workflow::Analyze, happy, undisturbed()).await);
}

#[tokio::test]
async fn nothing_is_brought() {
    let thin = input(Workflow::Analyze, "thin");
    assert_json_snapshot!(golden(Workflow::Analyze, thin, undisturbed()).await);
}

#[tokio::test]
async fn what_is_brought_is_wrong_and_the_answer_names_the_field() {
    let mut wrong = input(Workflow::Analyze, "happy");
    wrong["context"]["forecast"]["horizon"] = json!(-1);
    assert_json_snapshot!(golden(Workflow::Analyze, wrong, undisturbed()).await);
}

#[tokio::test]
async fn a_request_that_is_wrong_altogether_wakes_nobody() {
    let mut wrong = input(Workflow::Analyze, "happy");
    wrong["context"] = json!({"forecast": {"series": [], "horizon": -1}});
    let golden = golden(Workflow::Analyze, wrong, undisturbed()).await;
    assert_eq!(golden["findings"]["status"], "degraded", "{golden}");
    assert_eq!(golden["alerts"], json!([]), "{golden}");
}

#[tokio::test]
async fn every_agent_fails() {
    for workflow in super::ALL {
        let calls = failing(|task| task.resource.ends_with("lambda:invoke"));
        let golden = golden(workflow, input(workflow, "happy"), calls).await;
        insta::with_settings!({snapshot_suffix => workflow.name()}, {
            assert_json_snapshot!(golden);
        });
    }
}

#[tokio::test]
async fn the_tables_cannot_be_read_or_written() {
    for workflow in super::ALL {
        let calls = failing(|task| task.resource.contains(":::dynamodb:"));
        let golden = golden(workflow, input(workflow, "happy"), calls).await;
        insta::with_settings!({snapshot_suffix => workflow.name()}, {
            assert_json_snapshot!(golden);
        });
    }
}
