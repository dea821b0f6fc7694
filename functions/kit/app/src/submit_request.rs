//! Answers one orchestration request: from the cache, or by the workflow of its type.

use baton_domain::item::{Condition, Item, Table};
use baton_domain::ports::WorkflowError;
use baton_domain::request::{Answer, AnswerStatus, Findings, OrchestrationRequest, RequestType};
use baton_domain::{Money, RunId, TenantId};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use crate::arrival::{Arrival, elapsed_ms};
use crate::keep_picture::IMAGES;
use crate::{App, AppError};

/// How long an answer may be served again to the same tenant, user, type and context (O9).
pub const CACHE_SECONDS: i64 = 300;

/// What a workflow that answers requests puts out.
#[derive(Deserialize)]
pub(crate) struct Output {
    pub(crate) findings: Findings,
    /// Whether the workflow wrote the log entry itself.
    pub(crate) logged: bool,
}

impl App {
    /// Answers a request. Every request that is valid leaves one entry in the orchestration log,
    /// whatever becomes of it.
    ///
    /// # Errors
    /// When the request breaks a rule, or its workflow did not succeed. Agents that fail are no
    /// error: the answer says which, and what stands in their place.
    pub async fn submit_request(
        &self,
        tenant: &TenantId,
        request: &OrchestrationRequest,
    ) -> Result<Answer, AppError> {
        request.validate()?;
        let models = self.models_of(tenant, request.request_type).await;
        let arrival = self.arrive(tenant, request, models);
        if let Some(answer) = self.cached(&arrival).await {
            self.write_log(&arrival, &answer.findings, true).await;
            return Ok(answer);
        }
        let run = arrival.run()?;
        match self.ports.workflows.run(&run).await.and_then(parse) {
            Ok(output) => Ok(self.answer(&arrival, output).await),
            Err(error) => {
                let (request_id, run_id) = (arrival.request_id, run.run_id);
                tracing::error!(severity = "critical", %request_id, %run_id, error = error.name(), "the workflow failed");
                self.write_log(&arrival, &failed(), false).await;
                Err(error.into())
            }
        }
    }

    /// How often the models that answers rest on have changed; none where the store does not say, and
    /// then nothing is served from the cache.
    async fn models_of(&self, tenant: &TenantId, request_type: RequestType) -> Option<u64> {
        if request_type != RequestType::Score {
            return Some(0);
        }
        let changes = self.model_changes(tenant).await;
        changes
            .inspect_err(|error| tracing::warn!(%error, "the models were not read"))
            .ok()
    }

    /// The answer that an equal request got lately. A cache that does not answer is no reason to
    /// fail: the request then runs.
    async fn cached(&self, arrival: &Arrival<'_>) -> Option<Answer> {
        if !arrival.is_cacheable {
            return None;
        }
        let items = &self.ports.items;
        let item = items.get(Table::Responses, &arrival.cache_key).await;
        let item = item.inspect_err(|error| tracing::warn!(%error, "the cache was not read"));
        let item = item.ok()??;
        if item.is_expired(arrival.at) {
            return None;
        }
        let first: Answer = item.parse()?;
        let findings = Findings {
            agents_called: Vec::new(),
            total_cost: Money::ZERO,
            ..first.findings
        };
        Some(self.complete(arrival, first.run_id, findings, true))
    }

    async fn answer(&self, arrival: &Arrival<'_>, output: Output) -> Answer {
        if !output.logged {
            self.write_log(arrival, &output.findings, false).await;
        }
        let answer = self.complete(arrival, arrival.run_id, output.findings, false);
        if let Some(picture) = picture(arrival, &answer.findings) {
            let kept = self.keep_picture(arrival, picture, answer.findings.status);
            if let Err(error) = kept.await {
                // The caller has it in the answer.
                tracing::warn!(request_id = %arrival.request_id, %error, "the picture was not kept");
            }
        }
        match answer.findings.status {
            AnswerStatus::Success => self.keep(arrival, &answer).await,
            AnswerStatus::Degraded => {
                let (request_id, run_id) = (arrival.request_id, arrival.run_id);
                tracing::error!(severity = "critical", %request_id, %run_id, "every agent failed");
            }
            AnswerStatus::Partial | AnswerStatus::Failed => {}
        }
        answer
    }

    fn complete(
        &self,
        arrival: &Arrival<'_>,
        run_id: RunId,
        findings: Findings,
        cached: bool,
    ) -> Answer {
        let timestamp = self.ports.clock.now();
        Answer {
            request_id: arrival.request_id,
            run_id,
            user_id: arrival.request.user_id.clone(),
            findings,
            cached,
            execution_time_ms: elapsed_ms(arrival.at, timestamp),
            timestamp,
        }
    }

    async fn keep(&self, arrival: &Arrival<'_>, answer: &Answer) {
        if !arrival.is_cacheable {
            return;
        }
        let mut item = Item::document(arrival.cache_key.clone(), answer);
        item.expires_at = Some(arrival.at + SignedDuration::from_secs(CACHE_SECONDS));
        let kept = self
            .ports
            .items
            .put(Table::Responses, &item, &Condition::Always)
            .await;
        if let Err(error) = kept {
            tracing::warn!(request_id = %arrival.request_id, %error, "the answer was not cached");
        }
    }
}

/// The picture that was made, if one was.
fn picture<'a>(arrival: &Arrival<'_>, findings: &'a Findings) -> Option<&'a Value> {
    let is_creative = arrival.request.request_type == RequestType::Creative;
    let made = findings.results.get(IMAGES).filter(|_| is_creative);
    made.map(|envelope| &envelope.output)
        .filter(|output| !output.is_null())
}

/// Reads what a workflow put out.
pub(crate) fn parse(output: Value) -> Result<Output, WorkflowError> {
    serde_json::from_value(output).map_err(|error| WorkflowError::Failed {
        error: "InvalidOutput".to_owned(),
        cause: format!("the workflow's output is not an answer: {error}"),
    })
}

pub(crate) fn failed() -> Findings {
    Findings {
        agents_called: Vec::new(),
        results: std::collections::BTreeMap::new(),
        status: AnswerStatus::Failed,
        errors: std::collections::BTreeMap::new(),
        skipped: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
        total_cost: Money::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestWorld, tenant};

    fn request(user: &str, context: &Value) -> OrchestrationRequest {
        let body = json!({"type": "personalize", "user_id": user, "context": context});
        serde_json::from_value(body).unwrap()
    }

    fn output(status: &str, logged: bool) -> Value {
        let findings = json!({
            "agents_called": ["wtp-scoring"], "results": {}, "status": status,
            "errors": {}, "skipped": {}, "warnings": [], "total_cost": 0.000_001,
        });
        json!({"findings": findings, "logged": logged})
    }

    #[tokio::test]
    async fn an_equal_request_is_answered_from_the_cache_for_five_minutes() {
        let world = TestWorld::new(|_| Ok(output("success", true)));
        let (app, acme) = (world.app(), tenant("acme"));
        let first = request("user_1", &json!({"page": "pricing", "n": 1}));
        let same = request("user_1", &json!({"n": 1.0, "page": "pricing"}));
        let answer = app.submit_request(&acme, &first).await.unwrap();
        assert!(!answer.cached);
        let again = app.submit_request(&acme, &same).await.unwrap();
        assert!(again.cached && again.findings.agents_called.is_empty());
        assert_eq!(again.findings.total_cost, Money::ZERO);
        assert_ne!(again.request_id, answer.request_id);
        assert_eq!(world.runs(), 1);
        world
            .clock
            .advance(SignedDuration::from_secs(CACHE_SECONDS));
        assert!(!app.submit_request(&acme, &same).await.unwrap().cached);
    }

    #[tokio::test]
    async fn the_cache_keeps_tenants_users_and_contexts_apart() {
        let world = TestWorld::new(|_| Ok(output("success", true)));
        let app = world.app();
        for (name, user, context) in [
            ("acme", "user_1", json!({})),
            ("other", "user_1", json!({})),
            ("acme", "user_2", json!({})),
            ("acme", "user_1", json!({"page": "home"})),
        ] {
            let answer = app
                .submit_request(&tenant(name), &request(user, &context))
                .await;
            assert!(!answer.unwrap().cached, "{name} {user} {context}");
        }
        assert_eq!(world.runs(), 4);
    }

    #[tokio::test]
    async fn partial_and_degraded_answers_are_not_cached() {
        for status in ["partial", "degraded"] {
            let world = TestWorld::new(move |_| Ok(output(status, true)));
            let (app, acme) = (world.app(), tenant("acme"));
            for _ in 0..2 {
                let answer = app
                    .submit_request(&acme, &request("user_1", &json!({})))
                    .await;
                assert!(!answer.unwrap().cached, "{status}");
            }
        }
    }

    #[tokio::test]
    async fn every_request_is_logged_once() {
        let failed = WorkflowError::TimedOut;
        for (result, status) in [
            (Ok(output("success", false)), AnswerStatus::Success),
            (Err(failed), AnswerStatus::Failed),
            (Ok(json!("not an answer")), AnswerStatus::Failed),
        ] {
            let world = TestWorld::new(move |_| result.clone());
            let (app, acme) = (world.app(), tenant("acme"));
            let _ = app
                .submit_request(&acme, &request("user_1", &json!({})))
                .await;
            let page = app.list_log(&acme, None, None, 10).await.unwrap();
            assert_eq!(page.entries.len(), 1);
            assert_eq!(page.entries[0].status, status);
        }
    }

    #[tokio::test]
    async fn a_cached_answer_is_logged_as_cached() {
        let world = TestWorld::new(|_| Ok(output("success", true)));
        let (app, acme) = (world.app(), tenant("acme"));
        for _ in 0..2 {
            app.submit_request(&acme, &request("user_1", &json!({})))
                .await
                .unwrap();
        }
        let page = app.list_log(&acme, None, None, 10).await.unwrap();
        assert_eq!(page.entries.len(), 1, "the test workflow writes none");
        assert!(page.entries[0].cached && page.entries[0].agents_called.is_empty());
    }

    #[tokio::test]
    async fn a_store_that_fails_costs_the_cache_and_not_the_answer() {
        let world = TestWorld::new(|_| Ok(output("success", true)));
        world.items.fail(true);
        let answer = world
            .app()
            .submit_request(&tenant("acme"), &request("u", &json!({})))
            .await;
        assert!(!answer.unwrap().cached);
    }

    #[tokio::test]
    async fn a_bad_request_runs_and_logs_nothing() {
        let world = TestWorld::new(|_| Ok(output("success", true)));
        let (app, acme) = (world.app(), tenant("acme"));
        let bad = app
            .submit_request(&acme, &request("u", &json!({"want": ["x"]})))
            .await;
        assert!(matches!(bad, Err(AppError::Invalid(e)) if e.field == "context.want[0]"));
        assert_eq!(
            (
                world.runs(),
                app.list_log(&acme, None, None, 1).await.unwrap().entries
            ),
            (0, vec![])
        );
    }

    #[tokio::test]
    async fn a_picture_is_an_artifact_of_its_run() {
        let picture = json!({"svg": "<svg/>", "width": 1, "height": 1});
        let findings = json!({
            "agents_called": ["image-generation"], "status": "success", "total_cost": 0.0,
            "results": {"images": {
                "agent": "image-generation", "status": "ok", "output": picture, "confidence": 1.0,
                "cost_usd": 0.0, "usage": {"duration_ms": 1.0}, "warnings": [],
                "method": {"name": "layout", "version": "1"},
            }},
        });
        let answered = json!({"findings": findings, "logged": true});
        let world = TestWorld::new(move |_| Ok(answered.clone()));
        let (app, acme) = (world.app(), tenant("acme"));
        let body = json!({"type": "creative", "user_id": "u", "context": {"images": {}}});
        let request = serde_json::from_value(body).unwrap();
        let answer = app.submit_request(&acme, &request).await.unwrap();
        let kept = app.load_artifact(&acme, answer.run_id, "images", None);
        assert_eq!(kept.await.unwrap().1, picture);
        let run = app.load_run(&acme, answer.run_id).await.unwrap();
        assert_eq!(run.status.name(), "succeeded");
        let stranger = tenant("other");
        let other = app.load_artifact(&stranger, answer.run_id, "images", None);
        assert!(matches!(other.await, Err(AppError::NotFound(_))));
    }
}
