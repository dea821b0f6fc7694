//! The same request gets the same answer embedded and deployed: methods and numbers.

use baton_embedded::{Embedded, SqliteItems};
use baton_http::Access;
use baton_sandbox::sample::Sample;
use baton_tests::http_api::Api;
use baton_tests::http_scenarios::{answers, personalize};
use baton_tests::workflow::NOON;
use serde_json::{Value, json};

/// Asks both for every fifth user of the sample, which is some of every kind, and for a stranger.
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
    let requests: Vec<Value> = names
        .map(|user| personalize(user, &json!({"as_of": NOON})))
        .collect();
    let here = answers(&embedded, "same", &requests).await;
    let there = answers(deployed, "same", &requests).await;
    for ((request, here), there) in requests.iter().zip(&here).zip(&there) {
        assert_eq!(here, there, "embedded, then deployed, for {request}");
    }
}
