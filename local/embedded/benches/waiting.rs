//! What 10,000 executions that wait on a token take: in memory on the engine alone, and kept.

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use baton_app::SystemClock;
use baton_embedded::{Executions, SqliteItems, Start};
use baton_engine::{Machine, RunOptions, Task, TaskError, TaskExecutor, remote, run};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const EXECUTIONS: usize = 10_000;

/// Leaves every task to whoever has its token.
struct Deferring(UnboundedSender<String>);

#[async_trait]
impl TaskExecutor for Deferring {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let _ = self.0.send(task.token.unwrap_or_default());
        Err(TaskError::deferred())
    }
}

fn definition() -> String {
    let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let task = json!({"Type": "Task", "Resource": resource, "TimeoutSeconds": 1_209_600,
        "Arguments": {"FunctionName": "f", "token": "{% $states.context.Task.Token %}"}, "End": true});
    json!({"QueryLanguage": "JSONata", "StartAt": "Await", "States": {"Await": task}}).to_string()
}

fn input(number: usize) -> Value {
    json!({"campaign": number, "budget": {"amount": 50_000, "currency": "USD"},
        "audience": "people who bought a tent last summer"})
}

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() * 1024
}

fn say(what: &str, before: usize, took: Duration) {
    let each = resident().saturating_sub(before) as f64 / EXECUTIONS as f64 / 1024.0;
    println!("{what}: {each:.2} KB for each of {EXECUTIONS}, {took:.1?}");
}

async fn in_memory() {
    let (sender, mut tokens) = unbounded_channel();
    let machine = Arc::new(Machine::parse(&definition()).expect("checks"));
    let executor = Arc::new(Deferring(sender));
    let (before, begun) = (resident(), Instant::now());
    let mut remotes = Vec::with_capacity(EXECUTIONS);
    let mut running = Vec::with_capacity(EXECUTIONS);
    for number in 0..EXECUTIONS {
        let (remote, inbox) = remote();
        let mut options = RunOptions::new(&format!("e{number}"), Arc::clone(&executor) as _);
        options.inbox = Some(inbox);
        remotes.push(remote);
        running.push(tokio::spawn(run(
            Arc::clone(&machine),
            input(number),
            options,
        )));
    }
    for _ in 0..EXECUTIONS {
        tokens.recv().await;
    }
    say("in memory, a task each", before, begun.elapsed());
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn kept() {
    let (sender, mut tokens) = unbounded_channel();
    let folder = tempfile::tempdir().expect("a folder");
    let items = SqliteItems::open(&folder.path().join("baton.db")).expect("opens");
    let executor = Arc::new(Deferring(sender));
    let clock = Arc::new(SystemClock);
    let patience = Duration::from_millis(100);
    let executions = Executions::with_patience(&items, executor, clock, patience);
    let (before, begun) = (resident(), Instant::now());
    let mut all = Vec::with_capacity(EXECUTIONS);
    for number in 0..EXECUTIONS {
        let start = Start {
            machine: "bench".to_owned(),
            definition: definition(),
            name: format!("e{number}"),
            input: input(number),
        };
        executions.start(start).await.expect("starts");
        all.extend(tokens.try_recv());
    }
    while all.len() < EXECUTIONS {
        all.extend(tokens.recv().await);
    }
    while executions.in_memory() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    say("kept, asleep", before, begun.elapsed());
    let begun = Instant::now();
    for token in &all[..100] {
        let sent = executions
            .send_task_success(token, json!({"ok": true}))
            .await;
        sent.expect("the token is known");
    }
    println!(
        "a token wakes and ends one in {:.2?}",
        begun.elapsed() / 100
    );
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // Kept first: what the allocator holds on to would count for the second.
    runtime.block_on(kept());
    runtime.block_on(in_memory());
}
