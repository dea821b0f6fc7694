//! Each provider's wire, spoken by a server on this machine.

use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const KEY: &str = "sk-very-secret-key";
/// `picture` in base64.
const PICTURE: &str = "cGljdHVyZQ==";

fn order(shape: Shape) -> ImageOrder {
    ImageOrder {
        prompt: "A boot in the rain".to_owned(),
        shape,
        seed: 858_993_465,
    }
}

fn model(provider: &str, name: &str, url: &str) -> Arc<dyn ImageModel> {
    let found = images_from_lookup(|asked| {
        let value = match asked {
            "IMAGE_PROVIDER" => provider,
            "IMAGE_MODEL" => name,
            "IMAGE_PRICE_USD" => "0.042",
            "IMAGE_BASE_URL" => url,
            "IMAGE_TIMEOUT_SECONDS" => "5",
            "AWS_REGION" => "eu-central-1",
            "AWS_ACCESS_KEY_ID" => "AKIDEXAMPLE",
            "OPENAI_API_KEY" | "AWS_SECRET_ACCESS_KEY" => KEY,
            _ => return None,
        };
        Some(value.to_owned())
    });
    found.unwrap().unwrap()
}

async fn server(at: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let mock = Mock::given(method("POST"))
        .and(path(at))
        .respond_with(answer);
    mock.mount(&server).await;
    server
}

async fn sent(server: &MockServer) -> Value {
    server.received_requests().await.unwrap()[0]
        .body_json()
        .unwrap()
}

#[tokio::test]
async fn openai_is_asked_for_a_png() {
    let server = MockServer::start().await;
    let answer = json!({"created": 1, "data": [{"b64_json": PICTURE}], "output_format": "png",
        "usage": {"total_tokens": 1_100, "input_tokens": 12, "output_tokens": 1_088}});
    Mock::given(method("POST"))
        .and(path("/v1/images/generations"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let model = model("openai", "gpt-image-1", &format!("{}/v1", server.uri()));
    let drawing = model.draw(&order(Shape::Landscape)).await.unwrap();
    assert_eq!(drawing.bytes, b"picture");
    let spent = drawing.spent;
    assert_eq!(
        (
            spent.cost.micro_usd(),
            spent.input_tokens,
            spent.output_tokens
        ),
        (42_000, 12, 1_088)
    );
    assert_eq!(
        sent(&server).await,
        json!({"model": "gpt-image-1", "prompt": "A boot in the rain", "n": 1, "size": "1536x1024",
            "quality": "medium", "output_format": "png"})
    );
}

#[tokio::test]
async fn amazons_models_are_invoked_signed() {
    let answer =
        ResponseTemplate::new(200).set_body_json(json!({"images": [PICTURE], "error": null}));
    for name in [
        "amazon.nova-canvas-v1:0",
        "amazon.titan-image-generator-v2:0",
    ] {
        let at = format!("/model/{}/invoke", name.replace(':', "%3A"));
        let server = server(&at, answer.clone()).await;
        let drawing = model("bedrock", name, &server.uri())
            .draw(&order(Shape::Square))
            .await;
        assert_eq!(drawing.unwrap().bytes, b"picture");
        assert_eq!(
            sent(&server).await,
            json!({"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "A boot in the rain"},
                "imageGenerationConfig": {"numberOfImages": 1, "quality": "standard", "width": 768,
                    "height": 768, "seed": 5}})
        );
        let requests = server.received_requests().await.unwrap();
        let signature = requests[0].headers["authorization"].to_str().unwrap();
        let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/";
        assert!(
            signature.starts_with(start)
                && signature.contains("/eu-central-1/bedrock/aws4_request")
        );
        assert!(
            signature.contains("SignedHeaders=accept;content-type;host;x-amz-date"),
            "{signature}"
        );
    }
}

#[tokio::test]
async fn stabilitys_models_have_their_own_body() {
    let name = "stability.stable-image-core-v1:1";
    let answer = json!({"images": [PICTURE], "seeds": [5], "finish_reasons": [null]});
    let at = "/model/stability.stable-image-core-v1%3A1/invoke";
    let server = server(at, ResponseTemplate::new(200).set_body_json(answer)).await;
    model("bedrock", name, &server.uri())
        .draw(&order(Shape::Portrait))
        .await
        .unwrap();
    assert_eq!(
        sent(&server).await,
        json!({"prompt": "A boot in the rain", "mode": "text-to-image", "aspect_ratio": "2:3",
            "seed": 5, "output_format": "png"})
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_with_what_it_cost_and_without_the_key() {
    let at = "/model/amazon.nova-canvas-v1%3A0/invoke";
    let cases = [
        (
            200,
            json!({"images": [], "error": "blocked by our filters"}),
            "ModelDeclined",
            42_000,
        ),
        (
            200,
            json!({"images": ["%%%"], "error": null}),
            "ModelUnusable",
            42_000,
        ),
        (200, json!({}), "ModelDeclined", 42_000),
        (
            400,
            json!({"message": format!("{KEY} is malformed")}),
            "ModelRefused",
            0,
        ),
    ];
    for (status, body, code, cost) in cases {
        let server = server(at, ResponseTemplate::new(status).set_body_json(body)).await;
        let drawn = model("bedrock", "amazon.nova-canvas-v1:0", &server.uri())
            .draw(&order(Shape::Square))
            .await;
        let error = drawn.unwrap_err();
        assert_eq!(
            (error.code(), error.spent().cost.micro_usd()),
            (code, cost),
            "{error}"
        );
        assert!(!error.to_string().contains(KEY));
    }
}

#[tokio::test]
async fn a_throttled_attempt_is_made_again() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    Mock::given(method("POST"))
        .respond_with(busy)
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({"data": [{"b64_json": PICTURE}]}));
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let drawing = model("openai", "gpt-image-1", &server.uri())
        .draw(&order(Shape::Square))
        .await;
    assert_eq!(drawing.unwrap().bytes, b"picture");
}

#[test]
fn settings_name_what_is_missing() {
    let with = |pairs: &[(&str, &str)]| {
        let found = images_from_lookup(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        });
        found
            .map(|model| model.is_some())
            .map_err(|error| error.variable)
    };
    assert_eq!(with(&[]), Ok(false));
    assert_eq!(with(&[("IMAGE_PROVIDER", "offline")]), Ok(false));
    assert_eq!(with(&[("IMAGE_PROVIDER", "paint")]), Err("IMAGE_PROVIDER"));
    assert_eq!(with(&[("IMAGE_PROVIDER", "openai")]), Err("OPENAI_API_KEY"));
    let keyed = [("IMAGE_PROVIDER", "openai"), ("OPENAI_API_KEY", "x")];
    assert_eq!(with(&keyed), Err("IMAGE_PRICE_USD"));
    let priced = [&keyed[..], &[("IMAGE_PRICE_USD", "0.01")]].concat();
    assert_eq!(with(&priced), Err("IMAGE_MODEL"));
    let all = [&priced[..], &[("IMAGE_MODEL", "gpt-image-1")]].concat();
    assert_eq!(with(&all), Ok(true));
    let elsewhere = [&all[..], &[("IMAGE_BASE_URL", "ftp://x")]].concat();
    assert_eq!(with(&elsewhere), Err("IMAGE_BASE_URL"));
}
