//! What each provider is sent, and how its answers read.

use serde_json::{Value, json};
use wiremock::matchers::{header, header_exists, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

#[tokio::test]
async fn openai_is_held_to_the_schema() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/chat/completions"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .respond_with(openai(GOOD))
        .expect(1)
        .mount(&server)
        .await;
    let found = ask(&model("openai", "gpt-4o-mini", &server, &[]))
        .await
        .unwrap();
    assert_eq!(found.value.subject, "Spring");
    // 1,000 × $0.15 and 100 × $0.60 per million.
    assert_eq!(
        (
            found.cost.micro_usd(),
            found.input_tokens,
            found.output_tokens
        ),
        (210, 1_000, 100)
    );
    assert_eq!(found.method.name, "openai/gpt-4o-mini");
    let body = body(&server).await;
    assert_eq!(
        body["response_format"]["json_schema"]["schema"],
        portable_schema()
    );
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    assert_eq!(
        (&body["temperature"], &body["max_completion_tokens"]),
        (&json!(0.7), &json!(2_000))
    );
    // Bounds are told, and what a caller brought stays in its fence, apart from what we say.
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with("You write.") && system.contains("\"maxLength\":10"));
    assert!(!system.contains("ignore previous"));
    assert_eq!(body["messages"][1]["content"], prompt().user);
}

#[tokio::test]
async fn a_model_that_thinks_is_told_to_think_little() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(openai(GOOD))
        .mount(&server)
        .await;
    ask(&model("openai", "gpt-6-luna", &server, &[]))
        .await
        .unwrap();
    let body = body(&server).await;
    assert_eq!(body["reasoning_effort"], "low");
    assert!(body.get("temperature").is_none());
}

#[tokio::test]
async fn anthropic_is_held_to_the_schema() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/messages"))
        .and(header("x-api-key", KEY))
        .and(header("anthropic-version", "2023-06-01"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer("anthropic")))
        .expect(1)
        .mount(&server)
        .await;
    let found = ask(&model("anthropic", "claude-haiku-5-5", &server, &[]))
        .await
        .unwrap();
    assert_eq!(
        (found.value.subject.as_str(), found.cost.micro_usd()),
        ("Spring", 150)
    );
    let body = body(&server).await;
    let config =
        json!({"effort": "low", "format": {"type": "json_schema", "schema": portable_schema()}});
    assert_eq!(body["output_config"], config);
    assert!(body.get("temperature").is_none() && body.get("tool_choice").is_none());
    assert_eq!(body["max_tokens"], 2_000);
}

#[tokio::test]
async fn gemini_is_held_to_the_schema() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1beta/models/gemini-2.5-flash:generateContent"))
        .and(header("x-goog-api-key", KEY))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer("gemini")))
        .expect(1)
        .mount(&server)
        .await;
    let found = ask(&model("gemini", "gemini-2.5-flash", &server, &[]))
        .await
        .unwrap();
    // 1,000 × $0.30 and (60 + 40) × $2.50 per million.
    assert_eq!(
        (found.value.subject.as_str(), found.cost.micro_usd()),
        ("Spring", 550)
    );
    let body = body(&server).await;
    let config = &body["generationConfig"];
    assert_eq!(config["responseJsonSchema"], portable_schema());
    assert_eq!(config["responseMimeType"], "application/json");
    assert_eq!(
        (&config["temperature"], &config["maxOutputTokens"]),
        (&json!(0.7), &json!(2_000))
    );
}

#[tokio::test]
async fn bedrock_is_signed_and_held_to_the_schema() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("x-amz-security-token", "a-session"))
        .and(header_exists("x-amz-date"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer("bedrock")))
        .expect(1)
        .mount(&server)
        .await;
    let found = ask(&model("bedrock", "eu.amazon.nova-lite-v1:0", &server, &[]))
        .await
        .unwrap();
    assert_eq!(
        (found.value.subject.as_str(), found.cost.micro_usd()),
        ("Spring", 84)
    );
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(
        request.url.path(),
        "/model/eu.amazon.nova-lite-v1%3A0/converse"
    );
    let proof = request.headers["authorization"].to_str().unwrap();
    assert!(
        proof.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{proof}"
    );
    let signed = "/eu-central-1/bedrock/aws4_request, \
                  SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=";
    assert!(proof.contains(signed) && !proof.contains(KEY), "{proof}");
    let body: Value = request.body_json().unwrap();
    assert_eq!(
        body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"],
        portable_schema()
    );
    assert_eq!(
        body["toolConfig"]["toolChoice"],
        json!({"tool": {"name": "answer"}})
    );
}

#[tokio::test]
async fn claude_on_bedrock_is_not_forced_to_a_tool() {
    let server = MockServer::start().await;
    let text = json!({
        "output": {"message": {"content": [{"reasoningContent": {}}, {"text": GOOD}]}},
        "stopReason": "end_turn", "usage": {"inputTokens": 10, "outputTokens": 10},
    });
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_json(text))
        .mount(&server)
        .await;
    let found = ask(&model(
        "bedrock",
        "anthropic.claude-haiku-5-5",
        &server,
        &[],
    ))
    .await;
    assert_eq!(found.unwrap().value.subject, "Spring");
    let body = body(&server).await;
    assert!(body.get("toolConfig").is_none());
    let format = &body["outputConfig"]["textFormat"];
    let schema = format["structure"]["jsonSchema"]["schema"]
        .as_str()
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(schema).unwrap(),
        portable_schema()
    );
}

#[tokio::test]
async fn ollama_is_held_to_the_schema_and_is_free() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/chat"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer("ollama")))
        .expect(1)
        .mount(&server)
        .await;
    let found = ask(&model("ollama", "llama3.3", &server, &[]))
        .await
        .unwrap();
    assert_eq!((found.cost.micro_usd(), found.input_tokens), (0, 1_000));
    let body = body(&server).await;
    assert_eq!(
        (&body["format"], &body["stream"]),
        (&portable_schema(), &json!(false))
    );
    assert_eq!(
        body["options"],
        json!({"num_predict": 2_000, "temperature": 0.7})
    );
}
