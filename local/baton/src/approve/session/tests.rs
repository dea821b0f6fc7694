use std::collections::VecDeque;

use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use serde_json::json;
use std::sync::{Arc, Mutex};

use super::*;

/// A person whose answers are known.
struct Scripted {
    answers: VecDeque<&'static str>,
    edits: VecDeque<fn(&str) -> String>,
}

impl Person for Scripted {
    fn ask(&mut self, _: &str) -> Option<String> {
        self.answers.pop_front().map(str::to_owned)
    }

    fn edit(&mut self, text: &str) -> Result<String, Failure> {
        let edit = self.edits.pop_front().expect("an edit more");
        match edit(text) {
            edited if edited.is_empty() => Err(Failure::failed(&"the editor ended with 1")),
            edited => Ok(edited),
        }
    }
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    approve: ApproveArguments,
}

type Submitted = Arc<Mutex<Vec<Value>>>;

fn approval() -> Value {
    json!({
        "approval_id": "apr_01JD2Z5Y8N3V9QK7M4T6W1X0RB", "tenant_id": "default",
        "run_id": "run_01JD2Z5Y8N3V9QK7M4T6W1X0RB", "attempt": 1, "gate": "strategy", "round": 1,
        "artifact": {"name": "note", "version": 1, "hash": "abc"}, "summary": ["a month"],
        "status": "pending", "requested_at": "2026-11-21T06:00:00Z",
        "due_at": "2026-11-22T06:00:00Z", "expires_at": "2026-11-23T06:00:00Z",
        "default_decision": "reject",
    })
}

/// A Baton with one approval, which refuses edits to `bad`.
async fn baton(submitted: Submitted) -> String {
    let pending = Arc::clone(&submitted);
    let listed = async move || {
        let open = pending.lock().unwrap().is_empty();
        let approvals: Vec<Value> = open.then(approval).into_iter().collect();
        Json(json!({"approvals": approvals}))
    };
    let shown = async || {
        let mut shown = approval();
        shown["content"] = json!({"word": "warm"});
        Json(shown)
    };
    let submit = async move |Json(body): Json<Value>| {
        if body["edits"][0]["value"] == "bad" {
            let refusal =
                json!({"detail": "word: no", "errors": [{"field": "word", "message": "no"}]});
            return (axum::http::StatusCode::UNPROCESSABLE_ENTITY, Json(refusal));
        }
        submitted.lock().unwrap().push(body);
        let mut closed = approval();
        closed["status"] = json!("decided");
        (axum::http::StatusCode::OK, Json(closed))
    };
    let router = Router::new()
        .route("/approvals/pending", get(listed))
        .route("/approvals/submit", post(submit))
        .route("/approvals/{id}", get(shown));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

async fn hold(answers: &[&'static str], edits: &[fn(&str) -> String]) -> Vec<Value> {
    let submitted = Submitted::default();
    let url = baton(Arc::clone(&submitted)).await;
    let line = ["approve", "--url", &url, "--approver", "ada"];
    let arguments = Line::parse_from(line).approve;
    let client = arguments.server.client().ok().unwrap();
    let mut person = Scripted {
        answers: answers.iter().copied().collect(),
        edits: edits.iter().copied().collect(),
    };
    let held = Session {
        client: &client,
        arguments: &arguments,
        person: &mut person,
    }
    .hold()
    .await;
    assert!(held.is_ok());
    assert_eq!(person.answers, [""; 0], "every answer was asked for");
    submitted.lock().unwrap().clone()
}

#[tokio::test]
async fn a_person_approves_what_was_shown() {
    let submitted = hold(&["7", "1", "x", "a"], &[]).await;
    let wanted = json!({"request_id": "apr_01JD2Z5Y8N3V9QK7M4T6W1X0RB", "decision": "approve",
        "approver": "ada", "notes": "", "artifact_hash": "abc"});
    assert_eq!(submitted, [wanted]);
}

#[tokio::test]
async fn changes_need_notes() {
    let submitted = hold(&["", "c", "", "request_changes", "fewer mails"], &[]).await;
    assert_eq!(submitted[0]["notes"], "fewer mails");
}

#[tokio::test]
async fn fixes_are_edited_until_they_do() {
    let broken = |_: &str| "{".to_owned();
    let bad = |_: &str| "{\"word\": \"bad\"}".to_owned();
    let good = |text: &str| text.replace("warm", "warmer");
    let answers = ["1", "f", "y", "y", "f", "y"];
    let submitted = hold(&answers, &[broken, bad, good]).await;
    let edits = json!([{"op": "replace", "path": "/word", "value": "warmer"}]);
    assert_eq!(submitted[0]["edits"], edits);
}

#[tokio::test]
async fn what_is_put_off_or_left_is_not_decided() {
    assert!(hold(&["1", "l", "q"], &[]).await.is_empty());
    assert!(hold(&["1", "q"], &[]).await.is_empty());
    let failing = |_: &str| String::new();
    assert!(hold(&["1", "f", "q"], &[failing]).await.is_empty());
    let unchanged = |text: &str| text.to_owned();
    assert!(hold(&["1", "f", "q"], &[unchanged]).await.is_empty());
}
