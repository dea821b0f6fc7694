//! Loops over every task of the workflow. Whatever happens to one, the task ends in a defined state,
//! within its budget, and the ledger is what the books say.

use std::sync::Arc;

use baton_app::{FunctionError, PaymentError};
use baton_domain::marketplace::MarketError;
use baton_embedded::{Agents, Platform};
use baton_engine::bench::{
    Failing, Plan, Played, TaskState, crash_everywhere, every_task_fails_of, every_task_repeats,
};
use baton_tests::people::{approving, nobody};
use baton_tests::research::ResearchWorld;
use serde_json::json;

use super::{DEAR_THEME, THEME, dear};

async fn world() -> ResearchWorld {
    ResearchWorld::of(THEME, 50, approving(), Vec::new()).await
}

async fn research() -> Plan {
    world().await.plan()
}

/// Every code that a task may fail with: its function's, two of AWS's, and not answering at all.
fn codes(task: &TaskState) -> Vec<Option<String>> {
    let of_agents = Agents::all().codes();
    let function = task.function.as_deref().unwrap_or_default();
    let mut codes = of_agents.get(function).cloned().unwrap_or_default();
    if Platform::FUNCTIONS.contains(&function) {
        codes.extend(FunctionError::CODES);
    }
    if function == "payments" {
        codes.extend(MarketError::CODES);
        codes.extend(PaymentError::CODES);
    }
    codes.extend(["Lambda.TooManyRequestsException", "Lambda.Unknown"]);
    let named = codes.into_iter().map(|code| Some(code.to_owned()));
    named.chain([None]).collect()
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    let check = async |failing: Failing<'_, ResearchWorld>| {
        let what = format!("{} fails with {:?}", failing.target.name, failing.code);
        let (scene, finished) = (&failing.played.scene, &failing.played.finished);
        scene.check(finished, &what).await;
    };
    let plan = research().await;
    let mut left = plan.tasks().into_iter().map(|task| task.name).collect();
    let mut plays = every_task_fails_of(&mut left, &plan, world, codes, check).await;
    // What is left is called when the budget does not reach, and when sources are dear.
    let poor = async || ResearchWorld::of(DEAR_THEME, 10, approving(), Vec::new()).await;
    let plan = poor().await.plan();
    plays += every_task_fails_of(&mut left, &plan, poor, codes, check).await;
    let alone = async || ResearchWorld::of(DEAR_THEME, 10, nobody(), Vec::new()).await;
    plays += every_task_fails_of(&mut left, &plan, alone, codes, check).await;
    for people in [approving(), nobody()] {
        let world = async || dear(Arc::clone(&people)).await;
        let plan = world().await.plan();
        plays += every_task_fails_of(&mut left, &plan, world, codes, check).await;
    }
    println!("{plays} plays");
    assert!(left.is_empty(), "never called: {left:?}");
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    let view = async |played: &Played<ResearchWorld>| {
        let state = played.scene.check(&played.finished, "repeated").await;
        let versions = state.artifacts.values().map(|artifact| artifact.version);
        let spent = played.scene.spent().await;
        json!([
            state.status,
            versions.collect::<Vec<_>>(),
            spent.spent,
            spent.purchases,
            played.scene.books().total,
        ])
    };
    every_task_repeats(&research().await, world, view).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let view = |played: &Played<ResearchWorld>| {
        let total = played.scene.books().total;
        format!("{:?} {total:?}", played.finished.outcome)
    };
    let deaths = crash_everywhere(&research().await, world, view).await;
    println!("{deaths} deaths");
}
