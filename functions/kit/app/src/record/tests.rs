use baton_domain::ports::WorkflowError;

use super::*;
use crate::testing::{TestWorld, tenant};

fn envelope(agent: &str, cost: f64) -> Value {
    json!({
        "agent": agent, "status": "ok", "output": {}, "confidence": 0.9, "cost_usd": cost,
        "usage": {"duration_ms": 12.0}, "warnings": [], "method": {"name": "m", "version": "1"},
    })
}

fn content(email: &str, subject: &str) -> Value {
    json!({
        "email_id": email,
        "subject_lines": [{"variant": "A", "text": subject, "preheader": "", "technique": "benefit"}],
        "copy": {
            "headline": "Warm", "paragraphs": ["Socks."], "plain_text": "Socks.",
            "call_to_action": {"label": "Buy", "url": "https://example.com"},
        },
        "mockup_html": "<!doctype html><p>Socks.",
        "personalization": [],
    })
}

fn report(email: &str, passed: bool) -> Value {
    let finding = json!({"rule": "r", "severity": "error", "place": "", "message": "m"});
    let findings = if passed { json!([]) } else { json!([finding]) };
    let readability = json!({"reading_ease": 60.0, "grade": 8.0});
    json!({"email_id": email, "passed": passed, "findings": findings, "readability": readability})
}

fn payload(run: RunId, op: &str, fields: Value) -> Value {
    let mut payload = json!({"op": op, "tenant_id": "acme", "run_id": run});
    let Value::Object(fields) = fields else {
        panic!("fields are an object");
    };
    payload.as_object_mut().unwrap().extend(fields);
    payload
}

async fn record(app: &App, run: RunId, fields: Value) -> Value {
    app.record(payload(run, "record", fields)).await.unwrap()
}

#[tokio::test]
async fn what_a_workflow_says_is_kept_in_order() {
    let (app, acme, run) = TestWorld::with_run().await;
    let fields = json!({
        "event_id": "1/enter", "attempt": 1, "stage": "content",
        "calls": [
            {"about": "email-01", "envelope": envelope("creative", 0.25)},
            {"envelope": envelope("creative", 0.5), "error": "ModelUnavailable"},
            {"agent": "qa", "error": "TimedOut"},
        ],
        "artifacts": [{"name": "content.email-01", "content": content("email-01", "Hi"), "by": "creative"}],
        "deliveries": [{"email_id": "email-01", "campaign_id": "c1", "state": "draft"}],
    });
    let answer = record(&app, run, fields.clone()).await;
    assert_eq!(answer["version"], 7);
    assert_eq!(answer["total_cost"], 0.75);
    assert_eq!(
        (&answer["over"], &answer["over_limit"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(answer["artifacts"][0]["version"], 1);
    assert_eq!(record(&app, run, fields).await, answer, "said twice");
    let events = app.run_events(&acme, run, 1, 100).await.unwrap();
    let kinds: Vec<_> = events
        .iter()
        .map(|e| json!(e)["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "agent_called",
            "agent_called",
            "agent_called",
            "artifact_stored",
            "delivered",
            "stage_entered"
        ]
    );
    let state = app.load_run(&acme, run).await.unwrap();
    let creative = &state.agents["creative"];
    assert_eq!(
        (creative.calls, creative.degraded, creative.failed),
        (2, 1, 0)
    );
    assert_eq!(state.agents["qa"].failed, 1);
    let read = payload(run, "read", json!({"name": "content.email-01"}));
    let read = app.record(read).await.unwrap();
    assert_eq!(read["content"], content("email-01", "Hi"));
    assert_eq!(read["artifact"], answer["artifacts"][0]);
}

#[tokio::test]
async fn a_repetition_answers_what_was_stored_then() {
    let (app, _, run) = TestWorld::with_run().await;
    let say = |id: &str, content: Value| json!({"event_id": id, "artifacts": [{"name": "notes", "content": content, "by": "x"}]});
    let first = record(&app, run, say("a", json!(1))).await;
    let second = record(&app, run, say("b", json!(2))).await;
    assert_eq!(second["artifacts"][0]["version"], 2);
    let again = record(&app, run, say("a", json!(1))).await;
    assert_eq!(again["artifacts"], first["artifacts"]);
    assert_eq!(again["version"], second["version"]);
    let read = payload(run, "read", json!({"name": "notes"}));
    assert_eq!(app.record(read).await.unwrap()["content"], json!(2));
    let third = payload(run, "read", json!({"name": "notes", "version": 3}));
    let third = app.record(third).await.unwrap_err();
    assert_eq!(third.code, FunctionError::ARTIFACT_NOT_FOUND);
}

#[tokio::test]
async fn a_workflow_hears_that_its_run_is_over() {
    let (app, acme, run) = TestWorld::with_run().await;
    app.cancel_run(&acme, run, None, None).await.unwrap();
    let late = json!({
        "event_id": "late", "stage": "strategy", "end": {"status": "succeeded"},
        "calls": [{"envelope": envelope("strategist", 1.0)}],
    });
    let answer = record(&app, run, late).await;
    assert_eq!(
        (&answer["over"], &answer["total_cost"]),
        (&json!(true), &json!(1.0))
    );
    let state = app.load_run(&acme, run).await.unwrap();
    assert_eq!((state.status, state.stage), (RunStatus::Cancelled, None));
    // An execution that a redrive replaced does not end the next one.
    let again = json!({"event_id": "again", "end": {"status": "failed"}});
    assert_eq!(record(&app, run, again).await["version"], answer["version"]);
}

#[tokio::test]
async fn the_limit_is_known_while_the_run_spends() {
    let (app, acme, run) = TestWorld::with_run().await;
    let raised = Event::CostLimitRaised {
        max_cost_usd: Money::from_micro_usd(500_000),
        by: "ada".to_owned(),
    };
    app.append(&acme, run, "limit", vec![raised]).await.unwrap();
    for (id, over) in [("a", false), ("b", false), ("c", true)] {
        let calls = json!({"event_id": id, "calls": [{"envelope": envelope("x", 0.25)}]});
        assert_eq!(record(&app, run, calls).await["over_limit"], over, "{id}");
    }
}

#[tokio::test]
async fn mails_that_failed_or_are_missing_are_flagged() {
    let (app, _, run) = TestWorld::with_run().await;
    for (n, passed) in [(1, Some(true)), (2, Some(false)), (3, None)] {
        let id = format!("email-0{n}");
        let subject = format!("Subject {n}");
        let mut artifacts = vec![
            json!({"name": format!("content.{id}"), "content": content(&id, &subject), "by": "creative"}),
        ];
        artifacts.extend(passed.map(|passed| {
            json!({"name": format!("qa.{id}"), "content": report(&id, passed), "by": "qa"})
        }));
        record(&app, run, json!({"event_id": id, "artifacts": artifacts})).await;
    }
    let failed = json!([{"about": "email-04", "agent": "creative", "error": "InvalidInput"}]);
    record(&app, run, json!({"event_id": "email-04", "calls": failed})).await;
    let emails: Vec<_> = (1..=5)
        .map(|n| json!({"email_id": format!("email-0{n}"), "passed": n != 2}))
        .collect();
    let bundle = payload(
        run,
        "bundle",
        json!({"event_id": "bundle", "emails": emails, "deleted": ["email-05"]}),
    );
    let answer = app.record(bundle.clone()).await.unwrap();
    assert_eq!(answer["emails"], 3);
    assert_eq!(answer["flagged"], json!(["email-02", "email-03"]));
    assert_eq!(answer["missing"], json!(["email-04"]));
    assert_eq!(
        answer["summary"],
        json!([
            "email-01: Subject 1",
            "email-02: Subject 2 [failed the check: 1 errors]",
            "email-03: Subject 3 [not checked]",
            "email-04: missing, it was not written: creative failed with InvalidInput",
        ])
    );
    assert_eq!(app.record(bundle).await.unwrap(), answer, "said twice");
    let read = app
        .record(payload(run, "read", json!({"name": "content"})))
        .await
        .unwrap();
    assert_eq!(read["content"]["emails"].as_array().unwrap().len(), 3);
    let nothing = payload(run, "bundle", json!({"event_id": "b2", "emails": []}));
    let nothing = app.record(nothing).await.unwrap_err();
    assert_eq!(nothing.code, FunctionError::ARTIFACT_NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_has_a_code_and_names_the_field() {
    let (app, _, run) = TestWorld::with_run().await;
    let nobody = RunId::new(jiff::Timestamp::UNIX_EPOCH, 1);
    let strategy = json!({"name": "strategy", "content": {"brand_id": 1}, "by": "x"});
    let large = json!({"name": "notes", "content": "x".repeat(400_000), "by": "x"});
    for (payload, code, says) in [
        (json!([]), FunctionError::INVALID_INPUT, "op: "),
        (
            payload(run, "burn", json!({})),
            FunctionError::INVALID_INPUT,
            "op: ",
        ),
        (
            payload(run, "record", json!({})),
            FunctionError::INVALID_INPUT,
            "event_id",
        ),
        (
            payload(run, "record", json!({"event_id": "a", "x": 1})),
            FunctionError::INVALID_INPUT,
            "x",
        ),
        (
            payload(run, "record", json!({"event_id": "a", "calls": [{}]})),
            FunctionError::INVALID_INPUT,
            "calls[0]",
        ),
        (
            payload(run, "record", json!({"event_id": "a b"})),
            FunctionError::INVALID_INPUT,
            "event_id: ",
        ),
        (
            payload(
                run,
                "record",
                json!({"event_id": "a", "end": {"status": "running"}}),
            ),
            FunctionError::INVALID_INPUT,
            "end.status: ",
        ),
        (
            payload(
                run,
                "record",
                json!({"event_id": "a", "artifacts": [strategy]}),
            ),
            FunctionError::INVALID_INPUT,
            "artifacts[0].content.brand_id: ",
        ),
        (
            payload(
                run,
                "record",
                json!({"event_id": "a", "artifacts": [large]}),
            ),
            FunctionError::ARTIFACT_TOO_LARGE,
            "400002",
        ),
        (
            payload(nobody, "record", json!({"event_id": "a", "stage": "x"})),
            FunctionError::RUN_NOT_FOUND,
            "run",
        ),
        (
            payload(nobody, "read", json!({"name": "x"})),
            FunctionError::ARTIFACT_NOT_FOUND,
            "`x`",
        ),
    ] {
        let error = app.record(payload).await.unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(says), "{error} names {says}");
    }
}

#[tokio::test]
async fn a_store_that_fails_says_so() {
    let world = TestWorld::new(|_| Err(WorkflowError::TimedOut));
    let app = world.app();
    let run = app.begin_test_run(&tenant("acme"), 1).await;
    world.items.fail(true);
    let record = payload(run, "record", json!({"event_id": "a", "stage": "x"}));
    let error = app.record(record).await.unwrap_err();
    assert_eq!(error.code, FunctionError::STORE_UNAVAILABLE);
}
