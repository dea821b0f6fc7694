//! The answer to a request of type `analyze`, in this process.
//!
//! The workflow answers what it can carry. Tables as people have them may be larger than the
//! 160 KiB that a request brings, or make answers larger than the 256 KiB that one state passes to
//! the next; the same agents are then called one by one, each with its fallback, as the workflow
//! would.

use std::collections::BTreeMap;

use baton_app::AppError;
use baton_domain::ports::WorkflowError;
use baton_domain::request::{
    AgentFailure, Answer, AnswerStatus, Findings, MAX_INPUTS_BYTES, OrchestrationRequest,
    Replacement, RequestType, SkippedAgent,
};
use baton_domain::{Envelope, Money, RequestId, RunId, Timestamp};
use baton_embedded::{Embedded, SqliteItems};
use serde_json::{Map, Value, json};

use super::input::PARTS;
use crate::failure::Failure;
use crate::sample;

/// An answer and the way that it came.
pub(super) struct Answered {
    pub(super) answer: Answer,
    /// The moment that it is for.
    pub(super) as_of: Timestamp,
    /// Whether the workflow answered; else its agents were called one by one.
    pub(super) by_workflow: bool,
}

/// Answers a context.
pub(super) async fn answer(context: &Map<String, Value>) -> Result<Answered, Failure> {
    let body = json!({"type": RequestType::Analyze, "user_id": "analysis", "context": context});
    let request: OrchestrationRequest =
        serde_json::from_value(body).map_err(|e| Failure::failed(&e))?;
    check(&request)?;
    let items = SqliteItems::in_memory().map_err(|e| Failure::failed(&e))?;
    let baton = Embedded::over(items);
    let as_of = request.as_of().map_err(|e| Failure::wrong(&e))?;
    let as_of = as_of.unwrap_or_else(|| baton.clock.now());
    let by_workflow = submit(&baton, &request).await?;
    let done = by_workflow.is_some();
    let answer = match by_workflow {
        Some(answer) => answer,
        None => one_by_one(&baton, &request).await?,
    };
    Ok(Answered {
        answer,
        as_of,
        by_workflow: done,
    })
}

/// What the API checks, but for the size.
fn check(request: &OrchestrationRequest) -> Result<(), Failure> {
    request.want().map_err(|e| Failure::wrong(&e))?;
    for part in PARTS {
        if request.context.get(part).is_some_and(|p| !p.is_object()) {
            return Err(Failure::wrong(&format!("{part}: must be an object")));
        }
    }
    Ok(())
}

/// The workflow's answer; none where it would have to carry too much.
async fn submit(
    baton: &Embedded,
    request: &OrchestrationRequest,
) -> Result<Option<Answer>, Failure> {
    let parts = request.context.iter();
    let parts = parts.filter(|(name, _)| PARTS.contains(&name.as_str()));
    let bytes: usize = parts
        .map(|(name, part)| name.len() + part.to_string().len() + 4)
        .sum();
    if bytes > MAX_INPUTS_BYTES {
        return Ok(None);
    }
    match baton
        .app()
        .submit_request(&sample::tenant()?, request)
        .await
    {
        Ok(answer) => Ok(Some(answer)),
        Err(AppError::Workflow(WorkflowError::Failed { error, .. }))
            if error == "States.DataLimitExceeded" =>
        {
            Ok(None)
        }
        Err(error @ AppError::Invalid(_)) => Err(Failure::wrong(&error)),
        Err(error) => Err(Failure::failed(&error)),
    }
}

/// The agents called one by one.
async fn one_by_one(baton: &Embedded, request: &OrchestrationRequest) -> Result<Answer, Failure> {
    let at = baton.clock.now();
    let request_id = RequestId::new(at, baton.clock.entropy());
    let wanted = request.want().map_err(|e| Failure::wrong(&e))?;
    let mut findings = Findings {
        agents_called: Vec::new(),
        results: BTreeMap::new(),
        status: AnswerStatus::Success,
        errors: BTreeMap::new(),
        skipped: BTreeMap::new(),
        warnings: Vec::new(),
        total_cost: Money::ZERO,
    };
    for (part, agent) in RequestType::Analyze.results() {
        if !wanted.contains(part) {
            continue;
        }
        if let Some(input) = request.context.get(*part) {
            call(baton, request_id, (part, agent), input, &mut findings).await?;
        } else {
            let reason = format!("Nothing to work on: add context.{part}.");
            let agent = (*agent).to_owned();
            let skipped = SkippedAgent { agent, reason };
            findings.skipped.insert((*part).to_owned(), skipped);
        }
    }
    findings.status = match (findings.errors.is_empty(), findings.results.is_empty()) {
        (true, _) => AnswerStatus::Success,
        (false, true) => AnswerStatus::Degraded,
        (false, false) => AnswerStatus::Partial,
    };
    let timestamp = baton.clock.now();
    Ok(Answer {
        request_id,
        run_id: RunId::new(at, baton.clock.entropy()),
        user_id: request.user_id.clone(),
        findings,
        cached: false,
        execution_time_ms: u64::try_from(timestamp.duration_since(at).as_millis()).unwrap_or(0),
        timestamp,
    })
}

/// Calls one agent, or its fallback when it fails.
async fn call(
    baton: &Embedded,
    request_id: RequestId,
    (part, agent): (&str, &str),
    input: &Value,
    findings: &mut Findings,
) -> Result<(), Failure> {
    findings.agents_called.push(agent.to_owned());
    let payload =
        |mode: &str, input: &Value| json!({"request_id": request_id, "mode": mode, "input": input});
    let primary = baton.agents.invoke(agent, payload("primary", input)).await;
    let envelope = match primary {
        Ok(envelope) => Some(envelope),
        Err(failure) => {
            let less = payload("fallback", &for_fallback(part, input));
            let fallback = baton.agents.invoke(agent, less).await.ok();
            let failed = AgentFailure {
                agent: agent.to_owned(),
                error: failure.code,
                message: Some(failure.message),
                replaced_by: match fallback {
                    Some(_) => Replacement::Fallback,
                    None => Replacement::Nothing,
                },
            };
            findings.errors.insert(part.to_owned(), failed);
            fallback
        }
    };
    if let Some(envelope) = envelope {
        let envelope: Envelope =
            serde_json::from_value(envelope).map_err(|e| Failure::failed(&e))?;
        findings.total_cost = findings.total_cost + envelope.cost_usd;
        findings.results.insert(part.to_owned(), envelope);
    }
    Ok(())
}

/// The little that the fallback of a part works on.
fn for_fallback(part: &str, input: &Value) -> Value {
    match part {
        "journeys" => {
            let journeys = input["journeys"].as_array().map_or(&[][..], Vec::as_slice);
            let converted = journeys.iter().filter(|j| j["converted"] == true).count();
            json!({"journeys": journeys.len(), "converted": converted})
        }
        "attribution" => json!({"paths": input["paths"]}),
        _ => json!({"series": input["series"], "horizon": input["horizon"]}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journeys(count: usize) -> Value {
        let journey =
            |n: usize| json!({"events": [{"stage": "home"}], "converted": n.is_multiple_of(4)});
        json!({"journeys": (0..count).map(journey).collect::<Vec<_>>()})
    }

    async fn answered(context: Value) -> Answered {
        let Value::Object(context) = context else {
            panic!("an object");
        };
        answer(&context).await.expect("answered")
    }

    #[tokio::test]
    async fn what_the_workflow_cannot_carry_is_answered_all_the_same() {
        let small = answered(json!({"journeys": journeys(100)})).await;
        let large = answered(json!({"journeys": journeys(8_000)})).await;
        assert!(small.by_workflow && !large.by_workflow);
        for (answered, count) in [(small, 100), (large, 8_000)] {
            let findings = answered.answer.findings;
            assert_eq!(findings.status, AnswerStatus::Success);
            assert_eq!(findings.agents_called, ["journey-analysis"]);
            let totals = &findings.results["journeys"].output["totals"];
            assert_eq!(totals["journeys"], count);
            assert_eq!(findings.skipped.len(), 2);
        }
    }

    #[tokio::test]
    async fn one_by_one_an_agent_that_fails_is_replaced_as_well() {
        let series: Vec<Value> = (10..12)
            .map(|m| json!({"at": format!("2026-{m}"), "value": m}))
            .collect();
        let mut large = journeys(8_000);
        large["level"] = json!(7);
        let context = json!({"journeys": large, "attribution": {"paths": []},
            "forecast": {"series": series, "horizon": 2}});
        let Findings {
            status,
            results,
            errors,
            ..
        } = answered(context).await.answer.findings;
        assert_eq!(status, AnswerStatus::Partial);
        assert_eq!(results["journeys"].output["totals"]["converted"], 2_000);
        assert_eq!(errors["journeys"].error, "InvalidSettings");
        assert_eq!(errors["forecast"].replaced_by, Replacement::Fallback);
        assert_eq!(errors["attribution"].replaced_by, Replacement::Nothing);
        assert!(!results.contains_key("attribution"));
    }
}
