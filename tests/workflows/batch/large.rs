//! Answers that are as large as a workflow carries, and larger.

use std::sync::Arc;

use async_trait::async_trait;
use baton_domain::{AgentStatus, Envelope, Method, Money, Usage};
use baton_engine::bench::{Played, Scene, undisturbed};
use baton_engine::{Task, TaskError, TaskExecutor};
use baton_tests::batch::BatchWorld;
use serde_json::{Value, json};

use super::world;

/// A batch whose requests all get the same findings from their workflows.
struct Answering {
    world: BatchWorld,
    findings: Value,
}

struct Instead {
    usual: Arc<dyn TaskExecutor>,
    findings: Value,
}

#[async_trait]
impl TaskExecutor for Instead {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        if task.name == "AnswerRequest" {
            let output = json!({"findings": self.findings, "logged": false}).to_string();
            return Ok(json!({"Status": "SUCCEEDED", "Output": output}));
        }
        self.usual.execute(task).await
    }
}

impl Scene for Answering {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Arc::new(Instead {
            usual: self.world.executor(),
            findings: self.findings.clone(),
        })
    }
}

/// The batch's six requests are answered so, in a part of five and one of one.
async fn played(field: &str, content: Value) -> Played<Answering> {
    let mut findings = json!({
        "agents_called": ["lead-scoring"], "results": {}, "status": "success",
        "errors": {}, "skipped": {}, "warnings": [], "total_cost": 0.000_001,
    });
    findings[field] = content;
    let world = world().await;
    let plan = world.plan();
    plan.play(Answering { world, findings }, false, undisturbed())
        .await
}

/// The answers in their order: each request has one, and one entry in the log.
async fn answers(played: &Played<Answering>) -> Vec<Value> {
    let world = &played.scene.world;
    let state = world.ended(&played.finished).await;
    let answers = world.answers(&state).await;
    let indices: Vec<_> = answers.iter().map(|answer| &answer["index"]).collect();
    assert_eq!(indices, [0, 1, 2, 3, 4, 5], "{:?}", state.cause);
    assert_eq!(world.log().await.len(), 6);
    answers
}

/// A result with a word of so many characters of three bytes each.
fn result(characters: usize) -> Value {
    let envelope = Envelope {
        agent: "lead-scoring".to_owned(),
        status: AgentStatus::Ok,
        output: json!({"word": "日".repeat(characters)}),
        confidence: 0.5,
        cost_usd: Money::ZERO,
        usage: Usage::default(),
        warnings: Vec::new(),
        method: Method::new("word", "1"),
    };
    json!({"lead": envelope})
}

#[tokio::test]
async fn results_are_measured_in_bytes() {
    // A fifth of 190 KiB, in characters that count four bytes each.
    let (fits, is_too_large) = (9_500, 9_800);
    for answer in answers(&played("results", result(fits)).await).await {
        assert_eq!(answer["results"], result(fits));
    }
    for length in [is_too_large, 38_000] {
        for answer in answers(&played("results", result(length)).await).await {
            assert_eq!(answer["results"], json!({}));
            let warning = answer["warnings"][0].as_str().unwrap_or_default();
            assert!(warning.contains("ask for them alone"), "{answer:#}");
            assert_eq!(answer["status"], "success");
        }
    }
}

/// What is not a result is not left out one by one: the whole part is, and says so.
#[tokio::test]
async fn a_part_that_is_too_large_is_kept_without_its_answers() {
    let warnings = json!(["x".repeat(60_000)]);
    let answers = answers(&played("warnings", warnings).await).await;
    for answer in &answers[..5] {
        assert_eq!(answer["error"], "AnswersTooLarge", "{answer:#}");
        assert_eq!(answer["status"], "failed");
    }
    assert_eq!(answers[5]["status"], "success");
}
