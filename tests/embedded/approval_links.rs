//! Approvals behind signed links, as mail scanners and people open them.

use reqwest::{Client, Response, StatusCode};

use crate::approvals::{TOKEN, links, serve};

async fn page(response: Response) -> (StatusCode, String) {
    for (name, part) in [
        ("content-type", "text/html"),
        ("content-security-policy", "default-src 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        let value = response.headers().get(name).expect(name);
        assert!(
            value.to_str().expect("text").contains(part),
            "{name}: {value:?}"
        );
    }
    (response.status(), response.text().await.expect("a body"))
}

/// A mail scanner looks at every link, and a person then decides.
#[tokio::test]
async fn a_link_shows_and_only_its_form_decides() {
    let (world, api, approval) = serve().await;
    let link = links().link(&approval, "ada@example.com");
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let url = format!("{}/approvals/link/{token}", api.url);
    let http = Client::new();
    for _ in 0..3 {
        let (status, text) = page(http.get(&url).send().await.expect("it answers")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            text.contains("&lt;b&gt;socks") && !text.contains("<b>socks"),
            "{text}"
        );
        assert!(
            text.contains("request_changes") && text.contains("ada@example.com"),
            "{text}"
        );
        http.head(&url).send().await.expect("it answers");
    }
    assert_eq!(world.tasks.told(TOKEN), [], "looking decides nothing");
    let post = async |form: &[(&str, &str)]| {
        let form: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = http.post(&url).body(form.join("&"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        page(request.send().await.expect("it answers")).await
    };
    for form in [
        &[("token", token.as_str())][..],
        &[("decision", "approve"), ("token", "of-another-page")],
        &[("decision", "perhaps"), ("token", &token)],
        &[("decision", "request_changes"), ("token", &token)],
        &[
            ("decision", "approve"),
            ("token", &token),
            ("approver", "eve"),
        ],
    ] {
        let (status, text) = post(form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}: {text}");
    }
    assert_eq!(world.tasks.told(TOKEN), []);
    // Who has the address has the token; the form of the page says it again.
    let (status, text) = post(&[("decision", "approve"), ("notes", "ok")]).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let told = world.tasks.told(TOKEN);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].approver.as_deref(), Some("ada@example.com"));
    let (status, text) = post(&[("decision", "reject"), ("token", &token)]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        text.contains("decided before") && text.contains("Approve"),
        "{text}"
    );
    let (status, text) = page(http.get(&url).send().await.expect("it answers")).await;
    assert!(
        status == StatusCode::OK && !text.contains("<form"),
        "{text}"
    );
}

#[tokio::test]
async fn links_that_do_not_hold_show_a_page() {
    let (world, api, approval) = serve().await;
    let link = links().link(&approval, "ada@example.com");
    let token = link.rsplit('/').next().expect("a token");
    let claims = links().read(token).expect("it was made here");
    let mut other = claims.clone();
    other.artifact_hash = "0".repeat(64);
    let mut late = claims.clone();
    late.expires_at = 1_700_000_000;
    let mut tampered = token.to_owned();
    tampered.replace_range(4..5, if &token[4..5] == "A" { "B" } else { "A" });
    let http = Client::new();
    for (token, expected) in [
        (tampered, StatusCode::NOT_FOUND),
        ("x".to_owned(), StatusCode::NOT_FOUND),
        ("%FF".to_owned(), StatusCode::NOT_FOUND),
        (links().token(&other), StatusCode::CONFLICT),
        (links().token(&late), StatusCode::GONE),
    ] {
        let url = format!("{}/approvals/link/{token}", api.url);
        let (status, text) = page(http.get(&url).send().await.expect("it answers")).await;
        assert_eq!(status, expected, "{token}: {text}");
        let request = http
            .post(&url)
            .body(format!("decision=approve&token={token}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, _) = page(request.send().await.expect("it answers")).await;
        let form_differs = token == "%FF";
        assert!(status == expected || form_differs, "{token}: {status}");
    }
    assert_eq!(world.tasks.told(TOKEN), []);
}
