//! A host for one real function: it speaks the four endpoints of the Lambda Runtime API, so that a
//! binary boots and answers here as it does on Lambda.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};

/// What the function answered, or the failure that it reported.
pub type Answer = Result<Value, Failure>;

/// A reported failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The word that workflows match on.
    pub error_type: String,
    /// For people.
    pub error_message: String,
}

/// A booted function. It is ended when this is dropped.
#[derive(Debug)]
pub struct Booted {
    process: Child,
    shared: Arc<Shared>,
    events: mpsc::UnboundedSender<(String, String)>,
    count: usize,
    /// From the start of the process to its first poll for an event.
    pub first_poll: Duration,
}

#[derive(Debug)]
struct Shared {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, String)>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    started: watch::Sender<Option<Result<Instant, String>>>,
}

const PATIENCE: Duration = Duration::from_secs(30);

impl Booted {
    /// Boots a binary with the environment that Lambda sets, and `settings` besides. It returns
    /// when the function polls for its first event.
    pub async fn start(binary: &Path, settings: &[(&str, &str)]) -> Self {
        let (events, queue) = mpsc::unbounded_channel();
        let (started, mut first_poll) = watch::channel(None);
        let shared = Arc::new(Shared {
            events: tokio::sync::Mutex::new(queue),
            waiting: Mutex::default(),
            started,
        });
        let address = listen(Arc::clone(&shared)).await;
        let spawned = Instant::now();
        let process = spawn(binary, &address, settings);
        let polled = tokio::time::timeout(PATIENCE, first_poll.wait_for(Option::is_some)).await;
        let polled = polled
            .unwrap_or_else(|_| panic!("{} never polled for an event", binary.display()))
            .expect("the host outlives the function")
            .clone();
        let polled = polled.expect("it was waited for");
        let polled = polled.unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        Self {
            process,
            shared,
            events,
            count: 0,
            first_poll: polled - spawned,
        }
    }

    /// Sends one event and waits for what the function says to it.
    ///
    /// # Errors
    /// The failure that the function reports.
    pub async fn invoke(&mut self, event: &Value) -> Answer {
        self.count += 1;
        let id = format!("invocation-{}", self.count);
        let (sender, answer) = oneshot::channel();
        let waiting = self.shared.waiting.lock();
        waiting
            .expect("no handler panics")
            .insert(id.clone(), sender);
        let sent = self.events.send((id, event.to_string()));
        sent.expect("the host outlives the function");
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer
            .expect("the function answers in time")
            .expect("the host answers every invocation")
    }

    /// Resident memory in KiB, where the system tells.
    pub fn resident_kib(&self) -> Option<u64> {
        let path = format!("/proc/{}/status", self.process.id()?);
        let status = std::fs::read_to_string(path).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

fn spawn(binary: &Path, address: &str, settings: &[(&str, &str)]) -> Child {
    Command::new(binary)
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "function")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("RUST_LOG", "off")
        .envs(settings.iter().copied())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}", binary.display()))
}

async fn listen(shared: Arc<Shared>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address.to_string()
}

async fn next(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let now = Instant::now();
    shared.started.send_if_modified(|started| {
        let first = started.is_none();
        started.get_or_insert(Ok(now));
        first
    });
    let event = shared.events.lock().await.recv().await;
    let Some((id, event)) = event else {
        return StatusCode::GONE.into_response();
    };
    let function = "arn:aws:lambda:us-east-1:000000000000:function:function".to_owned();
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", "9999999999999".to_owned()),
        ("lambda-runtime-invoked-function-arn", function),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(
    State(shared): State<Arc<Shared>>,
    UrlPath(id): UrlPath<String>,
    body: String,
) -> StatusCode {
    let answer = serde_json::from_str(&body);
    shared.answered(&id, Ok(answer.expect("functions answer JSON")))
}

async fn error(
    State(shared): State<Arc<Shared>>,
    UrlPath(id): UrlPath<String>,
    body: String,
) -> StatusCode {
    let body: Value = serde_json::from_str(&body).expect("failures are JSON");
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    shared.answered(
        &id,
        Err(Failure {
            error_type: text("errorType"),
            error_message: text("errorMessage"),
        }),
    )
}

async fn init_error(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    let failed = format!("it reports that it could not start: {body}");
    shared.started.send_replace(Some(Err(failed)));
    StatusCode::ACCEPTED
}

impl Shared {
    fn answered(&self, id: &str, answer: Answer) -> StatusCode {
        let waiting = self.waiting.lock().expect("no handler panics").remove(id);
        let heard = waiting.is_some_and(|waiting| waiting.send(answer).is_ok());
        if heard {
            StatusCode::ACCEPTED
        } else {
            StatusCode::NOT_FOUND
        }
    }
}
