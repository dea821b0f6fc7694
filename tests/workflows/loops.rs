//! Loops over every task of the workflow: each fails with every code, hangs, recovers, and
//! happens twice. Whatever happens to one task, the request is answered and logged once.

use std::collections::BTreeSet;
use std::sync::Arc;

use baton_domain::request::{AnswerStatus, Findings, Replacement};
use baton_domain::run::Workflow;
use baton_embedded::Agents;
use baton_engine::{Task, TaskError};
use baton_tests::normalise::without_times;
use baton_tests::workflow::{Played, TaskState, World, tasks};
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
fn codes(task: &TaskState) -> Vec<Option<String>> {
    let of_agents = Agents::all().codes();
    let own = task
        .agent
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

fn failure(code: Option<&String>) -> TaskError {
    code.map_or_else(TaskError::deferred, |code| {
        TaskError::new(code, "by the test")
    })
}

/// Plays with `target` failing with `code`, and others failing so that it is reached at all.
async fn fail(
    world: &World,
    target: &str,
    code: Option<String>,
    others: BTreeSet<String>,
) -> Played {
    let target = target.to_owned();
    let meddle = move |task: &Task| {
        if task.name == target {
            return Some(failure(code.as_ref()));
        }
        others
            .contains(&task.name)
            .then(|| TaskError::new("BrokenOnPurpose", "by the test"))
    };
    world
        .play(input("champion-01", &ALL), false, Arc::new(meddle))
        .await
}

/// The tasks that must fail for `target` to be called: none, those whose Catch leads to it, or
/// every agent.
async fn way_to(target: &TaskState, all: &[TaskState]) -> BTreeSet<String> {
    let leads = |task: &&TaskState| task.caught_by.contains(&target.name);
    let is_agent = |task: &&TaskState| task.agent.is_some();
    let names = |tasks: Vec<&TaskState>| tasks.iter().map(|task| task.name.clone()).collect();
    for others in [
        BTreeSet::new(),
        names(all.iter().filter(leads).collect()),
        names(all.iter().filter(is_agent).collect()),
    ] {
        let world = World::of(Workflow::Personalize).await;
        let played = fail(&world, "-", None, others.clone()).await;
        if played.called.contains_key(&target.name) {
            return others;
        }
    }
    panic!("{} is never called", target.name);
}

fn check_complete(findings: &Findings, what: &str) {
    for result in ALL {
        let has = findings.results.contains_key(result) || findings.skipped.contains_key(result);
        assert!(has, "{what}: {result} is missing: {findings:#?}");
    }
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    let all = tasks(Workflow::Personalize);
    let mut runs = 0;
    for target in &all {
        let others = way_to(target, &all).await;
        for code in codes(target) {
            let world = World::of(Workflow::Personalize).await;
            let what = format!("{} fails with {code:?}", target.name);
            let played = fail(&world, &target.name, code.clone(), others.clone()).await;
            assert!(
                played.called.contains_key(&target.name),
                "{what}: not called"
            );
            let (findings, logged) = findings(&played);
            check_complete(&findings, &what);
            assert_eq!(logged, target.name != "WriteLog", "{what}");
            assert_eq!(
                log(&world).await.len(),
                usize::from(logged),
                "{what}: entries"
            );
            check_errors(target, code.as_deref(), &others, &findings, &what);
            runs += 1;
        }
    }
    println!("{} tasks, {runs} runs", all.len());
}

fn check_errors(
    target: &TaskState,
    code: Option<&str>,
    others: &BTreeSet<String>,
    findings: &Findings,
    what: &str,
) {
    let Some(agent) = &target.agent else { return };
    let (result, _) = agents()
        .into_iter()
        .find(|(_, name)| name == agent)
        .expect("an agent's result");
    let error = &findings.errors[result];
    if others.is_empty() {
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
    let undisturbed = World::of(Workflow::Personalize)
        .await
        .play_plainly(input("champion-01", &ALL))
        .await;
    let wanted = without_times(json!(findings(&undisturbed).0));
    for target in tasks(Workflow::Personalize) {
        if !undisturbed.called.contains_key(&target.name) {
            continue;
        }
        for code in &target.retried {
            let world = World::of(Workflow::Personalize).await;
            let (name, code) = (target.name.clone(), code.clone());
            let what = format!("{name} recovers from {code}");
            let meddle = move |task: &Task| {
                (task.name == name && task.attempt == 0).then(|| failure(Some(&code)))
            };
            let played = world
                .play(input("champion-01", &ALL), false, Arc::new(meddle))
                .await;
            assert_eq!(played.called[&target.name], 2, "{what}");
            assert_eq!(without_times(json!(findings(&played).0)), wanted, "{what}");
            assert_eq!(log(&world).await.len(), 1, "{what}");
        }
    }
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    let once = World::of(Workflow::Personalize).await;
    let plain = findings(&once.play_plainly(input("champion-01", &ALL)).await).0;
    let twice = World::of(Workflow::Personalize).await;
    let played = twice
        .play(input("champion-01", &ALL), true, Arc::new(|_: &Task| None))
        .await;
    let repeated = findings(&played).0;
    assert_eq!(without_times(json!(repeated)), without_times(json!(plain)));
    assert_eq!(log(&twice).await.len(), 1);
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
    assert_eq!(findings(&played).0.status, AnswerStatus::Degraded);
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
