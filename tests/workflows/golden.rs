//! Golden traces: for each input the path of states, then what was answered, stored and alerted.

use std::sync::Arc;

use baton_domain::item::Key;
use baton_domain::run::Workflow;
use baton_engine::{Task, TaskError};
use baton_tests::normalise::without_times;
use baton_tests::workflow::{Meddle, World};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::personalize::{ALL, findings, input, log};

async fn golden(input: Value, meddle: Arc<Meddle>) -> Value {
    let world = World::of(Workflow::Personalize).await;
    let played = world.play(input, false, meddle).await;
    let (findings, logged) = findings(&played.finished);
    json!({
        "path": played.path,
        "findings": without_times(json!(findings)),
        "logged": logged,
        "log": log(&world).await.into_iter().map(without_times).collect::<Vec<_>>(),
        "alerts": world.alerts.all().into_iter().map(|alert| alert.subject).collect::<Vec<_>>(),
    })
}

fn undisturbed() -> Arc<Meddle> {
    Arc::new(|_: &Task| None)
}

/// Fails the tasks of these states.
fn failing(states: &'static [&'static str]) -> Arc<Meddle> {
    Arc::new(move |task: &Task| {
        let fails = states.contains(&task.name.as_str());
        fails.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
    })
}

fn agents_fail(task: &Task) -> Option<TaskError> {
    let fails = task.resource.ends_with("lambda:invoke");
    fails.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
}

#[tokio::test]
async fn a_known_user() {
    assert_json_snapshot!(golden(input("champion-01", &ALL), undisturbed()).await);
}

#[tokio::test]
async fn an_unknown_user() {
    assert_json_snapshot!(golden(input("nobody", &ALL), undisturbed()).await);
}

#[tokio::test]
async fn a_tenant_without_a_catalog() {
    let mut input = input("champion-01", &ALL);
    input["catalog_key"] = json!(Key::catalog(&"elsewhere".parse().expect("a name")));
    assert_json_snapshot!(golden(input, undisturbed()).await);
}

#[tokio::test]
async fn only_the_price_is_wanted() {
    assert_json_snapshot!(golden(input("champion-01", &["pricing"]), undisturbed()).await);
}

#[tokio::test]
async fn one_agent_fails_and_its_fallback_answers() {
    assert_json_snapshot!(golden(input("champion-01", &ALL), failing(&["SegmentUser"])).await);
}

#[tokio::test]
async fn one_agent_and_its_fallback_fail() {
    let states = &["ScoreWtp", "ScoreWtpFallback"];
    assert_json_snapshot!(golden(input("champion-01", &ALL), failing(states)).await);
}

#[tokio::test]
async fn every_agent_fails() {
    assert_json_snapshot!(golden(input("champion-01", &ALL), Arc::new(agents_fail)).await);
}

#[tokio::test]
async fn the_tables_cannot_be_read_or_written() {
    let states = &["GetProfile", "GetCatalog", "WriteLog"];
    assert_json_snapshot!(golden(input("champion-01", &ALL), failing(states)).await);
}

#[tokio::test]
async fn the_policy_leaves_no_price() {
    let refuse = |task: &Task| {
        let fails = task.name == "SetPrice";
        fails.then(|| TaskError::new("NoOffer", "by the test"))
    };
    assert_json_snapshot!(golden(input("champion-01", &ALL), Arc::new(refuse)).await);
}
