//! Loops over every task of the workflow: each fails with every code, hangs, recovers, and
//! happens twice, and the process dies after every write of its journal. Whatever happens to
//! one task, the request is answered and logged once.

use std::collections::BTreeSet;
use std::sync::Arc;

use baton_domain::request::{AnswerStatus, Findings, Replacement};
use baton_domain::run::Workflow;
use baton_embedded::Agents;
use baton_engine::bench::{
    Failing, Plan, Played, TaskState, crash_everywhere, every_task_fails, every_task_recovers,
    every_task_repeats,
};
use baton_engine::{Task, TaskError};
use baton_tests::normalise::without_times;
use baton_tests::workflow::{World, plan};
use serde_json::json;

use crate::personalize::{ALL, agents, findings, input, log};

/// Names that AWS gives to failures of what a task calls.
fn aws_codes(resource: &str) -> &'static [&'static str] {
    match resource.rsplit(":::").next() {
        Some("lambda:invoke") => &[
            "Lambda.ServiceException",
            "Lambda.TooManyRequestsException",
            "Lambda.Unknown",
            "Runtime.ExitError",
            "Sandbox.Timedout",
        ],
        Some("sns:publish") => &["SNS.ThrottledException", "SNS.AuthorizationErrorException"],
        Some(_) => &[
            "DynamoDB.ProvisionedThroughputExceededException",
            "DynamoDB.ResourceNotFoundException",
            "DynamoDB.InternalServerErrorException",
        ],
        None => &[],
    }
}

/// Every code that a task may fail with: its agent's, AWS's, and not answering at all.
pub(crate) fn codes(task: &TaskState) -> Vec<Option<String>> {
    let of_agents = Agents::all().codes();
    let own = task
        .function
        .as_deref()
        .and_then(|agent| of_agents.get(agent))
        .cloned();
    let own = own.unwrap_or_default().into_iter();
    let named = own.chain(aws_codes(&task.resource).iter().copied());
    named
        .map(|code| Some(code.to_owned()))
        .chain([None])
        .collect()
}

fn check_complete(findings: &Findings, what: &str) {
    for result in ALL {
        let refused = findings.errors.get(result).map(|error| error.replaced_by);
        let has = findings.results.contains_key(result)
            || findings.skipped.contains_key(result)
            || refused == Some(Replacement::Nothing);
        assert!(has, "{what}: {result} is missing: {findings:#?}");
    }
}

fn personalize() -> Plan {
    plan(Workflow::Personalize, input("champion-01", &ALL))
}

async fn world() -> World {
    World::of(Workflow::Personalize).await
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    let check = async |failing: Failing<'_, World>| {
        let Failing {
            target,
            code,
            others,
            played,
        } = failing;
        let what = format!("{} fails with {code:?}", target.name);
        let (findings, logged) = findings(&played.finished);
        check_complete(&findings, &what);
        assert_eq!(logged, target.name != "WriteLog", "{what}");
        let entries = log(&played.scene).await.len();
        assert_eq!(entries, usize::from(logged), "{what}: entries");
        check_errors(target, code, others, &findings, &what);
    };
    let plays = every_task_fails(&personalize(), world, codes, check).await;
    println!("{plays} plays");
}

fn check_errors(
    target: &TaskState,
    code: Option<&str>,
    others: &BTreeSet<String>,
    findings: &Findings,
    what: &str,
) {
    let Some(agent) = &target.function else {
        return;
    };
    let (result, _) = agents()
        .into_iter()
        .find(|(_, name)| name == agent)
        .expect("an agent's result");
    let error = &findings.errors[result];
    // What the policy refuses is no outage: neither the fallback nor a default may offer it.
    if code.is_some_and(|code| ["NoOffer", "InvalidPolicy"].contains(&code)) {
        assert_eq!(error.replaced_by, Replacement::Nothing, "{what}");
    } else if others.is_empty() {
        assert_eq!(error.error, code.unwrap_or("States.Timeout"), "{what}");
        assert_eq!(error.replaced_by, Replacement::Fallback, "{what}");
    } else {
        assert_eq!(
            error.error, "BrokenOnPurpose",
            "{what}: the first error is kept"
        );
        assert_eq!(error.replaced_by, Replacement::Default, "{what}");
    }
    assert_eq!(findings.status, AnswerStatus::Partial, "{what}");
}

#[tokio::test]
async fn every_task_recovers_from_what_is_retried() {
    let calm = world().await.play_plainly(input("champion-01", &ALL)).await;
    let wanted = without_times(json!(findings(&calm.finished).0));
    let check = async |failing: Failing<'_, World>| {
        let what = format!("{} recovers from {:?}", failing.target.name, failing.code);
        let found = findings(&failing.played.finished).0;
        assert_eq!(without_times(json!(found)), wanted, "{what}");
        assert_eq!(log(&failing.played.scene).await.len(), 1, "{what}");
    };
    assert!(every_task_recovers(&personalize(), world, check).await > 0);
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    let view = async |played: &Played<World>| {
        let found = without_times(json!(findings(&played.finished).0));
        (found, log(&played.scene).await.len())
    };
    every_task_repeats(&personalize(), world, view).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let view = |played: &Played<World>| {
        let (findings, logged) = findings(&played.finished);
        (without_times(json!(findings)), logged)
    };
    let deaths = crash_everywhere(&personalize(), world, view).await;
    println!("{deaths} deaths");
}

#[tokio::test]
async fn with_every_agent_failing_engineers_are_told() {
    let world = World::of(Workflow::Personalize).await;
    let meddle = |task: &Task| {
        let fails = task.resource.ends_with("lambda:invoke");
        fails.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
    };
    let played = world
        .play(input("champion-01", &ALL), false, Arc::new(meddle))
        .await;
    assert_eq!(findings(&played.finished).0.status, AnswerStatus::Degraded);
    let alerts = world.alerts.all();
    assert_eq!(alerts.len(), 1);
    assert!(
        alerts[0].message.contains("\"severity\":\"critical\""),
        "{alerts:?}"
    );
    assert!(
        !alerts[0].message.contains("champion-01"),
        "no personal data: {alerts:?}"
    );
}
