//! A provider of videos that speaks the wire formats of D-ID and of HeyGen, with books, and with a
//! will of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// How the provider does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A video is done after it was asked for so often.
    DoneAfter(usize),
    /// There will be none.
    Fails,
    /// It is made for ever.
    NeverDone,
    /// A video is done at once, and the answer to its submission is lost.
    LosesAnswers,
    /// Nothing works.
    Down,
}

/// One video.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// What was submitted.
    pub body: Value,
    /// How often it was asked for.
    pub polls: usize,
}

/// The provider, serving until it is dropped.
pub struct Talks {
    /// Where it is.
    pub url: String,
    books: Books,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Books {
    talks: Arc<Mutex<Vec<Talk>>>,
    manner: Manner,
}

impl Talks {
    /// A provider on a free port.
    pub async fn open(manner: Manner) -> Self {
        let books = Books {
            talks: Arc::default(),
            manner,
        };
        let router = Router::new()
            .route("/talks", post(submit).get(list))
            .route("/talks/{id}", get(poll))
            .route("/v2/video/generate", post(generate))
            .route("/v1/video.list", get(videos))
            .route("/v1/video_status.get", get(status))
            .with_state(books.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            url: format!("http://{address}"),
            books,
            serving,
        }
    }

    /// What was submitted so far.
    pub fn all(&self) -> Vec<Talk> {
        self.books.lock().clone()
    }

    /// What the provider posts to the address that it was given, when a video is over.
    pub fn word(&self, n: usize) -> Value {
        let talks = self.books.lock();
        let talk = &talks[n];
        let shown = self.books.shown(n, talk, usize::MAX);
        if talk.body["callback_id"].is_null() {
            return shown;
        }
        let kind = match self.books.manner {
            Manner::Fails => "avatar_video.fail",
            _ => "avatar_video.success",
        };
        json!({"event_type": kind, "event_data": {
            "video_id": shown["id"], "url": shown["result_url"], "msg": shown["error"]["description"],
            "callback_id": talk.body["callback_id"],
        }})
    }
}

impl Drop for Talks {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Books {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Talk>> {
        self.talks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A talk as D-ID shows it, once it was asked for so often.
    fn shown(&self, n: usize, talk: &Talk, polls: usize) -> Value {
        let mut shown = json!({"id": format!("tlk_{n}"), "user_data": talk.body["user_data"]});
        match self.manner {
            Manner::Fails => {
                shown["status"] = json!("error");
                shown["error"] = json!({"kind": "FaceError", "description": "no face was found"});
            }
            Manner::DoneAfter(needed) if polls < needed => shown["status"] = json!("started"),
            Manner::NeverDone => shown["status"] = json!("started"),
            Manner::DoneAfter(_) | Manner::LosesAnswers | Manner::Down => {
                shown["status"] = json!("done");
                shown["result_url"] = json!(format!("https://videos.example/tlk_{n}.mp4"));
                shown["duration"] = json!(29.5);
            }
        }
        shown
    }
}

async fn submit(State(books): State<Books>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    if books.manner == Manner::Down {
        return down();
    }
    let mut talks = books.lock();
    talks.push(Talk { body, polls: 0 });
    if books.manner == Manner::LosesAnswers {
        return down();
    }
    let id = format!("tlk_{}", talks.len() - 1);
    (
        StatusCode::CREATED,
        Json(json!({"id": id, "status": "created"})),
    )
}

async fn list(
    State(books): State<Books>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    if books.manner == Manner::Down {
        return down();
    }
    let talks = books.lock();
    let limit = asked.get("limit").and_then(|limit| limit.parse().ok());
    let older = talks.len().saturating_sub(limit.unwrap_or(10));
    let shown = talks.iter().enumerate().skip(older);
    let shown: Vec<Value> = shown
        .map(|(n, talk)| books.shown(n, talk, talk.polls))
        .collect();
    (StatusCode::OK, Json(json!({"talks": shown})))
}

async fn poll(State(books): State<Books>, Path(id): Path<String>) -> (StatusCode, Json<Value>) {
    if books.manner == Manner::Down {
        return down();
    }
    let mut talks = books.lock();
    let n = id.strip_prefix("tlk_").and_then(|n| n.parse().ok());
    let Some((n, talk)) = n.and_then(|n: usize| Some((n, talks.get_mut(n)?))) else {
        return (
            StatusCode::NOT_FOUND,
            Json(json!({"kind": "NotFoundError"})),
        );
    };
    talk.polls += 1;
    let shown = books.shown(n, talk, talk.polls);
    (StatusCode::OK, Json(shown))
}

async fn generate(
    State(books): State<Books>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let (status, Json(said)) = submit(State(books), Json(body)).await;
    if status != StatusCode::CREATED {
        return (status, Json(said));
    }
    let answer = json!({"error": null, "data": {"video_id": said["id"]}});
    (StatusCode::OK, Json(answer))
}

async fn videos(
    books: State<Books>,
    limit: Query<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let titles: Vec<Value> = {
        let talks = books.lock();
        talks
            .iter()
            .map(|talk| talk.body["title"].clone())
            .collect()
    };
    let (status, Json(listed)) = list(books, limit).await;
    let listed = listed["talks"].as_array().cloned().unwrap_or_default();
    let first = titles.len() - listed.len();
    let shown = listed.into_iter().zip(&titles[first..]);
    let shown: Vec<Value> = shown
        .map(|(talk, title)| {
            let failed = talk["status"] == "error";
            let status = if failed { "failed" } else { "processing" };
            json!({"video_id": talk["id"], "video_title": title, "status": status})
        })
        .collect();
    (
        status,
        Json(json!({"error": null, "data": {"videos": shown}})),
    )
}

async fn status(
    books: State<Books>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let (status, Json(talk)) = poll(books, Path(asked["video_id"].clone())).await;
    let said = match talk["status"].as_str() {
        Some("done") => "completed",
        Some("error") => "failed",
        _ => "processing",
    };
    let data = json!({
        "status": said, "video_url": talk["result_url"], "duration": talk["duration"],
        "error": {"detail": talk["error"]["description"]},
    });
    (status, Json(json!({"error": null, "data": data})))
}

fn down() -> (StatusCode, Json<Value>) {
    let said = json!({"kind": "InternalServerError", "description": "by the test"});
    (StatusCode::INTERNAL_SERVER_ERROR, Json(said))
}
