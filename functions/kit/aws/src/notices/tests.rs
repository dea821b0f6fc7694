use baton_domain::RunId;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::Uses;

/// A service that answers these statuses, one a connection, and hands out what it was sent.
async fn service(
    statuses: &'static [&'static str],
) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut asked = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 65_536];
            let mut read = 0;
            while !request[..read].ends_with(b"}") {
                read += stream.read(&mut request[read..]).await.unwrap();
            }
            asked.push(String::from_utf8_lossy(&request[..read]).into_owned());
            let body = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"secret"}"#;
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body.as_bytes()).await.unwrap();
        }
        asked
    });
    (url, served)
}

fn queue_at(endpoint: &str) -> SqsNotices {
    let lookup = |name: &str| {
        Some(match name {
            "AWS_ENDPOINT_URL" => endpoint.to_owned(),
            "AWS_REGION" => "eu-central-1".to_owned(),
            "NOTIFICATIONS_QUEUE_URL" => "https://sqs.eu-central-1.amazonaws.com/1/q".to_owned(),
            _ => "x".to_owned(),
        })
    };
    let lookup = |name: &str| lookup(name).filter(|_| name != "AWS_CA_BUNDLE");
    let config = Config::from_lookup(&Uses::NOTHING, lookup).unwrap();
    let connection = Connection::from_lookup(&config, lookup).unwrap();
    SqsNotices::new(&connection, &config).unwrap()
}

fn notice() -> Notice {
    Notice {
        notice_id: "n-1".to_owned(),
        tenant_id: "acme".parse().unwrap(),
        kind: "approval_requested".to_owned(),
        to: Some("ada@example.com".to_owned()),
        run_id: RunId::new("2026-01-01T00:00:00Z".parse().unwrap(), 1),
        title: "A title".to_owned(),
        lines: vec!["ünï".to_owned()],
        link: None,
    }
}

#[tokio::test]
async fn a_notice_is_a_signed_message() {
    let (url, served) = service(&["200 OK"]).await;
    queue_at(&url).send(&notice()).await.unwrap();
    let asked = served.await.unwrap().remove(0);
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.starts_with("post / http/1.1"), "{head}");
    for part in [
        "x-amz-target: amazonsqs.sendmessage",
        "content-type: application/x-amz-json-1.0",
        "/eu-central-1/sqs/aws4_request",
        "signedheaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
    ] {
        assert!(head.contains(part), "{part}: {head}");
    }
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body["QueueUrl"],
        "https://sqs.eu-central-1.amazonaws.com/1/q"
    );
    let message: Notice = serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(message, notice());
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let (url, served) = service(&["500 Internal", "429 Slow", "200 OK"]).await;
    queue_at(&url).send(&notice()).await.unwrap();
    assert_eq!(served.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_refusal_names_its_code_and_nothing_else() {
    let (url, served) = service(&["400 Bad"]).await;
    let error = queue_at(&url).send(&notice()).await.unwrap_err();
    assert_eq!(
        error.0,
        "SendMessage on notifications: status 400: QueueDoesNotExist"
    );
    assert_eq!(served.await.unwrap().len(), 1);
}

#[test]
fn a_queue_is_asked_where_it_is() {
    assert_eq!(
        origin("https://sqs.eu.amazonaws.com/1/q"),
        "https://sqs.eu.amazonaws.com"
    );
    assert_eq!(origin("http://localhost:4566"), "http://localhost:4566");
}
