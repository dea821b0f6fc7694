//! Ollama's chat.

use serde_json::{Value, json};

use super::{Outgoing, Reply, json_request, text};
use crate::Prompt;
use crate::schema::portable;
use crate::settings::Settings;

pub(super) fn outgoing(settings: &Settings, prompt: &Prompt, schema: &Value) -> Outgoing {
    let mut options = json!({"num_predict": settings.max_tokens});
    if let Some(temperature) = settings.temperature {
        options["temperature"] = json!(temperature);
    }
    let body = json!({
        "model": settings.model,
        "stream": false,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "format": portable(schema).unwrap_or_else(|| json!("json")),
        "options": options,
    });
    json_request(format!("{}/api/chat", settings.base_url), &body)
}

pub(super) fn read(body: &Value) -> Reply {
    Reply {
        text: text(&body["message"]["content"]),
        declined: None,
        input_tokens: body["prompt_eval_count"].as_u64(),
        output_tokens: body["eval_count"].as_u64(),
    }
}
