//! `baton play`: runs one definition and prints how it ended, as one JSON object.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anstream::println;
use baton_domain::Timestamp;
use baton_embedded::{Embedded, Integrations, SqliteItems, substitute};
use baton_engine::{Clock, Finished, Machine, Outcome, Problem, RunOptions, WorkflowKind};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{log, sample};

/// Runs any workflow definition and prints how it ended
#[derive(Args)]
#[command(after_help = "\
Prints {\"status\": \"SUCCEEDED|FAILED|TIMED_OUT|ABORTED|INVALID\", \"output\": … or \"error\", \"cause\"}
on standard output and nothing else. Lambda tasks call the agents in this process by name; tables
are in memory; waits take no time unless --real-time.

Exit codes: 0 SUCCEEDED; 1 FAILED, TIMED_OUT or ABORTED; 2 INVALID, or a file that cannot be read.

Examples:
  baton play machine.asl.json --input input.json
  echo '{\"n\": 1}' | baton play machine.asl.json --input - --trace")]
pub(crate) struct PlayArguments {
    /// The definition, in Amazon States Language
    definition: PathBuf,
    /// The input, a JSON file or - for standard input; {} when it is not given
    #[arg(long)]
    input: Option<PathBuf>,
    /// Add the names of the states in order of entry
    #[arg(long)]
    trace: bool,
    /// Store the sample catalog and profiles (tenant acme) first
    #[arg(long)]
    sample: bool,
    /// Let waits take their time
    #[arg(long)]
    real_time: bool,
    /// The type of the workflow
    #[arg(long = "type", value_enum, default_value_t = Kind::Standard)]
    kind: Kind,
}

/// The type of a workflow.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Standard,
    Express,
}

/// Plays a definition.
pub(crate) async fn play(arguments: PlayArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    let definition = substitute(&read(&arguments.definition)?);
    let input = match &arguments.input {
        None => json!({}),
        Some(path) => serde_json::from_str(&read(path)?)
            .map_err(|e| Failure::wrong(&format!("--input {} is not JSON: {e}", path.display())))?,
    };
    let machine = match Machine::parse(&definition) {
        Ok(machine) => Arc::new(machine),
        Err(problems) => {
            println!("{}", invalid(&problems));
            return Ok(ExitCode::from(2));
        }
    };
    let finished = baton_engine::run(machine, input, options(&arguments).await?).await;
    println!("{}", report(&finished, arguments.trace));
    Ok(ExitCode::from(u8::from(!matches!(
        finished.outcome,
        Outcome::Succeeded { .. }
    ))))
}

async fn options(arguments: &PlayArguments) -> Result<RunOptions, Failure> {
    let items = SqliteItems::in_memory().map_err(|e| Failure::failed(&e))?;
    let baton = Embedded::over(items);
    if arguments.sample {
        let stored = sample::load(&baton.app(), &sample::tenant()?).await;
        stored.map_err(|e| Failure::failed(&e))?;
    }
    let integrations = Integrations::new(baton.agents, baton.items, baton.alerts);
    let mut options = RunOptions::new("play", Arc::new(integrations));
    if !arguments.real_time {
        options.clock = Clock::virtual_at(Timestamp::now());
    }
    options.info.kind = match arguments.kind {
        Kind::Standard => WorkflowKind::Standard,
        Kind::Express => WorkflowKind::Express,
    };
    Ok(options)
}

fn read(path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|e| Failure::wrong(&format!("cannot read {}: {e}", path.display())))
}

fn invalid(problems: &[Problem]) -> Value {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    json!({"status": "INVALID", "error": "InvalidDefinition", "cause": problems.join("\n")})
}

fn report(finished: &Finished, trace: bool) -> Value {
    let status = finished.outcome.status();
    let mut report = match &finished.outcome {
        Outcome::Succeeded { output } => json!({"status": status, "output": output}),
        Outcome::Failed { error, cause } | Outcome::Aborted { error, cause } => {
            json!({"status": status, "error": error, "cause": cause})
        }
        Outcome::TimedOut => json!({"status": status, "error": null, "cause": null}),
    };
    if trace {
        report["trace"] = finished.trace.clone().into();
    }
    report
}
