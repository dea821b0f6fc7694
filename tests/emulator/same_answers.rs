//! The same request gets the same answer embedded and deployed: methods and numbers.

use baton_domain::run::Workflow;
use baton_embedded::{Embedded, SqliteItems};
use baton_http::Access;
use baton_sandbox::sample::Sample;
use baton_tests::http_api::Api;
use baton_tests::http_scenarios::{answers, personalize};
use baton_tests::root;
use baton_tests::workflow::NOON;
use serde_json::{Value, json};

/// The requests of a workflow's events.
fn asked(workflow: Workflow) -> Vec<Value> {
    let asked = |case: &str| {
        let path = format!("events/workflows/{}/{case}.json", workflow.name());
        let text = std::fs::read_to_string(root().join(path)).expect("an event");
        let event: Value = serde_json::from_str(&text).expect("JSON");
        let mut context = event["context"].clone();
        context["as_of"] = json!(NOON);
        context["want"] = event["want"].clone();
        json!({"type": workflow.name(), "user_id": event["user_id"], "context": context})
    };
    ["happy", "thin"].map(asked).to_vec()
}

/// Asks both for every fifth user of the sample, which is some of every kind, and for a stranger;
/// and what the events of the other workflows ask.
pub(crate) async fn hold(deployed: &Api, sample: &Sample) {
    let baton = Embedded::over(SqliteItems::in_memory().expect("SQLite opens in memory"));
    let embedded = Api::of(&baton, Access::Open).await;
    let users: Vec<_> = sample.users.iter().step_by(5).collect();
    let stored: Vec<_> = users
        .iter()
        .map(|(id, profile)| (id.as_str(), profile))
        .collect();
    for api in [&embedded, deployed] {
        api.store("same", &sample.catalog, &stored).await;
    }
    let names = stored.iter().map(|(id, _)| *id).chain(["stranger"]);
    let personal = names.map(|user| personalize(user, &json!({"as_of": NOON})));
    let of_events = [Workflow::Score, Workflow::Analyze, Workflow::Creative];
    let of_events = of_events.into_iter().flat_map(asked);
    let requests: Vec<Value> = personal.chain(of_events).collect();
    let here = answers(&embedded, "same", &requests).await;
    let there = answers(deployed, "same", &requests).await;
    for ((request, here), there) in requests.iter().zip(&here).zip(&there) {
        assert_eq!(here, there, "embedded, then deployed, for {request}");
    }
}
