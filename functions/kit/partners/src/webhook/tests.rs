use baton_domain::{ApprovalId, RunId, Timestamp};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

fn notice() -> Notice {
    let id = ApprovalId::new(Timestamp::UNIX_EPOCH, 1);
    Notice {
        notice_id: format!("{id}/approval_requested/1"),
        tenant_id: "acme".parse().unwrap(),
        kind: "approval_requested".to_owned(),
        to: Some("ada@example.com".to_owned()),
        run_id: RunId::new(Timestamp::UNIX_EPOCH, 2),
        title: "Something waits".to_owned(),
        lines: vec!["Socks & <!channel> *now*".to_owned()],
        link: Some("https://baton.example/approvals/link/a.b".to_owned()),
    }
}

#[test]
fn the_signature_is_that_of_rfc_4231() {
    let secret = Secret::new("Jefe");
    let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(signature(&secret, "what do ya want for nothing?"), expected);
}

#[test]
fn json_is_the_notice() {
    let read: Notice = serde_json::from_str(&body(&notice(), Format::Json)).unwrap();
    assert_eq!(read, notice());
}

#[test]
fn nobody_is_called_by_what_an_agent_wrote() {
    let mut long = notice();
    long.lines.push("x".repeat(10_000));
    for notice in [notice(), long] {
        let message: Value = serde_json::from_str(&body(&notice, Format::Slack)).unwrap();
        let text = message["blocks"][0]["text"]["text"].as_str().unwrap();
        assert!(
            text.contains("&lt;!channel&gt;") && !text.contains("<!channel>"),
            "{text}"
        );
        assert!(text.chars().count() <= 3_000);
        let link = message["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(
            link.starts_with("<https://baton.example/approvals/link/a.b|"),
            "{link}"
        );
        assert_eq!(message["text"], "Something waits");
    }
}

#[test]
fn settings_that_mean_nothing_are_named_and_not_quoted() {
    use WebhookSettings as S;
    let read = |set: &[(&str, &str)]| {
        S::from_lookup(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(read(&[]), Ok(None));
    let url = (S::URL, "https://hooks.example/s3cret");
    let settings = read(&[url, (S::FORMAT, "slack")]).unwrap().unwrap();
    assert_eq!(settings.format, Format::Slack);
    assert!(!format!("{settings:?}").contains("s3cret"), "{settings:?}");
    for (set, named) in [
        (vec![(S::URL, "hooks.example/s3cret")], S::URL),
        (vec![(S::URL, "http://hooks.example/s3cret")], S::URL),
        (vec![(S::URL, "file:///s3cret")], S::URL),
        (vec![url, (S::SECRET, "s3cret")], S::SECRET),
        (vec![url, (S::FORMAT, "s3cret")], S::FORMAT),
    ] {
        let error = read(&set).unwrap_err();
        assert_eq!(error.variable, named);
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}

/// A receiver that answers one request with this status; answers what it was sent.
async fn deliver_to(status: &str) -> (Result<(), DeliveryError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let secret = Secret::new("0123456789abcdef0123456789abcdef");
    let settings = WebhookSettings::new(&url, Some(secret), Format::Json).unwrap();
    let webhook = Webhook::new(settings).unwrap();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: 0\r\nlocation: /other\r\nconnection: close\r\n\r\n"
    );
    let receive = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        while !sent.ends_with(b"}") {
            let mut part = [0; 4_096];
            let length = stream.read(&mut part).await.unwrap();
            assert!(length > 0, "the body ends with a brace");
            sent.extend_from_slice(&part[..length]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(sent).unwrap()
    };
    let notice = notice();
    tokio::join!(webhook.deliver(&notice), receive)
}

#[tokio::test]
async fn a_notice_is_posted_with_its_id_and_signature() {
    let (delivered, sent) = deliver_to("204 No Content").await;
    assert_eq!(delivered, Ok(()));
    let (head, posted) = sent.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook "), "{head}");
    assert!(head.contains("/approval_requested/1"), "{head}");
    let secret = Secret::new("0123456789abcdef0123456789abcdef");
    assert!(head.contains(&signature(&secret, posted)), "{head}");
}

#[tokio::test]
async fn what_may_pass_by_itself_is_told_from_what_does_not() {
    for (status, transient) in [
        ("500 Oops", true),
        ("429 Slow down", true),
        ("404 Gone", false),
        ("302 Elsewhere", false),
    ] {
        let (delivered, _) = deliver_to(status).await;
        assert_eq!(delivered.unwrap_err().transient, transient, "{status}");
    }
    let settings = WebhookSettings::new("http://127.0.0.1:1/s3cret", None, Format::Json).unwrap();
    let error = Webhook::new(settings)
        .unwrap()
        .deliver(&notice())
        .await
        .unwrap_err();
    assert!(
        error.transient && !error.to_string().contains("s3cret"),
        "{error}"
    );
}
