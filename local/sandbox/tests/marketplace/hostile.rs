//! Servers that answer what was not agreed on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use baton_domain::marketplace::{
    Access, Fetched, MarketError, Marketplace as _, PaymentManager as _,
};
use serde_json::json;

use crate::{dollars, manager, market, serve};

/// A server that answers everything alike.
async fn always(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> String {
    serve(Router::new().fallback(any(move || async move { answer.clone() }))).await
}

async fn refusals(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> Vec<String> {
    let url = always(answer).await;
    match market(&url).detail("7", Access::None).await {
        Ok(Fetched::PaymentRequired { offers, refusals }) => {
            assert_eq!(offers, []);
            refusals
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_402_that_says_nothing_usable_is_no_error() {
    let status = StatusCode::PAYMENT_REQUIRED;
    for (body, said) in [
        (String::new(), "the body is no JSON"),
        ("{}".to_owned(), "no price is named"),
        ("<html>".to_owned(), "the body is no JSON"),
        ("[".repeat(10_000), "the body is no JSON"),
        (" ".repeat(20_000), "the body is larger than 16 KB"),
    ] {
        assert_eq!(refusals((status, body)).await, [said]);
    }
    for (value, said) in [
        ("%%%".to_owned(), "payment-required: is not in base 64"),
        ("bm8=".to_owned(), "payment-required: holds no JSON"),
        ("A".repeat(16_388), "payment-required: is larger than 16 KB"),
        ("e30=".to_owned(), "x402Version: only version 2 is spoken"),
    ] {
        let said_all = refusals((status, [("payment-required", value)], "{}")).await;
        assert_eq!(said_all[0], said);
    }
}

#[tokio::test]
async fn a_broken_header_hides_no_price_and_a_broken_price_no_offer() {
    let answer = (
        StatusCode::PAYMENT_REQUIRED,
        [("payment-required", "%%%")],
        r#"{"price":12}"#,
    );
    let fetched = market(&always(answer).await)
        .detail("7", Access::None)
        .await;
    let Ok(Fetched::PaymentRequired { offers, refusals }) = fetched else {
        panic!("{fetched:?}");
    };
    assert_eq!((offers[0].price(), refusals.len()), (dollars(12), 1));
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_token_goes_elsewhere() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let elsewhere = serve(Router::new().fallback(any(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { "{}" }
    })))
    .await;
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let url = always((status, [(header::LOCATION, elsewhere.clone())])).await;
        for error in [
            market(&url)
                .detail("7", Access::Token("tok-1"))
                .await
                .unwrap_err(),
            market(&url)
                .pay("tok-1", dollars(1), "k")
                .await
                .unwrap_err(),
            manager(&url).token(dollars(1), "v").await.unwrap_err(),
            manager(&url).balance("tok-1").await.unwrap_err(),
        ] {
            assert_eq!(error.code(), MarketError::REFUSED);
        }
    }
    assert_eq!(visits.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let sent = Arc::new(AtomicUsize::new(0));
    for status in [
        StatusCode::OK,
        StatusCode::PAYMENT_REQUIRED,
        StatusCode::FORBIDDEN,
    ] {
        let counted = Arc::clone(&sent);
        let endless = move || {
            let counted = Arc::clone(&counted);
            async move {
                let chunks = std::iter::repeat_with(move || {
                    counted.fetch_add(64 * 1024, Ordering::Relaxed);
                    Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])
                });
                let body = Body::from_stream(futures::stream::iter(chunks));
                (status, Response::new(body))
            }
        };
        let url = serve(Router::new().fallback(any(endless))).await;
        let fetched = market(&url).detail("7", Access::None).await;
        match status {
            StatusCode::OK => assert_eq!(fetched.unwrap_err().code(), MarketError::MALFORMED),
            StatusCode::PAYMENT_REQUIRED => {
                assert!(matches!(fetched, Ok(Fetched::PaymentRequired { .. })));
            }
            _ => assert_eq!(fetched.unwrap_err().code(), MarketError::REFUSED),
        }
    }
    assert!(sent.load(Ordering::Relaxed) < 50 * 1024 * 1024);
}

/// A service that quotes what it was sent.
#[tokio::test]
async fn secrets_are_shown_nowhere() {
    let token = "tok-0123456789-secret";
    for status in [200, 400, 401, 403, 409, 422, 429, 500] {
        let status = StatusCode::from_u16(status).unwrap();
        let quoting = any(move |headers: HeaderMap, body: String| async move {
            let sent = headers
                .get("x-payment-token")
                .map(|v| v.to_str().unwrap().to_owned());
            let said = format!("{} {body}", sent.unwrap_or_default());
            let answer = json!({
                "success": false, "error": said, "message": said, "detail": said, "token_id": 1,
                "balance": said, "id": said,
            });
            (status, answer.to_string())
        });
        let url = serve(Router::new().fallback(quoting)).await;
        for error in [
            market(&url)
                .detail("7", Access::Token(token))
                .await
                .unwrap_err(),
            market(&url).pay(token, dollars(1), "k").await.unwrap_err(),
            manager(&url).token(dollars(1), token).await.unwrap_err(),
            manager(&url).balance(token).await.unwrap_err(),
        ] {
            assert!(
                !format!("{error} {error:?}").contains("secret"),
                "{status}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn tokens_that_are_paths_stay_in_their_place() {
    let url = always((StatusCode::OK, r#"{"balance":5}"#)).await;
    assert_eq!(manager(&url).balance("a/b?c#d").await, Ok(Some(dollars(5))));
    for bad in ["", ".", ".."] {
        let error = manager(&url).balance(bad).await.unwrap_err();
        assert_eq!(error.code(), MarketError::AUTHENTICATION);
    }
    for bad in ["-1", "1.5", "\"x\"", "null"] {
        let url = always((StatusCode::OK, format!(r#"{{"balance":{bad}}}"#))).await;
        let error = manager(&url).balance("tok-1").await.unwrap_err();
        assert_eq!(error.code(), MarketError::MALFORMED);
    }
}
