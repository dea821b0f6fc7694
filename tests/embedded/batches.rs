//! `POST /requests/batch` over HTTP, answered by the embedded Baton.

use std::time::{Duration, Instant};

use baton_embedded::Embedded;
use baton_http::Access;
use baton_tests::http_api::{Api, Reply};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::embedded;

const TENANT: &str = "acme";

async fn open() -> (Api, Embedded) {
    let baton = embedded();
    (Api::of(&baton, Access::Open).await, baton)
}

async fn post(api: &Api, headers: &[(&str, &str)], body: &Value) -> Reply {
    let body = body.to_string().into_bytes();
    api.send(Method::POST, "/requests/batch", TENANT, headers, body)
        .await
}

/// The run once it is over.
async fn ended(api: &Api, id: &str) -> Value {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        let run = api.get(&format!("/runs/{id}"), TENANT).await.body;
        if ["succeeded", "failed"].contains(&run["status"].as_str().expect("a status")) {
            return run;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{id} is never over");
}

#[tokio::test]
async fn a_batch_is_accepted_answered_and_read() {
    let (api, _baton) = open().await;
    let leads: Vec<Value> = (0..12)
        .map(|i| {
            let features = json!({"views": f64::from(i), "carts": 1.0});
            let lead = json!({"as_of": "2026-01-15T12:00:00Z", "features": features});
            json!({"user_id": format!("user_{i}"), "context": {"want": ["lead"], "lead": lead}})
        })
        .collect();
    let body = json!({"type": "score", "requests": leads});
    let key = [("idempotency-key", "batch-1")];
    let accepted = post(&api, &key, &body).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{accepted:?}");
    let id = accepted.body["run_id"].as_str().expect("an id").to_owned();
    assert_eq!(accepted.location, format!("/runs/{id}"));
    let again = post(&api, &key, &body).await;
    assert_eq!(again.body["run_id"], id.as_str());
    assert_eq!(again.location, format!("/runs/{id}"));
    let run = ended(&api, &id).await;
    assert_eq!(run["status"], "succeeded", "{run:#}");
    assert_eq!(run["cause"], "12 answered, 0 partial, 0 failed", "{run:#}");
    assert_eq!(
        (&run["workflow"], &run["requests"]),
        (&json!("batch"), &json!(12))
    );
    assert_eq!(run["agents"]["score"]["calls"], 12);
    let mut indices = Vec::new();
    for part in 1..=3 {
        let path = format!("/runs/{id}/artifacts/results.{part}");
        let artifact = api.get(&path, TENANT).await.body;
        for answer in artifact["content"]["answers"].as_array().expect("a list") {
            assert_eq!(answer["status"], "success", "{answer:#}");
            assert!(
                answer["results"]["lead"]["output"]["probability"].is_f64(),
                "{answer:#}"
            );
            indices.push(answer["index"].as_u64().expect("an index"));
        }
    }
    assert_eq!(indices, (0..12).collect::<Vec<_>>());
    let log = api.get("/log?limit=50", TENANT).await.body;
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(12), "{log:#}");
}

#[tokio::test]
async fn a_bad_batch_starts_nothing_and_names_every_request() {
    let (api, _baton) = open().await;
    let requests =
        json!([{"user_id": "a"}, {"user_id": "b", "context": {"want": ["x"]}}, {"user": 1}]);
    let refused = post(&api, &[], &json!({"type": "score", "requests": requests})).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{refused:?}"
    );
    let errors = refused.body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[0]["field"], "requests[1].context.want[0]");
    for none in [json!([]), json!(vec![json!({"user_id": "u"}); 501])] {
        let refused = post(&api, &[], &json!({"type": "score", "requests": none})).await;
        assert_eq!(
            refused.body["errors"][0]["field"], "requests",
            "{refused:?}"
        );
    }
    let runs = api.get("/runs", TENANT).await.body;
    assert_eq!(runs["runs"], json!([]), "nothing was started");
}
