//! A video is asked for, made by a provider that tells, and answered: on every Baton.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::avatar::request;
use crate::http_api::{Api, Reply};
use crate::talks::Talks;

/// Where the Baton believes to be reached; a provider that is on this machine reaches it elsewhere.
pub const PUBLIC_URL: &str = "https://baton.example";

const TENANT: &str = "videos";

/// The longest that it takes, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asserts the scenario on a Baton whose videos this provider makes.
pub async fn a_video_is_made_once(api: &Api, talks: &Talks) {
    let body = json!(request("happy"));
    let accepted = api.request(TENANT, &body).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{accepted:?}");
    assert_eq!(accepted.body["status"], "queued", "{accepted:?}");
    let run = accepted.body["run_id"].as_str().expect("a run").to_owned();
    let again = api.request(TENANT, &body).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{again:?}");
    assert_eq!(
        (&again.body["run_id"], &again.body["cached"]),
        (&json!(run), &json!(true)),
        "an equal request gets the same run"
    );
    let submitted = eventually(async || talks.all().into_iter().next()).await;
    assert_eq!(submitted.body["user_data"], json!(run));
    let address = submitted.body["webhook"].as_str().expect("an address");
    let path = address.strip_prefix(PUBLIC_URL).expect("under its address");
    only_the_provider_is_believed(api, path, talks).await;
    let heard = post(api, path, &talks.word(0)).await;
    assert_eq!(heard.status, StatusCode::NO_CONTENT, "{heard:?}");
    let ended = eventually(async || {
        let state = api.get(&format!("/runs/{run}"), TENANT).await.body;
        let over = !["queued", "running"].contains(&state["status"].as_str()?);
        over.then_some(state)
    });
    let ended = ended.await;
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    assert_eq!(ended["user_id"], body["user_id"], "{ended:#}");
    let path_of_answer = format!("/runs/{run}/artifacts/answer");
    let answer = api.get(&path_of_answer, TENANT).await.body;
    let results = &answer["content"]["results"];
    let video = &results["video"]["output"];
    assert_eq!(
        video["video"]["url"], "https://videos.example/tlk_0.mp4",
        "{answer:#}"
    );
    assert_eq!(results["script"]["agent"], "avatar-script", "{answer:#}");
    assert_eq!(talks.all().len(), 1, "one video was made");
    // The entry follows the run's end.
    let logged = eventually(async || {
        let log = api.log(TENANT).await;
        (log.len() == 2).then_some(log)
    });
    let cached: Vec<Value> = logged
        .await
        .iter()
        .map(|entry| entry["cached"].clone())
        .collect();
    assert!(cached.contains(&json!(true)) && cached.contains(&json!(false)));
    let late = post(api, path, &talks.word(0)).await;
    assert_eq!(late.status, StatusCode::NO_CONTENT, "{late:?}");
}

async fn only_the_provider_is_believed(api: &Api, path: &str, talks: &Talks) {
    let (start, token) = path.split_once("?token=").expect("a sealed address");
    let word = talks.word(0);
    for (path, status) in [
        (start.to_owned(), 401),
        (format!("{start}?token={}", "0".repeat(token.len())), 401),
        (path.replace("/d-id?", "/film?"), 404),
        (path.replace("/videos/d-id?", "/a%23b/d-id?"), 404),
    ] {
        let refused = post(api, &path, &word).await;
        assert_eq!(refused.status, status, "{path}: {refused:?}");
        assert_eq!(refused.content_type, "application/problem+json", "{path}");
    }
    let malformed = api.send(Method::POST, path, TENANT, &[], b"no JSON".to_vec());
    assert_eq!(malformed.await.status, 401, "nobody's run is in it");
    let other = path.replace("/videos/videos/", "/videos/other/");
    let other = post(api, &other, &word).await;
    assert_eq!(other.status, StatusCode::NO_CONTENT, "no run of another's");
}

async fn post(api: &Api, path: &str, body: &Value) -> Reply {
    let body = body.to_string().into_bytes();
    api.send(Method::POST, path, TENANT, &[], body).await
}

async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it takes too long");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
