//! The loop of a Lambda function.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use crate::{Agent, Failure, invoke};

/// Serves an agent until Lambda ends the process. One line of JSON is logged for every invocation:
/// the request's id, the agent, its duration and its error code, never its input or output.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub fn serve<A: Agent>(agent: A) -> Result<(), Error> {
    start_logging();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let agent = Arc::new(agent);
    runtime.block_on(lambda_runtime::run(service_fn(
        move |event: LambdaEvent<Value>| {
            let agent = Arc::clone(&agent);
            async move { logged(&*agent, event.payload).await }
        },
    )))
}

/// Logs lines of JSON from here on, as much as `RUST_LOG` says.
pub fn start_logging() {
    let layer = tracing_subscriber::fmt::layer().json().with_target(false);
    tracing_subscriber::registry()
        .with(layer.with_filter(level()))
        .init();
}

/// `RUST_LOG` as levels by target, such as `info,hyper=warn`; information where it says nothing that
/// can be read. Filters by field would bring regular expressions into every agent, a quarter of a
/// megabyte.
fn level() -> Targets {
    let set = std::env::var("RUST_LOG").ok();
    set.and_then(|set| set.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
}

async fn logged<A: Agent>(agent: &A, payload: Value) -> Result<Value, Failure> {
    let request_id = payload
        .get("request_id")
        .and_then(Value::as_str)
        .unwrap_or("-")
        .to_owned();
    let result = invoke(agent, payload).await;
    match &result {
        Ok(envelope) => {
            let usage = &envelope["usage"];
            tracing::info!(%request_id, agent = A::NAME, duration_ms = %usage["duration_ms"], "answered");
        }
        Err(failure) => {
            tracing::error!(%request_id, agent = A::NAME, error = %failure.code, "failed");
        }
    }
    result
}
