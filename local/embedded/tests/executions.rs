//! Standard executions: kept, resumed after the process died, completed by token, redriven, forked.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use baton_app::SystemClock;
use baton_embedded::{ExecutionError, Executions, SqliteItems, Start, Status};
use baton_engine::{Outcome, Task, TaskError, TaskExecutor};
use serde_json::{Value, json};

/// Counts calls by state; what waits for a token or has `hang` is left open, what has `fail`
/// fails as long as `broken`.
#[derive(Default)]
struct Worker {
    calls: Mutex<BTreeMap<String, usize>>,
    tokens: Mutex<Vec<String>>,
    broken: Mutex<bool>,
}

#[async_trait]
impl TaskExecutor for Worker {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        *self
            .calls
            .lock()
            .unwrap()
            .entry(task.name.clone())
            .or_default() += 1;
        if let Some(token) = task.token {
            self.tokens.lock().unwrap().push(token);
            return Err(TaskError::deferred());
        }
        if task.arguments.get("hang").is_some() && *self.broken.lock().unwrap() {
            return std::future::pending().await;
        }
        if task.arguments.get("fail").is_some() && *self.broken.lock().unwrap() {
            return Err(TaskError::new("Broken", "on purpose"));
        }
        if task.arguments.get("deep").is_some() {
            return Ok((0..150).fold(json!(1), |inner, _| json!([inner])));
        }
        Ok(Value::clone(&task.arguments))
    }
}

impl Worker {
    fn broken() -> Arc<Self> {
        let worker = Self::default();
        *worker.broken.lock().unwrap() = true;
        Arc::new(worker)
    }

    fn mend(&self) {
        *self.broken.lock().unwrap() = false;
    }

    fn calls(&self, state: &str) -> usize {
        self.calls.lock().unwrap().get(state).copied().unwrap_or(0)
    }
}

fn executions(path: &Path, worker: &Arc<Worker>) -> Executions {
    let items = SqliteItems::open(path).unwrap();
    let patience = Duration::from_millis(20);
    Executions::with_patience(
        &items,
        Arc::clone(worker) as _,
        Arc::new(SystemClock),
        patience,
    )
}

fn start(name: &str, states: &Value, first: &str, input: Value) -> Start {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": first, "States": states});
    Start {
        machine: "test".to_owned(),
        definition: definition.to_string(),
        name: name.to_owned(),
        input,
    }
}

const INVOKE: &str = "arn:aws:states:::lambda:invoke";
const AWAIT: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";
const INPUT: &str = "{% $states.input %}";

fn approval() -> Value {
    json!({
        "Prepare": {"Type": "Task", "Resource": INVOKE, "Arguments": INPUT, "Next": "Await"},
        "Await": {"Type": "Task", "Resource": AWAIT, "Arguments": INPUT, "TimeoutSeconds": 2,
            "Next": "Conclude"},
        "Conclude": {"Type": "Task", "Resource": INVOKE, "Arguments": INPUT, "End": true},
    })
}

/// Waits until something holds.
async fn until(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never held");
}

#[tokio::test]
async fn a_token_completes_an_execution_that_another_process_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.db");
    let (first, second) = (Arc::new(Worker::default()), Arc::new(Worker::default()));
    let before = executions(&path, &first);
    let begun = start("e", &approval(), "Prepare", json!({"n": 1}));
    before.start(begun.clone()).await.unwrap();
    before
        .start(begun)
        .await
        .expect("the same again is nothing new");
    until(|| !first.tokens.lock().unwrap().is_empty()).await;
    until(|| before.in_memory() == 0).await;
    drop(before);
    let token = first.tokens.lock().unwrap()[0].clone();
    let after = executions(&path, &second);
    assert_eq!(after.resume().await.unwrap(), 1);
    after
        .send_task_success(&token, json!({"ok": true}))
        .await
        .unwrap();
    let outcome = after.wait("e").await.unwrap();
    assert_eq!(outcome.output(), Some(&json!({"ok": true})));
    assert_eq!((first.calls("Prepare"), first.calls("Await")), (1, 1));
    let (prepared, awaited) = (second.calls("Prepare"), second.calls("Await"));
    assert_eq!((prepared, awaited, second.calls("Conclude")), (0, 0, 1));
    let late = after.send_task_success(&token, json!(1)).await;
    assert_eq!(late, Err(ExecutionError::TaskTimedOut));
    let unknown = after.send_task_heartbeat("nobody.1").await;
    assert_eq!(unknown, Err(ExecutionError::TaskTimedOut));
}

#[tokio::test]
async fn a_token_wait_keeps_its_deadline_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.db");
    let worker = Arc::new(Worker::default());
    let before = executions(&path, &worker);
    let begun = std::time::Instant::now();
    before
        .start(start("e", &approval(), "Prepare", json!({})))
        .await
        .unwrap();
    until(|| !worker.tokens.lock().unwrap().is_empty()).await;
    drop(before);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let after = executions(&path, &worker);
    after.resume().await.unwrap();
    let outcome = after.wait("e").await.unwrap();
    assert_eq!(outcome.error(), Some("States.Timeout"));
    let took = begun.elapsed();
    assert!(
        took < Duration::from_millis(2900),
        "counted from the start: {took:?}"
    );
    assert_eq!(worker.calls("Await"), 1);
}

#[tokio::test]
async fn a_task_that_was_at_work_is_called_again_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.db");
    let worker = Worker::broken();
    let states = json!({
        "Done": {"Type": "Task", "Resource": INVOKE, "Arguments": INPUT, "Next": "Slow"},
        "Slow": {"Type": "Task", "Resource": INVOKE, "End": true,
            "Arguments": {"FunctionName": "f", "hang": 1}},
    });
    let begun = start("e", &states, "Done", json!({}));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let before = executions(&path, &worker);
    let dies = before.clone();
    let started = runtime.spawn(async move { dies.start(begun).await });
    started.await.unwrap().unwrap();
    until(|| worker.calls("Slow") == 1).await;
    // Everything that runs in it dies, as with the process.
    runtime.shutdown_background();
    drop(before);
    worker.mend();
    let after = executions(&path, &worker);
    after.resume().await.unwrap();
    assert_eq!(after.wait("e").await.unwrap().status(), "SUCCEEDED");
    assert_eq!((worker.calls("Done"), worker.calls("Slow")), (1, 2));
}

fn branches() -> Value {
    let branch = |name: &str, fail: bool| {
        let arguments = if fail {
            json!({"FunctionName": name, "fail": 1})
        } else {
            json!({"FunctionName": name})
        };
        json!({"StartAt": name, "States": {name: {
            "Type": "Task", "Resource": INVOKE, "Arguments": arguments, "End": true}}})
    };
    json!({
        "First": {"Type": "Task", "Resource": INVOKE, "Arguments": INPUT, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [branch("Good", false), branch("Bad", true)],
            "Next": "Last"},
        "Last": {"Type": "Pass", "Output": {
            "both": "{% $states.input %}",
            "redrives": "{% $states.context.Execution.RedriveCount %}"}, "End": true},
    })
}

#[tokio::test]
async fn redrive_goes_on_from_the_failed_branch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.db");
    let worker = Worker::broken();
    let all = executions(&path, &worker);
    all.start(start("e", &branches(), "First", json!({"n": 1})))
        .await
        .unwrap();
    assert_eq!(all.wait("e").await.unwrap().error(), Some("Broken"));
    worker.mend();
    all.redrive("e").await.unwrap();
    let both = json!([{"FunctionName": "Good"}, {"FunctionName": "Bad", "fail": 1}]);
    let wanted = json!({"both": both, "redrives": 1});
    assert_eq!(all.wait("e").await.unwrap().output(), Some(&wanted));
    let calls = ["First", "Good", "Bad"].map(|state| worker.calls(state));
    assert_eq!(calls, [1, 1, 2], "what succeeded is not done again");
    let known = all.describe("e").await.unwrap();
    assert_eq!((known.status, known.redrives), (Status::Succeeded, 1));
    assert!(all.redrive("e").await.is_err(), "it succeeded");
    let history = all.history("e").await.unwrap();
    let types: Vec<&str> = history
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let redriven = types
        .iter()
        .position(|name| *name == "ExecutionRedriven")
        .unwrap();
    assert_eq!(types[redriven - 1], "ExecutionFailed");
    assert_eq!(
        types[redriven + 1],
        "TaskScheduled",
        "the state is not entered anew"
    );
    assert_eq!(
        history[redriven]["executionRedrivenEventDetails"],
        json!({"redriveCount": 1})
    );
    let outlives = executions(&path, &worker);
    assert_eq!(outlives.history("e").await.unwrap(), history);
}

#[tokio::test]
async fn a_fork_takes_over_what_happened_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.db");
    let worker = Arc::new(Worker::default());
    let all = executions(&path, &worker);
    all.start(start("e", &branches(), "First", json!({"n": 1})))
        .await
        .unwrap();
    all.wait("e").await.unwrap();
    all.fork("e", "Last", Some(json!("edited")), "f")
        .await
        .unwrap();
    let wanted = json!({"both": "edited", "redrives": 0});
    assert_eq!(all.wait("f").await.unwrap().output(), Some(&wanted));
    assert_eq!(
        worker.calls("First") + worker.calls("Good"),
        2,
        "nothing is done again"
    );
    let origin = all.describe("f").await.unwrap().origin.unwrap();
    assert_eq!((&*origin.execution, &*origin.state), ("e", "Last"));
    all.fork("f", "Both", Some(json!({"n": 2})), "g")
        .await
        .unwrap();
    assert_eq!(all.wait("g").await.unwrap().status(), "SUCCEEDED");
    assert_eq!((worker.calls("First"), worker.calls("Good")), (1, 2));
    let unknown = all.fork("e", "Nowhere", None, "h").await;
    assert!(matches!(unknown, Err(ExecutionError::NeverEntered(..))));
    let listed = all.list(None, 10).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|run| &*run.name).collect();
    assert_eq!(names, ["g", "f", "e"], "a fork starts when it is forked");
    let origin = listed[0].origin.as_ref().unwrap();
    assert_eq!(
        origin.started,
        Some(listed[2].started),
        "what it took over is as old as ever"
    );
}

#[tokio::test]
async fn names_are_refused_as_step_functions_refuses_them() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Arc::new(Worker::default());
    let all = executions(&folder.path().join("baton.db"), &worker);
    let refused = all
        .start(start("a b", &approval(), "Prepare", json!({})))
        .await;
    assert!(
        matches!(refused, Err(ExecutionError::InvalidName(..))),
        "{refused:?}"
    );
    let longest = "n".repeat(Executions::LONGEST_NAME);
    let nested = json!({"Start": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": "arn:aws:states:::stateMachine:personalize"}}});
    all.start(start(&longest, &nested, "Start", json!({})))
        .await
        .unwrap();
    // Its child has a longer name, which nobody gave it.
    assert_eq!(all.wait(&longest).await.unwrap().status(), "SUCCEEDED");
    let refused = all.fork(&longest, "Start", None, "x/y").await;
    assert!(
        matches!(refused, Err(ExecutionError::InvalidName(..))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_execution_completes_a_task_of_another_and_starts_a_third() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Arc::new(Worker::default());
    let all = executions(&folder.path().join("baton.db"), &worker);
    all.start(start("e", &approval(), "Prepare", json!({})))
        .await
        .unwrap();
    until(|| !worker.tokens.lock().unwrap().is_empty()).await;
    let states = json!({
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            "Arguments": {"TaskToken": "{% $states.input.token %}", "Output": "{\"by\": \"f\"}"},
            "Next": "Run"},
        "Run": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Arguments": {"StateMachineArn": "personalize", "Input": {}},
            "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"}],
            "Output": "{% $states.result.Status %}", "End": true},
        "Failed": {"Type": "Pass", "Output": "{% $parse($states.input.Cause).Name %}", "End": true}});
    let token = worker.tokens.lock().unwrap()[0].clone();
    all.start(start("f", &states, "Send", json!({"token": token})))
        .await
        .unwrap();
    let ended = all.wait("e").await.unwrap();
    assert_eq!(ended.output(), Some(&json!({"by": "f"})));
    let ended = all.wait("f").await.unwrap();
    let child = all.describe("f-task-2").await.unwrap();
    assert_eq!(child.machine, "personalize");
    let said = [json!("SUCCEEDED"), json!("f-task-2")];
    assert!(said.contains(ended.output().unwrap()), "{ended:?}");
}

#[tokio::test]
async fn values_come_back_as_they_were_kept() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Arc::new(Worker::default());
    let all = executions(&folder.path().join("baton.db"), &worker);
    let states = json!({
        "Deep": {"Type": "Task", "Resource": INVOKE, "End": true,
            "Arguments": {"FunctionName": "f", "deep": 1},
            "Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Await"}]},
        "Await": {"Type": "Task", "Resource": AWAIT, "Arguments": INPUT, "Next": "Hold"},
        "Hold": {"Type": "Task", "Resource": AWAIT, "Arguments": INPUT,
            "Output": "{% $states.input * 3 %}", "End": true}});
    all.start(start("e", &states, "Deep", json!({})))
        .await
        .unwrap();
    for (count, sent) in [(1, json!(0.1 + 0.2)), (2, json!(0))] {
        until(|| worker.tokens.lock().unwrap().len() == count).await;
        until(|| all.in_memory() == 0).await;
        let token = worker.tokens.lock().unwrap()[count - 1].clone();
        all.send_task_success(&token, sent).await.unwrap();
    }
    let ended = all.wait("e").await.unwrap();
    assert_eq!(ended.output(), Some(&json!((0.1 + 0.2) * 3.0)));
}

#[tokio::test]
async fn an_execution_that_sleeps_can_be_stopped_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Arc::new(Worker::default());
    let all = executions(&folder.path().join("baton.db"), &worker);
    all.start(start("e", &approval(), "Prepare", json!({})))
        .await
        .unwrap();
    until(|| !worker.tokens.lock().unwrap().is_empty()).await;
    until(|| all.in_memory() == 0).await;
    all.stop("e", Some("Stopped".to_owned()), None)
        .await
        .unwrap();
    let outcome = all.wait("e").await.unwrap();
    let (error, cause) = (Some("Stopped".to_owned()), None);
    assert_eq!(outcome, Outcome::Aborted { error, cause });
    assert_eq!(all.list(Some(Status::Aborted), 10).await.unwrap().len(), 1);
    assert_eq!(all.list(Some(Status::Running), 10).await.unwrap().len(), 0);
    worker.mend();
    all.redrive("e").await.unwrap();
    until(|| worker.tokens.lock().unwrap().len() == 2).await;
    let token = worker.tokens.lock().unwrap()[1].clone();
    all.send_task_success(&token, json!(1)).await.unwrap();
    assert_eq!(all.wait("e").await.unwrap().output(), Some(&json!(1)));
}
