//! One invocation of an agent, in a Lambda function or in process.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Instant;

use baton_domain::envelope::Usage;
use baton_domain::{AgentStatus, Envelope};
use futures::FutureExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{AGENT_PANICKED, Agent, Failure, INVALID_INPUT, INVALID_OUTPUT, Report, compute_cost};

/// The payload of an invocation.
#[derive(Debug, Clone, Deserialize)]
pub struct Invocation {
    /// The request that it belongs to, for logs.
    #[serde(default)]
    pub request_id: String,
    /// Which of the agent's methods is asked for.
    #[serde(default)]
    pub mode: Mode,
    /// The input of that method.
    #[serde(default)]
    pub input: Value,
}

/// Which of an agent's methods is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The agent's own.
    #[default]
    Primary,
    /// The one for when it failed.
    Fallback,
}

/// Memory size that durations are priced at where Lambda does not say: the smallest there is,
/// which is what the template gives to agents.
const DEFAULT_MEMORY_MB: u32 = 128;

/// Runs one invocation: parses the payload, calls the method asked for, checks its output and
/// answers the envelope as JSON.
///
/// # Errors
/// The code is [`INVALID_INPUT`] when the payload is not of the agent's type (the message names the
/// field), [`INVALID_OUTPUT`] when the output breaks the agent's rules, [`AGENT_PANICKED`] when the
/// agent panics, else one of the agent's own.
pub async fn invoke<A: Agent>(agent: &A, payload: Value) -> Result<Value, Failure> {
    // A panic is a failure like another, with a code that workflows can match in both worlds.
    let invocation = AssertUnwindSafe(invoke_unguarded(agent, payload)).catch_unwind();
    invocation
        .await
        .unwrap_or_else(|_| Err(Failure::new(AGENT_PANICKED, "the agent panicked")))
}

async fn invoke_unguarded<A: Agent>(agent: &A, payload: Value) -> Result<Value, Failure> {
    let started = Instant::now();
    let invocation: Invocation = parse("", payload)?;
    let report = match invocation.mode {
        Mode::Primary => agent.run(parse("input", invocation.input)?).await,
        Mode::Fallback => agent.fallback(parse("input", invocation.input)?).await,
    };
    let report = report.map_err(|error| Failure::of(&error))?;
    check(agent, &report).map_err(|message| Failure::new(INVALID_OUTPUT, message))?;
    let envelope = envelope::<A>(report, invocation.mode, started);
    serde_json::to_value(envelope).map_err(|e| Failure::new(INVALID_OUTPUT, e.to_string()))
}

fn parse<T: DeserializeOwned>(root: &str, value: Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = match (root, error.path().to_string()) {
            ("", path) => path,
            (root, path) if path == "." => root.to_owned(),
            (root, path) => format!("{root}.{path}"),
        };
        Failure::new(INVALID_INPUT, format!("{path}: {}", error.inner()))
    })
}

fn check<A: Agent>(agent: &A, report: &Report<A::Output>) -> Result<(), String> {
    if !(0.0..=1.0).contains(&report.confidence) {
        return Err(format!(
            "confidence must lie between 0 and 1, got {}",
            report.confidence
        ));
    }
    agent.validate(&report.output)
}

fn envelope<A: Agent>(
    report: Report<A::Output>,
    mode: Mode,
    started: Instant,
) -> Envelope<A::Output> {
    let duration_ms = started.elapsed().as_secs_f64() * 1e3;
    let memory_mb = memory_mb();
    Envelope {
        agent: A::NAME.to_owned(),
        status: match mode {
            Mode::Primary => AgentStatus::Ok,
            Mode::Fallback => AgentStatus::Degraded,
        },
        output: report.output,
        confidence: report.confidence,
        cost_usd: report.bought.cost + compute_cost(duration_ms, memory_mb),
        usage: Usage {
            duration_ms,
            memory_mb,
            input_tokens: report.bought.input_tokens,
            output_tokens: report.bought.output_tokens,
        },
        warnings: report.warnings,
        method: report.method,
    }
}

fn memory_mb() -> u32 {
    let set = std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    set.ok()
        .and_then(|size| size.parse().ok())
        .unwrap_or(DEFAULT_MEMORY_MB)
}

/// An agent whose types are hidden, for a host that runs several in its own process.
pub trait InProcess: Send + Sync {
    /// The agent's name.
    fn name(&self) -> &'static str;

    /// Every error code that an invocation may fail with.
    fn codes(&self) -> Vec<&'static str>;

    /// The same as [`invoke`].
    fn invoke<'a>(
        &'a self,
        payload: Value,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'a>>;
}

impl<A: Agent> InProcess for A {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn codes(&self) -> Vec<&'static str> {
        use crate::AgentError as _;
        [INVALID_INPUT, INVALID_OUTPUT]
            .into_iter()
            .chain(A::Error::CODES.iter().copied())
            .collect()
    }

    fn invoke<'a>(
        &'a self,
        payload: Value,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'a>> {
        Box::pin(invoke(self, payload))
    }
}
