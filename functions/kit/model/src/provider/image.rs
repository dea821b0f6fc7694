//! What providers of pictures are sent, and how their answers read.
//!
//! `OpenAI`: `POST /images/generations` of the GPT image models. Bedrock: `InvokeModel` with the native
//! body of Amazon's models (Titan Image Generator, Nova Canvas: `TEXT_IMAGE`) or Stability's.

use baton_domain::Timestamp;
use serde_json::{Value, json};

use super::sigv4::{self, Signer};
use super::{Keys, Outgoing, json_request, text};
use crate::image::{ImageOrder, Settings, Shape};
use crate::settings::Provider;

/// The largest seed that all of Bedrock's models take.
const MOST_SEED: u32 = 858_993_459;

/// The request for one attempt, at this time.
pub(crate) fn outgoing(settings: &Settings, order: &ImageOrder, now: Timestamp) -> Outgoing {
    match settings.provider {
        Provider::Bedrock => bedrock(settings, order, now),
        _ => openai(settings, order),
    }
}

fn openai(settings: &Settings, order: &ImageOrder) -> Outgoing {
    let size = match order.shape {
        Shape::Square => "1024x1024",
        Shape::Landscape => "1536x1024",
        Shape::Portrait => "1024x1536",
    };
    let body = json!({
        "model": settings.model,
        "prompt": order.prompt,
        "n": 1,
        "size": size,
        "quality": settings.quality.as_deref().unwrap_or("medium"),
        "output_format": "png",
    });
    let mut request = json_request(format!("{}/images/generations", settings.base_url), &body);
    if let Some(key) = settings.keys.header() {
        let value = format!("Bearer {key}");
        request.headers.push(("authorization", value));
    }
    request
}

fn bedrock(settings: &Settings, order: &ImageOrder, now: Timestamp) -> Outgoing {
    let seed = order.seed % (MOST_SEED + 1);
    let body = if settings.model.contains("stability.") {
        let ratio = match order.shape {
            Shape::Square => "1:1",
            Shape::Landscape => "3:2",
            Shape::Portrait => "2:3",
        };
        json!({"prompt": order.prompt, "mode": "text-to-image", "aspect_ratio": ratio,
               "seed": seed, "output_format": "png"})
    } else {
        // Sizes that both of Amazon's models draw.
        let (width, height) = match order.shape {
            Shape::Square => (768, 768),
            Shape::Landscape => (1152, 768),
            Shape::Portrait => (768, 1152),
        };
        let quality = settings.quality.as_deref().unwrap_or("standard");
        json!({
            "taskType": "TEXT_IMAGE",
            "textToImageParams": {"text": order.prompt},
            "imageGenerationConfig": {"numberOfImages": 1, "quality": quality, "width": width,
                                      "height": height, "seed": seed},
        })
    };
    let path = format!("/model/{}/invoke", sigv4::encoded(&settings.model));
    let mut request = json_request(format!("{}{path}", settings.base_url), &body);
    request
        .headers
        .push(("accept", "application/json".to_owned()));
    if let Keys::Aws {
        region,
        id,
        secret,
        session,
    } = &settings.keys
    {
        let signer = Signer {
            region,
            service: "bedrock",
            id,
            secret,
            session: session.as_ref(),
        };
        signer.sign("POST", &mut request, now);
    }
    request
}

/// The picture in base64 and what was counted, or why there is none.
pub(crate) fn read(provider: Provider, body: &Value) -> (Result<String, String>, (u64, u64)) {
    let count = |field: &str| body["usage"][field].as_u64().unwrap_or(0);
    let tokens = (count("input_tokens"), count("output_tokens"));
    if provider != Provider::Bedrock {
        let picture = text(&body["data"][0]["b64_json"]);
        return (picture.ok_or_else(|| "no picture".to_owned()), tokens);
    }
    // Amazon says why in `error`, Stability in `finish_reasons`.
    let stopped = text(&body["error"]).or_else(|| text(&body["finish_reasons"][0]));
    let picture = match (stopped, text(&body["images"][0])) {
        (Some(reason), _) => Err(reason),
        (None, picture) => picture.ok_or_else(|| "no picture".to_owned()),
    };
    (picture, tokens)
}
