//! Loops over every task of the workflow. Whatever happens to one, the batch ends in a defined state:
//! it succeeded and has an answer for every request, or it says how many are lost.

use baton_app::FunctionError;
use baton_domain::run::RunStatus;
use baton_engine::bench::{
    Failing, Played, TaskState, crash_everywhere, every_task_fails, every_task_repeats,
};
use baton_tests::batch::BatchWorld;
use serde_json::{Value, json};

use super::world;

fn codes(task: &TaskState) -> Vec<Option<String>> {
    let mut codes: Vec<&str> = match task.function.as_deref() {
        Some("journal") => FunctionError::CODES.to_vec(),
        _ => vec!["Sfn.SfnException", "DynamoDB.InternalServerErrorException"],
    };
    codes.extend(["Lambda.TooManyRequestsException", "Lambda.Unknown"]);
    let named = codes.into_iter().map(|code| Some(code.to_owned()));
    named.chain([None]).collect()
}

async fn check(played: &Played<BatchWorld>, what: &str) -> Value {
    let state = played.scene.ended(&played.finished).await;
    let answers = played.scene.answers(&state).await;
    let indices: Vec<_> = answers.iter().map(|answer| &answer["index"]).collect();
    if state.status == RunStatus::Succeeded {
        assert_eq!(indices, [0, 1, 2, 3, 4, 5], "{what}");
    } else {
        assert_eq!(state.status, RunStatus::Failed, "{what}");
        assert!(state.error.is_some(), "{what}");
    }
    let calls = state.agents.get("score").map_or(0, |total| total.calls);
    assert_eq!(calls as usize, answers.len(), "{what}");
    let status = |answer: &Value| json!([answer["index"], answer["status"]]);
    json!([state.status, answers.iter().map(status).collect::<Vec<_>>()])
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    let check = async |failing: Failing<'_, BatchWorld>| {
        let what = format!("{} fails with {:?}", failing.target.name, failing.code);
        check(&failing.played, &what).await;
    };
    let plan = world().await.plan();
    let plays = every_task_fails(&plan, world, codes, check).await;
    println!("{plays} plays");
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    let view = async |played: &Played<BatchWorld>| {
        let kept = check(played, "repeated").await;
        json!([kept, played.scene.log().await.len()])
    };
    every_task_repeats(&world().await.plan(), world, view).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let view = |played: &Played<BatchWorld>| format!("{:?}", played.finished.outcome);
    let deaths = crash_everywhere(&world().await.plan(), world, view).await;
    println!("{deaths} deaths");
}
