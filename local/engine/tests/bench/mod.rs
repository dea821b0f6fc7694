//! The bench for cases: mocked tasks, a virtual clock, and comparison with what is expected.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baton_engine::{
    Clock, Finished, Machine, Outcome, RunOptions, Task, TaskError, TaskExecutor, WorkflowKind, run,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// One case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// What it proves.
    #[allow(dead_code)]
    rule: String,
    /// The page that says so.
    #[allow(dead_code)]
    page: String,
    definition: Value,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    express: bool,
    /// Answers by state name, one per call; the last one repeats. A state without
    /// answers gives its arguments back.
    #[serde(default)]
    tasks: BTreeMap<String, Vec<Answer>>,
    expect: Expected,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
enum Answer {
    Return(Value),
    Throw {
        error: String,
        cause: String,
    },
    /// Never answers.
    Hang,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default = "succeeded")]
    status: String,
    output: Option<Value>,
    error: Option<String>,
    cause: Option<String>,
    /// A part of the cause.
    cause_has: Option<String>,
    trace: Option<Vec<String>>,
    /// Seconds of virtual time.
    seconds: Option<f64>,
    /// Arguments of the calls, in order.
    calls: Option<Vec<Value>>,
    /// Parts of the problems that the check finds: `path: message`.
    problems: Option<Vec<String>>,
}

fn succeeded() -> String {
    "SUCCEEDED".to_owned()
}

struct Mocks {
    answers: BTreeMap<String, Vec<Answer>>,
    calls: Mutex<Vec<(String, Value)>>,
}

#[async_trait]
impl TaskExecutor for Mocks {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let nth = {
            let mut calls = self.calls.lock().expect("not poisoned");
            let nth = calls.iter().filter(|(name, _)| *name == task.name).count();
            calls.push((task.name.clone(), Value::clone(&task.arguments)));
            nth
        };
        let Some(answers) = self.answers.get(&task.name) else {
            return Ok(Value::clone(&task.arguments));
        };
        match answers.get(nth).or(answers.last()) {
            Some(Answer::Return(value)) => Ok(value.clone()),
            Some(Answer::Throw { error, cause }) => Err(TaskError::new(error, cause)),
            Some(Answer::Hang) | None => Err(TaskError::deferred()),
        }
    }
}

/// Runs every case of a file and reports all that differ.
pub(crate) async fn check_file(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/{name}.json"));
    let text = std::fs::read_to_string(&path).expect("the file is there");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("the file holds cases");
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in &cases {
        assert!(
            names.insert(&case.name),
            "two cases are called {}",
            case.name
        );
        if let Err(difference) = check(case).await {
            wrong.push(format!("{}: {difference}", case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// Every file of cases has its test.
pub(crate) fn assert_files(tested: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    let tested = tested.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, tested);
}

async fn check(case: &Case) -> Result<(), String> {
    let kind = if case.express {
        WorkflowKind::Express
    } else {
        WorkflowKind::Standard
    };
    // A text stands for itself: only so can a field be there twice.
    let definition = match &case.definition {
        Value::String(text) => text.clone(),
        definition => definition.to_string(),
    };
    let machine = match (Machine::parse_as(&definition, kind), &case.expect.problems) {
        (Ok(machine), None) => machine,
        (Ok(_), Some(_)) => return Err("the check found no problem".to_owned()),
        (Err(found), Some(expected)) => {
            let found: Vec<String> = found
                .iter()
                .map(|p| format!("{}: {}", p.path, p.message))
                .collect();
            let missing: Vec<_> = expected
                .iter()
                .filter(|part| !found.iter().any(|problem| problem.contains(*part)))
                .collect();
            let same = missing.is_empty() && found.len() == expected.len();
            return if same {
                Ok(())
            } else {
                Err(format!("found {found:#?}"))
            };
        }
        (Err(found), None) => return Err(format!("does not check: {found:#?}")),
    };
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
    let clock = Clock::virtual_at(start);
    let mocks = Arc::new(Mocks {
        answers: case.tasks.clone(),
        calls: Mutex::default(),
    });
    let mut options = RunOptions::new("case", Arc::clone(&mocks) as Arc<dyn TaskExecutor>);
    options.clock = clock.clone();
    options.info.kind = kind;
    let finished = run(Arc::new(machine), case.input.clone(), options).await;
    let seconds = clock.now().duration_since(start).as_secs_f64();
    let calls = mocks.calls.lock().expect("not poisoned").clone();
    compare(&case.expect, &finished, seconds, &calls)
}

fn compare(
    expected: &Expected,
    finished: &Finished,
    seconds: f64,
    calls: &[(String, Value)],
) -> Result<(), String> {
    let outcome = &finished.outcome;
    let mut same = outcome.status() == expected.status;
    if expected.status == "FAILED" {
        same &= expected.error.as_deref() == outcome.error();
    }
    let cause = outcome.cause().unwrap_or_default();
    same &= expected.output.is_none() || expected.output.as_ref() == outcome.output();
    same &= expected.cause.as_deref().is_none_or(|text| text == cause);
    same &= expected
        .cause_has
        .as_deref()
        .is_none_or(|text| cause.contains(text));
    same &= expected
        .trace
        .as_ref()
        .is_none_or(|trace| *trace == finished.trace);
    same &= expected
        .seconds
        .is_none_or(|expected| (expected - seconds).abs() < 0.001);
    let arguments: Vec<&Value> = calls.iter().map(|(_, arguments)| arguments).collect();
    let wanted = expected.calls.as_ref();
    same &= wanted.is_none_or(|wanted| wanted.iter().collect::<Vec<_>>() == arguments);
    if same {
        return Ok(());
    }
    let output = match outcome {
        Outcome::Succeeded { output } => output.clone(),
        other => json!({"error": other.error(), "cause": other.cause()}),
    };
    Err(format!(
        "got {} {output} trace {:?} after {seconds} s, calls {}",
        outcome.status(),
        finished.trace,
        json!(arguments),
    ))
}
