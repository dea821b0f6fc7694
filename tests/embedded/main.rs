//! The embedded Baton: the store's contract on SQLite, and the HTTP scenarios.

mod approval_links;
mod approvals;
mod batches;
mod payments;
mod runs;
mod tasks;
mod videos;

use std::sync::{Arc, Mutex};

use baton_domain::Profile;
use baton_embedded::{Agents, Breakage, Embedded, SqliteItems};
use baton_http::Access;
use baton_tests::bad_input;
use baton_tests::http_api::Api;
use baton_tests::http_scenarios::{self as scenarios, personalize};
use baton_tests::store_contract::store_contract;
use baton_tests::workflow::{RecordedAlerts, sample};
use serde_json::json;

/// A Baton in this process, listening.
async fn serve(baton: &Embedded) -> Api {
    Api::of(baton, Access::Open).await
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
    bad_input::bad_input_is_refused(&serve(&embedded()).await).await;
}

/// Callers that hang up at once: their requests are answered, logged and kept all the same.
#[tokio::test]
async fn a_caller_that_hangs_up_loses_nothing() {
    use tokio::io::AsyncWriteExt as _;
    let api = serve(&embedded()).await;
    let body = personalize("hasty", &json!({})).to_string();
    for n in 0..20 {
        let address = api.url.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("it listens");
        let request = format!(
            "POST /requests HTTP/1.1\r\nhost: x\r\nx-tenant-id: hasty\r\nidempotency-key: k{n}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        tokio::time::sleep(std::time::Duration::from_micros(300 * n)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    // A request whose bytes arrived is done; one whose connection was gone first never began.
    let logged = api.log("hasty").await.len();
    assert!(logged > 0, "some were read before their caller was gone");
    for n in 0..20 {
        let key = format!("k{n}");
        let headers = [("idempotency-key", key.as_str())];
        let mut tries = 0;
        let reply = loop {
            let body = body.clone().into_bytes();
            let sent = api.send(reqwest::Method::POST, "/requests", "hasty", &headers, body);
            let reply = sent.await;
            tries += 1;
            // A busy machine may still be at the first request; a held key would last a minute.
            if reply.status != 409 || tries == 100 {
                break reply;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        assert_eq!(
            reply.status, 200,
            "no key is held by a caller that is gone: {reply:?}"
        );
    }
    assert_eq!(api.log("hasty").await.len(), 20, "one entry for each key");
}

#[tokio::test]
async fn a_tenant_that_asks_too_often_is_told_when_to_come_again() {
    let mut baton = embedded();
    baton.settings.requests_per_minute = 2.try_into().expect("not zero");
    let api = serve(&baton).await;
    for status in [200, 200, 429, 429] {
        let reply = api.get("/log", "busy").await;
        assert_eq!(reply.status, status, "{reply:?}");
        if status == 429 {
            let kind = &reply.body["type"];
            assert_eq!(kind, "urn:baton:problem:too-many-requests");
            let wait = reply.body["retry_after"].as_u64().expect("seconds");
            assert!((1..=31).contains(&wait), "{wait} s");
        }
    }
    assert_eq!(api.get("/log", "quiet").await.status, 200);
}

#[tokio::test]
async fn the_api_describes_itself() {
    scenarios::the_api_describes_itself(&serve(&embedded()).await).await;
}

#[tokio::test]
async fn an_answer_is_never_served_without_its_caller_being_known() {
    let api = Api::of(&embedded(), Access::Authorized).await;
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
    let log = Lines::default();
    let watching = log.watch();
    let reply = api.request("acme", &personalize(&user, &json!({}))).await;
    drop(watching);
    assert!(
        log.critical().contains("every agent failed"),
        "a critical line: {}",
        log.critical()
    );
    assert!(
        !log.critical().contains(&user),
        "no personal data: {}",
        log.critical()
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

/// The lines of the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Keeps what is logged on this thread from now on, as long as what this answers lives.
    fn watch(&self) -> impl Sized {
        let subscriber = || {
            let lines = self.clone();
            tracing_subscriber::fmt()
                .json()
                .with_writer(move || lines.clone())
                .finish()
        };
        // With a single dispatcher, a line that another test's thread comes to first would be
        // switched off for all threads: tracing then asks that thread's subscriber alone.
        let second = tracing::Dispatch::new(subscriber());
        (tracing::subscriber::set_default(subscriber()), second)
    }

    fn everything(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no thread panics")).into_owned()
    }

    /// Those that say that they are critical.
    fn critical(&self) -> String {
        let text = self.everything();
        let critical = text
            .lines()
            .filter(|line| line.contains("\"severity\":\"critical\""));
        critical.collect::<Vec<_>>().join("\n")
    }
}

impl std::io::Write for Lines {
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
