//! The agent as a whole.

mod model;
mod offline;

use serde_json::{Value, json};

use super::*;

fn brief() -> Value {
    json!({
        "brand": {"name": "Fernhill", "voice": {"tone": ["plain"], "banned_words": ["cheap"], "banned_claims": ["clinically proven"]}},
        "product": "Ridge Boot",
        "benefits": ["Dry feet on long, wet walks", "No blisters from day one", "Soles that last 3 winters"],
        "features": ["Waxed leather", "A stitched welt"],
        "problem": "Wet socks on every walk",
        "audience": "people who walk in the rain",
        "offer": "20% off until Sunday",
        "call_to_action": "See the boot",
        "channels": ["google_ads", "meta", "linkedin", "x", "email", "sms"],
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it reads better at the call")]
fn with(changes: Value) -> Value {
    let mut input = brief();
    for (field, value) in changes.as_object().unwrap() {
        input[field] = value.clone();
    }
    input
}

#[tokio::main(flavor = "current_thread")]
async fn run(agent: &Copywriting, input: Value) -> Result<Report<Output>, Error> {
    let report = agent.run(serde_json::from_value(input).unwrap()).await?;
    assert_eq!(agent.validate(&report.output), Ok(()));
    Ok(report)
}

fn said(output: &Output) -> String {
    let variants = output.channels.iter().flat_map(|copy| &copy.variants);
    let texts = variants.flat_map(|variant| &variant.fields);
    texts
        .map(|text| text.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}
