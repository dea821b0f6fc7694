//! What came of the campaign.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::println;
use baton_domain::RunId;
use baton_domain::run::{RunState, RunStatus};
use baton_sandbox::emailpilot::{Ledger, Operation};
use owo_colors::OwoColorize as _;
use serde::Serialize;
use serde_json::Value;

use super::watch::Moment;
use crate::runs::exit_code;
use crate::show::{artifact, heading, plain, status};
use crate::table::table;

/// What came of a campaign.
#[derive(Serialize)]
pub(crate) struct Outcome {
    /// How the run ended.
    pub(super) status: RunStatus,
    /// The run.
    pub(super) run: RunState,
    /// How long it took, waiting included.
    pub(super) seconds: f64,
    /// When it came to what.
    pub(super) timeline: Vec<Moment>,
    /// What the sandbox's books say of it.
    pub(super) books: Books,
    /// The folder of the files, where they are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) out: Option<PathBuf>,
    /// The files' names.
    pub(super) files: Vec<String>,
    #[serde(skip)]
    pub(super) strategy: Option<Value>,
}

/// What the sandbox's books say of a run.
#[derive(Serialize, PartialEq, Debug)]
pub(super) struct Books {
    mails: usize,
    created: usize,
    tested: usize,
    scheduled: usize,
    sent: usize,
    cancelled: usize,
    /// Whether each mail was created once, and scheduled and sent at most once.
    each_once: bool,
    recipients: u64,
}

impl Outcome {
    /// What the outcome means for a program.
    pub(crate) fn exit_code(&self) -> ExitCode {
        exit_code(self.status)
    }
}

impl Books {
    /// What they say of a run.
    pub(super) fn of(ledger: &Ledger, run: RunId) -> Self {
        let run = run.to_string();
        let of_run = ledger.campaigns.iter().filter(|mail| mail.run_id == run);
        let ids: BTreeSet<&str> = of_run
            .clone()
            .map(|mail| mail.campaign_id.as_str())
            .collect();
        let names: BTreeSet<&str> = of_run.clone().map(|mail| mail.email_id.as_str()).collect();
        let times = |id: &str, operation| {
            let entries = ledger.entries.iter();
            let of = entries.filter(|e| e.campaign_id == id && e.operation == operation);
            of.count()
        };
        let all = |operation| ids.iter().map(|id| times(id, operation)).sum();
        let once = |id: &&str| {
            let most = [Operation::Schedule, Operation::ProductionSend];
            most.into_iter().all(|operation| times(id, operation) <= 1)
        };
        Self {
            mails: names.len(),
            created: all(Operation::Create),
            tested: all(Operation::TestSend),
            scheduled: all(Operation::Schedule),
            sent: all(Operation::ProductionSend),
            cancelled: all(Operation::Cancel),
            each_once: names.len() == ids.len() && ids.iter().all(once),
            recipients: of_run.map(|mail| mail.recipients).sum(),
        }
    }
}

/// Prints the outcome.
pub(super) fn print(outcome: &Outcome) {
    if let Some(strategy) = &outcome.strategy {
        println!("{}", heading("The calendar"));
        println!("{}", artifact("strategy", strategy));
    }
    println!("{}", heading("The timeline"));
    let begin = outcome.run.created_at;
    for moment in &outcome.timeline {
        let seconds = moment.at.duration_since(begin).as_secs_f64();
        println!("  {seconds:>8.2} s  {}", plain(&moment.what));
    }
    println!("{}", heading("The agents"));
    let mut agents = table(&["agent", "calls", "by fallback", "failed", "cost"]);
    for (agent, total) in &outcome.run.agents {
        agents.add_row([
            plain(agent),
            total.calls.to_string(),
            total.degraded.to_string(),
            total.failed.to_string(),
            total.cost_usd.to_string(),
        ]);
    }
    println!("{agents}");
    println!(
        "{}",
        heading("What the books of the sandbox EmailPilot say")
    );
    let books = &outcome.books;
    let once = if books.each_once {
        "each mail once".green().to_string()
    } else {
        "a mail more than once".red().bold().to_string()
    };
    println!(
        "  {} mails: {} created, {} tested, {} scheduled, {} sent to {} recipients, {} taken back; {once}",
        books.mails,
        books.created,
        books.tested,
        books.scheduled,
        books.sent,
        books.recipients,
        books.cancelled
    );
    if let Some(out) = &outcome.out {
        let (files, out) = (outcome.files.len(), out.display());
        println!("{}", heading(&format!("{files} files in {out}")));
        println!("  {}", outcome.files.join(" "));
    }
    println!(
        "\n{} in {:.1} s, for {} by Lambda's price list; on this machine it costs nothing.",
        status(outcome.status),
        outcome.seconds,
        outcome.run.total_cost
    );
}
