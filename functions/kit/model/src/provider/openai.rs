//! `OpenAI`'s chat completions, which many servers speak.

use serde_json::{Value, json};

use super::{Outgoing, Reply, json_request, text};
use crate::Prompt;
use crate::schema::{portable, with_all_required};
use crate::settings::Settings;

pub(super) fn outgoing(settings: &Settings, prompt: &Prompt, schema: &Value) -> Outgoing {
    // Strict decoding takes less than JSON Schema. What it cannot take is sent as a wish.
    let portable = portable(schema).and_then(with_all_required);
    let format = json!({
        "name": "answer",
        "strict": portable.is_some(),
        "schema": portable.as_ref().unwrap_or(schema),
    });
    let mut body = json!({
        "model": settings.model,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "response_format": {"type": "json_schema", "json_schema": format},
    });
    // Servers that only speak the language often know the older word alone.
    let limit = if settings.listed {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    body[limit] = json!(settings.max_tokens);
    if let Some(temperature) = settings.temperature {
        body["temperature"] = json!(temperature);
    }
    if settings.thinks {
        body["reasoning_effort"] = json!("low");
    }
    let mut request = json_request(format!("{}/chat/completions", settings.base_url), &body);
    if let Some(key) = settings.keys.header() {
        request
            .headers
            .push(("authorization", format!("Bearer {key}")));
    }
    request
}

pub(super) fn read(body: &Value) -> Reply {
    let choice = &body["choices"][0];
    let filtered = choice["finish_reason"] == "content_filter";
    let refusal = text(&choice["message"]["refusal"]).map(|_| "refusal".to_owned());
    Reply {
        text: text(&choice["message"]["content"]),
        declined: refusal.or(filtered.then(|| "content_filter".to_owned())),
        input_tokens: body["usage"]["prompt_tokens"].as_u64(),
        // Reasoning is among the completion's tokens.
        output_tokens: body["usage"]["completion_tokens"].as_u64(),
    }
}
