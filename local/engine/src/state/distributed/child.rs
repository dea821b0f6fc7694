//! A child execution of a distributed Map.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::execution::Execution;
use crate::failure::Failure;

/// What is known of a child execution.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) input: Arc<Value>,
    pub(crate) name: Arc<str>,
    pub(crate) started: Timestamp,
    /// Events of its own history.
    pub(crate) events: u64,
}

impl Child {
    pub(crate) fn new(run: &mut Execution, input: Arc<Value>) -> Self {
        Self {
            input,
            name: Arc::from(run.draw_uuid()),
            started: run.now(),
            // It started.
            events: 1,
        }
    }
}

/// What stands for a child execution where its metadata is wanted.
pub(crate) fn settled(
    child: &Child,
    run: &Execution,
    label: &str,
    end: Result<&Value, &Failure>,
) -> Value {
    let name = &child.name;
    let info = run.info();
    let arn = info.machine_id.replacen(":stateMachine:", ":execution:", 1);
    let mut metadata = json!({
        "ExecutionArn": format!("{arn}/{label}:{name}"),
        "Input": child.input.to_string(),
        "InputDetails": {"Included": true},
        "Name": **name,
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "StartDate": format!("{:.3}", child.started),
        "StateMachineArn": format!("{}/{label}", info.machine_id),
        "StopDate": format!("{:.3}", run.now()),
    });
    match end {
        Ok(output) => {
            metadata["Output"] = output.to_string().into();
            metadata["OutputDetails"] = json!({"Included": true});
            metadata["RedriveStatusReason"] =
                "Execution is SUCCEEDED and cannot be redriven".into();
            metadata["Status"] = "SUCCEEDED".into();
        }
        Err(failure) => {
            if let Some(error) = &failure.error {
                metadata["Error"] = error.as_str().into();
            }
            if let Some(cause) = &failure.cause {
                metadata["Cause"] = cause.as_str().into();
            }
            metadata["RedriveStatus"] = "REDRIVABLE".into();
            metadata["Status"] = "FAILED".into();
        }
    }
    metadata
}
