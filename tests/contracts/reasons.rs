//! Why an agent was not asked says all that its input needs.

use baton_domain::request::RequestType;
use baton_embedded::{Agents, definition};
use baton_tests::root;
use serde_json::Value;

/// The results whose inputs a request brings alone. Of the others, the workflow brings a part.
const BROUGHT: [(RequestType, &[&str]); 3] = [
    (
        RequestType::Analyze,
        &["journeys", "attribution", "forecast"],
    ),
    (RequestType::Creative, &["ads", "copy", "images"]),
    (RequestType::Avatar, &["script"]),
];

#[tokio::test]
async fn the_reason_why_an_agent_is_skipped_names_every_field_it_needs() {
    let agents = Agents::all();
    let mut seen = 0;
    for (request_type, results) in BROUGHT {
        let machine: Value =
            serde_json::from_str(&definition(request_type.workflow())).expect("JSON");
        let reasons = reasons(&machine).expect("reasons");
        for (result, agent) in request_type.results() {
            if !results.contains(result) {
                continue;
            }
            let reason = reasons[*result].as_str().expect("a reason");
            for field in needed(&agents, agent).await {
                seen += 1;
                let words = reason.split(|c: char| !c.is_alphanumeric() && c != '_');
                assert!(
                    words.into_iter().any(|word| word == field),
                    "{result}: `{reason}` does not name `{field}`, which {agent} needs"
                );
            }
        }
    }
    assert!(seen > 10, "fields are found");
}

/// The fields without which an agent refuses its happy input.
async fn needed(agents: &Agents, agent: &str) -> Vec<String> {
    let path = root().join(format!("events/{agent}/happy.json"));
    let text = std::fs::read_to_string(path).expect("an event");
    let event: Value = serde_json::from_str(&text).expect("JSON");
    let fields = event["input"].as_object().expect("an input");
    let mut needed = Vec::new();
    for field in fields.keys() {
        let mut without = event.clone();
        without["input"]
            .as_object_mut()
            .expect("an input")
            .remove(field);
        let told = agents.invoke(agent, without).await;
        let missing = format!("input.{field}: is missing");
        if told.is_err_and(|failure| failure.message.contains(&missing)) {
            needed.push(field.clone());
        }
    }
    needed
}

/// The reasons, wherever in a definition they stand.
fn reasons(value: &Value) -> Option<&Value> {
    let fields = value.as_object()?;
    fields
        .get("reasons")
        .or_else(|| fields.values().find_map(reasons))
}
