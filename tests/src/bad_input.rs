//! Input that a Baton refuses, and how: the scenario for any Baton that listens.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::http_api::Api;

/// Bad input is refused with a problem that names the field, and leaves nothing behind.
pub async fn bad_input_is_refused(api: &Api) {
    let tenant = "bad";
    bad_requests_are_refused(api, tenant).await;
    bad_documents_are_refused(api, tenant).await;
    for path in [
        "/users/%FF/profile",
        "/log?limit=1&limit=2",
        "/log?limit=0",
        "/log?dya=today",
    ] {
        let reply = api.get(path, tenant).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {reply:?}"
        );
        assert_eq!(reply.content_type, "application/problem+json", "{path}");
    }
    let too_large = json!({"attributes": {"note": "x".repeat(70_000)}});
    let reply = api.put("/users/u/profile", tenant, &too_large).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE, "{reply:?}");
    assert_eq!(
        api.log(tenant).await,
        Vec::<Value>::new(),
        "nothing was logged"
    );
    assert_eq!(
        api.get("/users/u/profile", tenant).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        api.get("/catalog", tenant).await.status,
        StatusCode::NOT_FOUND
    );
}

async fn bad_requests_are_refused(api: &Api, tenant: &str) {
    for (body, status, field) in bad_bodies() {
        let reply = api
            .send(Method::POST, "/requests", tenant, &[], body.clone())
            .await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(120)]).into_owned();
        assert_eq!(reply.status.as_u16(), status, "{shown}: {reply:?}");
        assert_eq!(reply.content_type, "application/problem+json", "{shown}");
        assert!(
            reply.body["type"]
                .as_str()
                .is_some_and(|t| t.starts_with("urn:baton:problem:"))
        );
        assert_eq!(reply.body["status"], status);
        if let Some(field) = field {
            assert_eq!(
                reply.body["errors"][0]["field"], field,
                "{shown}: {reply:?}"
            );
        }
    }
}

async fn bad_documents_are_refused(api: &Api, tenant: &str) {
    for (path, body, field) in [
        ("/users/a%20b/profile", json!({}), "id"),
        (
            "/users/u/profile",
            json!({"orders": [{"at": "yesterday", "total": 1}]}),
            "orders[0].at",
        ),
        (
            "/users/u/profile",
            json!({"orders": [{"at": "2026-01-01T00:00:00Z", "total": -1}]}),
            "orders[0].total",
        ),
        ("/users/u/profile", json!({"surprise": 1}), "surprise"),
        ("/catalog", json!({"currency": "dollars"}), "currency"),
        ("/catalog", json!({}), "currency"),
        // Lists where objects are meant, which serde would read in order.
        ("/catalog", json!(["USD", [], null]), ""),
        ("/users/u/profile", json!([]), ""),
        (
            "/users/u/profile",
            json!({"survey": [1, 2, 3, 4]}),
            "survey",
        ),
        (
            "/users/u/profile",
            json!({"orders": [["2026-01-01T00:00:00Z", 5, []]]}),
            "orders[0]",
        ),
        // Control characters, wherever they stand.
        (
            "/users/u/profile",
            json!({"attributes": {"a\u{7}": 1}}),
            "attributes.a\\u{7}",
        ),
        (
            "/users/u/profile",
            json!({"interests": ["a\u{0}"]}),
            "interests[0]",
        ),
        (
            "/catalog",
            json!({"currency": "USD", "items": [{"item_id": "a", "category": "c",
            "title": "\u{1b}[31m"}]}),
            "items[0].title",
        ),
    ] {
        let reply = api.put(path, tenant, &body).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} {body}: {reply:?}"
        );
        assert_eq!(
            reply.body["errors"][0]["field"], field,
            "{path} {body}: {reply:?}"
        );
    }
}

/// Bodies of `POST /requests` that are refused, with the status and the field that is named.
fn bad_bodies() -> Vec<(Vec<u8>, u16, Option<&'static str>)> {
    let deep = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let context =
        |json: &str| format!(r#"{{"type":"personalize","user_id":"u","context":{json}}}"#);
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(300 * 1024));
    let made = [
        (vec![0xff, 0xfe, 0x00], 400, None),
        (deep(5_000).into_bytes(), 400, None),
        (context(&deep(40)).into_bytes(), 422, None),
        (context(&large).into_bytes(), 413, None),
    ];
    let written = BAD_BODIES.iter();
    let written = written.map(|(body, status, field)| (body.as_bytes().to_vec(), *status, *field));
    written.chain(made).collect()
}

#[rustfmt::skip] // A line for each body.
const BAD_BODIES: &[(&str, u16, Option<&str>)] = &[
    ("", 400, None),
    ("not json", 400, None),
    (r#"{"type":"personalize","user_id":"u"} trailing"#, 400, None),
    (r#"{"type":"personalize","user_id":"u","context":{"n":NaN}}"#, 400, None),
    ("{\"type\":\"personalize\",\"user_id\":\"a\u{1}b\"}", 400, None),
    ("[]", 422, Some("")),
    (r#"["personalize","u",{}]"#, 422, Some("")),
    (r#"{"type":"dance","user_id":"u"}"#, 422, Some("type")),
    (r#"{"type":3,"user_id":"u"}"#, 422, Some("type")),
    (r#"{"type":"avatar","user_id":"u"}"#, 422, Some("context.script")),
    (r#"{"user_id":"u"}"#, 422, Some("type")),
    (r#"{"type":"personalize"}"#, 422, Some("user_id")),
    (r#"{"type":"personalize","user_id":""}"#, 422, Some("user_id")),
    (r#"{"type":"personalize","user_id":"a#b"}"#, 422, Some("user_id")),
    (r#"{"type":"personalize","user_id":"a\u0000b"}"#, 422, Some("user_id")),
    (r#"{"type":"personalize","user_id":7}"#, 422, Some("user_id")),
    (r#"{"type":"personalize","user_id":"a","user_id":"b"}"#, 422, Some("user_id")),
    (r#"{"type":"personalize","user_id":"u","context":[]}"#, 422, Some("context")),
    (r#"{"type":"personalize","user_id":"u","contxt":{}}"#, 422, Some("contxt")),
    (r#"{"type":"personalize","user_id":"u","context":{"want":["all"]}}"#, 422, Some("context.want[0]")),
    (r#"{"type":"personalize","user_id":"u","context":{"limit":51}}"#, 422, Some("context.limit")),
    (r#"{"type":"personalize","user_id":"u","context":{"as_of":"now"}}"#, 422, Some("context.as_of")),
    (r#"{"type":"personalize","user_id":"u","context":{"n":9007199254740993}}"#, 422, Some("context.n")),
    (r#"{"type":"personalize","user_id":"u","context":{"x":{"y":"\u001b[2J"}}}"#, 422, Some("context.x.y")),
];
