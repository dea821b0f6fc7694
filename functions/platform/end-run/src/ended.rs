//! The event of Step Functions that says that an execution ended.
//!
//! Source: "Step Functions Execution Status Change", AWS Step Functions Developer Guide.

use baton_app::{App, ExecutionEnd, FunctionError};
use baton_domain::{FieldError, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    detail: Execution,
}

#[derive(Debug, Deserialize)]
struct Execution {
    name: String,
    status: String,
    /// What it was started with, as JSON text.
    #[serde(default)]
    input: Option<String>,
    /// What it put out, as JSON text; nothing when that is too long for an event.
    #[serde(default)]
    output: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    cause: Option<String>,
}

#[derive(Deserialize)]
struct Input {
    tenant_id: TenantId,
}

/// Writes the end of the execution's run, if the run is not over.
///
/// # Errors
/// With one of [`FunctionError::CODES`].
pub(crate) async fn record(app: &App, change: Change) -> Result<Value, FunctionError> {
    let execution = change.detail;
    let end = match ExecutionEnd::named(&execution.status) {
        // It only began, or waits for a redrive.
        None => return Ok(json!({"recorded": false})),
        Some(ExecutionEnd::Succeeded) => ExecutionEnd::with_output(&output(&execution)),
        Some(end) => end,
    };
    let tenant = tenant(&execution).map_err(|error| FunctionError::invalid(&error))?;
    let (error, cause) = (execution.error.as_deref(), execution.cause.as_deref());
    let state = app.end_of_execution(&tenant, &execution.name, end, error, cause);
    let state = state.await?;
    Ok(json!({"recorded": true, "run_id": state.run_id, "status": state.status}))
}

fn output(execution: &Execution) -> Value {
    let output = execution.output.as_deref();
    let output = output.and_then(|text| serde_json::from_str(text).ok());
    output.unwrap_or_default()
}

fn tenant(execution: &Execution) -> Result<TenantId, FieldError> {
    let input = execution.input.as_deref();
    let input = input.and_then(|text| serde_json::from_str::<Input>(text).ok());
    input.map(|input| input.tenant_id).ok_or_else(|| {
        let message = "must be the execution's input, with its tenant_id";
        FieldError::new("detail.input", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execution(input: Option<&str>) -> Execution {
        Execution {
            name: "run_01KF0RDQG00000000000000002".to_owned(),
            status: "FAILED".to_owned(),
            input: input.map(str::to_owned),
            output: None,
            error: None,
            cause: None,
        }
    }

    #[test]
    fn the_tenant_is_in_the_input() {
        let found = tenant(&execution(Some(
            r#"{"tenant_id":"acme","month":"2026-01"}"#,
        )));
        assert_eq!(found, Ok("acme".parse().unwrap()));
    }

    #[test]
    fn an_input_without_a_tenant_is_named() {
        for input in [None, Some("{"), Some("{}"), Some(r#"{"tenant_id":"a#b"}"#)] {
            let error = tenant(&execution(input)).unwrap_err();
            assert_eq!(error.field, "detail.input", "{input:?}");
        }
    }
}
