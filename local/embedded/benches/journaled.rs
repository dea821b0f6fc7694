//! Transitions a second with the journal on SQLite, every commit synchronised.

#![allow(missing_docs, reason = "criterion writes items of its own")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use baton_app::SystemClock;
use baton_embedded::{Executions, SqliteItems, Start};
use baton_engine::{Task, TaskError, TaskExecutor};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

struct Echo;

#[async_trait]
impl TaskExecutor for Echo {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        Ok(Arc::unwrap_or_clone(task.arguments))
    }
}

/// Each iteration is an answer of a task, which is kept before it is used.
const ITEMS: u64 = 1_000;

fn definition() -> String {
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": "{% $states.input %}", "End": true});
    let map = json!({"Type": "Map", "End": true,
        "ItemProcessor": {"StartAt": "T", "States": {"T": task}}});
    json!({"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": map}}).to_string()
}

fn chain() -> String {
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": "{% $states.input %}", "Next": "More"});
    let more = json!({"Type": "Choice", "Default": "Done", "Choices": [
        {"Condition": "{% $count($states.input) < 100 %}", "Next": "Add"}]});
    let add = json!({"Type": "Pass", "Output": "{% $append($states.input, [1]) %}", "Next": "T"});
    json!({"QueryLanguage": "JSONata", "StartAt": "T", "States": {
        "T": task, "More": more, "Add": add, "Done": {"Type": "Succeed"}}})
    .to_string()
}

fn journaled(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let items = SqliteItems::open(&folder.path().join("baton.db")).expect("opens");
    let executions = Executions::over(&items, Arc::new(Echo), Arc::new(SystemClock));
    let number = AtomicU64::new(0);
    let run = |definition: &str, input: &Value| {
        let name = format!("e{}", number.fetch_add(1, Ordering::Relaxed));
        let start = Start {
            machine: "bench".to_owned(),
            definition: definition.to_owned(),
            name: name.clone(),
            input: input.clone(),
        };
        runtime.block_on(async {
            executions.start(start).await.expect("starts");
            let outcome = executions.wait(&name).await.expect("ends");
            assert_eq!(outcome.status(), "SUCCEEDED");
        });
    };
    let mut group = criterion.benchmark_group("SQLite, synchronised");
    group.sample_size(10);
    let (map, input) = (definition(), (0..ITEMS).collect::<Value>());
    group.throughput(Throughput::Elements(ITEMS));
    group.bench_function("Map over 1,000 tasks", |bencher| {
        bencher.iter(|| run(&map, &input));
    });
    let (chain, input) = (chain(), json!([1]));
    group.throughput(Throughput::Elements(300));
    group.bench_function("100 tasks in a row", |bencher| {
        bencher.iter(|| run(&chain, &input));
    });
    group.finish();
}

criterion_group!(benches, journaled);
criterion_main!(benches);
