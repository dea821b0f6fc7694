//! Bedrock's Converse. Claude is constrained by `outputConfig`, Nova by a tool that it must call;
//! other models are told the schema in the prompt alone, since many take neither.

use baton_domain::Timestamp;
use serde_json::{Value, json};

use super::sigv4::{self, Signer};
use super::{Keys, Outgoing, Reply, joined, json_request, text};
use crate::Prompt;
use crate::schema::{is_recursive, portable};
use crate::settings::Settings;

pub(super) fn outgoing(
    settings: &Settings,
    prompt: &Prompt,
    schema: &Value,
    now: Timestamp,
) -> Outgoing {
    let mut inference = json!({"maxTokens": settings.max_tokens});
    if let Some(temperature) = settings.temperature {
        inference["temperature"] = json!(temperature.min(1.0));
    }
    let mut body = json!({
        "system": [{"text": prompt.system}],
        "messages": [{"role": "user", "content": [{"text": prompt.user}]}],
        "inferenceConfig": inference,
    });
    constrain(&mut body, &settings.model, schema);
    // A model's name may hold a colon, or be an ARN with slashes.
    let path = format!("/model/{}/converse", sigv4::encoded(&settings.model));
    let mut request = json_request(format!("{}{path}", settings.base_url), &body);
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

fn constrain(body: &mut Value, model: &str, schema: &Value) {
    let Some(schema) = portable(schema).filter(|schema| !is_recursive(schema)) else {
        return;
    };
    if model.contains("anthropic.") {
        // The schema travels as text here.
        let structure = json!({"jsonSchema": {"name": "answer", "schema": schema.to_string()}});
        body["outputConfig"]["textFormat"] = json!({"type": "json_schema", "structure": structure});
    } else if model.contains("amazon.nova") {
        body["toolConfig"] = json!({
            "tools": [{"toolSpec": {
                "name": "answer",
                "description": "Gives the answer.",
                "inputSchema": {"json": schema},
            }}],
            "toolChoice": {"tool": {"name": "answer"}},
        });
    }
}

pub(super) fn read(body: &Value) -> Reply {
    let blocks = body["output"]["message"]["content"].as_array();
    let blocks = blocks.map_or(&[][..], Vec::as_slice);
    let called = blocks
        .iter()
        .find_map(|block| block["toolUse"].get("input"));
    let stop = text(&body["stopReason"]);
    let stopped = stop.filter(|stop| {
        stop == "guardrail_intervened" || stop == "content_filtered" || stop == "refusal"
    });
    Reply {
        text: called
            .map(Value::to_string)
            .or_else(|| joined(blocks.iter().map(|block| &block["text"]))),
        declined: stopped,
        input_tokens: body["usage"]["inputTokens"].as_u64(),
        output_tokens: body["usage"]["outputTokens"].as_u64(),
    }
}
