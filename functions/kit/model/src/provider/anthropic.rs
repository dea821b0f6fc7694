//! Anthropic's messages. The answer is constrained by `output_config.format`: models that always
//! think refuse to be forced to a tool.

use serde_json::{Value, json};

use super::{Outgoing, Reply, joined, json_request, sum, text};
use crate::Prompt;
use crate::schema::{is_recursive, portable};
use crate::settings::Settings;

pub(super) fn outgoing(settings: &Settings, prompt: &Prompt, schema: &Value) -> Outgoing {
    let mut body = json!({
        "model": settings.model,
        "max_tokens": settings.max_tokens,
        "system": prompt.system,
        "messages": [{"role": "user", "content": prompt.user}],
    });
    if let Some(schema) = portable(schema).filter(|schema| !is_recursive(schema)) {
        body["output_config"]["format"] = json!({"type": "json_schema", "schema": schema});
    }
    if settings.thinks {
        body["output_config"]["effort"] = json!("low");
    }
    if let Some(temperature) = settings.temperature {
        // Its range ends at 1, where others' ends at 2.
        body["temperature"] = json!(temperature.min(1.0));
    }
    let mut request = json_request(format!("{}/v1/messages", settings.base_url), &body);
    request
        .headers
        .push(("anthropic-version", "2023-06-01".to_owned()));
    if let Some(key) = settings.keys.header() {
        request.headers.push(("x-api-key", key.to_owned()));
    }
    request
}

pub(super) fn read(body: &Value) -> Reply {
    let blocks = body["content"].as_array().into_iter().flatten();
    let usage = &body["usage"];
    let refused = body["stop_reason"] == "refusal";
    Reply {
        text: joined(blocks.map(|block| &block["text"])),
        declined: text(&body["stop_reason"]).filter(|_| refused),
        input_tokens: sum(&usage["input_tokens"], &usage["cache_read_input_tokens"]),
        output_tokens: usage["output_tokens"].as_u64(),
    }
}
