//! Golden traces: the path of states, how the batch ended, and what each request got.

use baton_engine::TaskError;
use baton_engine::bench::{Meddle, undisturbed};
use baton_tests::batch::BatchWorld;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::sync::Arc;

use super::{users, world};

/// States of the machine itself; those of its parts and requests repeat.
fn path(entered: &[(String, String)]) -> Vec<&str> {
    let outer = entered
        .iter()
        .filter(|(pointer, _)| !pointer.contains("ItemProcessor"));
    outer.map(|(_, name)| name.as_str()).collect()
}

async fn golden(world: BatchWorld, meddle: Arc<Meddle>) -> Value {
    let played = world.plan().play(world, false, meddle).await;
    let world = &played.scene;
    let state = world.ended(&played.finished).await;
    let told = |answer: &Value| json!([answer["index"], answer["status"], answer["error"]]);
    let answers = world.answers(&state).await;
    json!({
        "path": path(&played.entered),
        "status": state.status,
        "error": state.error,
        "cause": state.cause,
        "artifacts": state.artifacts.keys().collect::<Vec<_>>(),
        "agents": state.agents.iter().map(|(name, total)| json!([name, total.calls, total.degraded, total.failed])).collect::<Vec<_>>(),
        "answers": answers.iter().map(told).collect::<Vec<_>>(),
        "logged": world.log().await.len(),
    })
}

#[tokio::test]
async fn every_request_is_answered() {
    assert_json_snapshot!(golden(world().await, undisturbed()).await);
}

#[tokio::test]
async fn other_types_are_answered_by_their_own_workflows() {
    let world = BatchWorld::of("personalize", users()).await;
    let personalized = golden(world, undisturbed()).await;
    assert_eq!(personalized["agents"][0][0], "personalize");
    assert_eq!(personalized["status"], "succeeded", "{personalized:#}");
    let series: Vec<Value> = (1..=9)
        .map(|month| json!({"at": format!("2025-0{month}"), "value": 100 + month}))
        .collect();
    let context = json!({"want": ["forecast"], "forecast": {"series": series, "horizon": 2}});
    let one = json!([{"user_id": "u", "context": context}]);
    let analyzed = golden(BatchWorld::of("analyze", one).await, undisturbed()).await;
    assert_eq!(analyzed["answers"][0][1], "success", "{analyzed:#}");
}

/// Who cannot be answered is in the results, and the others are answered.
#[tokio::test]
async fn one_that_fails_fails_nobody_else() {
    let meddle = |task: &baton_engine::Task| {
        let input = task.arguments["Input"].as_str().unwrap_or_default();
        let target = task.name == "AnswerRequest" && input.contains("\"lapsed-01\"");
        target.then(|| TaskError::new("Sfn.InvalidArn", "by the test"))
    };
    assert_json_snapshot!(golden(world().await, Arc::new(meddle)).await);
}

/// What cannot be kept is lost, and is said to be.
#[tokio::test]
async fn what_is_not_kept_is_told() {
    let meddle = |task: &baton_engine::Task| {
        let part = &task.arguments["Payload"]["part"];
        let target = task.name == "KeepAnswers" && *part == 1;
        target.then(|| TaskError::new("ArtifactTooLarge", "by the test"))
    };
    assert_json_snapshot!(golden(world().await, Arc::new(meddle)).await);
}
