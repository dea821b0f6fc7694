//! The driver: callbacks, heartbeats, aborts, events, and replay of what happened.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use baton_engine::{
    Clock, Effect, Event, Execution, Finished, Info, Machine, Observer, Outcome, RunOptions,
    Stimulus, Task, TaskError, TaskExecutor, TimerId, remote, run,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Hands out tokens and leaves the answer to someone else.
struct Deferring(tokio::sync::mpsc::UnboundedSender<String>);

#[async_trait]
impl TaskExecutor for Deferring {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let _ = self.0.send(task.token.expect("a token"));
        Err(TaskError::deferred())
    }
}

struct Echo;

#[async_trait]
impl TaskExecutor for Echo {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        match task.arguments.get("fail").and_then(Value::as_str) {
            Some(error) => Err(TaskError::new(error, "asked to")),
            None => Ok(Value::clone(&task.arguments)),
        }
    }
}

#[derive(Default)]
struct Names(Mutex<Vec<String>>);

impl Observer for Names {
    fn event(&self, event: &Event) {
        let mut names = self.0.lock().expect("not poisoned");
        names.push(format!(
            "{}<{} {}",
            event.id,
            event.previous,
            event.kind.name()
        ));
    }
}

fn machine(states: &Value, start: &str) -> Arc<Machine> {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": start, "States": states});
    Arc::new(Machine::parse(&definition.to_string()).expect("checks"))
}

fn approval() -> Arc<Machine> {
    let states = json!({
        "Await": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Arguments": {"FunctionName": "f"},
            "TimeoutSeconds": 3600,
            "HeartbeatSeconds": 60,
            "End": true,
        },
    });
    machine(&states, "Await")
}

fn begin() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a timestamp")
}

#[tokio::test]
async fn a_token_is_completed_from_outside() {
    let (sender, mut tokens) = tokio::sync::mpsc::unbounded_channel();
    let (outside, inbox) = remote();
    let mut options = RunOptions::new("r", Arc::new(Deferring(sender)));
    options.inbox = Some(inbox);
    let running = tokio::spawn(run(approval(), json!({}), options));
    let token = tokens.recv().await.expect("a token");
    assert!(outside.heartbeat(&token));
    assert!(
        outside.complete("another", Ok(json!(0))),
        "an unknown token is ignored"
    );
    assert!(outside.complete(&token, Ok(json!({"decision": "approve"}))));
    let finished = running.await.expect("runs");
    assert_eq!(
        finished.outcome.output(),
        Some(&json!({"decision": "approve"}))
    );
    assert!(!outside.heartbeat(&token), "the execution is over");
}

#[tokio::test]
async fn an_execution_is_aborted_from_outside() {
    let (sender, mut tokens) = tokio::sync::mpsc::unbounded_channel();
    let (outside, inbox) = remote();
    let mut options = RunOptions::new("r", Arc::new(Deferring(sender)));
    options.inbox = Some(inbox);
    let running = tokio::spawn(run(approval(), json!({}), options));
    tokens.recv().await.expect("a token");
    outside.abort(Some("Stopped".to_owned()), None);
    let finished = running.await.expect("runs");
    assert_eq!(finished.outcome.status(), "ABORTED");
    assert_eq!(finished.outcome.error(), Some("Stopped"));
}

#[tokio::test]
async fn what_nobody_can_complete_ends() {
    let (sender, _tokens) = tokio::sync::mpsc::unbounded_channel();
    let mut states = json!({"T": {"Type": "Task", "End": true,
        "Arguments": {"QueueUrl": "q", "MessageBody": "m"}}});
    states["T"]["Resource"] = json!("arn:aws:states:::sqs:sendMessage.waitForTaskToken");
    let options = RunOptions::new("r", Arc::new(Deferring(sender)));
    let finished = run(machine(&states, "T"), json!({}), options).await;
    assert_eq!(finished.outcome.status(), "ABORTED");
}

#[tokio::test]
async fn a_heartbeat_keeps_a_task_alive() {
    let info = RunOptions::new("r", Arc::new(Echo)).info;
    let (mut execution, effects) = Execution::start(approval(), json!({}), info, begin());
    let task = effects.iter().find_map(|effect| match effect {
        Effect::Call(task) => Some(task.id),
        _ => None,
    });
    let task = task.expect("a call");
    let mut at = begin();
    for _ in 0..5 {
        at = at
            .checked_add(SignedDuration::from_secs(50))
            .expect("in range");
        let effects = execution.apply(Stimulus::TaskHeartbeat { task }, at);
        assert_eq!(
            effects.len(),
            2,
            "one timer cancelled, one set: {effects:?}"
        );
    }
    execution.apply(
        Stimulus::TaskSucceeded {
            task,
            output: json!(1),
        },
        at,
    );
    assert_eq!(
        execution.outcome().and_then(Outcome::output),
        Some(&json!(1))
    );
    let late = execution.apply(
        Stimulus::TaskSucceeded {
            task,
            output: json!(2),
        },
        at,
    );
    assert!(late.is_empty(), "what comes late does nothing");
}

#[tokio::test]
async fn events_are_named_and_numbered_as_in_the_history() {
    let states = json!({
        "Par": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "T", "States": {"T": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
                "Arguments": "{% $states.input %}"
            }}}],
            "Next": "M",
        },
        "M": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}},
            "End": true,
        },
    });
    let names = Arc::new(Names::default());
    let mut options = RunOptions::new("r", Arc::new(Echo));
    options.observer = Some(Arc::clone(&names) as Arc<dyn Observer>);
    let finished = run(machine(&states, "Par"), json!({"a": 1}), options).await;
    assert_eq!(finished.outcome.output(), Some(&json!([{"a": 1}])));
    let names = names.0.lock().expect("not poisoned");
    let expected = [
        "1<0 ExecutionStarted",
        "2<0 ParallelStateEntered",
        "3<2 ParallelStateStarted",
        "4<3 TaskStateEntered",
        "5<4 TaskScheduled",
        "6<5 TaskStarted",
        "7<6 TaskSucceeded",
        "8<7 TaskStateExited",
        "9<8 ParallelStateSucceeded",
        "10<9 ParallelStateExited",
        "11<10 MapStateEntered",
        "12<11 MapStateStarted",
        "13<12 MapIterationStarted",
        "14<13 PassStateEntered",
        "15<14 PassStateExited",
        "16<15 MapIterationSucceeded",
        "17<16 MapStateSucceeded",
        "18<17 MapStateExited",
        "19<18 ExecutionSucceeded",
    ];
    assert_eq!(*names, expected);
    assert_eq!(finished.events, 19);
}

#[tokio::test]
async fn a_failure_and_a_retry_are_told() {
    let states = json!({"T": {
        "Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:1:function:f",
        "Retry": [{"ErrorEquals": ["Boom"], "MaxAttempts": 1}], "End": true,
    }});
    let names = Arc::new(Names::default());
    let mut options = RunOptions::new("r", Arc::new(Echo));
    options.clock = Clock::virtual_at(begin());
    options.observer = Some(Arc::clone(&names) as Arc<dyn Observer>);
    run(machine(&states, "T"), json!({"fail": "Boom"}), options).await;
    let names = names.0.lock().expect("not poisoned");
    let expected = [
        "1<0 ExecutionStarted",
        "2<0 TaskStateEntered",
        "3<2 LambdaFunctionScheduled",
        "4<3 LambdaFunctionStarted",
        "5<4 LambdaFunctionFailed",
        "5<5 Retry",
        "6<5 LambdaFunctionScheduled",
        "7<6 LambdaFunctionStarted",
        "8<7 LambdaFunctionFailed",
        "9<8 ExecutionFailed",
    ];
    assert_eq!(*names, expected);
}

/// Sleeps for real, then answers.
struct Slow;

#[async_trait]
impl TaskExecutor for Slow {
    async fn execute(&self, _: Task) -> Result<Value, TaskError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(json!("done"))
    }
}

#[tokio::test]
async fn virtual_time_waits_for_calls_in_flight() {
    let states = json!({"T": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "f"}, "TimeoutSeconds": 1, "End": true,
    }});
    let mut options = RunOptions::new("r", Arc::new(Slow));
    options.clock = Clock::virtual_at(begin());
    let finished = run(machine(&states, "T"), json!({}), options).await;
    assert_eq!(finished.outcome.output(), Some(&json!("done")));
}

/// Never answers.
struct Never;
#[async_trait]
impl TaskExecutor for Never {
    async fn execute(&self, _: Task) -> Result<Value, TaskError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn real_time_passes_and_times_out() {
    let states = json!({
        "T": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f"}, "TimeoutSeconds": 1, "End": true,
        },
    });
    let before = std::time::Instant::now();
    let options = RunOptions::new("r", Arc::new(Never));
    let finished = run(machine(&states, "T"), json!({}), options).await;
    assert_eq!(finished.outcome.error(), Some("States.Timeout"));
    assert!(before.elapsed() >= Duration::from_secs(1));
}

#[test]
fn the_same_stimuli_give_the_same_execution() {
    let states = json!({
        "T": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f",
                "Payload": {"id": "{% $uuid() %}", "r": "{% $random() %}"}},
            "Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}],
            "End": true,
        },
    });
    let machine = machine(&states, "T");
    let play = |seed: u64| {
        let mut info: Info = RunOptions::new("r", Arc::new(Echo)).info;
        info.seed = seed;
        info.events = true;
        let (mut execution, mut all) =
            Execution::start(Arc::clone(&machine), json!({}), info, begin());
        let task = all.iter().find_map(|effect| match effect {
            Effect::Call(task) => Some(task.id),
            _ => None,
        });
        let error = baton_engine::Failure::new("E", "c");
        let failed = Stimulus::TaskFailed {
            task: task.expect("a call"),
            error,
        };
        // What a journal would keep is enough.
        let kept = serde_json::to_string(&failed).expect("is kept");
        let failed = serde_json::from_str(&kept).expect("is read");
        all.extend(execution.apply(failed, begin()));
        let timer = all.iter().rev().find_map(|effect| match effect {
            Effect::SetTimer { timer, at } => Some((*timer, *at)),
            _ => None,
        });
        let (timer, at): (TimerId, Timestamp) = timer.expect("a timer");
        assert!(
            at.duration_since(begin()) <= SignedDuration::from_secs(1),
            "jitter shortens"
        );
        all.extend(execution.apply(Stimulus::TimerFired { timer }, at));
        all
    };
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2));
}

#[test]
fn a_run_can_be_spawned_and_an_execution_sent() {
    fn sent<T: Send>(_: &T) {}
    fn shared<T: Send + Sync>() {}
    shared::<Machine>();
    let future = run(approval(), json!({}), RunOptions::new("r", Arc::new(Echo)));
    sent(&future);
    let info = RunOptions::new("r", Arc::new(Echo)).info;
    sent(&Execution::start(approval(), json!({}), info, begin()).0);
    let _: Option<Finished> = None;
}
