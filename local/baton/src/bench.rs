//! `baton bench`: what a request takes on this machine, by measuring.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anstream::println;
use async_trait::async_trait;
use baton_app::App;
use baton_domain::request::OrchestrationRequest;
use baton_domain::{TenantId, Timestamp, UserId};
use baton_embedded::{Embedded, SqliteItems};
use baton_engine::{Machine, RunOptions, Task, TaskError, TaskExecutor};
use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{log, sample};

/// Measures this machine
#[derive(Args)]
#[command(after_help = "\
Build with --release before you believe a figure.

Examples:
  cargo run --release -p baton -- bench
  baton bench --requests 2000 --json")]
pub(crate) struct BenchArguments {
    /// How many requests of each kind
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    requests: u32,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

/// What one thing took, over many times.
struct Measured {
    what: &'static str,
    took: Vec<Duration>,
}

/// Measures, one request after the other.
pub(crate) async fn bench(arguments: BenchArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    let file = std::env::temp_dir().join(format!("baton-bench-{}.db", std::process::id()));
    let items = SqliteItems::open(&file).map_err(|e| Failure::failed(&e))?;
    let app = Embedded::over(items).app();
    let tenant = sample::tenant()?;
    let stored = sample::load(&app, &tenant, Timestamp::now())
        .await
        .map_err(|e| Failure::failed(&e))?;
    let user = &stored.users[0].0;
    let fresh = requests(&app, &tenant, user, arguments.requests, true).await?;
    let cached = requests(&app, &tenant, user, arguments.requests, false).await?;
    remove(&file);
    let measured = [
        Measured {
            what: "personalize: four agents, SQLite file",
            took: fresh,
        },
        Measured {
            what: "personalize: cached",
            took: cached,
        },
        Measured {
            what: "engine: 1,000 Pass states",
            took: passes(arguments.requests).await?,
        },
    ];
    if arguments.json {
        println!(
            "{:#}",
            measured.iter().map(Measured::to_json).collect::<Value>()
        );
    } else {
        for line in &measured {
            println!("{line}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn requests(
    app: &App,
    tenant: &TenantId,
    user: &UserId,
    count: u32,
    fresh: bool,
) -> Result<Vec<Duration>, Failure> {
    let mut took = Vec::new();
    for n in 0..count {
        let context = json!({"page": "home", "n": if fresh { n } else { 0 }});
        let body = json!({"type": "personalize", "user_id": user, "context": context});
        let request: OrchestrationRequest =
            serde_json::from_value(body).map_err(|e| Failure::failed(&e))?;
        let started = Instant::now();
        let answer = app.submit_request(tenant, &request).await;
        took.push(started.elapsed());
        if answer.map_err(|e| Failure::failed(&e))?.cached == fresh {
            return Err(Failure::failed(&"the cache did not do what it should"));
        }
    }
    Ok(took)
}

/// Nobody's tasks.
struct NoTasks;

#[async_trait]
impl TaskExecutor for NoTasks {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        Err(TaskError::new("States.Runtime", task.resource))
    }
}

async fn passes(count: u32) -> Result<Vec<Duration>, Failure> {
    let states = (0..1_000).map(|n| {
        let next = format!("P{}", n + 1);
        (format!("P{n}"), json!({"Type": "Pass", "Next": next}))
    });
    let last = ("P1000".to_owned(), json!({"Type": "Succeed"}));
    let states: serde_json::Map<String, Value> = states.chain([last]).collect();
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "P0", "States": states});
    let machine = Machine::parse(&definition.to_string());
    let machine = Arc::new(machine.map_err(|_| Failure::failed(&"the chain is not sound"))?);
    let mut took = Vec::new();
    for _ in 0..count {
        let options = RunOptions::new("bench", Arc::new(NoTasks));
        let started = Instant::now();
        baton_engine::run(Arc::clone(&machine), json!({"n": 1}), options).await;
        took.push(started.elapsed());
    }
    Ok(took)
}

/// The database and what SQLite keeps beside it.
fn remove(file: &std::path::Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        // A file that is left behind in the temporary folder is no failure of the measurement.
        let _ = std::fs::remove_file(path);
    }
}

impl Measured {
    /// The time below which this share of the times lies, in microseconds.
    fn percentile(&self, share: f64) -> u128 {
        let mut sorted = self.took.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted
            .get((last as f64 * share) as usize)
            .map_or(0, Duration::as_micros)
    }

    fn to_json(&self) -> Value {
        json!({
            "what": self.what,
            "times": self.took.len(),
            "p50_us": self.percentile(0.5) as u64,
            "p99_us": self.percentile(0.99) as u64,
        })
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p50, p99) = (self.percentile(0.5), self.percentile(0.99));
        write!(
            f,
            "{:<40} p50 {p50:>7} µs   p99 {p99:>7} µs   {} times",
            self.what,
            self.took.len()
        )
    }
}
