//! One invocation of an agent, in a Lambda function or in process.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Instant;

use baton_domain::envelope::Usage;
use baton_domain::plainly::plainly;
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
        let mut path = match (root, error.path().to_string()) {
            ("", path) => path,
            (root, path) if path == "." => root.to_owned(),
            (root, path) => format!("{root}.{path}"),
        };
        let said = error.inner().to_string();
        let (named, message) = plainly(&said);
        // Serde blames the object in which a field is missing; a caller looks for the field.
        if let Some(named) = named.filter(|named| !path.ends_with(&format!(".{named}"))) {
            path = format!("{path}.{named}");
        }
        Failure::new(INVALID_INPUT, format!("{path}: {message}"))
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
        let kit = [INVALID_INPUT, INVALID_OUTPUT, AGENT_PANICKED];
        kit.into_iter()
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

#[cfg(test)]
mod tests {
    use baton_domain::Method;
    use serde_json::json;

    use super::*;
    use crate::{AgentError, Report};

    /// Halves even numbers.
    struct Halving;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Input {
        n: i64,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("{0} is odd")]
    struct Odd(i64);

    impl AgentError for Odd {
        const CODES: &'static [&'static str] = &["OddNumber"];

        fn code(&self) -> &'static str {
            "OddNumber"
        }
    }

    impl Agent for Halving {
        const NAME: &'static str = "halving";
        type Input = Input;
        type FallbackInput = Input;
        type Output = f64;
        type Error = Odd;

        async fn run(&self, input: Input) -> Result<Report<f64>, Odd> {
            assert_ne!(input.n, 13, "a defect for the test");
            if input.n % 2 != 0 {
                return Err(Odd(input.n));
            }
            Ok(Report::new(
                input.n as f64 / 2.0,
                1.0,
                Method::new("halving", "1"),
            ))
        }

        async fn fallback(&self, input: Input) -> Result<Report<f64>, Odd> {
            Ok(Report::new(
                input.n as f64 / 2.0,
                2.0 - input.n as f64,
                Method::new("rough", "1"),
            ))
        }

        fn validate(&self, output: &f64) -> Result<(), String> {
            if *output < 1e3 {
                Ok(())
            } else {
                Err(format!("{output} is too large"))
            }
        }
    }

    async fn failure(payload: Value) -> Failure {
        invoke(&Halving, payload).await.unwrap_err()
    }

    #[tokio::test]
    async fn an_answer_says_what_made_it_and_what_it_cost() {
        let envelope = invoke(&Halving, json!({"input": {"n": 4}})).await.unwrap();
        assert_eq!(
            (&envelope["agent"], &envelope["status"]),
            (&json!("halving"), &json!("ok"))
        );
        assert_eq!(envelope["output"], json!(2.0));
        assert_eq!(
            envelope["method"],
            json!({"name": "halving", "version": "1"})
        );
        assert!(envelope["cost_usd"].as_f64().unwrap() > 0.0);
        let rough = invoke(&Halving, json!({"mode": "fallback", "input": {"n": 1}}))
            .await
            .unwrap();
        assert_eq!(rough["status"], "degraded");
    }

    #[tokio::test]
    async fn malformed_input_names_the_field() {
        for (payload, field) in [
            (json!({"input": {"n": "four"}}), "input.n"),
            (json!({"input": {"n": 4, "m": 1}}), "input.m"),
            (json!({"input": {}}), "input.n"),
            (json!({}), "input"),
            (json!({"mode": "best", "input": {"n": 4}}), "mode"),
        ] {
            let failure = failure(payload.clone()).await;
            assert_eq!(failure.code, INVALID_INPUT, "{payload}");
            let named = failure.message.starts_with(&format!("{field}: "));
            assert!(named, "{payload}: {}", failure.message);
            let types = ["expected i64", "expected struct", "invalid type"];
            assert!(
                !types.iter().any(|name| failure.message.contains(name)),
                "{failure}"
            );
        }
    }

    #[tokio::test]
    async fn an_agent_s_own_error_keeps_its_code() {
        assert_eq!(failure(json!({"input": {"n": 3}})).await.code, "OddNumber");
    }

    #[tokio::test]
    async fn output_that_breaks_the_rules_does_not_leave() {
        assert_eq!(
            failure(json!({"input": {"n": 2_000}})).await.code,
            INVALID_OUTPUT
        );
        let sure = failure(json!({"mode": "fallback", "input": {"n": 0}})).await;
        assert_eq!(sure.code, INVALID_OUTPUT, "a confidence of 2: {sure}");
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_with_a_code() {
        assert_eq!(
            failure(json!({"input": {"n": 13}})).await.code,
            AGENT_PANICKED
        );
    }

    #[test]
    fn every_code_is_known() {
        let codes = InProcess::codes(&Halving);
        assert_eq!(
            codes,
            [INVALID_INPUT, INVALID_OUTPUT, AGENT_PANICKED, "OddNumber"]
        );
    }
}
