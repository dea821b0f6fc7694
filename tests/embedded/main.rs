//! The embedded Baton: the store's contract on SQLite, and the HTTP scenarios.

use std::sync::{Arc, Mutex};

use baton_domain::Profile;
use baton_embedded::{Agents, Breakage, Embedded, SqliteItems};
use baton_http::{Access, router};
use baton_tests::http_scenarios::{self as scenarios, Api, personalize};
use baton_tests::store_contract::store_contract;
use baton_tests::workflow::{RecordedAlerts, sample};
use serde_json::json;
use tokio::net::TcpListener;

/// A Baton in this process, listening.
async fn serve(baton: &Embedded) -> Api {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    let server = axum::serve(listener, router(baton.app(), Access::Open));
    tokio::spawn(async move { server.await });
    Api::at(&format!("http://{address}"))
}

fn embedded() -> Embedded {
    Embedded::over(SqliteItems::in_memory().expect("SQLite opens in memory"))
}

/// A user of the sample with a rich profile.
fn champion() -> (String, Profile) {
    let (user, profile) = sample().users.into_iter().next().expect("a user");
    (user.to_string(), profile)
}

#[tokio::test]
async fn the_store_holds_its_contract() {
    store_contract(&SqliteItems::in_memory().expect("SQLite opens in memory")).await;
}

#[tokio::test]
async fn the_store_holds_its_contract_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    store_contract(&SqliteItems::open(&folder.path().join("baton.db")).expect("opens")).await;
}

#[tokio::test]
async fn answers_are_cached_and_logged() {
    let (user, profile) = champion();
    let api = serve(&embedded()).await;
    scenarios::answers_are_cached_and_logged(&api, &user, &profile, &sample().catalog).await;
}

#[tokio::test]
async fn the_fewest_agents_are_called() {
    let (user, profile) = champion();
    let api = serve(&embedded()).await;
    scenarios::the_fewest_agents_are_called(&api, &user, &profile, &sample().catalog).await;
}

#[tokio::test]
async fn idempotency_keys_hold() {
    scenarios::idempotency_keys_hold(&serve(&embedded()).await).await;
}

#[tokio::test]
async fn bad_input_is_refused() {
    scenarios::bad_input_is_refused(&serve(&embedded()).await).await;
}

#[tokio::test]
async fn the_api_describes_itself() {
    scenarios::the_api_describes_itself(&serve(&embedded()).await).await;
}

#[tokio::test]
async fn an_answer_is_never_served_without_its_caller_being_known() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    let server = axum::serve(listener, router(embedded().app(), Access::Authorized));
    tokio::spawn(async move { server.await });
    let api = Api::at(&format!("http://{address}"));
    let reply = api.request("acme", &personalize("u", &json!({}))).await;
    assert_eq!(reply.status, 401, "the header is not trusted: {reply:?}");
}

#[tokio::test]
async fn with_every_agent_failing_the_answer_is_degraded_and_alerted() {
    let alerts = Arc::new(RecordedAlerts::default());
    let mut baton = embedded();
    baton.alerts = Arc::clone(&alerts) as _;
    for name in Agents::all().codes().into_keys() {
        baton.agents = baton
            .agents
            .breaking(name, Breakage::Everything)
            .expect("an agent");
    }
    let (user, profile) = champion();
    let api = serve(&baton).await;
    api.store("acme", &sample().catalog, &[(&user, &profile)])
        .await;
    let log = CriticalLines::default();
    let watching = tracing::subscriber::set_default(log.subscriber());
    let reply = api.request("acme", &personalize(&user, &json!({}))).await;
    drop(watching);
    assert!(
        log.all().contains("every agent failed"),
        "a critical line: {}",
        log.all()
    );
    assert!(
        !log.all().contains(&user),
        "no personal data: {}",
        log.all()
    );
    assert_eq!(
        (reply.status.as_u16(), &reply.body["status"]),
        (200, &json!("degraded")),
        "{reply:?}"
    );
    for result in ["wtp", "segmentation", "recommendations", "pricing"] {
        assert_eq!(
            reply.body["results"][result]["method"]["name"], "default",
            "{reply:?}"
        );
        assert_eq!(
            reply.body["errors"][result]["replaced_by"], "default",
            "{reply:?}"
        );
    }
    assert_eq!(alerts.all().len(), 1);
    let log = api.log("acme").await;
    assert_eq!((log.len(), &log[0]["status"]), (1, &json!("degraded")));
}

/// The lines of the log that say that they are critical.
#[derive(Clone, Default)]
struct CriticalLines(Arc<Mutex<Vec<u8>>>);

impl CriticalLines {
    fn subscriber(&self) -> impl tracing::Subscriber + use<> {
        let lines = self.clone();
        tracing_subscriber::fmt()
            .json()
            .with_writer(move || lines.clone())
            .finish()
    }

    fn all(&self) -> String {
        let text = String::from_utf8_lossy(&self.0.lock().expect("no thread panics")).into_owned();
        let critical = text
            .lines()
            .filter(|line| line.contains("\"severity\":\"critical\""));
        critical.collect::<Vec<_>>().join("\n")
    }
}

impl std::io::Write for CriticalLines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("no thread panics")
            .extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
