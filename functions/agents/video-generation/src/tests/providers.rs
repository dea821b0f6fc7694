//! Both providers' wire formats, spoken by a server on this machine, with their faults.

use std::time::Duration;

use crate::VideoGeneration;
use baton_agent::{Failure, invoke};
use baton_partners::video::VideoSettings;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "s3cret-key";

fn agent(server: &MockServer, provider: &str) -> VideoGeneration {
    let (url, key) = match provider {
        "d-id" => ("D_ID_BASE_URL", "D_ID_API_KEY"),
        _ => ("HEYGEN_BASE_URL", "HEYGEN_API_KEY"),
    };
    let settings = VideoSettings::from_lookup(|name| match name {
        name if name == url => Some(server.uri()),
        name if name == key => Some(KEY.to_owned()),
        "VIDEO_WEBHOOK_SECRET" => Some("0123456789abcdef0123456789abcdef".to_owned()),
        "VIDEO_TIMEOUT_SECONDS" => Some("1".to_owned()),
        _ => None,
    });
    VideoGeneration::with_settings(settings.unwrap()).unwrap()
}

fn submission() -> Value {
    json!({
        "mode": "submit", "reference": "run_1", "title": "Dry feet",
        "scenes": [{"text": "Rain & wind?"}, {"text": "Have a look."}],
        "ssml": "<speak><prosody rate=\"95%\"><p>Rain &amp; wind?</p><break time=\"400ms\"/><p>Have a look.</p></prosody></speak>",
        "voice": {"voice_id": "en-US-JennyNeural", "provider": "tolerated"},
        "rate_percent": 95, "pitch_percent": -2,
        "presenter": {"image_url": "https://img.example/ada.jpg", "avatar_id": "Ada-20220820"},
        "webhook_url": "https://baton.example/hooks/video",
    })
}

fn poll(job_id: &str) -> Value {
    json!({"mode": "poll", "reference": "run_1", "job_id": job_id})
}

async fn ask(agent: &VideoGeneration, input: Value) -> Result<Value, Failure> {
    invoke(agent, json!({ "input": input })).await
}

async fn answers(server: &MockServer, verb: &str, at: &str, answer: ResponseTemplate) {
    let mock = Mock::given(method(verb)).and(path(at)).respond_with(answer);
    mock.mount(server).await;
}

fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

async fn sent(server: &MockServer) -> Value {
    let requests = server.received_requests().await.unwrap();
    let post = requests
        .iter()
        .find(|request| request.method.as_str() == "POST");
    post.unwrap().body_json().unwrap()
}

#[tokio::test]
async fn d_id_is_told_what_it_documents() {
    let server = MockServer::start().await;
    answers(&server, "GET", "/talks", ok(json!({"talks": []}))).await;
    Mock::given(method("POST"))
        .and(path("/talks"))
        .and(header("authorization", "Basic s3cret-key"))
        .respond_with(
            ResponseTemplate::new(201)
                .set_body_json(json!({"id": "tlk_1", "status": "created", "object": "talk"})),
        )
        .expect(1)
        .mount(&server)
        .await;
    let answer = ask(&agent(&server, "d-id"), submission()).await.unwrap();
    assert_eq!(answer["method"]["name"], "d-id-talks");
    let output = &answer["output"];
    assert_eq!(
        (&output["status"], &output["provider"], &output["job_id"]),
        (&json!("submitted"), &json!("d-id"), &json!("tlk_1"))
    );
    let body = sent(&server).await;
    assert_eq!(body["source_url"], "https://img.example/ada.jpg");
    assert_eq!(body["user_data"], "run_1");
    assert_eq!(
        body["script"],
        json!({
            "type": "text", "ssml": true, "provider": {"type": "microsoft", "voice_id": "en-US-JennyNeural"},
            "input": "<prosody rate=\"-5%\"><p>Rain &amp; wind?</p><break time=\"400ms\"/><p>Have a look.</p></prosody>",
        })
    );
    let webhook = body["webhook"].as_str().unwrap();
    assert!(
        webhook.starts_with("https://baton.example/hooks/video/d-id?token=") && webhook.len() > 100
    );
}

#[tokio::test]
async fn heygen_is_told_what_it_documents() {
    let server = MockServer::start().await;
    answers(
        &server,
        "GET",
        "/v1/video.list",
        ok(json!({"code": 100, "data": {"videos": []}})),
    )
    .await;
    Mock::given(method("POST"))
        .and(path("/v2/video/generate"))
        .and(header("x-api-key", KEY))
        .respond_with(ok(json!({"error": null, "data": {"video_id": "v1"}})))
        .expect(1)
        .mount(&server)
        .await;
    let answer = ask(&agent(&server, "heygen"), submission()).await.unwrap();
    assert_eq!(answer["output"]["job_id"], "v1");
    let body = sent(&server).await;
    assert_eq!(
        (&body["callback_id"], &body["title"]),
        (&json!("run_1"), &json!("Dry feet [run_1]"))
    );
    assert_eq!(body["dimension"], json!({"width": 1280, "height": 720}));
    assert_eq!(
        body["video_inputs"][0],
        json!({
            "character": {"type": "avatar", "avatar_id": "Ada-20220820", "avatar_style": "normal"},
            "voice": {"type": "text", "input_text": "Rain & wind?", "voice_id": "en-US-JennyNeural", "speed": 0.95, "pitch": -2},
        })
    );
    assert_eq!(body["video_inputs"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn submitting_again_pays_once() {
    let server = MockServer::start().await;
    let talks = json!({"talks": [
        {"id": "tlk_0", "user_data": "run_1", "status": "error"},
        {"id": "tlk_9", "user_data": "run_9", "status": "done"},
        {"id": "tlk_1", "user_data": "run_1", "status": "started"},
    ]});
    answers(&server, "GET", "/talks", ok(talks)).await;
    let videos = json!({"code": 100, "data": {"videos": [
        {"video_id": "v0", "video_title": "Dry feet [run_1]", "status": "failed"},
        {"video_id": "v1", "video_title": "Dry feet [run_1]", "status": "processing"},
    ]}});
    answers(&server, "GET", "/v1/video.list", ok(videos)).await;
    for (provider, job_id) in [("d-id", "tlk_1"), ("heygen", "v1")] {
        let answer = ask(&agent(&server, provider), submission()).await.unwrap();
        assert_eq!(answer["output"]["job_id"], job_id);
        assert!(
            answer["warnings"][0]
                .as_str()
                .unwrap()
                .contains("it is taken")
        );
    }
    let requests = server.received_requests().await.unwrap();
    assert!(
        requests
            .iter()
            .all(|request| request.method.as_str() == "GET")
    );
}

#[tokio::test]
async fn polling_tells_how_far_it_is() {
    let cases = [
        (
            "d-id",
            json!({"id": "j", "status": "created", "pending_url": "s3://x"}),
            "processing",
            "",
        ),
        (
            "d-id",
            json!({"id": "j", "status": "started", "duration": 14}),
            "processing",
            "",
        ),
        (
            "d-id",
            json!({"id": "j", "status": "done", "result_url": "https://d.example/v.mp4", "duration": 14}),
            "done",
            "",
        ),
        (
            "d-id",
            json!({"id": "j", "status": "error", "error": {"kind": "FaceError", "description": "no face"}}),
            "failed",
            "no face",
        ),
        (
            "d-id",
            json!({"id": "j", "status": "rejected"}),
            "failed",
            "it does not say why",
        ),
        (
            "heygen",
            json!({"code": 100, "data": {"status": "waiting"}}),
            "processing",
            "",
        ),
        (
            "heygen",
            json!({"code": 100, "data": {"status": "completed", "video_url": "https://h.example/v.mp4", "duration": 14.0}}),
            "done",
            "",
        ),
        (
            "heygen",
            json!({"code": 100, "data": {"status": "failed", "error": {"code": 40119, "message": "too long"}}}),
            "failed",
            "too long",
        ),
    ];
    for (provider, body, status, reason) in cases {
        let server = MockServer::start().await;
        answers(&server, "GET", "/talks/j", ok(body.clone())).await;
        Mock::given(method("GET"))
            .and(path("/v1/video_status.get"))
            .and(query_param("video_id", "j"))
            .respond_with(ok(body.clone()))
            .mount(&server)
            .await;
        let output = ask(&agent(&server, provider), poll("j")).await.unwrap()["output"].clone();
        assert_eq!(output["status"], status, "{body}");
        assert_eq!(
            output["reason"].as_str().unwrap_or_default(),
            reason,
            "{body}"
        );
        if status == "done" {
            assert_eq!(output["video"]["duration_seconds"], 14.0, "{body}");
        }
    }
}

#[tokio::test]
async fn processing_for_ever_is_told_every_time() {
    let server = MockServer::start().await;
    answers(
        &server,
        "GET",
        "/talks/j",
        ok(json!({"id": "j", "status": "started"})),
    )
    .await;
    let agent = agent(&server, "d-id");
    for _ in 0..20 {
        assert_eq!(
            ask(&agent, poll("j")).await.unwrap()["output"]["status"],
            "processing"
        );
    }
}

#[tokio::test]
async fn faults_have_codes_and_quote_no_key() {
    let refusal = json!({"kind": "AuthorizationError", "description": format!("bad key {KEY}")});
    for (answer, code) in [
        (
            ResponseTemplate::new(429).insert_header("retry-after", "7"),
            "VideoUnavailable",
        ),
        (
            ResponseTemplate::new(500).set_body_string("<html>"),
            "VideoUnavailable",
        ),
        (
            ResponseTemplate::new(401).set_body_json(&refusal),
            "VideoRefused",
        ),
        (
            ResponseTemplate::new(402).set_body_json(&refusal),
            "VideoRefused",
        ),
        (
            ResponseTemplate::new(302).insert_header("location", "https://evil.example/"),
            "VideoRefused",
        ),
        (ResponseTemplate::new(404), "VideoNotFound"),
        (
            ResponseTemplate::new(200).set_body_string("<html>"),
            "VideoMalformed",
        ),
        (
            ok(json!({"status": "done", "result_url": "http://plain.example/"})),
            "VideoMalformed",
        ),
        (
            ok(json!({})).set_delay(Duration::from_secs(3)),
            "VideoTimedOut",
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(answer.clone())
            .mount(&server)
            .await;
        for provider in ["d-id", "heygen"] {
            let failure = ask(&agent(&server, provider), poll("j")).await.unwrap_err();
            assert_eq!(failure.code, code, "{provider}: {failure}");
            assert!(!failure.message.contains(KEY), "{failure}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let settings = VideoSettings::from_lookup(|name| match name {
        "D_ID_BASE_URL" => Some(url.clone()),
        "D_ID_API_KEY" => Some(KEY.to_owned()),
        _ => None,
    });
    let agent = VideoGeneration::with_settings(settings.unwrap()).unwrap();
    let failure = ask(&agent, poll("j")).await.unwrap_err();
    assert_eq!(failure.code, "VideoUnavailable");
}

#[tokio::test]
async fn nothing_is_submitted_where_looking_fails() {
    for provider in ["d-id", "heygen"] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(503))
            .mount(&server)
            .await;
        Mock::given(method("POST"))
            .respond_with(ok(json!({})))
            .expect(0)
            .mount(&server)
            .await;
        let failure = ask(&agent(&server, provider), submission())
            .await
            .unwrap_err();
        assert_eq!(failure.code, "VideoUnavailable");
    }
}

#[tokio::test]
async fn what_a_provider_needs_is_named() {
    let server = MockServer::start().await;
    for (provider, field, value, named) in [
        (
            "d-id",
            "presenter",
            json!({"image_url": "http://img.example/a.jpg"}),
            "presenter.image_url",
        ),
        ("heygen", "presenter", json!({}), "presenter.avatar_id"),
        ("heygen", "voice", json!(null), "voice"),
        (
            "d-id",
            "ssml",
            json!("<speak><audio src=\"x\"/></speak>"),
            "ssml",
        ),
        (
            "d-id",
            "webhook_url",
            json!("http://baton.example/"),
            "webhook_url",
        ),
        ("d-id", "provider", json!("heygen"), "provider"),
    ] {
        let mut input = submission();
        input[field] = value;
        let failure = ask(&agent(&server, provider), input).await.unwrap_err();
        assert!(failure.message.starts_with(named), "{provider}: {failure}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_id_stays_in_its_place() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ok(json!({"talks": []})))
        .mount(&server)
        .await;
    let agent = agent(&server, "d-id");
    for id in ["../talks", "..", "a/b", "?x", "#"] {
        assert!(ask(&agent, poll(id)).await.is_err(), "{id}");
    }
    for request in server.received_requests().await.unwrap() {
        assert!(request.url.path().starts_with("/talks/"), "{}", request.url);
        assert_eq!(
            request.url.path_segments().unwrap().count(),
            2,
            "{}",
            request.url
        );
    }
}
