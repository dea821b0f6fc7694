//! `baton executions`: the executions that a file keeps: list, show, start, redrive, fork, stop.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anstream::println;
use baton_embedded::{
    Embedded, ExecutionError, Executions, Hold, Start, Status, Summary, substitute,
};
use baton_engine::Outcome;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::log;
use crate::play::read;

/// Shows and handles the executions of Standard workflows
#[derive(Args)]
#[command(after_help = "\
Every command prints JSON, but `list` without --json. `start`, `redrive` and `fork` run the
execution in this process until it ends or only waits; a server that starts later takes it up.

Exit codes: 0 it worked; 1 `start`, `redrive` or `fork` ended FAILED, TIMED_OUT or ABORTED; 2 the
command line, a file or a name is wrong.

Examples:
  baton executions list --status FAILED
  baton executions show 01J… --history
  baton executions fork 01J… --from WriteCopy --input edited.json")]
pub(crate) struct ExecutionsArguments {
    /// The file that holds all state
    #[arg(long, default_value = "baton.db", env = "BATON_DB", global = true)]
    db: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Lists executions, newest first
    List {
        /// Only those of a status, such as FAILED
        #[arg(long, value_parser = status)]
        status: Option<Status>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Print one JSON array instead
        #[arg(long)]
        json: bool,
    },
    /// Shows one execution
    Show {
        name: String,
        /// Add the events of its history, spelt as the API of Step Functions spells them
        #[arg(long)]
        history: bool,
    },
    /// Starts an execution of any definition
    Start {
        /// The definition, in Amazon States Language
        definition: PathBuf,
        /// The input, a JSON file or - for standard input; {} when it is not given
        #[arg(long)]
        input: Option<PathBuf>,
        /// The execution's name: the same again, while it runs, is the same execution
        #[arg(long)]
        name: String,
    },
    /// Goes on from where an execution failed, was stopped or timed out
    Redrive { name: String },
    /// Starts a copy that goes its own way from a state on
    Fork {
        name: String,
        /// The state, by its name
        #[arg(long)]
        from: String,
        /// The input of the state, a JSON file or - for standard input; its own when not given
        #[arg(long)]
        input: Option<PathBuf>,
        /// The name of the copy
        #[arg(long = "as")]
        new_name: Option<String>,
    },
    /// Stops an execution
    Stop {
        name: String,
        /// An error name to note
        #[arg(long)]
        error: Option<String>,
        /// A cause to note
        #[arg(long)]
        cause: Option<String>,
    },
}

fn status(name: &str) -> Result<Status, String> {
    let found = Status::ALL.into_iter().find(|status| status.name() == name);
    found.ok_or_else(|| Status::ALL.map(Status::name).join(", "))
}

/// Does what is asked.
pub(crate) async fn executions(arguments: ExecutionsArguments) -> Result<ExitCode, Failure> {
    log::start("warn");
    let starts = matches!(arguments.verb, Verb::Start { .. });
    if !starts && !arguments.db.exists() {
        let missing = format!("there is no file {}", arguments.db.display());
        return Err(Failure::wrong(&missing));
    }
    // What is only read or stopped may be so beside the server that drives it.
    let drives = starts || matches!(arguments.verb, Verb::Redrive { .. } | Verb::Fork { .. });
    let _hold = drives
        .then(|| Hold::of(&arguments.db).map_err(|e| Failure::wrong(&e)))
        .transpose()?;
    let baton = Embedded::open(&arguments.db).map_err(|e| Failure::wrong(&e))?;
    act(baton.executions(), arguments.verb).await
}

async fn act(executions: &Executions, verb: Verb) -> Result<ExitCode, Failure> {
    match verb {
        Verb::List {
            status,
            limit,
            json,
        } => {
            let listed = executions.list(status, limit).await.map_err(wrong)?;
            print(&listed, json);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Show { name, history } => {
            show(executions, &name, history).await?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Start {
            definition,
            input,
            name,
        } => start(executions, &definition, input, name).await,
        Verb::Redrive { name } => {
            executions.redrive(&name).await.map_err(wrong)?;
            settle(executions, &name).await
        }
        Verb::Fork {
            name,
            from,
            input,
            new_name,
        } => {
            let input = input.map(|path| json_of(&path)).transpose()?;
            let new_name = match new_name {
                Some(new_name) => new_name,
                None => free_name(executions, &name).await?,
            };
            let forked = executions.fork(&name, &from, input, &new_name).await;
            forked.map_err(wrong)?;
            settle(executions, &new_name).await
        }
        Verb::Stop { name, error, cause } => {
            executions.stop(&name, error, cause).await.map_err(wrong)?;
            // That it is ABORTED is what was asked for.
            settle(executions, &name).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn start(
    executions: &Executions,
    path: &Path,
    input: Option<PathBuf>,
    name: String,
) -> Result<ExitCode, Failure> {
    let machine = path.file_name().and_then(|file| file.to_str());
    let machine = machine.and_then(|file| file.split('.').next());
    let start = Start {
        machine: machine.unwrap_or("machine").to_owned(),
        definition: substitute(&read(path)?),
        name: name.clone(),
        input: input.map_or_else(|| Ok(json!({})), |path| json_of(&path))?,
    };
    executions.start(start).await.map_err(wrong)?;
    settle(executions, &name).await
}

/// `name-1`, `name-2`, …: one for each fork.
async fn free_name(executions: &Executions, name: &str) -> Result<String, Failure> {
    let listed = executions.list(None, usize::MAX).await.map_err(wrong)?;
    let taken = |name: &String| listed.iter().any(|run| run.name == *name);
    let names = (1..).map(|number: u32| {
        let number = format!("-{number}");
        let rest = name.chars().take(Executions::LONGEST_NAME - number.len());
        rest.collect::<String>() + &number
    });
    Ok(names
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or_default())
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn wrong(error: ExecutionError) -> Failure {
    Failure::wrong(&error)
}

fn json_of(path: &Path) -> Result<Value, Failure> {
    let wrong = |e| Failure::wrong(&format!("{} is not JSON: {e}", path.display()));
    serde_json::from_str(&read(path)?).map_err(wrong)
}

/// Waits until an execution ends or only waits, and shows it. It is a failure when it failed.
async fn settle(executions: &Executions, name: &str) -> Result<ExitCode, Failure> {
    while executions.in_memory() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let status = show(executions, name, false).await?;
    let failed = matches!(status, Status::Failed | Status::TimedOut | Status::Aborted);
    Ok(ExitCode::from(u8::from(failed)))
}

pub(crate) async fn show(
    executions: &Executions,
    name: &str,
    history: bool,
) -> Result<Status, Failure> {
    let summary = executions.describe(name).await.map_err(wrong)?;
    let mut shown = to_json(&summary);
    let begun = executions.begun(name).await.map_err(wrong)?;
    shown["input"] = begun.input;
    if history {
        let history = executions.history(name).await.map_err(wrong)?;
        shown["history"] = history.into();
    }
    println!("{shown:#}");
    Ok(summary.status)
}

fn print(listed: &[Summary], json: bool) {
    if json {
        println!("{:#}", listed.iter().map(to_json).collect::<Value>());
        return;
    }
    for run in listed {
        let status = run.status.name();
        println!(
            "{:<28} {:<10} {:<20} {:.0}",
            run.name, status, run.machine, run.started
        );
    }
}

fn to_json(run: &Summary) -> Value {
    let outcome = run.outcome.as_ref();
    let origin = run.origin.as_ref();
    let origin = origin.map(|from| json!({"execution": from.execution, "state": from.state}));
    json!({
        "name": run.name,
        "stateMachine": run.machine,
        "status": run.status.name(),
        "startDate": run.started,
        "stopDate": run.stopped,
        "output": outcome.and_then(Outcome::output),
        "error": outcome.and_then(Outcome::error),
        "cause": outcome.and_then(Outcome::cause),
        "redriveCount": run.redrives,
        "forkedFrom": origin,
    })
}
