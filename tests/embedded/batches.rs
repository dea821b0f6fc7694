//! `POST /requests/batch` over HTTP, answered by the embedded Baton.

use baton_embedded::Embedded;
use baton_http::Access;
use baton_tests::batch_scenario::{submit, twelve_leads_are_answered_once};
use baton_tests::http_api::Api;
use reqwest::StatusCode;
use serde_json::json;

use super::embedded;

const TENANT: &str = "acme";

async fn open() -> (Api, Embedded) {
    let baton = embedded();
    (Api::of(&baton, Access::Open).await, baton)
}

#[tokio::test]
async fn a_batch_is_accepted_answered_and_read() {
    let (api, _baton) = open().await;
    twelve_leads_are_answered_once(&api, TENANT).await;
}

#[tokio::test]
async fn a_bad_batch_starts_nothing_and_names_every_request() {
    let (api, _baton) = open().await;
    let requests =
        json!([{"user_id": "a"}, {"user_id": "b", "context": {"want": ["x"]}}, {"user": 1}]);
    let refused = submit(
        &api,
        TENANT,
        &[],
        &json!({"type": "score", "requests": requests}),
    )
    .await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{refused:?}"
    );
    let errors = refused.body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[0]["field"], "requests[1].context.want[0]");
    for none in [json!([]), json!(vec![json!({"user_id": "u"}); 501])] {
        let refused = submit(
            &api,
            TENANT,
            &[],
            &json!({"type": "score", "requests": none}),
        )
        .await;
        assert_eq!(
            refused.body["errors"][0]["field"], "requests",
            "{refused:?}"
        );
    }
    let runs = api.get("/runs", TENANT).await.body;
    assert_eq!(runs["runs"], json!([]), "nothing was started");
}
