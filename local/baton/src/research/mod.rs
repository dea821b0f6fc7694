//! `baton research`: a theme is researched within a budget, on a Baton in this process that buys at
//! the sandbox, or on one that is served.

mod outcome;
mod place;
mod spending;
mod watch;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anstream::println;
use baton_app::StartTask;
use baton_domain::{RunId, TenantId};
use clap::Args;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use crate::client::{Client, Options, base_url};
use crate::failure::Failure;
use crate::log;
use place::Place;

pub(crate) use outcome::Outcome;

/// Researches a theme within a budget, and prints the report with what each cent bought
#[derive(Args, Clone)]
#[command(after_help = "\
Without --url a Baton runs in this process and buys at a sandbox marketplace: no money moves. With
--url a Baton that is served does it, with what money it has; BATON_URL alone does not, so that
nobody spends by accident. A task that waits for a person says how to decide. Ctrl-C leaves it.

Exit codes: 0 there is a report, if perhaps not of everything; 1 it failed, was cancelled or
interrupted, or the Baton is not there; 2 the command line, a file or a token is wrong (a report
that cannot be written to --out is printed); 3 nothing was found about the theme.

Examples:
  baton research \"Tesla Inc financial performance 2023\" --budget 50 --voice-id user_voice_123
  baton research \"Blockchain adoption in finance\" --budget 100 --voice-id voice_fintech_analyst \\
    --out report.html
  baton research \"AI market trends in healthcare\" --budget 75 --voice-id voice_medical_researcher \\
    --auto-approve --json | jq .spending
  BATON_TOKEN=… baton research \"Electric vehicles\" --budget 20 --voice-id ada \\
    --url https://baton.example")]
pub(crate) struct ResearchArguments {
    /// What to find out about: a topic or a question
    theme: String,
    /// What may be spent on data, in whole US dollars
    #[arg(long, value_name = "USD", value_parser = whole_dollars, allow_negative_numbers = true)]
    budget: u32,
    /// Whose voice the Payment Manager knows; the sandbox knows all but those that begin with `bad`
    #[arg(long, value_name = "VOICE")]
    voice_id: String,
    /// The Baton that does it, and spends its money; without it one in this process
    #[arg(long, value_parser = base_url)]
    url: Option<Url>,
    /// The tenant, where callers name their own; a token names it otherwise
    #[arg(long, env = "BATON_TENANT", default_value = "default")]
    tenant: TenantId,
    /// A bearer token; better in the environment, where no list of processes shows it
    #[arg(long, env = "BATON_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A key of your own: the same again is the same task
    #[arg(long)]
    key: Option<String>,
    /// Let gates approve by themselves; a Baton that is served has a setting for that
    #[arg(long, conflicts_with = "url")]
    auto_approve: bool,
    /// A file to keep the state of the Baton in this process
    #[arg(long, conflicts_with = "url")]
    db: Option<PathBuf>,
    /// A file for the report: Markdown if it ends in .md, a page if it ends in .html
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

/// Whole dollars; more than can be counted are the most, which the rules refuse by their own name.
fn whole_dollars(text: &str) -> Result<u32, String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let wrong = "must be whole US dollars, 1 or more, such as 50";
    if digits {
        Ok(text.parse().unwrap_or(u32::MAX))
    } else {
        Err(wrong.to_owned())
    }
}

/// A task that was accepted.
#[derive(Deserialize)]
struct Accepted {
    task_id: RunId,
}

impl ResearchArguments {
    /// What a tour shows, which asks nobody and leaves no file of its own.
    pub(crate) fn of_tour(db: Option<&Path>, json: bool) -> Result<Self, Failure> {
        let tenant: Result<TenantId, _> = "default".parse();
        Ok(Self {
            theme: "Tesla Inc financial performance 2023".to_owned(),
            budget: 50,
            voice_id: "user_voice_123".to_owned(),
            url: None,
            tenant: tenant.map_err(|e| Failure::failed(&e))?,
            token: None,
            key: None,
            auto_approve: true,
            db: db.map(Path::to_owned),
            out: None,
            json,
        })
    }

    /// What to find out about.
    pub(crate) fn theme(&self) -> &str {
        &self.theme
    }

    /// What is asked for, if it is in order: nothing is started for what would be refused.
    fn task(&self) -> Result<StartTask, Failure> {
        let task = StartTask {
            theme: self.theme.clone(),
            budget: self.budget,
            voice_id: self.voice_id.clone(),
            max_cost_usd: None,
        };
        task.checked().map_err(|errors| {
            let lines = errors.iter().map(|error| {
                let option = match error.field.as_str() {
                    "theme" => "<THEME>".to_owned(),
                    field => format!("--{}", field.replace('_', "-")),
                };
                format!("{option}: {}", error.message)
            });
            Failure::wrong(&lines.collect::<Vec<_>>().join("\n"))
        })
    }

    /// The form of the report in the file --out. Looked at first: it is late to hear that a file
    /// cannot be written when the money is spent.
    fn format(&self) -> Result<Option<&'static str>, Failure> {
        let Some(out) = &self.out else {
            return Ok(None);
        };
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            let message = format!("--out: {} lies in no folder that is there", out.display());
            return Err(Failure::wrong(&message));
        }
        let wanted = Self::form(out)?;
        writable(out)?;
        Ok(Some(wanted))
    }

    fn form(out: &Path) -> Result<&'static str, Failure> {
        let end = out.extension().and_then(|end| end.to_str());
        match end.map(str::to_ascii_lowercase).as_deref() {
            Some("md") => Ok("markdown"),
            Some("html") => Ok("html"),
            _ => Err(Failure::wrong(&"--out: must end in .md or .html")),
        }
    }
}

/// Whether a file can be written, tried without changing what is in it.
fn writable(out: &Path) -> Result<(), Failure> {
    let is_new = out.symlink_metadata().is_err();
    let opened = OpenOptions::new().append(true).create(true).open(out);
    opened.map_err(|error| {
        let message = format!("--out: cannot write {}: {error}", out.display());
        Failure::wrong(&message)
    })?;
    if is_new {
        // Left empty, it would only look like a report.
        let _ = std::fs::remove_file(out);
    }
    Ok(())
}

/// Researches and shows what came of it.
pub(crate) async fn research(arguments: ResearchArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    show(&arguments).await
}

/// The same where the log is set up.
pub(crate) async fn show(arguments: &ResearchArguments) -> Result<ExitCode, Failure> {
    let outcome = run(arguments).await?;
    if arguments.json {
        println!("{:#}", json!(outcome));
        outcome::warn(&outcome);
    } else {
        outcome::print(&outcome);
    }
    Ok(outcome.exit_code())
}

/// Runs a task to its end. Progress is printed, but for programs.
pub(crate) async fn run(arguments: &ResearchArguments) -> Result<Outcome, Failure> {
    let (task, format) = (arguments.task()?, arguments.format()?);
    let place = Place::of(arguments).await?;
    let charged = place.charged().await?;
    let began = Instant::now();
    let id = begin(&place.client, &task, arguments.key.as_deref()).await?;
    let work = async {
        watch::watch(&place, id, arguments).await?;
        let mut outcome = Outcome::of(&place, id, charged, began.elapsed()).await?;
        if let (Some(out), Some(format)) = (&arguments.out, format) {
            outcome.write(&place.client, out, format).await;
        }
        Ok(outcome)
    };
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Err(interrupted(arguments, &place, id)),
    }
}

async fn begin(client: &Client, task: &StartTask, key: Option<&str>) -> Result<RunId, Failure> {
    let options = Options {
        key,
        ..Options::default()
    };
    let accepted: Accepted = client.post(&["tasks"], task, options).await?;
    Ok(accepted.task_id)
}

fn interrupted(arguments: &ResearchArguments, place: &Place, task: RunId) -> Failure {
    let program = program();
    let message = match &arguments.db {
        _ if arguments.url.is_some() => format!(
            "interrupted. The task goes on: `{program} runs follow {task}{}`",
            place.named()
        ),
        Some(db) => format!(
            "interrupted. The task is kept: `{program} serve --sandbox --db {}` goes on with it",
            db.display()
        ),
        None => "interrupted, and nothing is kept".to_owned(),
    };
    Failure::failed(&message)
}

/// This program, as it was called.
fn program() -> String {
    let called = std::env::args().next();
    called.unwrap_or_else(|| "baton".to_owned())
}
