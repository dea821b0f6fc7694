use serde_json::json;

use super::*;
use crate::testing::{TestWorld, tenant};

fn batch(request_type: &str, requests: &Value) -> StartBatch {
    serde_json::from_value(json!({"type": request_type, "requests": requests})).unwrap()
}

fn users(n: usize) -> Value {
    (0..n)
        .map(|i| json!({"user_id": format!("user_{i}")}))
        .collect()
}

#[test]
fn every_bad_request_is_named_by_its_index() {
    let bad = json!([
        {"user_id": "a"},
        {"user_id": "b", "context": {"want": ["x"]}},
        {"user": "c"},
        {"user_id": "d", "context": {"as_of": "soon"}},
    ]);
    let errors = batch("score", &bad).checked().unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields[0], "requests[1].context.want[0]");
    assert!(fields[1].starts_with("requests[2]"), "{fields:?}");
    assert_eq!(fields[2], "requests[3].context.as_of");
    for none in [json!([]), users(501)] {
        let errors = batch("score", &none).checked().unwrap_err();
        assert_eq!(errors[0].field, "requests");
    }
    assert_eq!(batch("score", &users(500)).checked().unwrap().len(), 500);
    let videos = batch("avatar", &users(1)).checked().unwrap_err();
    assert_eq!(videos[0].field, "type");
}

#[tokio::test]
async fn a_batch_is_accepted_as_a_whole_and_once() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let (app, acme) = (world.app(), tenant("acme"));
    let requests = batch("score", &users(500)).checked().unwrap();
    let run = app
        .start_batch(&acme, &requests, Some("key"))
        .await
        .unwrap();
    assert_eq!(run.workflow, Workflow::Batch);
    assert_eq!(run.subject.requests, Some(500));
    assert_eq!(run.subject.request_type, Some(RequestType::Score));
    let again = app
        .start_batch(&acme, &requests, Some("key"))
        .await
        .unwrap();
    assert_eq!(again.run_id, run.run_id);
    let input: Value = app.kept_input(&run).await.unwrap();
    let parts = input["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 72, "of seven each");
    assert!(
        input.to_string().len() < 20_000,
        "far below what a workflow carries"
    );
    let mut indices = Vec::new();
    for part in parts {
        let key: Key = serde_json::from_value(part["key"].clone()).unwrap();
        let item = app
            .ports
            .items
            .get(Table::Runs, &key)
            .await
            .unwrap()
            .unwrap();
        let requests: Vec<Value> = item.parse().unwrap();
        assert_eq!(part["requests"], requests.len());
        indices.extend(requests.iter().map(|r| r["index"].as_u64().unwrap()));
        assert_eq!(requests[0]["input"]["request_type"], "score");
        assert_eq!(
            requests[0]["input"]["log_key"],
            json!(Key::log(
                &acme,
                requests[0]["received"]["at"]
                    .as_str()
                    .unwrap()
                    .parse()
                    .unwrap(),
                requests[0]["received"]["log_id"]
                    .as_str()
                    .unwrap()
                    .parse()
                    .unwrap(),
            ))
        );
    }
    assert_eq!(indices, (0..500).collect::<Vec<_>>());
}

#[tokio::test]
async fn large_requests_are_parted_by_their_size() {
    let world = TestWorld::new(|_| Ok(json!({})));
    let app = world.app();
    let large = json!({"series": "x".repeat(60_000)});
    let large = json!({"user_id": "u", "context": {"lead": large}});
    let requests = batch("score", &json!([large, large, large, {"user_id": "v"}]));
    let run = app
        .start_batch(&tenant("acme"), &requests.checked().unwrap(), None)
        .await
        .unwrap();
    let input: Value = app.kept_input(&run).await.unwrap();
    let sizes: Vec<_> = input["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["requests"])
        .collect();
    assert_eq!(sizes, [1, 1, 2]);
}
