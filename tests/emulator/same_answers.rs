//! The same request gets the same answer embedded and deployed: methods and numbers.

use baton_embedded::{Embedded, SqliteItems};
use baton_http::{Access, router};
use baton_sandbox::sample::Sample;
use baton_tests::http_scenarios::{Api, answers, personalize};
use baton_tests::workflow::NOON;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Asks both for every fifth user of the sample, which is some of every kind, and for a stranger.
pub(crate) async fn hold(deployed: &Api, sample: &Sample) {
    let embedded = embedded().await;
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

async fn embedded() -> Api {
    let baton = Embedded::over(SqliteItems::in_memory().expect("SQLite opens in memory"));
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    let server = axum::serve(listener, router(baton.app(), Access::Open));
    tokio::spawn(async move { server.await });
    Api::at(&format!("http://{address}"))
}
