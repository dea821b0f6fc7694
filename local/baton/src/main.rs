//! `baton`: the whole of Baton on one machine, from one command.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool prints"
)]

mod analyze;
mod approve;
mod bench;
mod check;
mod client;
mod demo;
mod executions;
mod failure;
mod house;
mod log;
mod play;
mod progress;
mod research;
mod rows;
mod runs;
mod sample;
mod sandbox;
mod score;
mod serve;
mod show;
mod table;
mod whole;

use std::process::ExitCode;

use anstream::eprintln;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use owo_colors::OwoColorize as _;

use crate::failure::Failure;

/// A multi-agent orchestrator that runs serverless, and here.
#[derive(Parser)]
#[command(name = "baton", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  baton demo                                     something to see
  baton demo --json | jq .answers[0].results     the same for programs
  baton serve --sample                           the HTTP API on http://127.0.0.1:8100
  baton play infra/workflows/personalize.asl.json \\
    --input events/workflows/personalize/happy.json --trace
  baton check infra/workflows/*.asl.json         every problem of definitions, with its place
  baton approve                                  what waits for you, one after the other
  baton runs follow run_01J…                     a run, as it happens
  baton research \"Tesla Inc financial performance 2023\" --budget 50 --voice-id user_voice_123
  baton score --csv orders.csv --out scores.csv  every customer of a file, with intervals
  baton analyze --sample --html report.html      journeys, channels and a forecast, as a page
  baton executions list                          the executions that a file keeps

Exit codes: 0 it worked; 1 it ran and failed; 2 the command line, a file or a setting is wrong.
RUST_LOG=info (or debug) shows the log of any command on standard error.";

#[derive(Subcommand)]
enum Command {
    /// Shows what Baton does, on sample data
    Demo(demo::DemoArguments),
    /// Serves the HTTP API
    Serve(serve::ServeArguments),
    /// Analyzes journeys, channels and a series, and shows it as tables or as a page
    Analyze(analyze::AnalyzeArguments),
    /// Shows what waits for a person, and takes the person's decision
    Approve(approve::ApproveArguments),
    /// Runs any workflow definition and prints how it ended
    Play(play::PlayArguments),
    /// Checks workflow definitions and prints every problem
    Check(check::CheckArguments),
    /// Shows and handles the executions of Standard workflows
    Executions(executions::ExecutionsArguments),
    /// Shows and handles the runs of a Baton
    Runs(runs::RunsArguments),
    /// Researches a theme within a budget, and prints the report with what each cent bought
    Research(research::ResearchArguments),
    /// Scores every customer of a CSV file, in this process
    Score(score::ScoreArguments),
    /// Measures this machine
    Bench(bench::BenchArguments),
    /// Prints the sample data as JSON
    Sample(sample::SampleArguments),
}

/// The command line, where a variable of the environment that is empty is not set.
fn arguments() -> Arguments {
    let matches = without_empty(Arguments::command()).get_matches();
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn without_empty(command: clap::Command) -> clap::Command {
    let set = |arg: clap::Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        let is_empty = value.is_some_and(|value| value.is_empty());
        if is_empty {
            arg.env(clap::builder::Resettable::Reset)
        } else {
            arg
        }
    };
    command.mut_args(set).mut_subcommands(without_empty)
}

/// Whoever reads standard output may have read enough, as `head` has: that is the end, and no error.
fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

#[tokio::main]
async fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let done = match arguments().command {
        Command::Demo(arguments) => demo::demo(arguments).await,
        Command::Serve(arguments) => serve::serve(arguments).await,
        Command::Analyze(arguments) => analyze::analyze(arguments).await,
        Command::Approve(arguments) => approve::approve(arguments).await,
        Command::Play(arguments) => play::play(arguments).await,
        Command::Check(arguments) => Ok(check::check(&arguments)),
        Command::Executions(arguments) => executions::executions(arguments).await,
        Command::Runs(arguments) => runs::runs(arguments).await,
        Command::Research(arguments) => research::research(arguments).await,
        Command::Score(arguments) => score::score(arguments).await,
        Command::Bench(arguments) => bench::bench(arguments).await,
        Command::Sample(arguments) => Ok(sample::print(&arguments)),
    };
    done.unwrap_or_else(|Failure { code, message }| {
        if !message.is_empty() {
            eprintln!("{} {message}", "baton:".red().bold());
        }
        ExitCode::from(code)
    })
}
