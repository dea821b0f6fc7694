//! The loop of a platform function.

use std::time::Instant;

use baton_agent::{Failure, start_logging};
use baton_app::{App, FunctionError};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use crate::Error;

/// Serves one use case until Lambda ends the process. `start` makes the use cases, once; `work` does
/// one invocation. A failure's code is the error's name in workflows. One line of JSON is logged for
/// every invocation: the function, what it was asked for, the run and the code, never more.
///
/// # Errors
/// When `start` fails, or the Runtime API cannot be reached.
pub fn serve<S, W, D>(name: &'static str, start: S, work: W) -> Result<(), Error>
where
    S: Future<Output = Result<App, Error>>,
    W: Fn(App, Value) -> D,
    D: Future<Output = Result<Value, FunctionError>>,
{
    block_on(async {
        let app = start.await?;
        let work = &work;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            let app = app.clone();
            async move { logged(name, event.payload, |event| work(app, event)).await }
        }))
        .await
    })
}

/// Runs a function on one thread, with logging. What ends it is logged: a setting by its name.
///
/// # Errors
/// As `function`.
pub fn block_on(function: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    start_logging();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(function);
    if let Err(error) = &ended {
        tracing::error!(severity = "critical", %error, "the function cannot run");
    }
    ended
}

async fn logged<D>(
    name: &str,
    event: Value,
    work: impl FnOnce(Value) -> D,
) -> Result<Value, Failure>
where
    D: Future<Output = Result<Value, FunctionError>>,
{
    let of = |field: &str| event[field].as_str().unwrap_or("-").to_owned();
    let (op, run_id) = (of("op"), of("run_id"));
    let begun = Instant::now();
    let result = work(event).await;
    let duration_ms = begun.elapsed().as_secs_f64() * 1e3;
    match result {
        Ok(answer) => {
            tracing::info!(function = name, %op, %run_id, duration_ms, "answered");
            Ok(answer)
        }
        Err(FunctionError { code, message }) => {
            tracing::error!(function = name, %op, %run_id, duration_ms, error = code, "failed");
            Err(Failure::new(code, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_failure_keeps_its_code_and_its_message() {
        let failing = async |_| Err(FunctionError::new("RunConflict", "again"));
        let failed = logged("journal", json!({"op": "record"}), failing).await;
        assert_eq!(failed, Err(Failure::new("RunConflict", "again")));
        let answering = async |event: Value| Ok(event["n"].clone());
        let answered = logged("journal", json!({"n": 1}), answering).await;
        assert_eq!(answered, Ok(json!(1)));
    }
}
