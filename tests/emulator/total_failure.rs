//! Every agent fails: the request is answered with default values, logged, and alerted.

use baton_sandbox::sample::Sample;
use baton_tests::emulator::Deployed;
use baton_tests::http_api::{Api, http_client};
use baton_tests::http_scenarios::personalize;
use serde_json::json;

/// It replaces the agents for good, so nothing that needs them can follow.
pub(crate) async fn is_answered_and_alerted(stack: &Deployed, api: &Api, sample: &Sample) {
    let queue = stack.run("sabotage.py", &[&stack.outputs["AlertsTopicArn"]]);
    let (user, profile) = sample.users.first().expect("a user");
    let users = [(user.as_str(), profile)];
    api.store("failing", &sample.catalog, &users).await;
    let reply = api
        .request("failing", &personalize(user.as_str(), &json!({})))
        .await;
    let seen = (reply.status.as_u16(), &reply.body["status"]);
    assert_eq!(seen, (200, &json!("degraded")), "{reply:?}");
    for result in ["wtp", "segmentation", "recommendations", "pricing"] {
        let method = &reply.body["results"][result]["method"]["name"];
        assert_eq!(method, "default", "{reply:?}");
    }
    assert_eq!(api.log("failing").await[0]["status"], "degraded");
    let alert = receive(queue.trim()).await;
    let id = reply.body["request_id"].as_str().expect("an id");
    assert!(alert.contains("critical") && alert.contains(id), "{alert}");
}

async fn receive(queue: &str) -> String {
    let url = format!("{queue}?Action=ReceiveMessage&WaitTimeSeconds=5");
    let answer = http_client().get(url).send().await;
    let answer = answer.expect("the queue answers");
    answer.text().await.expect("its answer is text")
}
