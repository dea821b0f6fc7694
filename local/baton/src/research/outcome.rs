//! What came of a task.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anstream::println;
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
use crate::show::{heading, plain, status};

/// The artifact that is the report.
const REPORT: &str = "report";

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
            seconds: took.as_secs_f64(),
            out: None,
            task,
            read,
        })
    }

    /// Writes the report to a file, if there is one.
    pub(super) async fn write(
        &mut self,
        client: &Client,
        out: &Path,
        format: &str,
    ) -> Result<(), Failure> {
        if self.read.report.is_none() {
            return Ok(());
        }
        let (id, query) = (self.read.id.to_string(), [("format", format.to_owned())]);
        let report = client.text(&["tasks", &id, REPORT], &query).await?;
        std::fs::write(out, report).map_err(|e| {
            let again = format!("GET /tasks/{id}/report has it");
            Failure::wrong(&format!(
                "--out: cannot write {}: {e}; {again}",
                out.display()
            ))
        })?;
        self.out = Some(out.to_owned());
        Ok(())
    }

    /// What the outcome means for a program.
    pub(crate) fn exit_code(&self) -> ExitCode {
        exit_code(self.read.status)
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
            println!("  {}", plain(line));
        }
    }
    println!("{}", heading("Where each cent went"));
    if outcome.spending.is_empty() {
        println!("  Nothing was bought, and nothing that could be was found.");
    } else {
        println!("{}", spending::shown(&outcome.spending));
    }
    println!("{}", spent(outcome));
    if let Some(out) = &outcome.out {
        println!("  The report is in {}", out.display());
    }
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

fn spent(outcome: &Outcome) -> String {
    let task = &outcome.read;
    let held = match task.reserved {
        Money::ZERO => String::new(),
        reserved => format!(", {reserved} held for what is not settled"),
    };
    let books = match &outcome.books {
        None => String::new(),
        Some(books) if books.agree => ", as the sandbox's books say".to_owned(),
        Some(books) => format!(", but the sandbox's books say {}", books.charged)
            .red()
            .to_string(),
    };
    format!(
        "  {} of {} spent on data{held}{books}; agents: {} by Lambda's price list",
        task.spent.to_string().bold(),
        task.budget,
        outcome.agents
    )
}
