//! Every function's real binary boots, polls, and answers every one of its events.
//!
//! `BATON_TEST_FUNCTIONS=target/lambda cargo test -p baton-tests --test boot -- --nocapture` boots
//! what is deployed, and prints its size, its start and its memory.

use std::collections::BTreeSet;

use axum::Router;
use baton_tests::functions::{Function, functions, ready};
use baton_tests::runtime_api::{Answer, Booted};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::test]
async fn every_agent_answers_every_event() {
    let agents: Vec<_> = functions().into_iter().filter(|f| f.is_agent).collect();
    assert!(!agents.is_empty(), "there are agents");
    for agent in agents {
        let mut booted = Booted::start(&agent.binary(), &[]).await;
        let idle = booted.resident_kib();
        for case in ["happy", "thin", "bad"] {
            let events = agent.events();
            let some = events.iter().any(|(name, _)| name.starts_with(case));
            assert!(some, "events/{}/ has a {case} case", agent.name);
        }
        for (case, event) in agent.events() {
            let fallback = event["mode"] == "fallback";
            check(&agent, &case, fallback, &booted.invoke(&event).await);
        }
        report(&agent, &booted, idle);
    }
}

/// Cases whose names begin with `bad` are refused, all others are answered.
fn check(agent: &Function, case: &str, fallback: bool, answer: &Answer) {
    let name = format!("{}/{case}", agent.name);
    match answer {
        Ok(envelope) => {
            assert!(!case.starts_with("bad"), "{name} must be refused");
            assert_eq!(envelope["agent"], *agent.name, "{name}: {envelope}");
            let status = if fallback { "degraded" } else { "ok" };
            assert_eq!(envelope["status"], status, "{name}: {envelope}");
            assert!(envelope["method"]["name"].is_string(), "{name}: {envelope}");
            assert!(envelope["output"].is_object(), "{name}: {envelope}");
        }
        Err(failure) => {
            assert!(case.starts_with("bad"), "{name}: {failure:?}");
            assert_eq!(failure.error_type, "InvalidInput", "{name}: {failure:?}");
            // The field's path, a colon, and what is wrong with it.
            let field = failure.error_message.split_once(": ");
            let field = field.map(|(field, _)| field).unwrap_or_default();
            let named = !field.is_empty() && !field.contains(' ');
            assert!(named, "{name} names the field: {failure:?}");
        }
    }
}

fn report(function: &Function, booted: &Booted, idle: Option<u64>) {
    let bytes = std::fs::metadata(function.binary())
        .expect("it was booted")
        .len();
    println!(
        "{}: {:.2} MB, {:.1} ms from spawn to first poll, resident {} KiB idle, {} KiB after",
        function.name,
        bytes as f64 / 1e6,
        booted.first_poll.as_secs_f64() * 1e3,
        idle.unwrap_or_default(),
        booted.resident_kib().unwrap_or_default(),
    );
    if ready().is_some() && function.is_agent {
        let limit = if function.speaks_http() { 4 } else { 2 };
        let fits = bytes < limit * 1_000_000;
        assert!(fits, "{} is under {limit} MB", function.name);
    }
}

#[tokio::test]
async fn the_api_answers_gateway_events() {
    let api = functions().into_iter().find(|f| f.name == "api");
    let api = api.expect("there is an API function");
    let endpoint = empty_store().await;
    let mut booted = Booted::start(&api.binary(), &settings(&endpoint)).await;
    let idle = booted.resident_kib();
    for (case, expected) in [("thin", 200..=200), ("bad", 400..=499)] {
        let (_, event) = api
            .events()
            .into_iter()
            .find(|(name, _)| name == case)
            .expect(case);
        let answer = booted.invoke(&event).await.expect(case);
        let status = answer["statusCode"].as_u64().unwrap_or_default();
        assert!(expected.contains(&status), "{case}: {answer}");
    }
    report(&api, &booted, idle);
}

/// An answer, or a failure's code.
type Said = Result<Value, &'static str>;

/// What each platform function says to its events, in a world where nothing is there: the answer to
/// `happy` and to `thin`, or the code of the failure. `bad` is refused by all of them.
#[tokio::test]
async fn every_platform_function_answers_every_event() {
    let endpoint = empty_store().await;
    let not_found: Said = Err("RunNotFound");
    let nothing_failed: Said = Ok(json!({"batchItemFailures": []}));
    let none: Said = Ok(json!({"scheduled": []}));
    let swept: Said = Ok(
        json!({"started": 0, "approvals": {"told": 0, "withdrawn": 0, "failed": 0},
                  "payments": {"ended": 0, "disputed": 0, "left": 0}}),
    );
    let unopened: Said = Ok(
        json!({"budget": 0.0, "spent": 0.0, "reserved": 0.0, "overcharged": 0.0, "closed": false,
                                   "purchases": []}),
    );
    let expected = [
        ("journal", not_found.clone(), Err("ArtifactNotFound")),
        ("approvals", not_found.clone(), Err("ArtifactNotFound")),
        (
            "email-pilot",
            Err("EmailPilotUnavailable"),
            not_found.clone(),
        ),
        ("payments", not_found.clone(), unopened),
        ("videos", not_found.clone(), not_found.clone()),
        ("notify", nothing_failed.clone(), nothing_failed),
        ("schedule-campaigns", none.clone(), none),
        ("sweep", swept.clone(), swept),
        ("end-run", not_found, Ok(json!({"recorded": false}))),
    ];
    let apart = ["api", "emailpilot-sandbox", "marketplace-sandbox"];
    let booted = expected.iter().map(|(name, ..)| *name).chain(apart);
    let booted: BTreeSet<String> = booted.map(str::to_owned).collect();
    let platform = functions().into_iter().filter(|f| !f.is_agent);
    assert_eq!(platform.map(|f| f.name).collect::<BTreeSet<_>>(), booted);
    for (name, happy, thin) in expected {
        let function = functions().into_iter().find(|f| f.name == name);
        let function = function.expect(name);
        let mut booted = Booted::start(&function.binary(), &settings(&endpoint)).await;
        let idle = booted.resident_kib();
        for (case, event) in function.events() {
            let answer = booted.invoke(&event).await;
            match &*case {
                "happy" => assert_says(name, &answer, &happy),
                "thin" => assert_says(name, &answer, &thin),
                _ => check(&function, &case, false, &answer),
            }
        }
        report(&function, &booted, idle);
    }
}

fn assert_says(name: &str, answer: &Answer, expected: &Said) {
    let said = answer.as_ref().map_err(|failure| &*failure.error_type);
    let expected = expected.as_ref().map_err(|code| *code);
    assert_eq!(said, expected, "{name}: {answer:?}");
}

#[tokio::test]
async fn the_sandboxes_let_nobody_in_without_the_key() {
    for (name, variable, refused) in [
        ("emailpilot-sandbox", "EMAILPILOT_API_KEY", 401),
        ("marketplace-sandbox", "SANDBOX_KEY", 404),
    ] {
        let sandbox = functions().into_iter().find(|f| f.name == name);
        let sandbox = sandbox.expect("there is a sandbox");
        let key = [(variable, "an-example-of-a-key")];
        let mut booted = Booted::start(&sandbox.binary(), &key).await;
        let idle = booted.resident_kib();
        for (case, event) in sandbox.events() {
            let answer = booted.invoke(&event).await.expect("it answers");
            let wanted = if case.starts_with("bad") {
                refused
            } else {
                200
            };
            assert_eq!(answer["statusCode"], wanted, "{name} {case}: {answer}");
        }
        report(&sandbox, &booted, idle);
    }
}

fn settings(endpoint: &str) -> [(&str, &str); 17] {
    [
        ("APP_ENVIRONMENT", "development"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("PROFILES_TABLE", "profiles"),
        ("CATALOGS_TABLE", "catalogs"),
        ("ORCHESTRATION_LOG_TABLE", "log"),
        ("RESPONSES_TABLE", "responses"),
        ("RUNS_TABLE", "runs"),
        ("APPROVALS_TABLE", "approvals"),
        ("PAYMENTS_TABLE", "payments"),
        (
            "CAMPAIGN_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:campaign",
        ),
        (
            "RESEARCH_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:research",
        ),
        (
            "BATCH_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:batch",
        ),
        (
            "AVATAR_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:avatar",
        ),
        (
            "SCORE_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:score",
        ),
        (
            "CREATIVE_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:creative",
        ),
        (
            "ANALYZE_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:analyze",
        ),
        (
            "PERSONALIZE_ARN",
            "arn:aws:states:us-east-1:000000000000:stateMachine:personalize",
        ),
    ]
}

/// A DynamoDB in which nothing is found and every write succeeds.
async fn empty_store() -> String {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    let router = Router::new().fallback(async || "{}");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
