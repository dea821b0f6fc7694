//! Loops over every task of the workflows. Whatever happens to one, the request is answered and
//! logged once.

use baton_domain::request::{AnswerStatus, Findings, Replacement};
use baton_domain::run::Workflow;
use baton_engine::bench::{
    Failing, Played, crash_everywhere, every_task_fails, every_task_recovers, every_task_repeats,
};
use baton_tests::normalise::without_times;
use baton_tests::workflow::{World, plan};
use serde_json::json;

use super::{ALL, input};
use crate::loops::codes;
use crate::personalize::{findings, log};

fn check_failure(failing: &Failing<'_, World>, findings: &Findings, what: &str) {
    let Some(agent) = &failing.target.function else {
        return;
    };
    let error = findings.errors.values().find(|error| error.agent == *agent);
    let error = error.unwrap_or_else(|| panic!("{what}: no error of {agent}"));
    let (name, replaced_by) = if failing.others.is_empty() {
        let name = failing.code.unwrap_or("States.Timeout");
        (name, Replacement::Fallback)
    } else {
        // The first error is kept.
        ("BrokenOnPurpose", Replacement::Default)
    };
    assert_eq!(
        (&*error.error, error.replaced_by),
        (name, replaced_by),
        "{what}"
    );
    assert_eq!(findings.status, AnswerStatus::Partial, "{what}");
}

async fn fails(workflow: Workflow) {
    let check = async |failing: Failing<'_, World>| {
        let (name, code) = (&failing.target.name, failing.code);
        let what = format!("{}: {name} fails with {code:?}", workflow.name());
        let (findings, logged) = findings(&failing.played.finished);
        let told = findings.results.len() + findings.skipped.len();
        assert_eq!(told, 3, "{what}: {findings:#?}");
        assert_eq!(logged, name != "WriteLog", "{what}");
        let entries = log(&failing.played.scene).await.len();
        assert_eq!(entries, usize::from(logged), "{what}: entries");
        check_failure(&failing, &findings, &what);
    };
    let world = async || World::of(workflow).await;
    let plan = plan(workflow, input(workflow, "happy"));
    let plays = every_task_fails(&plan, world, codes, check).await;
    println!("{}: {plays} plays", workflow.name());
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    for workflow in ALL {
        fails(workflow).await;
    }
}

#[tokio::test]
async fn every_task_recovers_from_what_is_retried() {
    for workflow in ALL {
        let world = async || World::of(workflow).await;
        let happy = input(workflow, "happy");
        let calm = world().await.play_plainly(happy.clone()).await;
        let wanted = without_times(json!(findings(&calm.finished).0));
        let check = async |failing: Failing<'_, World>| {
            let what = format!("{} recovers from {:?}", failing.target.name, failing.code);
            let found = findings(&failing.played.finished).0;
            assert_eq!(without_times(json!(found)), wanted, "{what}");
            assert_eq!(log(&failing.played.scene).await.len(), 1, "{what}");
        };
        let plan = plan(workflow, happy);
        assert!(every_task_recovers(&plan, world, check).await > 0);
    }
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    for workflow in ALL {
        let world = async || World::of(workflow).await;
        let view = async |played: &Played<World>| {
            let found = without_times(json!(findings(&played.finished).0));
            (found, log(&played.scene).await.len())
        };
        every_task_repeats(&plan(workflow, input(workflow, "happy")), world, view).await;
    }
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    for workflow in ALL {
        let world = async || World::of(workflow).await;
        let view = |played: &Played<World>| {
            let (findings, logged) = findings(&played.finished);
            (without_times(json!(findings)), logged)
        };
        let plan = plan(workflow, input(workflow, "happy"));
        let deaths = crash_everywhere(&plan, world, view).await;
        println!("{}: {deaths} deaths", workflow.name());
    }
}
