use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::json;

use super::*;
use crate::client::Server;

const RUN: &str = "run_01JD2Z5Y8N3V9QK7M4T6W1X0RB";

fn event(id: u64) -> String {
    format!("id: {id}\nevent: stage_entered\ndata: {{\"version\": {id}}}\n\n")
}

/// A Baton that answers each connection with the next of these.
async fn baton(answers: Vec<(u64, StatusCode, String)>) -> Client {
    let count = Arc::new(AtomicUsize::new(0));
    let events = async move |headers: HeaderMap| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        let (last, status, body) = answers[n].clone();
        assert_eq!(headers["last-event-id"], last.to_string(), "connection {n}");
        (status, [("content-type", "text/event-stream")], body).into_response()
    };
    let router = Router::new().route("/runs/{id}/events", get(events));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let server = Server::at(url.parse().unwrap(), "acme".parse().unwrap());
    server.client().ok().unwrap()
}

#[tokio::test]
async fn a_stream_that_breaks_loses_and_repeats_nothing() {
    let half = format!(
        "{}: still there\n\n{}id: 3\nevent: stage",
        event(1),
        event(2)
    );
    let over = "event: over\ndata: {\"status\": \"partial\", \"version\": 4}\n\n";
    let client = baton(vec![
        (0, StatusCode::OK, half),
        (2, StatusCode::SERVICE_UNAVAILABLE, String::new()),
        (2, StatusCode::OK, [event(2), event(3)].concat()),
        (3, StatusCode::OK, format!("{}{over}", event(4))),
    ])
    .await;
    let mut follower = Follower::new(&client, RUN.parse().unwrap(), 0);
    for version in 1..=4 {
        let news = follower.next().await.unwrap();
        assert_eq!(news, News::Event(json!({"version": version})));
    }
    let over = follower.next().await.unwrap();
    assert_eq!(over, News::Over(RunStatus::Partial));
}

#[tokio::test]
async fn what_is_no_stream_is_not_listened_to() {
    let page = async || "<html>";
    let router = Router::new().route("/runs/{id}/events", get(page));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let server = Server::at(url.parse().unwrap(), "acme".parse().unwrap());
    let client = server.client().ok().unwrap();
    let mut follower = Follower::new(&client, RUN.parse().unwrap(), 0);
    let error = follower.next().await.unwrap_err();
    assert!(
        error.message.contains("is that a Baton?"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_run_that_is_not_there_is_not_waited_for() {
    let problem = "{\"detail\": \"there is no such run\"}".to_owned();
    let client = baton(vec![(7, StatusCode::NOT_FOUND, problem)]).await;
    let mut follower = Follower::new(&client, RUN.parse().unwrap(), 7);
    let error = follower.next().await.unwrap_err();
    assert_eq!(error.message, "there is no such run");
}
