//! The Task states of a definition, as the loops need to know them.

use std::collections::BTreeSet;

use serde_json::Value;

/// A Task state of a workflow.
#[derive(Debug, Clone)]
pub struct TaskState {
    /// Its name.
    pub name: String,
    /// What it calls.
    pub resource: String,
    /// The function, where it calls one by name.
    pub function: Option<String>,
    /// The error names that its Retry repeats.
    pub retried: BTreeSet<String>,
    /// The states that its Catch leads to.
    pub caught_by: Vec<String>,
    /// The whole state.
    pub source: Value,
}

/// Every Task state of a definition, those inside branches and iterations included.
pub fn tasks(definition: &str) -> Vec<TaskState> {
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let mut tasks = Vec::new();
    collect(&definition["States"], &mut tasks);
    tasks
}

fn collect(states: &Value, tasks: &mut Vec<TaskState>) {
    for (name, state) in states.as_object().into_iter().flatten() {
        if state["Type"] == "Task" {
            tasks.push(TaskState::of(name, state));
        }
        for branch in state["Branches"].as_array().into_iter().flatten() {
            collect(&branch["States"], tasks);
        }
        for processor in ["ItemProcessor", "Iterator"] {
            collect(&state[processor]["States"], tasks);
        }
    }
}

impl TaskState {
    fn of(name: &str, state: &Value) -> Self {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let names = |value: &Value| list(value).iter().filter_map(text).collect::<Vec<_>>();
        let arguments = ["Arguments", "Parameters"];
        let functions = arguments.map(|field| text(&state[field]["FunctionName"]));
        let retriers = list(&state["Retry"]);
        let catchers = list(&state["Catch"]);
        Self {
            name: name.to_owned(),
            resource: text(&state["Resource"]).unwrap_or_default(),
            function: functions.into_iter().flatten().next(),
            retried: retriers
                .iter()
                .flat_map(|retrier| names(&retrier["ErrorEquals"]))
                .collect(),
            caught_by: catchers
                .iter()
                .filter_map(|catcher| text(&catcher["Next"]))
                .collect(),
            source: state.clone(),
        }
    }
}
