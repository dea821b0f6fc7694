//! Books that outlive the process which keeps them, and the sandbox's own routes.

use std::io::Write as _;

use baton_domain::campaign::DeliveryState;
use baton_domain::email_pilot::EmailPilot as _;
use baton_sandbox::emailpilot::{BooksError, Ledger, Sandbox, router};
use serde_json::{Value, json};

use crate::{at, client, mail, sandbox, serve, testers};

#[tokio::test]
async fn a_restart_on_the_same_file_knows_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emailpilot.jsonl");
    let first = Sandbox::open(&path).unwrap();
    let pilot = client(&serve(router(first.clone())).await);
    let id = pilot
        .create("c", &mail("email-01"))
        .await
        .unwrap()
        .campaign_id;
    pilot.test_send("t", &id, &testers()).await.unwrap();
    let moment = at("2099-01-01T00:00:00Z");
    pilot.schedule("s", &id, moment).await.unwrap();
    let before = first.books().unwrap();
    // Another process may not write to the same file meanwhile.
    assert!(matches!(Sandbox::open(&path), Err(BooksError::InUse)));

    // The machine stops in the middle of a line. A copy, since the server keeps the file open.
    let copy = folder.path().join("copy.jsonl");
    std::fs::copy(&path, &copy).unwrap();
    let mut torn = std::fs::File::options().append(true).open(&copy).unwrap();
    torn.write_all(b"{\"seq\":4,\"at\":\"20").unwrap();
    drop(torn);

    let second = Sandbox::open(&copy).unwrap();
    let after = second.books().unwrap();
    assert_eq!(
        (&after.campaigns, &after.entries),
        (&before.campaigns, &before.entries)
    );
    let pilot = client(&serve(router(second.clone())).await);
    pilot.schedule("s", &id, moment).await.unwrap();
    assert_eq!(
        pilot
            .create("c", &mail("email-01"))
            .await
            .unwrap()
            .campaign_id,
        id
    );
    let next = pilot
        .create("c2", &mail("email-02"))
        .await
        .unwrap()
        .campaign_id;
    assert_ne!(next, id);
    second.set_clock(Some(moment));
    let books = second.books().unwrap();
    assert_eq!(
        (
            books.campaigns[0].test_sends,
            books.campaigns[0].production_sends
        ),
        (1, 1)
    );
    assert_eq!(books.campaigns[0].state, DeliveryState::Sent);
    let lines = std::fs::read_to_string(&copy).unwrap();
    assert_eq!(lines.lines().count(), books.entries.len());
    assert!(
        lines
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
}

#[test]
fn a_file_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "milk\neggs\n").unwrap();
    let refused = Sandbox::open(&path).err().unwrap();
    assert!(
        matches!(refused, BooksError::Unreadable { line: 1, .. }),
        "{refused}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "milk\neggs\n");
    std::fs::write(&path, "a note without an end of line").unwrap();
    assert!(Sandbox::open(&path).is_err());
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "a note without an end of line"
    );
}

/// The sandbox's own routes, as `curl` would use them.
#[tokio::test]
async fn books_faults_and_clock_are_reached_over_http() {
    let (_, pilot) = sandbox().await;
    let other = Sandbox::in_memory();
    let url = serve(router(other)).await;
    drop(pilot);
    let pilot = client(&url);
    let id = pilot
        .create("c", &mail("email-01"))
        .await
        .unwrap()
        .campaign_id;
    pilot
        .schedule("s", &id, at("2099-01-01T00:00:00Z"))
        .await
        .unwrap();

    let fault = json!({"faults": [{"operation": "cancel", "kind": "refused", "times": 1}]});
    assert_eq!(
        http("PUT", &format!("{url}/sandbox/faults"), Some(&fault))
            .await
            .0,
        200
    );
    pilot.cancel("x", &id).await.unwrap_err();
    for (bad, named) in [
        (json!({"faults": [{"kind": "slow"}]}), "faults[0].ms"),
        (json!({"faults": [{"kind": "gone"}]}), "kind"),
        (json!({"fault": []}), "fault"),
    ] {
        let (status, body) = http("PUT", &format!("{url}/sandbox/faults"), Some(&bad)).await;
        assert_eq!(status, 422, "{body}");
        assert!(
            body["error"]["message"].as_str().unwrap().contains(named),
            "{body}"
        );
    }

    let clock = json!({"now": "2099-01-01T00:00:00Z"});
    assert_eq!(
        http("PUT", &format!("{url}/sandbox/clock"), Some(&clock))
            .await
            .0,
        200
    );
    let (status, books) = http("GET", &format!("{url}/sandbox/books"), None).await;
    assert_eq!(status, 200);
    let books: Ledger = serde_json::from_value(books).unwrap();
    assert_eq!(
        (books.campaigns[0].production_sends, books.entries.len()),
        (1, 3)
    );
}

#[tokio::test]
async fn a_post_without_a_key_is_refused() {
    let url = serve(router(Sandbox::in_memory())).await;
    let (status, body) = http(
        "POST",
        &format!("{url}/v1/campaigns"),
        Some(&json!(mail("e"))),
    )
    .await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("no_key")));
}

/// One request over a socket: no client that would mend anything.
async fn http(method: &str, url: &str, body: Option<&Value>) -> (u16, Value) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    socket
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}
