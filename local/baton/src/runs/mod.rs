//! `baton runs`: the runs of a Baton: start, list, show, follow, cancel, redrive, fork, roll back.

mod change;
mod follow;
mod history;
mod list;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use baton_domain::BrandId;
use baton_domain::RunId;
use baton_domain::campaign::Stage;
use baton_domain::run::RunStatus;
use clap::{Args, Subcommand};

use crate::client::Server;
use crate::failure::Failure;
use crate::log;

pub(crate) use change::{Accepted, usd};
pub(crate) use follow::exit_code;
pub(crate) use list::Page;

/// Shows and handles the runs of a Baton, over its API
#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 it worked, and a run that was followed succeeded, at least in part; 1 it ran and
failed: the run failed, was cancelled or expired, the Baton refused or is not there; 2 the command
line, an id, a file or a token is wrong.

Examples:
  baton runs start --brand acme --month 2024-11 --follow
  baton runs list --status waiting_approval
  baton runs show run_01J…
  baton runs show run_01J… --artifact content.email-01 --out mail.html
  baton runs show run_01J… --history --db baton.db
  baton runs follow run_01J… --json | jq .type
  baton runs redrive run_01J… --from content --follow
  baton runs fork run_01J… --from content --artifact strategy=edited.json
  BATON_TOKEN=… baton runs list --url https://baton.example")]
pub(crate) struct RunsArguments {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Starts a month's campaign of a brand
    Start(change::Start),
    /// Lists runs, newest first
    List(ListArguments),
    /// Shows a run: stages, calls, artifacts, approvals, deliveries
    Show(ShowArguments),
    /// Follows a run until it is over, one line an event
    Follow {
        run: RunId,
        /// Begin after this version of the run
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// Print every event as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Cancels a run: its workflow stops, mails that have not gone out are taken back
    Cancel {
        #[command(flatten)]
        which: change::Which,
        /// Why; it is kept with the run
        #[arg(long)]
        reason: Option<String>,
    },
    /// Runs a run on after it failed, expired or was cancelled
    Redrive {
        #[command(flatten)]
        which: change::Which,
        /// The stage to begin with, of a campaign; the one that it ended in when it is not given.
        /// Research begins at its beginning, and buys nothing twice
        #[arg(long, value_parser = stage)]
        from: Option<Stage>,
        /// Follow it until it is over
        #[arg(long)]
        follow: bool,
    },
    /// Starts a new campaign from a stage of this one, with its artifacts, edited or not; research
    /// has no stages to begin from and cannot be forked
    Fork(change::Fork),
    /// Takes the artifacts of a run that is over back to those of an earlier version
    Rollback {
        #[command(flatten)]
        which: change::Which,
        /// The version
        #[arg(long = "to", value_name = "VERSION")]
        to_version: u64,
    },
}

/// Which runs.
#[derive(Args)]
struct ListArguments {
    /// Only runs that stand so, such as `waiting_approval`
    #[arg(long, value_parser = status)]
    status: Option<RunStatus>,
    /// Only runs of this brand
    #[arg(long)]
    brand: Option<BrandId>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// Only runs older than this one: what the page before ended with
    #[arg(long, value_name = "RUN")]
    cursor: Option<RunId>,
    /// Print the page as JSON
    #[arg(long)]
    json: bool,
}

/// What of a run.
#[derive(Args)]
struct ShowArguments {
    /// The run; with --history the name of any execution that the file keeps
    run: String,
    /// Print an artifact instead: its name, and @ and a version where it is not the newest
    #[arg(long, value_name = "NAME[@VERSION]", conflicts_with = "history")]
    artifact: Option<String>,
    /// Write the artifact to a file; a mail to one that ends in .html as the page that it is
    #[arg(long, requires = "artifact")]
    out: Option<PathBuf>,
    /// Print the history of the run's execution instead, spelt as the API of Step Functions spells
    /// it; read from the file --db, not from a Baton
    #[arg(long)]
    history: bool,
    /// The file that an embedded Baton keeps its state in
    #[arg(long, default_value = "baton.db", env = "BATON_DB")]
    db: PathBuf,
    /// Print the run as JSON
    #[arg(long)]
    json: bool,
}

fn status(name: &str) -> Result<RunStatus, String> {
    let found = RunStatus::ALL
        .into_iter()
        .find(|status| status.name() == name);
    found.ok_or_else(|| {
        format!(
            "must be one of {}",
            RunStatus::ALL.map(RunStatus::name).join(", ")
        )
    })
}

fn stage(name: &str) -> Result<Stage, String> {
    let names = || Stage::ALL.map(Stage::name).join(", ");
    Stage::named(name).ok_or_else(|| format!("must be one of {}", names()))
}

/// Does what is asked.
pub(crate) async fn runs(arguments: RunsArguments) -> Result<ExitCode, Failure> {
    log::start("warn");
    if let Verb::Show(wanted) = &arguments.verb
        && wanted.history
    {
        return history::history(&wanted.db, &wanted.run).await;
    }
    let client = arguments.server.client()?;
    match arguments.verb {
        Verb::Start(start) => start.start(&client).await,
        Verb::List(wanted) => list::list(&client, &wanted).await,
        Verb::Show(wanted) => show::show(&client, &wanted).await,
        Verb::Follow { run, after, json } => follow::follow(&client, run, after, json).await,
        Verb::Cancel { which, reason } => which.cancel(&client, reason.as_deref()).await,
        Verb::Redrive {
            which,
            from,
            follow,
        } => which.redrive(&client, from, follow).await,
        Verb::Fork(fork) => fork.fork(&client).await,
        Verb::Rollback { which, to_version } => which.roll_back(&client, to_version).await,
    }
}
