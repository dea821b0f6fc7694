//! Loops over every task of the workflow. Whatever happens to one, the batch ends in a defined state:
//! it has an answer for every request, or says how many are lost; and each request is logged once.

use std::collections::{BTreeMap, BTreeSet};

use baton_app::FunctionError;
use baton_domain::run::RunStatus;
use baton_engine::bench::{
    Failing, Played, TaskState, every_death, every_task_fails, every_task_repeats,
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

/// How a batch may end, by what was kept of it: each request has at most one answer, and exactly one
/// entry in the log, which says what the answer says.
async fn check(played: &Played<BatchWorld>, what: &str) -> Value {
    let state = played.scene.ended(&played.finished).await;
    let answers = played.scene.answers(&state).await;
    let indices: BTreeSet<_> = answers.iter().map(|a| a["index"].as_u64()).collect();
    assert_eq!(indices.len(), answers.len(), "{what}: {answers:#?}");
    assert!(indices.iter().all(|index| *index < Some(6)), "{what}");
    let with = |status: &str| answers.iter().filter(|a| a["status"] == status).count();
    let all = answers.len() == 6;
    match (state.status, state.error.as_deref()) {
        (RunStatus::Succeeded, None) => assert_eq!(with("success"), 6, "{what}"),
        (RunStatus::Partial, None) => {
            assert!(all && with("success") < 6 && with("failed") < 6, "{what}");
        }
        (RunStatus::Failed, Some("NothingAnswered")) => assert_eq!(with("failed"), 6, "{what}"),
        (RunStatus::Failed, Some("AnswersLost")) => {
            let lost = format!("{} of 6", 6 - answers.len());
            let cause = state.cause.as_deref().unwrap_or_default();
            assert!(!all && cause.starts_with(&lost), "{what}: {cause}");
        }
        // The journal did not take down that it began, or how it ended.
        (RunStatus::Failed, Some("WorkflowError")) => {
            assert!(answers.is_empty() || all, "{what}");
        }
        (status, error) => panic!("{what}: {status:?} with {error:?}"),
    }
    let calls = state.agents.get("score").map_or(0, |total| total.calls);
    assert_eq!(calls as usize, answers.len(), "{what}");
    let logged = each_logged_once(&played.scene, &answers, what).await;
    let status = |answer: &Value| json!([answer["index"], answer["status"], answer["error"]]);
    let answers: Vec<Value> = answers.iter().map(status).collect();
    json!([state.status, state.error, answers, logged])
}

/// How many entries the log has.
async fn each_logged_once(world: &BatchWorld, answers: &[Value], what: &str) -> usize {
    let log = world.log().await;
    let entries = log
        .iter()
        .map(|entry| serde_json::to_value(entry).expect("JSON"));
    let entries = entries.map(|entry| (entry["user_id"].to_string(), entry));
    let entries: BTreeMap<String, Value> = entries.collect();
    assert_eq!((log.len(), entries.len()), (6, 6), "{what}: {log:#?}");
    for answer in answers {
        let entry = &entries[&answer["user_id"].to_string()];
        for field in ["request_id", "status"] {
            assert_eq!(entry[field], answer[field], "{what}: {field}");
        }
    }
    log.len()
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
    let view = async |played: &Played<BatchWorld>| check(played, "repeated").await;
    every_task_repeats(&world().await.plan(), world, view).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let mut calm = None;
    let same = async |played: &Played<BatchWorld>, _: u64, what: &str| {
        let ended = check(played, what).await;
        let seen = json!([format!("{:?}", played.finished.outcome), ended]);
        assert_eq!(seen, *calm.get_or_insert_with(|| seen.clone()), "{what}");
    };
    let deaths = every_death(&world().await.plan(), world, same).await;
    println!("{deaths} deaths");
}
