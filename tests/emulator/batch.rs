//! Batches on the deployed stack: a distributed Map whose children run the workflows of the requests.

use baton_embedded::{Embedded, SqliteItems};
use baton_http::Access;
use baton_sandbox::sample::Sample;
use baton_tests::batch_scenario::{all_are_answered, twelve_leads_are_answered_once};
use baton_tests::http_api::Api;
use baton_tests::workflow::NOON;
use serde_json::{Value, json};

/// Every request is answered, kept and logged once, and as the embedded Baton answers it.
pub(crate) async fn is_answered_once(deployed: &Api, sample: &Sample) {
    let baton = Embedded::over(SqliteItems::in_memory().expect("SQLite opens in memory"));
    let embedded = Api::of(&baton, Access::Open).await;
    let here = twelve_leads_are_answered_once(&embedded, "leads").await;
    let there = twelve_leads_are_answered_once(deployed, "leads").await;
    same(&here, &there);
    let users: Vec<_> = sample.users.iter().step_by(9).take(6).collect();
    let stored: Vec<_> = users
        .iter()
        .map(|(user, profile)| (user.as_str(), profile))
        .collect();
    let about = |user: &str| json!({"user_id": user, "context": {"as_of": NOON}});
    let requests: Vec<_> = stored.iter().map(|(user, _)| about(user)).collect();
    let body = json!({"type": "personalize", "requests": requests});
    let mut answers = Vec::new();
    for api in [&embedded, deployed] {
        api.store("batches", &sample.catalog, &stored).await;
        answers.push(all_are_answered(api, "batches", &body).await);
    }
    same(&answers[0], &answers[1]);
}

fn same(embedded: &[Value], deployed: &[Value]) {
    assert_eq!(embedded.len(), deployed.len());
    for (here, there) in embedded.iter().zip(deployed) {
        assert_eq!(here, there, "embedded, then deployed");
    }
}
