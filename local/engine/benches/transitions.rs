//! Transitions a second on one core, in memory and with a journal in memory.

#![allow(missing_docs, reason = "criterion writes items of its own")]

use std::hint::black_box;
use std::sync::Arc;

use async_trait::async_trait;
use baton_engine::{
    Begun, Info, Journal as _, Journaled, Machine, MemoryJournal, Record, RunOptions, Task,
    TaskError, TaskExecutor, WorkflowKind, run, run_journaled,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use serde_json::{Value, json};

struct Echo;

#[async_trait]
impl TaskExecutor for Echo {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        Ok(Arc::unwrap_or_clone(task.arguments))
    }
}

/// A definition, its input, and how many states it enters.
struct Workload {
    name: &'static str,
    definition: String,
    input: Value,
    transitions: u64,
}

fn passes() -> Workload {
    let last = 999;
    let state = |n: u32| {
        let mut state = json!({"Type": "Pass"});
        if n == last {
            state["End"] = true.into();
        } else {
            state["Next"] = format!("S{}", n + 1).into();
        }
        (format!("S{n}"), state)
    };
    let states: serde_json::Map<String, Value> = (0..=last).map(state).collect();
    Workload {
        name: "1,000 Pass states",
        definition: machine("S0", &Value::Object(states)),
        input: json!({"n": 1}),
        transitions: 1_000,
    }
}

fn parallel() -> Workload {
    let branch = |n: u32| {
        let name = format!("T{n}");
        json!({"StartAt": name, "States": {name: {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f", "n": format!("{{% $states.input.n + {n} %}}")},
            "Output": "{% $states.result.n %}", "End": true}}})
    };
    let branches: Vec<Value> = (0..4).map(branch).collect();
    let states = json!({
        "P": {"Type": "Parallel", "Branches": branches,
            "Output": {"n": "{% $states.input.n + 1 %}"}, "Next": "More"},
        "More": {"Type": "Choice", "Default": "Done", "Choices": [
            {"Condition": "{% $states.input.n < 100 %}", "Next": "P"}]},
        "Done": {"Type": "Succeed"}});
    Workload {
        name: "100 times Parallel of 4 tasks with JSONata",
        definition: machine("P", &states),
        input: json!({"n": 0}),
        transitions: 601,
    }
}

fn map() -> Workload {
    let states = json!({"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "StartAt": "T", "States": {"T": {"Type": "Pass", "End": true}}}}});
    Workload {
        name: "Map over 10,000 items",
        definition: machine("M", &states),
        input: (0..10_000).collect(),
        transitions: 10_001,
    }
}

fn machine(start: &str, states: &Value) -> String {
    json!({"QueryLanguage": "JSONata", "StartAt": start, "States": states}).to_string()
}

fn options() -> RunOptions {
    let mut options = RunOptions::new("bench", Arc::new(Echo));
    // A Standard execution ends at 25,000 events, which is below 10,000 iterations.
    options.info.kind = WorkflowKind::Express;
    options
}

async fn in_memory(machine: &Arc<Machine>, input: &Value) -> bool {
    let finished = run(Arc::clone(machine), input.clone(), options()).await;
    finished.outcome.output().is_some()
}

async fn journaled(machine: &Arc<Machine>, input: &Value) -> bool {
    let mut info = Info::local("machine", "bench");
    info.kind = WorkflowKind::Express;
    let begun = Begun {
        definition: String::new(),
        info,
        input: input.clone(),
        started: Timestamp::now(),
        origin: None,
    };
    let entries = Vec::new();
    let record = Record { begun, entries };
    let journal = Arc::new(MemoryJournal::default());
    let begun = journal.begin(&record).await;
    let kept = Journaled {
        record,
        journal,
        patience: None,
    };
    let ended = run_journaled(Arc::clone(machine), kept, options()).await;
    begun.is_ok() && ended.is_ok()
}

fn transitions(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for load in [passes(), parallel(), map()] {
        let machine = Arc::new(Machine::parse(&load.definition).expect("checks"));
        let mut group = criterion.benchmark_group(load.name);
        group.throughput(Throughput::Elements(load.transitions));
        group.bench_function("in memory", |bencher| {
            let once = || runtime.block_on(in_memory(&machine, &load.input));
            bencher.iter(|| assert!(black_box(once())));
        });
        group.bench_function("journaled in memory", |bencher| {
            let once = || runtime.block_on(journaled(&machine, &load.input));
            bencher.iter(|| assert!(black_box(once())));
        });
        group.finish();
    }
}

criterion_group!(benches, transitions);
criterion_main!(benches);
