//! The workflows that answer a request by agents which need nothing of each other: `score`,
//! `analyze` and `creative`. One set of rules for all of them.

mod golden;
mod loops;

use std::fs;

use baton_domain::run::Workflow;
use baton_tests::root;
use serde_json::Value;

/// Each workflow of this kind.
const ALL: [Workflow; 3] = [Workflow::Score, Workflow::Analyze, Workflow::Creative];

/// The input of one of the workflow's events.
fn input(workflow: Workflow, case: &str) -> Value {
    let path = format!("events/workflows/{}/{case}.json", workflow.name());
    let text = fs::read_to_string(root().join(path)).expect("an event");
    serde_json::from_str(&text).expect("JSON")
}
