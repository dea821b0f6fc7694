//! `baton serve`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use super::{baton, said};

#[test]
fn serve_refuses_every_environment_but_development() {
    for (environment, clue) in [
        ("production", "development only"),
        ("prod", "must be development"),
    ] {
        let output = baton(&["serve"])
            .env("APP_ENVIRONMENT", environment)
            .output();
        let output = output.expect("baton runs");
        assert_eq!(output.status.code(), Some(2));
        let said = said(&output);
        assert!(
            said.contains("APP_ENVIRONMENT") && said.contains(clue),
            "{said}"
        );
    }
}

#[test]
fn serve_listens_keeps_its_state_and_stops_when_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let db = db.to_str().expect("a path");
    let profile = r#"{"interests":["tents"]}"#;
    let put = format!(
        "PUT /users/u1/profile HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{profile}",
        profile.len()
    );
    assert!(with_server(db, &put).starts_with("HTTP/1.1 204"));
    let get = "GET /users/u1/profile HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(
        with_server(db, get).ends_with(profile),
        "the profile outlives the process"
    );
}

#[test]
fn a_file_is_driven_by_one_process_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let server = super::server::Server::start(&db);
    let db = db.to_str().expect("a path");
    let books = folder.path().join("other.emailpilot.jsonl");
    for second in [
        &["serve", "--port", "0", "--sandbox", "--db", db][..],
        &["demo", "campaign", "--auto-approve", "--db", db],
        &["demo", "--db", db],
        &["executions", "redrive", "first", "--db", db],
    ] {
        let output = baton(second).output().expect("baton runs");
        let why = said(&output);
        assert_eq!(output.status.code(), Some(2), "{second:?}: {why}");
        assert!(why.contains(db), "{second:?}: {why}");
        assert!(why.contains("another Baton has it open"), "{why}");
    }
    let listed = baton(&["executions", "list", "--db", db]).output();
    assert!(listed.expect("baton runs").status.success(), "it is read");
    drop(server);
    drop(super::server::Server::start(std::path::Path::new(db)));
    // A file that is no database leaves no books beside it.
    let other = folder.path().join("other.db");
    std::fs::write(&other, "no database, but long enough to be looked at").expect("a file");
    let broken = baton(&["serve", "--port", "0", "--sandbox", "--db"])
        .arg(&other)
        .output();
    assert_eq!(broken.expect("baton runs").status.code(), Some(2));
    assert!(!books.exists(), "nothing is left");
}

#[test]
fn research_without_a_marketplace_is_refused_and_says_what_to_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let body = r#"{"theme": "Tesla", "budget": 5, "voice_id": "ada"}"#;
    let post = format!(
        "POST /tasks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let reply = with_server(db.to_str().expect("a path"), &post);
    assert!(reply.starts_with("HTTP/1.1 503"), "{reply}");
    for said in ["nowhere-to-buy", "MARKETPLACE_URL", "PAYMENT_MANAGER_URL"] {
        assert!(reply.contains(said), "{said}: {reply}");
    }
}

#[test]
fn a_sandbox_says_which_settings_it_does_not_heed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = baton(&["serve", "--port", "0", "--sandbox", "--db"])
        .arg(folder.path().join("baton.db"))
        .env("MARKETPLACE_URL", "https://market.example")
        .stderr(Stdio::piped())
        .spawn()
        .expect("baton runs");
    let lines = BufReader::new(server.stderr.take().expect("piped")).lines();
    let lines = lines.map(|line| line.expect("text"));
    let told: Vec<String> = lines
        .take_while(|line| !line.contains("Baton listens"))
        .collect();
    server.kill().expect("it can be killed");
    server.wait().expect("it is gone");
    let warnings = told.iter().filter(|line| line.contains("warning: "));
    let warnings: Vec<&String> = warnings.collect();
    assert_eq!(warnings.len(), 1, "{told:?}");
    assert!(
        warnings[0].contains("MARKETPLACE_URL is not heeded"),
        "{told:?}"
    );
}

/// Starts a server, sends one request, kills the server without warning, and answers the reply.
fn with_server(db: &str, request: &str) -> String {
    let mut server = baton(&["serve", "--port", "0", "--db", db])
        .stderr(Stdio::piped())
        .spawn()
        .expect("baton runs");
    let mut lines = BufReader::new(server.stderr.take().expect("piped")).lines();
    let address = lines.find_map(|line| {
        let line = line.expect("text");
        let (_, rest) = line.split_once("http://")?;
        rest.split_whitespace().next().map(str::to_owned)
    });
    let address = address.expect("it says where it listens");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("it answers");
    server.kill().expect("it can be killed");
    server.wait().expect("it is gone");
    reply
}
