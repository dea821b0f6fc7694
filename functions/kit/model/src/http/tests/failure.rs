//! What is repaired, what is tried again, and what is told when nothing helps.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

#[tokio::test]
async fn malformed_json_is_repaired_once_and_both_answers_are_paid() {
    let server = MockServer::start().await;
    let bad = Mock::given(method("POST")).respond_with(openai("Here you are: Spring"));
    bad.up_to_n_times(1).mount(&server).await;
    Mock::given(method("POST"))
        .respond_with(openai(GOOD))
        .mount(&server)
        .await;
    let found = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap();
    assert!(found.repaired);
    assert_eq!((found.cost.micro_usd(), found.input_tokens), (420, 2_000));
    let again: Value = server.received_requests().await.unwrap()[1]
        .body_json()
        .unwrap();
    let again = again["messages"][1]["content"].as_str().unwrap();
    assert!(again.contains("the answer is not JSON") && again.contains("Here you are: Spring"));
}

#[tokio::test]
async fn a_schema_broken_twice_is_unusable() {
    let server = MockServer::start().await;
    let long = r#"{"subject":"Spring has come"}"#;
    Mock::given(method("POST"))
        .respond_with(openai(long))
        .expect(2)
        .mount(&server)
        .await;
    let error = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "ModelUnusable");
    assert_eq!(error.spent().cost.micro_usd(), 420);
    assert!(
        error
            .to_string()
            .ends_with("subject: has 15 characters, at most 10 are allowed"),
        "{error}"
    );
}

#[tokio::test]
async fn a_throttle_is_waited_out_as_long_as_it_says() {
    let server = MockServer::start().await;
    let throttle = ResponseTemplate::new(429).insert_header("retry-after", "1");
    Mock::given(method("POST"))
        .respond_with(throttle)
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(openai(GOOD))
        .expect(1)
        .mount(&server)
        .await;
    let start = Instant::now();
    let found = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap();
    assert!(!found.repaired);
    assert!(
        (1_000..5_000).contains(&start.elapsed().as_millis()),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_throttle_longer_than_the_time_left_is_not_waited_out() {
    let server = MockServer::start().await;
    let throttle = ResponseTemplate::new(429)
        .insert_header("retry-after", "60")
        .set_body_json(json!({"error": {"message": "Slow down."}}));
    Mock::given(method("POST"))
        .respond_with(throttle)
        .expect(1)
        .mount(&server)
        .await;
    let start = Instant::now();
    let error = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model could not be reached: status 429 Slow down."
    );
    assert!(error.is_transient() && start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_asked_three_times() {
    let server = MockServer::start().await;
    let down = ResponseTemplate::new(503).insert_header("retry-after", "0");
    Mock::given(method("POST"))
        .respond_with(down)
        .expect(3)
        .mount(&server)
        .await;
    let error = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "ModelUnavailable");
}

#[tokio::test]
async fn a_slow_answer_ends_at_the_time_limit() {
    let server = MockServer::start().await;
    let slow = openai(GOOD).set_delay(Duration::from_secs(30));
    Mock::given(method("POST"))
        .respond_with(slow)
        .expect(1)
        .mount(&server)
        .await;
    let start = Instant::now();
    let limit = [("MODEL_TIMEOUT_SECONDS", "1")];
    let error = ask(&model("openai", "gpt-4o-mini", &server, &limit))
        .await
        .unwrap_err();
    assert_eq!(error, ModelError::Timeout(Duration::from_secs(1)));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_bad_key_is_not_tried_again_and_not_told() {
    for provider in ["openai", "anthropic", "gemini"] {
        let server = MockServer::start().await;
        let told = json!({"error": {"message": format!("Incorrect API key provided: {KEY}")}});
        let no = ResponseTemplate::new(401).set_body_json(told);
        Mock::given(method("POST"))
            .respond_with(no)
            .expect(1)
            .mount(&server)
            .await;
        let more = [
            ("MODEL_PRICE_PER_MTOK_IN", "1"),
            ("MODEL_PRICE_PER_MTOK_OUT", "1"),
        ];
        let model = model(provider, "m", &server, &more);
        let error = ask(&model).await.unwrap_err();
        let expected = "the provider refused the request with status 401: \
                        Incorrect API key provided: [key]";
        assert_eq!(error.to_string(), expected);
        let shown = format!("{error:?} {:?}", model.settings);
        assert!(!shown.contains(KEY), "{shown}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_take_the_key_along() {
    let server = MockServer::start().await;
    let moved = ResponseTemplate::new(307).insert_header("location", "/elsewhere");
    Mock::given(method("POST"))
        .respond_with(moved)
        .expect(1)
        .mount(&server)
        .await;
    let error = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ModelError::Refused { status: 307, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_model_that_declines_is_paid_and_not_asked_again() {
    for (provider, name, body, reason) in [
        (
            "openai",
            "gpt-4o-mini",
            json!({
                "choices": [{"message": {"content": null, "refusal": "I cannot."}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 1},
            }),
            "refusal",
        ),
        (
            "anthropic",
            "claude-haiku-4-5",
            json!({
                "content": [], "stop_reason": "refusal", "usage": {"input_tokens": 10, "output_tokens": 1},
            }),
            "refusal",
        ),
        (
            "gemini",
            "gemini-2.5-flash",
            json!({
                "promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 10},
            }),
            "SAFETY",
        ),
        (
            "bedrock",
            "amazon.nova-lite-v1:0",
            json!({
                "output": {"message": {"content": [{"text": "no"}]}}, "stopReason": "guardrail_intervened",
                "usage": {"inputTokens": 10, "outputTokens": 1},
            }),
            "guardrail_intervened",
        ),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_json(body);
        Mock::given(method("POST"))
            .respond_with(answer)
            .expect(1)
            .mount(&server)
            .await;
        let error = ask(&model(provider, name, &server, &[])).await.unwrap_err();
        assert!(error.spent().cost.micro_usd() > 0);
        assert_eq!(
            error.to_string(),
            format!("the model declined to answer: {reason}")
        );
    }
}

#[tokio::test]
async fn what_the_provider_did_not_count_is_counted_at_its_most() {
    let server = MockServer::start().await;
    let uncounted = json!({"choices": [{"message": {"content": GOOD}}]});
    let answer = ResponseTemplate::new(200).set_body_json(uncounted);
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let found = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap();
    let sent = server.received_requests().await.unwrap()[0].body.len() as u64;
    assert_eq!((found.input_tokens, found.output_tokens), (sent, 2_000));
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let server = MockServer::start().await;
    // Nobody listens on the first port.
    let more = [
        ("MODEL_BASE_URL", "http://127.0.0.1:1"),
        ("MODEL_TIMEOUT_SECONDS", "4"),
    ];
    let error = ask(&model("openai", "gpt-4o-mini", &server, &more))
        .await
        .unwrap_err();
    let told = error.to_string();
    assert!(
        told.starts_with("the model could not be reached: no connection: "),
        "{told}"
    );
    assert!(!told.contains("127.0.0.1:1/"), "{told}");
}
