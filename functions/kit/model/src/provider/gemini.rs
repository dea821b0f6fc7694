//! Gemini's `generateContent`.

use serde_json::{Value, json};

use super::{Outgoing, Reply, joined, json_request, sum, text};
use crate::Prompt;
use crate::schema::portable;
use crate::settings::Settings;

pub(super) fn outgoing(settings: &Settings, prompt: &Prompt, schema: &Value) -> Outgoing {
    let mut config = json!({
        "maxOutputTokens": settings.max_tokens,
        "responseMimeType": "application/json",
    });
    if let Some(schema) = portable(schema) {
        config["responseJsonSchema"] = schema;
    }
    if settings.thinks {
        config["thinkingConfig"] = json!({"thinkingLevel": "low"});
    }
    if let Some(temperature) = settings.temperature {
        config["temperature"] = json!(temperature);
    }
    let body = json!({
        "systemInstruction": {"parts": [{"text": prompt.system}]},
        "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
        "generationConfig": config,
    });
    let (base, model) = (&settings.base_url, &settings.model);
    let url = format!("{base}/v1beta/models/{model}:generateContent");
    let mut request = json_request(url, &body);
    if let Some(key) = settings.keys.header() {
        request.headers.push(("x-goog-api-key", key.to_owned()));
    }
    request
}

pub(super) fn read(body: &Value) -> Reply {
    let candidate = &body["candidates"][0];
    let parts = candidate["content"]["parts"].as_array();
    let spoken = parts
        .into_iter()
        .flatten()
        .filter(|part| part["thought"] != true);
    let answer = joined(spoken.map(|part| &part["text"]));
    let blocked = text(&body["promptFeedback"]["blockReason"]);
    let reason = text(&candidate["finishReason"]);
    let unfinished = reason.filter(|reason| reason != "STOP" && reason != "MAX_TOKENS");
    let usage = &body["usageMetadata"];
    Reply {
        declined: blocked.or(unfinished),
        text: answer,
        input_tokens: usage["promptTokenCount"].as_u64(),
        // Thoughts are billed as output and counted apart. All of the output may be thoughts.
        output_tokens: sum(&usage["candidatesTokenCount"], &usage["thoughtsTokenCount"])
            .or_else(|| usage["thoughtsTokenCount"].as_u64()),
    }
}
