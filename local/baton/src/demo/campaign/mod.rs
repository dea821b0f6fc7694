//! `baton demo campaign`: a whole Baton and a sandbox EmailPilot in this process, and a run of a
//! month's campaign through its API.

mod files;
mod report;
mod watch;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anstream::println;
use baton_app::Environment;
use baton_domain::campaign::Month;
use baton_domain::run::RunState;
use baton_domain::{BrandId, RunId};
use baton_http::Access;
use baton_sandbox::emailpilot;
use clap::Args;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::client::{Client, Options, Server};
use crate::failure::Failure;
use crate::house::{Choices, House, Kept, listen};
use crate::runs::{Accepted, Page};
use crate::sandbox::{Ports, Running};

pub(super) use report::Outcome;

/// Runs a month's campaign of a brand
#[derive(Args, Clone)]
#[command(after_help = "\
Without --auto-approve it stops at each gate and prints the command that decides, for another
terminal. Ctrl-C leaves the run as it is: with the same --db the same command goes on with it.

Exit codes: 0 the campaign is out, at least in part; 1 it failed, or was declined or interrupted;
2 the command line or a file is wrong.

Examples:
  baton demo campaign --auto-approve
  baton demo campaign --month 2024-11 --brand juniper --db demo.db
  baton demo campaign --auto-approve --json | jq .books")]
pub(crate) struct CampaignArguments {
    /// The month [2024-11]; one that is over goes out at once
    #[arg(long)]
    month: Option<Month>,
    /// The brand, one that the sandbox knows [acme]
    #[arg(long)]
    brand: Option<BrandId>,
    /// Let gates approve by themselves
    #[arg(long)]
    auto_approve: bool,
    /// A file to keep the state in
    #[arg(long)]
    db: Option<PathBuf>,
    /// The folder for strategy, mails, plan and insights [./campaign-BRAND-MONTH]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// The port of the API; a free one when it is not given
    #[arg(long)]
    port: Option<u16>,
    /// Print one JSON object instead
    #[arg(long)]
    pub(super) json: bool,
    /// Whether its files go with it.
    #[arg(skip)]
    leaves_nothing: bool,
}

impl CampaignArguments {
    /// Whether anything is said that only a campaign needs.
    pub(super) fn is_asked_for(&self) -> bool {
        self.month.is_some()
            || self.brand.is_some()
            || self.auto_approve
            || self.out.is_some()
            || self.port.is_some()
    }

    /// The same for a tour, which asks nobody and litters no folder.
    pub(super) fn of_tour(&self) -> Self {
        Self {
            auto_approve: true,
            leaves_nothing: true,
            ..self.clone()
        }
    }

    /// The file that keeps the state.
    pub(super) fn db(&self) -> Option<&Path> {
        self.db.as_deref()
    }

    fn month(&self) -> Result<Month, Failure> {
        self.month.map_or_else(|| parsed("2024-11"), Ok)
    }

    fn brand(&self) -> Result<BrandId, Failure> {
        let brand = self.brand.clone();
        let brand = brand.map_or_else(|| parsed("acme"), Ok)?;
        if emailpilot::brand(&brand).is_some() {
            return Ok(brand);
        }
        let known = emailpilot::brands().iter();
        let known: Vec<&str> = known.map(|brand| brand.brand_id.as_str()).collect();
        let known = known.join(", ");
        let message = format!("--brand: the sandbox has no brand `{brand}`; it has: {known}");
        Err(Failure::wrong(&message))
    }
}

/// Runs the campaign and shows it.
pub(super) async fn demo(arguments: &CampaignArguments) -> Result<ExitCode, Failure> {
    let outcome = run(arguments).await?;
    if arguments.json {
        println!("{:#}", json!(outcome));
    } else {
        report::print(&outcome);
    }
    Ok(outcome.exit_code())
}

/// Everything that a campaign runs on, until it is dropped.
struct Place {
    client: Client,
    sandbox: Client,
    serving: JoinHandle<std::io::Result<()>>,
    _house: House,
    _folder: Option<TempDir>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Runs the campaign to its end. Progress is printed, but for programs.
pub(super) async fn run(arguments: &CampaignArguments) -> Result<Outcome, Failure> {
    let (brand, month) = (arguments.brand()?, arguments.month()?);
    let out = if arguments.leaves_nothing {
        None
    } else {
        let out = arguments.out.clone();
        let out = out.unwrap_or_else(|| PathBuf::from(format!("campaign-{brand}-{month}")));
        files::check(&out)?;
        Some(out)
    };
    let place = open(arguments).await?;
    let began = Instant::now();
    let work = async {
        let run = begin(&place.client, &brand, month).await?;
        let timeline = watch::watch(&place.client, run, arguments).await?;
        let took = began.elapsed();
        finish(&place, run, timeline, took, out.clone()).await
    };
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Err(interrupted(arguments, &brand, month)),
    }
}

async fn open(arguments: &CampaignArguments) -> Result<Place, Failure> {
    let environment = Environment::from_env().map_err(|e| Failure::wrong(&e))?;
    let access = Access::of(environment, false).map_err(|_| {
        let message = "the demo does not identify callers, so it runs in development only";
        Failure::wrong(&format!("{}: {message}", Environment::VARIABLE))
    })?;
    let port = arguments.port.unwrap_or(0);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (listener, address) = listen(address).await?;
    let (folder, db) = if let Some(db) = &arguments.db {
        (None, db.clone())
    } else {
        let folder = tempfile::tempdir().map_err(|e| Failure::failed(&e))?;
        let db = folder.path().join("baton.db");
        (Some(folder), db)
    };
    let kept = Kept::open(&db)?;
    let sandbox = Running::start(&db, Ports::default()).await?;
    let sandbox_client = client(&sandbox.email_pilot_url())?;
    let choices = Choices {
        kept,
        address,
        broken: &[],
        sandbox: Some(sandbox),
        auto_approve: arguments.auto_approve,
    };
    let (house, _) = House::open(access, choices).await?;
    let serving = axum::serve(listener, house.router());
    Ok(Place {
        client: client(&format!("http://{address}"))?,
        sandbox: sandbox_client,
        serving: tokio::spawn(serving.into_future()),
        _house: house,
        _folder: folder,
    })
}

fn client(url: &str) -> Result<Client, Failure> {
    Server::at(parsed(url)?, parsed("default")?).client()
}

fn parsed<T: FromStr<Err: ToString>>(text: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|error: T::Err| Failure::failed(&error))
}

/// The campaign's run that the file keeps unfinished, else a new one.
async fn begin(client: &Client, brand: &BrandId, month: Month) -> Result<RunId, Failure> {
    let query = [("brand", brand.to_string()), ("limit", "100".to_owned())];
    let kept: Page = client.get(&["runs"], &query).await?;
    let open = kept.runs.iter();
    let mut open = open.filter(|run| run.subject.month == Some(month) && !run.status.is_over());
    if let Some(open) = open.next() {
        return Ok(open.run_id);
    }
    let body = json!({"brand_id": brand, "selected_month": month});
    let path = ["runs", "start"];
    let begun: Accepted = client.post(&path, &body, Options::default()).await?;
    Ok(begun.run_id)
}

async fn finish(
    place: &Place,
    run: RunId,
    timeline: Vec<watch::Moment>,
    took: Duration,
    out: Option<PathBuf>,
) -> Result<Outcome, Failure> {
    let name = run.to_string();
    let state: RunState = place.client.get(&["runs", &name], &[]).await?;
    let made = files::made(&place.client, &state).await?;
    if let Some(out) = &out {
        files::write(&made.files, out)?;
    }
    let ledger = place.sandbox.get(&["sandbox", "books"], &[]).await?;
    Ok(Outcome {
        status: state.status,
        books: report::Books::of(&ledger, run),
        run: state,
        seconds: took.as_secs_f64(),
        timeline,
        out,
        files: made.files.into_iter().map(|(name, _)| name).collect(),
        strategy: made.strategy,
    })
}

fn interrupted(arguments: &CampaignArguments, brand: &BrandId, month: Month) -> Failure {
    let out = arguments.out.as_ref();
    let out = out.map_or_else(String::new, |out| format!(" --out {}", out.display()));
    let port = arguments.port;
    let port = port.map_or_else(String::new, |port| format!(" --port {port}"));
    let message = match &arguments.db {
        Some(db) => format!(
            "interrupted. The run is kept: `{} demo campaign --brand {brand} --month {month} \
             --db {}{out}{port}` goes on with it",
            program(),
            db.display()
        ),
        None => "interrupted, and nothing is kept: with --db FILE the same command goes on where \
                 it was"
            .to_owned(),
    };
    Failure::failed(&message)
}

/// This program, as it was called.
fn program() -> String {
    std::env::args()
        .next()
        .unwrap_or_else(|| "baton".to_owned())
}
