//! Servers that answer what was not agreed on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use baton_domain::campaign::{Brand, Delivery, PastCampaign};
use baton_domain::email_pilot::{EmailPilot as _, PartnerError};
use baton_sandbox::emailpilot::{Sandbox, brand, past_campaigns, router};
use serde_json::{Value, json};

use crate::{acme, at, client, client_with_key, mail, serve, testers};

/// A server that answers everything alike.
async fn always(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> String {
    serve(Router::new().fallback(any(move || async move { answer.clone() }))).await
}

async fn read_brand(answer: &Value) -> Result<Brand, PartnerError> {
    client(&always(answer.to_string()).await)
        .brand(&acme())
        .await
}

async fn read_history(answer: &Value) -> Result<Vec<PastCampaign>, PartnerError> {
    let pilot = client(&always(answer.to_string()).await);
    pilot.history(&acme(), "2024-11".parse().unwrap(), 12).await
}

async fn schedule(answer: &Value) -> Result<Delivery, PartnerError> {
    let pilot = client(&always(answer.to_string()).await);
    pilot
        .schedule("k", "cmp-1", at("2099-01-01T00:00:00Z"))
        .await
}

fn malformed<T: std::fmt::Debug>(result: Result<T, PartnerError>, named: &str) {
    let Err(PartnerError::Malformed(message)) = result else {
        panic!("{named}: {result:?}");
    };
    assert!(message.contains(named), "{named}: {message}");
    assert!(message.chars().count() <= 200);
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_names_the_field() {
    let good = json!(brand(&acme()).unwrap());
    assert!(read_brand(&good).await.is_ok());
    for (pointer, wrong, named) in [
        ("/segments/0/size", json!(-1), "segments[0].size"),
        ("/objectives/1/kind", json!("fame"), "objectives[1].kind"),
        ("/brand_id", json!("juniper"), "brand_id"),
        ("/brand_id", json!("a b"), "brand_id"),
        (
            "/themes/0/products/0/price",
            json!(-3),
            "themes[0].products[0].price",
        ),
        ("/name", json!(7), "name"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = wrong;
        malformed(read_brand(&bad).await, named);
    }
    let mut poor = good;
    poor.as_object_mut().unwrap().remove("postal_address");
    malformed(read_brand(&poor).await, "postal_address");
}

#[tokio::test]
async fn a_past_that_no_statistics_could_use_is_refused() {
    let past = past_campaigns(brand(&acme()).unwrap(), "2024-11".parse().unwrap(), 2);
    let answer = |edit: fn(&mut PastCampaign)| {
        let mut past = past.clone();
        edit(&mut past[1]);
        json!({ "campaigns": past })
    };
    assert_eq!(read_history(&answer(|_| ())).await, Ok(past.clone()));
    malformed(
        read_history(&answer(|c| c.opens = c.delivered + 1)).await,
        "campaigns[1].opens",
    );
    let many = answer(|c| c.conversions = c.delivered + 1);
    malformed(read_history(&many).await, "campaigns[1].conversions");
    let future = answer(|c| c.sent_at = "2024-12-01T00:00:00Z".parse().unwrap());
    malformed(read_history(&future).await, "campaigns[1].sent_at");
    malformed(read_history(&json!({ "data": [] })).await, "campaigns");
    malformed(read_history(&json!([])).await, "");
}

#[tokio::test]
async fn an_answer_about_something_else_is_refused() {
    let answer = |id: &str, state: &str| json!({"campaign_id": id, "email_id": "e", "state": state, "new": 1});
    assert!(schedule(&answer("cmp-1", "scheduled")).await.is_ok());
    malformed(schedule(&answer("cmp-2", "scheduled")).await, "campaign_id");
    malformed(schedule(&answer("cmp-1", "draft")).await, "state");
    malformed(schedule(&answer("cmp-1", "lost")).await, "state");
    let pilot = client(&always(answer("", "draft").to_string()).await);
    malformed(pilot.create("k", &mail("e")).await, "campaign_id");
    let pilot = client(&always(answer("cmp-1", "draft").to_string()).await);
    malformed(pilot.create("k", &mail("email-01")).await, "email_id");
    malformed(pilot.cancel("k", "cmp-1").await, "state");
    malformed(pilot.test_send("k", "cmp-1", &testers()).await, "state");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    for body in [
        "",
        "<html>",
        "null",
        "[]",
        "{\"a\":",
        "{} {}",
        "\u{0}",
        &"[".repeat(100_000),
    ] {
        let pilot = client(&always(body.to_owned()).await);
        let error = pilot.brand(&acme()).await.unwrap_err();
        assert_eq!(error.code(), PartnerError::MALFORMED, "{body:.10}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    // Announced, and not announced.
    let large = " ".repeat(5 * 1024 * 1024 + 1);
    malformed(client(&always(large).await).brand(&acme()).await, "5 MB");
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let endless = move || {
        let counted = Arc::clone(&counted);
        async move {
            let chunks = std::iter::repeat_with(move || {
                counted.fetch_add(64 * 1024, Ordering::Relaxed);
                Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])
            });
            Response::new(Body::from_stream(futures::stream::iter(chunks)))
        }
    };
    let url = serve(Router::new().fallback(any(endless))).await;
    malformed(client(&url).brand(&acme()).await, "5 MB");
    assert!(sent.load(Ordering::Relaxed) < 50 * 1024 * 1024);
    // A refusal without end is a refusal.
    let refusal = (StatusCode::FORBIDDEN, " ".repeat(1024 * 1024));
    let error = client(&always(refusal).await)
        .brand(&acme())
        .await
        .unwrap_err();
    assert!(
        matches!(error, PartnerError::Refused { status: 403, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let elsewhere = serve(Router::new().fallback(any(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { "{}" }
    })))
    .await;
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let redirect = (status, [(header::LOCATION, elsewhere.clone())]);
        let pilot = client_with_key(&always(redirect).await, "k-secret");
        for error in [
            pilot.brand(&acme()).await.unwrap_err(),
            pilot.create("k", &mail("email-01")).await.unwrap_err(),
        ] {
            assert!(matches!(error, PartnerError::Refused { .. }), "{error:?}");
            assert!(!error.may_have_happened());
        }
    }
    assert_eq!(visits.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn statuses_that_nobody_agreed_on_are_not_a_success() {
    for (status, code) in [
        (401, PartnerError::REFUSED),
        (403, PartnerError::REFUSED),
        (408, PartnerError::TIMED_OUT),
        (502, PartnerError::UNAVAILABLE),
        (503, PartnerError::UNAVAILABLE),
        (504, PartnerError::UNAVAILABLE),
    ] {
        let answer = (StatusCode::from_u16(status).unwrap(), "{}");
        let error = client(&always(answer).await)
            .brand(&acme())
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{status}");
    }
}

#[tokio::test]
async fn the_key_is_sent_and_shown_nowhere() {
    let key = "k-0123456789-secret";
    let sandbox = Sandbox::in_memory().requiring(key);
    let url = serve(router(sandbox)).await;
    let pilot = client_with_key(&url, key);
    pilot.brand(&acme()).await.unwrap();
    assert!(!format!("{pilot:?} {pilot:#?}").contains(key));
    let refused = client_with_key(&url, "another")
        .brand(&acme())
        .await
        .unwrap_err();
    assert!(
        matches!(refused, PartnerError::Refused { status: 401, .. }),
        "{refused:?}"
    );
    assert!(client(&url).brand(&acme()).await.is_err());

    // A service that quotes what it was sent, in refusals and in answers that cannot be used.
    let quoting = |status: StatusCode| {
        serve(
            Router::new().fallback(any(move |headers: HeaderMap| async move {
                let sent = headers[header::AUTHORIZATION].to_str().unwrap().to_owned();
                (
                    status,
                    json!({ "message": sent, "state": sent, "name": sent }).to_string(),
                )
            })),
        )
    };
    for status in [200, 400, 401, 404, 409, 422, 429, 500] {
        let url = quoting(StatusCode::from_u16(status).unwrap()).await;
        let pilot = client_with_key(&url, key);
        for error in [
            pilot.brand(&acme()).await.unwrap_err(),
            pilot.cancel("k", "cmp-1").await.unwrap_err(),
            pilot.create("k", &mail("e")).await.unwrap_err(),
        ] {
            assert!(
                !format!("{error} {error:?}").contains("secret"),
                "{status}: {error:?}"
            );
        }
    }
}

/// Every POST carries its key.
#[tokio::test]
async fn keys_go_out_as_they_came() {
    let echo = any(|headers: HeaderMap| async move {
        let key = headers
            .get("idempotency-key")
            .map(|key| key.to_str().unwrap().to_owned());
        (StatusCode::CONFLICT, json!({ "message": key }).to_string())
    });
    let pilot = client(&serve(Router::new().fallback(echo)).await);
    let key = "run_01/email-01/schedule#2";
    for error in [
        pilot.create(key, &mail("e")).await.unwrap_err(),
        pilot.test_send(key, "cmp-1", &testers()).await.unwrap_err(),
        pilot
            .schedule(key, "cmp-1", at("2099-01-01T00:00:00Z"))
            .await
            .unwrap_err(),
        pilot.cancel(key, "cmp-1").await.unwrap_err(),
    ] {
        assert_eq!(error, PartnerError::Conflict(key.to_owned()));
    }
}
