//! Loops over every task of a workflow.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Plan, Played, Scene, TaskState, undisturbed};
use crate::{Task, TaskError};

/// The name with which tasks fail so that another is reached.
pub const OTHERS_FAIL_WITH: &str = "BrokenOnPurpose";

/// One play of a loop.
pub struct Failing<'a, S> {
    /// The task that failed.
    pub target: &'a TaskState,
    /// With which code; `None` when it did not answer.
    pub code: Option<&'a str>,
    /// The tasks that failed so that the target was reached.
    pub others: &'a BTreeSet<String>,
    /// How it went.
    pub played: Played<S>,
}

fn failure(code: Option<&str>) -> TaskError {
    code.map_or_else(TaskError::deferred, |code| {
        TaskError::new(code, "by the test")
    })
}

/// Plays with `target` failing, and others failing so that it is reached at all.
async fn fail<S: Scene>(
    plan: &Plan,
    scene: S,
    target: &str,
    code: Option<&str>,
    others: &BTreeSet<String>,
) -> Played<S> {
    let (target, others) = (target.to_owned(), others.clone());
    let code = code.map(str::to_owned);
    let meddle = move |task: &Task| {
        if task.name == target {
            return Some(failure(code.as_deref()));
        }
        let other = others.contains(&task.name);
        other.then(|| TaskError::new(OTHERS_FAIL_WITH, "by the test"))
    };
    plan.play(scene, false, Arc::new(meddle)).await
}

/// What fails so that a task is called at all: for each task the first set that was found. Failing
/// one more task is tried where a set reaches tasks that were not called before, so that chains of
/// fallbacks are followed; then all that call functions fail together, and all others.
async fn ways<S: Scene>(
    plan: &Plan,
    scene: &impl AsyncFn() -> S,
    all: &[TaskState],
) -> BTreeMap<String, BTreeSet<String>> {
    let names = |wanted: &dyn Fn(&TaskState) -> bool| -> BTreeSet<String> {
        let wanted = all.iter().filter(|task| wanted(task));
        wanted.map(|task| task.name.clone()).collect()
    };
    let mut ways: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut untried = VecDeque::from([BTreeSet::new()]);
    while let Some(others) = untried.pop_front() {
        for new in called_with(plan, scene, &others, &mut ways).await {
            let mut more = others.clone();
            more.insert(new);
            untried.push_back(more);
        }
    }
    called_with(
        plan,
        scene,
        &names(&|task| task.function.is_some()),
        &mut ways,
    )
    .await;
    for target in all.iter().map(|task| task.name.clone()) {
        if !ways.contains_key(&target) {
            let others = names(&|task| task.name != target);
            called_with(plan, scene, &others, &mut ways).await;
        }
    }
    ways
}

/// Plays with these failing, and answers the tasks that were called for the first time.
async fn called_with<S: Scene>(
    plan: &Plan,
    scene: &impl AsyncFn() -> S,
    others: &BTreeSet<String>,
    ways: &mut BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let played = fail(plan, scene().await, "", None, others).await;
    let mut new = Vec::new();
    for name in played.called.into_keys() {
        if let Entry::Vacant(way) = ways.entry(name) {
            let name = way.key().clone();
            let needed = others.iter().filter(|other| **other != name);
            way.insert(needed.cloned().collect());
            new.push(name);
        }
    }
    new
}

/// Plays once for every task and every code that it may fail with; `None` stands for not
/// answering. Answers how many plays that were.
pub async fn every_task_fails<S: Scene>(
    plan: &Plan,
    scene: impl AsyncFn() -> S,
    codes: impl Fn(&TaskState) -> Vec<Option<String>>,
    check: impl AsyncFn(Failing<'_, S>),
) -> usize {
    let tasks = plan.tasks().into_iter();
    let mut left = tasks.map(|task| task.name).collect();
    let plays = every_task_fails_of(&mut left, plan, scene, codes, check).await;
    assert!(left.is_empty(), "never called, whatever fails: {left:?}");
    plays
}

/// The same for those tasks of `left` that are called in this scene, which it takes out.
pub async fn every_task_fails_of<S: Scene>(
    left: &mut BTreeSet<String>,
    plan: &Plan,
    scene: impl AsyncFn() -> S,
    codes: impl Fn(&TaskState) -> Vec<Option<String>>,
    check: impl AsyncFn(Failing<'_, S>),
) -> usize {
    let all = plan.tasks();
    let ways = ways(plan, &scene, &all).await;
    let mut plays = 0;
    for target in &all {
        let Some(others) = ways.get(&target.name) else {
            continue;
        };
        if !left.remove(&target.name) {
            continue;
        }
        for code in codes(target) {
            let code = code.as_deref();
            let played = fail(plan, scene().await, &target.name, code, others).await;
            let called = played.called.contains_key(&target.name);
            assert!(called, "{} with {code:?}: not called", target.name);
            check(Failing {
                target,
                code,
                others,
                played,
            })
            .await;
            plays += 1;
        }
    }
    plays
}

/// Plays once for every task that is called and every code that its Retry repeats: it fails
/// so once and then succeeds. Answers how many plays that were.
pub async fn every_task_recovers<S: Scene>(
    plan: &Plan,
    scene: impl AsyncFn() -> S,
    check: impl AsyncFn(Failing<'_, S>),
) -> usize {
    let calm = plan.play(scene().await, false, undisturbed()).await;
    let others = BTreeSet::new();
    let mut plays = 0;
    for target in &plan.tasks() {
        let Some(usual) = calm.called.get(&target.name) else {
            continue;
        };
        for code in target.retried.iter().filter(|code| !is_wildcard(code)) {
            let (name, error) = (target.name.clone(), failure(Some(code)));
            let meddle =
                move |task: &Task| (task.name == name && task.attempt == 0).then(|| error.clone());
            let played = plan.play(scene().await, false, Arc::new(meddle)).await;
            let calls = played.called[&target.name];
            let what = format!("{} recovers from {code}", target.name);
            assert_eq!(calls, usual * 2, "{what}: calls");
            let code = Some(code.as_str());
            check(Failing {
                target,
                code,
                others: &others,
                played,
            })
            .await;
            plays += 1;
        }
    }
    plays
}

/// No task fails with the name of a wildcard.
fn is_wildcard(code: &str) -> bool {
    [crate::errors::ALL, crate::errors::TASK_FAILED].contains(&code)
}

/// Plays once undisturbed and once with every task happening twice, and compares what `view`
/// sees of both.
pub async fn every_task_repeats<S: Scene, V: PartialEq + std::fmt::Debug>(
    plan: &Plan,
    scene: impl AsyncFn() -> S,
    view: impl AsyncFn(&Played<S>) -> V,
) {
    let once = plan.play(scene().await, false, undisturbed()).await;
    let twice = plan.play(scene().await, true, undisturbed()).await;
    assert_eq!(
        view(&twice).await,
        view(&once).await,
        "tasks happened twice"
    );
}
