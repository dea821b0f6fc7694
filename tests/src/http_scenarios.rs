//! What the HTTP API does, told as scenarios that run against any Baton: embedded, and deployed.

use std::fmt::Write as _;

use baton_domain::{Catalog, Profile};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::normalise::without_times;

/// A Baton that listens.
#[derive(Debug, Clone)]
pub struct Api {
    /// Where, without a slash at the end.
    pub url: String,
    client: Client,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// `content-type`.
    pub content_type: String,
    /// Whether it came from an idempotency key.
    pub replayed: bool,
    /// JSON body; null when there is none.
    pub body: Value,
}

impl Api {
    /// The Baton at `url`.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            client: Client::new(),
        }
    }

    /// Sends a request for a tenant, with headers and a body as it is.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        tenant: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.url));
        request = request.header("x-tenant-id", tenant);
        if method != Method::GET {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        let header = |name| {
            let value = response.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let (status, content_type) = (response.status(), header("content-type"));
        let replayed = header("idempotency-replayed") == "true";
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply {
            status,
            content_type,
            replayed,
            body,
        }
    }

    /// Gets a path.
    pub async fn get(&self, path: &str, tenant: &str) -> Reply {
        self.send(Method::GET, path, tenant, &[], Vec::new()).await
    }

    /// Puts JSON.
    pub async fn put(&self, path: &str, tenant: &str, body: &Value) -> Reply {
        self.send(
            Method::PUT,
            path,
            tenant,
            &[],
            body.to_string().into_bytes(),
        )
        .await
    }

    /// Posts JSON to `/requests`.
    pub async fn request(&self, tenant: &str, body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        self.send(Method::POST, "/requests", tenant, &[], body)
            .await
    }

    /// Entries of today's log of a tenant, newest first.
    pub async fn log(&self, tenant: &str) -> Vec<Value> {
        let reply = self.get("/log?limit=100", tenant).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.body["entries"].as_array().expect("entries").clone()
    }

    /// Stores a catalogue and profiles for a tenant.
    pub async fn store(&self, tenant: &str, catalog: &Catalog, users: &[(&str, &Profile)]) {
        let reply = self.put("/catalog", tenant, &json!(catalog)).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
        for (user, profile) in users {
            let path = format!("/users/{user}/profile");
            let reply = self.put(&path, tenant, &json!(profile)).await;
            assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
            assert_eq!(
                self.get(&path, tenant).await.body,
                json!(profile),
                "what was stored"
            );
        }
    }
}

/// A request to personalize for a user, with a context.
pub fn personalize(user: &str, context: &Value) -> Value {
    json!({"type": "personalize", "user_id": user, "context": context})
}

/// Answers of a user and a tenant are cached for them alone, and every request is logged.
pub async fn answers_are_cached_and_logged(
    api: &Api,
    user: &str,
    profile: &Profile,
    catalog: &Catalog,
) {
    for tenant in ["cache-a", "cache-b"] {
        api.store(tenant, catalog, &[(user, profile), ("other", profile)])
            .await;
    }
    let body = personalize(user, &json!({"page": "home", "limit": 3}));
    let first = api.request("cache-a", &body).await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    assert_eq!(
        (&first.body["status"], &first.body["cached"]),
        (&json!("success"), &json!(false))
    );
    assert_eq!(
        first.body["agents_called"].as_array().map(Vec::len),
        Some(4),
        "{first:?}"
    );
    let again = api.request("cache-a", &body).await;
    assert_eq!(
        (&again.body["cached"], &again.body["agents_called"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(
        again.body["results"], first.body["results"],
        "the same answer"
    );
    assert_eq!(
        again.body["total_cost"],
        json!(0.0),
        "a cached answer costs nothing"
    );
    let elsewhere = api.request("cache-b", &body).await;
    assert_eq!(elsewhere.body["cached"], json!(false), "another tenant");
    let other = api
        .request(
            "cache-a",
            &personalize("other", &json!({"page": "home", "limit": 3})),
        )
        .await;
    assert_eq!(other.body["cached"], json!(false), "another user");
    let log = api.log("cache-a").await;
    let seen: Vec<(&Value, &Value)> = log
        .iter()
        .map(|e| (&e["request_id"], &e["cached"]))
        .collect();
    let (yes, no) = (json!(true), json!(false));
    let wanted = [
        (&other.body["request_id"], &no),
        (&again.body["request_id"], &yes),
        (&first.body["request_id"], &no),
    ];
    assert_eq!(seen, wanted, "one entry for each request, newest first");
    assert_eq!(log[2]["agents_called"], first.body["agents_called"]);
    assert_eq!(log[2]["total_cost"], first.body["total_cost"]);
}

/// Only wanted agents, and those that they need, are called; the others are not, or say why.
pub async fn the_fewest_agents_are_called(
    api: &Api,
    user: &str,
    profile: &Profile,
    catalog: &Catalog,
) {
    let tenant = "fewest";
    api.store(tenant, catalog, &[(user, profile)]).await;
    for (want, called) in [
        (json!(["segmentation"]), json!(["user-segmentation"])),
        (json!(["wtp"]), json!(["wtp-scoring"])),
        (
            json!(["recommendations"]),
            json!(["user-segmentation", "content-recommendation"]),
        ),
        (
            json!(["pricing"]),
            json!(["wtp-scoring", "user-segmentation", "dynamic-pricing"]),
        ),
    ] {
        let reply = api
            .request(tenant, &personalize(user, &json!({"want": want})))
            .await;
        assert_eq!(reply.body["agents_called"], called, "{reply:?}");
        let results: Vec<Value> = reply.body["results"]
            .as_object()
            .expect("results")
            .keys()
            .map(|k| json!(k))
            .collect();
        assert_eq!(json!(results), want, "only what is wanted");
    }
    let stranger = api
        .request(tenant, &personalize("stranger", &json!({})))
        .await;
    assert_eq!(
        stranger.body["agents_called"],
        json!(["content-recommendation"]),
        "{stranger:?}"
    );
    for result in ["wtp", "segmentation", "pricing"] {
        assert!(
            stranger.body["skipped"][result]["reason"].is_string(),
            "{stranger:?}"
        );
    }
    let nothing = api
        .request("fewest-empty", &personalize("stranger", &json!({})))
        .await;
    assert_eq!(nothing.status, StatusCode::OK, "{nothing:?}");
    assert_eq!(
        (&nothing.body["agents_called"], &nothing.body["status"]),
        (&json!([]), &json!("success"))
    );
}

/// The same key and body answer the same; another body under the key is refused.
pub async fn idempotency_keys_hold(api: &Api) {
    let tenant = "keys";
    let headers = [("idempotency-key", "order-66")];
    let body = personalize("user_k", &json!({"n": 1}))
        .to_string()
        .into_bytes();
    let post = |body: Vec<u8>| api.send(Method::POST, "/requests", tenant, &headers, body);
    let first = post(body.clone()).await;
    let again = post(body.clone()).await;
    assert_eq!(
        (first.status, again.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(again.body, first.body, "the very same answer");
    let other = post(
        personalize("user_k", &json!({"n": 2}))
            .to_string()
            .into_bytes(),
    )
    .await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(
        other.body["type"],
        "urn:baton:problem:idempotency-key-reused"
    );
    assert_eq!(
        api.log(tenant).await.len(),
        1,
        "the replay and the refusal are no requests"
    );
    let bad = api
        .send(
            Method::POST,
            "/requests",
            tenant,
            &[("idempotency-key", "a b")],
            body,
        )
        .await;
    assert_eq!(bad.body["errors"][0]["field"], "Idempotency-Key");
}

/// Bad input is refused with a problem that names the field, and leaves nothing behind.
pub async fn bad_input_is_refused(api: &Api) {
    let tenant = "bad";
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

/// Bodies of `POST /requests` that are refused, with the status and the field that is named.
fn bad_bodies() -> Vec<(Vec<u8>, u16, Option<&'static str>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let mut deep = String::new();
    for _ in 0..40 {
        let _ = write!(deep, r#"{{"a":"#);
    }
    let deep = format!("{deep}1{}", "}".repeat(40));
    vec![
        (Vec::new(), 400, None),
        (text("not json"), 400, None),
        (
            text("{\"type\":\"personalize\",\"user_id\":\"u\"} trailing"),
            400,
            None,
        ),
        (text("[]"), 422, None),
        (
            text("{\"type\":\"personalize\",\"user_id\":\"u\",\"context\":{\"n\":NaN}}"),
            400,
            None,
        ),
        (
            text("{\"type\":\"personalize\",\"user_id\":\"a\u{1}b\"}"),
            400,
            None,
        ),
        (vec![0xff, 0xfe, 0x00], 400, None),
        (
            text(&format!("{}1{}", "[".repeat(5000), "]".repeat(5000))),
            400,
            None,
        ),
        (text(r#"{"type":"dance","user_id":"u"}"#), 422, Some("type")),
        (text(r#"{"type":"personalize"}"#), 422, Some("user_id")),
        (text(r#"{"user_id":"u"}"#), 422, Some("type")),
        (
            text(r#"{"type":"personalize","user_id":""}"#),
            422,
            Some("user_id"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"a#b"}"#),
            422,
            Some("user_id"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"a\u0000b"}"#),
            422,
            Some("user_id"),
        ),
        (
            text(r#"{"type":"personalize","user_id":7}"#),
            422,
            Some("user_id"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"u","context":[]}"#),
            422,
            Some("context"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"u","contxt":{}}"#),
            422,
            Some("contxt"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"u","context":{"want":["all"]}}"#),
            422,
            Some("context.want[0]"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"u","context":{"limit":51}}"#),
            422,
            Some("context.limit"),
        ),
        (
            text(r#"{"type":"personalize","user_id":"u","context":{"x":{"y":"\u001b[2J"}}}"#),
            422,
            Some("context.x.y"),
        ),
        (
            text(&format!(
                r#"{{"type":"personalize","user_id":"u","context":{deep}}}"#
            )),
            422,
            None,
        ),
        (
            text(&format!(
                r#"{{"type":"personalize","user_id":"u","context":{{"x":"{}"}}}}"#,
                "x".repeat(300 * 1024)
            )),
            413,
            None,
        ),
        (text(r#"{"type":"avatar","user_id":"u"}"#), 501, None),
    ]
}

/// Routes that are not there say so, and the API describes itself.
pub async fn the_api_describes_itself(api: &Api) {
    let health = api.get("/health", "any").await;
    assert_eq!(
        (health.status, &health.body["status"]),
        (StatusCode::OK, &json!("healthy"))
    );
    let openapi = api.get("/openapi.json", "any").await;
    assert_eq!(openapi.body["openapi"], "3.1.0");
    let paths: Vec<&String> = openapi.body["paths"]
        .as_object()
        .expect("paths")
        .keys()
        .collect();
    assert_eq!(
        paths,
        [
            "/catalog",
            "/health",
            "/log",
            "/requests",
            "/users/{id}/profile"
        ]
    );
    let bad = api.get("/log?day=today", "any").await;
    assert_eq!(bad.body["errors"][0]["field"], "day", "{bad:?}");
    let tenant = api.get("/log", "a tenant").await;
    assert_eq!(
        tenant.body["errors"][0]["field"], "x-tenant-id",
        "{tenant:?}"
    );
}

/// The answers that a Baton gives to a list of requests, without what differs between two runs of
/// the same: to be compared with another Baton's.
pub async fn answers(api: &Api, tenant: &str, requests: &[Value]) -> Vec<Value> {
    let mut answers = Vec::new();
    for request in requests {
        let reply = api.request(tenant, request).await;
        assert_eq!(reply.status, StatusCode::OK, "{request}: {reply:?}");
        answers.push(without_times(reply.body));
    }
    answers
}
