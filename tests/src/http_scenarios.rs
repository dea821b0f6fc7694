//! What the HTTP API does, told as scenarios that run against any Baton: embedded, and deployed.

use baton_domain::{Catalog, Profile};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::http_api::Api;
use crate::normalise::without_times;

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
            "/approvals",
            "/approvals/link/{token}",
            "/approvals/pending",
            "/approvals/submit",
            "/approvals/{id}",
            "/catalog",
            "/health",
            "/log",
            "/models/{result}",
            "/requests",
            "/requests/batch",
            "/runs",
            "/runs/start",
            "/runs/{id}",
            "/runs/{id}/artifacts/{name}",
            "/runs/{id}/cancel",
            "/runs/{id}/events",
            "/runs/{id}/fork",
            "/runs/{id}/redrive",
            "/runs/{id}/rollback",
            "/tasks",
            "/tasks/{id}",
            "/tasks/{id}/purchases/{source_id}/resolve",
            "/tasks/{id}/report",
            "/users/{id}/profile",
            "/webhooks/videos/{tenant}/{provider}"
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
