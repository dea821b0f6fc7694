//! What came of a task.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anstream::{eprintln, println};
use baton_app::TaskError;
use baton_domain::research::Report;
use baton_domain::run::{RunState, RunStatus};
use baton_domain::{Money, RunId};
use owo_colors::OwoColorize as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::Place;
use super::spending::{self, Line, Purchase};
use crate::client::Client;
use crate::failure::Failure;
use crate::runs::exit_code;
use crate::show::{dollars, heading, plain, status, unescaped};

/// The artifact that is the report.
const REPORT: &str = "report";

/// The exit code of research that found nothing.
const NOTHING_FOUND: u8 = 3;

/// What came of a task.
#[derive(Serialize)]
pub(crate) struct Outcome {
    /// The task, as `GET /tasks/{id}` answers it.
    task: Value,
    /// Everything that was found, and what came of it.
    spending: Vec<Line>,
    /// What agents cost.
    agents: Money,
    /// What the sandbox's books say, where it is in this process.
    #[serde(skip_serializing_if = "Option::is_none")]
    books: Option<Books>,
    /// How long it took, waiting included.
    seconds: f64,
    /// Where the report was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<PathBuf>,
    /// Why it was not written to where it was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_written: Option<String>,
    #[serde(skip)]
    report: Option<Report>,
    #[serde(skip)]
    read: Task,
}

/// What the books of the sandbox marketplace say.
#[derive(Serialize)]
struct Books {
    /// What was charged since the task began.
    charged: Money,
    /// Whether that is what was spent.
    agree: bool,
}

/// What of a task is shown.
#[derive(Deserialize)]
struct Task {
    #[serde(rename = "task_id")]
    id: RunId,
    status: RunStatus,
    budget: Money,
    spent: Money,
    reserved: Money,
    purchases: Vec<Purchase>,
    report: Option<String>,
    error: Option<TaskError>,
}

#[derive(Deserialize)]
struct Artifact {
    content: Report,
}

impl Outcome {
    /// Reads what came of a task that is over. `charged` is what the sandbox's books said before.
    pub(super) async fn of(
        place: &Place,
        id: RunId,
        charged: Option<Money>,
        took: Duration,
    ) -> Result<Self, Failure> {
        let (client, name) = (&place.client, id.to_string());
        let task: Value = client.get(&["tasks", &name], &[]).await?;
        let read = Task::deserialize(&task).map_err(|e| Failure::failed(&e))?;
        let run: RunState = client.get(&["runs", &name], &[]).await?;
        let report = if run.artifacts.contains_key(REPORT) {
            let path = ["runs", &name, "artifacts", REPORT];
            Some(client.get::<Artifact>(&path, &[]).await?.content)
        } else {
            None
        };
        let books = place.charged().await?.zip(charged).map(|(now, before)| {
            let charged = less(now, before);
            let agree = charged == read.spent;
            Books { charged, agree }
        });
        Ok(Self {
            spending: spending::lines(&read.purchases, report.as_ref()),
            agents: less(run.total_cost, read.spent),
            books,
            report,
            seconds: took.as_secs_f64(),
            out: None,
            not_written: None,
            task,
            read,
        })
    }

    /// Writes the report to a file, if there is one. That it cannot be is part of the outcome: the
    /// report is paid for, and is shown all the same.
    pub(super) async fn write(&mut self, client: &Client, out: &Path, format: &str) {
        if self.read.report.is_none() {
            return;
        }
        let (id, query) = (self.read.id.to_string(), [("format", format.to_owned())]);
        let report = client.text(&["tasks", &id, REPORT], &query).await;
        let written = report
            .map_err(|error| error.message)
            .and_then(|report| std::fs::write(out, report).map_err(|error| error.to_string()));
        match written {
            Ok(()) => self.out = Some(out.to_owned()),
            Err(why) => {
                let message = format!("--out: cannot write {}: {why}", out.display());
                self.not_written = Some(message);
            }
        }
    }

    /// Whether it did what was asked, and there is nothing about the theme to be had.
    fn found_nothing(&self) -> bool {
        let is_empty = |report: &Report| report.sources.is_empty() && report.missing.is_empty();
        self.read.status == RunStatus::Succeeded && self.report.as_ref().is_some_and(is_empty)
    }

    /// What the outcome means for a program.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.read.status {
            RunStatus::Succeeded | RunStatus::Partial if self.not_written.is_some() => {
                ExitCode::from(2)
            }
            _ if self.found_nothing() => ExitCode::from(NOTHING_FOUND),
            status => exit_code(status),
        }
    }
}

fn less(sum: Money, part: Money) -> Money {
    Money::from_micro_usd(sum.micro_usd().saturating_sub(part.micro_usd()))
}

/// Prints the outcome.
pub(super) fn print(outcome: &Outcome) {
    let task = &outcome.read;
    if let Some(report) = &task.report {
        println!("{}", heading("The report"));
        for line in report.lines() {
            println!("  {}", plain(&unescaped(line)));
        }
    }
    println!("{}", heading("Where each cent went"));
    if !outcome.spending.is_empty() {
        println!("{}", spending::shown(&outcome.spending));
    }
    if outcome.found_nothing() {
        let nothing = "Nothing was found".yellow();
        println!("  {nothing}: no source is about this. Name a company, a product or an industry.");
    } else if outcome.spending.is_empty() {
        println!("  Nothing was bought.");
    }
    println!("{}", spent(outcome));
    if let Some(out) = &outcome.out {
        println!("  The report is in {}", out.display());
    }
    warn(outcome);
    if let Some(error) = &task.error {
        println!(
            "{} {}",
            plain(&error.error).red().bold(),
            plain(&error.message)
        );
    }
    let (how, seconds) = (status(task.status), outcome.seconds);
    println!("\n{how} in {seconds:.1} s: {}", task.id);
}

/// Says what of the outcome went wrong on this side.
pub(super) fn warn(outcome: &Outcome) {
    if let Some(why) = &outcome.not_written {
        let (name, id) = ("baton:".red(), outcome.read.id);
        let again = format!("the report is printed, and GET /tasks/{id}/report has it");
        eprintln!("{} {}; {again}", name.bold(), plain(why));
    }
}

fn spent(outcome: &Outcome) -> String {
    let task = &outcome.read;
    let held = match task.reserved {
        Money::ZERO => String::new(),
        reserved => format!(", {} held for what is not settled", dollars(reserved)),
    };
    let books = match &outcome.books {
        None => String::new(),
        Some(books) if books.agree => ", as the sandbox's books say".to_owned(),
        Some(books) => format!(", but the sandbox's books say {}", dollars(books.charged))
            .red()
            .to_string(),
    };
    format!(
        "  {} of {} spent on data{held}{books}; agents: {} by Lambda's price list",
        dollars(task.spent).bold(),
        dollars(task.budget),
        outcome.agents
    )
}
