//! `baton serve --sandbox`: an EmailPilot, a marketplace and a Payment Manager beside the API, whose
//! books outlive all of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value, json};

struct Server {
    process: Child,
    /// Kept open: a server that cannot say anything more would stop at its next word.
    _says: BufReader<ChildStderr>,
    sandbox: String,
    marketplace: String,
    payments: String,
}

impl Server {
    fn start(db: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_baton"))
            .args(["serve", "--port", "0", "--db", db, "--sandbox"])
            .env_remove("APP_ENVIRONMENT")
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(process.stderr.take().unwrap());
        let names = [
            "sandbox EmailPilot",
            "sandbox marketplace",
            "sandbox Payment Manager",
        ];
        let mut addresses = names.map(|_| None);
        let mut line = String::new();
        while says.read_line(&mut line).unwrap() > 0 {
            let address = line.split_once("http://").map(|(_, rest)| rest.to_owned());
            let address = address.map(|rest| rest.split([';', ' ']).next().unwrap().to_owned());
            match names.iter().position(|name| line.contains(name)) {
                Some(at) => addresses[at] = address,
                None if address.is_some() => break,
                None => {}
            }
            line.clear();
        }
        let [sandbox, marketplace, payments] =
            addresses.map(|address| address.expect("it says where its sandboxes listen"));
        Self {
            process,
            _says: says,
            sandbox,
            marketplace,
            payments,
        }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> (String, Value) {
        Self::ask_at(&self.sandbox, method, path, body)
    }

    fn ask_at(address: &str, method: &str, path: &str, body: &Value) -> (String, Value) {
        let body = body.to_string();
        let length = body.len();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nidempotency-key: k1\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.lines().next().unwrap().to_owned();
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn the_books_of_the_sandbox_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("baton.db");
    let db = db.to_str().unwrap();
    let mail = json!({
        "brand_id": "acme", "email_id": "email-01", "run_id": "run_1", "segment": "vip",
        "from_name": "Acme Outdoor", "html": "<p>Warm.</p>", "plain_text": "Warm.",
        "subject_lines": [{"variant": "A", "text": "Warm", "preheader": "", "technique": "benefit"}],
        "personalization": [],
    });
    let server = Server::start(db);
    let (status, brand) = server.ask("GET", "/v1/brands/acme", &Value::Null);
    assert!(
        status.contains("200") && brand["name"] == "Acme Outdoor",
        "{status} {brand}"
    );
    let (status, first) = server.ask("POST", "/v1/campaigns", &mail);
    assert!(status.contains("201"), "{status} {first}");
    drop(server);
    assert!(folder.path().join("baton.emailpilot.jsonl").exists());

    let server = Server::start(db);
    assert_eq!(server.ask("POST", "/v1/campaigns", &mail).1, first);
    let (_, books) = server.ask("GET", "/sandbox/books", &Value::Null);
    assert_eq!(
        books["campaigns"].as_array().map(Vec::len),
        Some(1),
        "{books}"
    );
}

#[test]
fn what_was_bought_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("baton.db");
    let db = db.to_str().unwrap();
    let server = Server::start(db);
    let asked = json!({"budget": 50, "voice_id": "voice-1"});
    let (status, token) = Server::ask_at(&server.payments, "POST", "/token", &asked);
    assert!(status.contains("200"), "{status} {token}");
    let (status, _) = Server::ask_at(
        &server.marketplace,
        "GET",
        "/company/detail?id=1",
        &Value::Null,
    );
    assert!(status.contains("402"), "{status}");
    let charge = json!({"tokenId": token["token_id"], "amount": 12});
    let (status, charge) = Server::ask_at(&server.marketplace, "POST", "/pay", &charge);
    assert!(status.contains("200"), "{status} {charge}");
    drop(server);

    let server = Server::start(db);
    let path = format!("/balance/{}", token["token_id"].as_str().unwrap());
    let (_, balance) = Server::ask_at(&server.payments, "GET", &path, &Value::Null);
    assert_eq!(balance, json!({"balance": 38}));
    let books = Server::ask_at(&server.marketplace, "GET", "/sandbox/books", &Value::Null).1;
    assert_eq!(books["total"], 12.0, "{books}");
}

#[test]
fn a_port_without_a_sandbox_means_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(["serve", "--sandbox-port", "1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--sandbox"));
}
