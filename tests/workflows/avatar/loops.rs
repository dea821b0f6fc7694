//! Loops over every task of the workflow. Whatever happens to one, the run ends in a defined state,
//! its request is logged once, and no video is made twice.

use baton_app::FunctionError;
use baton_embedded::Platform;
use baton_engine::bench::{
    Failing, Plan, Played, TaskState, crash_everywhere, every_task_fails_of, every_task_recovers,
    every_task_repeats,
};
use baton_tests::avatar::{AvatarWorld, Maker};
use baton_tests::talks::Manner;
use serde_json::json;

/// A provider that tells.
async fn telling() -> AvatarWorld {
    AvatarWorld::of(Maker::Telling(Manner::DoneAfter(1))).await
}

async fn avatar() -> Plan {
    telling().await.plan()
}

/// Every code that a task may fail with: its function's, AWS's, and not answering at all.
fn codes(task: &TaskState) -> Vec<Option<String>> {
    let mut codes = crate::loops::codes(task);
    let function = task.function.as_deref().unwrap_or_default();
    if Platform::FUNCTIONS.contains(&function) {
        let own = FunctionError::CODES.into_iter();
        codes.extend(own.map(|code| Some(code.to_owned())));
    }
    codes
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    let check = async |failing: Failing<'_, AvatarWorld>| {
        let what = format!("{} fails with {:?}", failing.target.name, failing.code);
        let (scene, finished) = (&failing.played.scene, &failing.played.finished);
        scene.check(finished, &what).await;
    };
    let plan = avatar().await;
    let mut left = plan.tasks().into_iter().map(|task| task.name).collect();
    let mut plays = every_task_fails_of(&mut left, &plan, telling, codes, check).await;
    // What is left is called when a run is redriven.
    let redriven = async || AvatarWorld::redriven(Maker::Telling(Manner::DoneAfter(1))).await;
    let plan = redriven().await.plan();
    plays += every_task_fails_of(&mut left, &plan, redriven, codes, check).await;
    println!("{plays} plays");
    assert!(left.is_empty(), "never called: {left:?}");
}

#[tokio::test]
async fn every_task_recovers_from_what_is_retried() {
    let check = async |failing: Failing<'_, AvatarWorld>| {
        let what = format!("{} recovers from {:?}", failing.target.name, failing.code);
        let (scene, finished) = (&failing.played.scene, &failing.played.finished);
        let state = scene.check(finished, &what).await;
        assert_eq!(state.status.name(), "succeeded", "{what}");
    };
    assert!(every_task_recovers(&avatar().await, telling, check).await > 0);
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    let view = async |played: &Played<AvatarWorld>| {
        let state = played.scene.check(&played.finished, "repeated").await;
        let versions = state.artifacts.values().map(|artifact| artifact.version);
        json!([state.status, versions.collect::<Vec<_>>()])
    };
    every_task_repeats(&avatar().await, telling, view).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let view = |played: &Played<AvatarWorld>| {
        let made = played.scene.talks.as_ref().map(|talks| talks.all().len());
        format!("{:?} {made:?}", played.finished.outcome)
    };
    let deaths = crash_everywhere(&avatar().await, telling, view).await;
    println!("{deaths} deaths");
}
