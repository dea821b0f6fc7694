//! `baton analyze`: journeys, channels and a series, from the files that people have to tables on
//! a terminal or a page.

mod answer;
mod figures;
mod input;
mod outcome;
mod report;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};
use clap::{ArgGroup, Args};

use self::outcome::Outcome;
use crate::failure::Failure;
use crate::{log, whole};

/// Analyzes journeys, channels and a series, and shows it as tables or as a page
#[derive(Args)]
#[command(group = ArgGroup::new("data").required(true).multiple(true)
    .args(["file", "journeys", "series", "sample"]))]
#[command(after_help = "\
--journeys takes a CSV file with the columns customer_id (or user), at, step and/or channel, and
converted and/or value. A row that converted ends a journey; the next row of the customer begins
another. A column channel is what conversions are attributed to. --series takes at and value. Times
without a zone are UTC. Nothing leaves this machine, and nothing is kept but the page.

Exit codes: 0 every part was answered or had no data; 1 a part failed, or a fallback stands in its
place; 2 the command line or a file is wrong.

Examples:
  baton analyze --sample --html report.html
  baton analyze --journeys events.csv --series sales.csv --horizon 6 --html report.html
  baton analyze context.json --json | jq .results.forecast.output.forecast")]
pub(crate) struct AnalyzeArguments {
    /// The context of a request of type analyze, a JSON file or - for standard input
    file: Option<PathBuf>,
    /// Events of customers, a CSV file: journeys, and attribution where it has a column channel
    #[arg(long, value_name = "CSV")]
    journeys: Option<PathBuf>,
    /// A series, a CSV file: a forecast
    #[arg(long, value_name = "CSV")]
    series: Option<PathBuf>,
    /// How many periods to forecast; 12 where nothing is said
    #[arg(long, value_name = "PERIODS", value_parser = periods)]
    horizon: Option<usize>,
    /// The steps of the funnel in their order, with commas between; else those of the most frequent
    /// path that converted
    #[arg(long, value_name = "STEPS", value_delimiter = ',')]
    funnel: Vec<String>,
    /// Analyze generated data
    #[arg(long, conflicts_with_all = ["file", "journeys", "series"])]
    sample: bool,
    /// Write a page that needs no other file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print the answer as JSON instead
    #[arg(long)]
    json: bool,
}

fn periods(text: &str) -> Result<usize, String> {
    let parsed = text.parse().ok();
    let within = parsed.filter(|periods| (1..=500).contains(periods));
    within.ok_or_else(|| "must be a number from 1 to 500".to_owned())
}

/// Analyzes what the command line names.
pub(crate) async fn analyze(arguments: AnalyzeArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    let input = input::Input::of(&arguments)?;
    let answered = answer::answer(&input.context).await?;
    let outcome = Outcome::of(&answered, &input)?;
    if let Some(path) = &arguments.html {
        whole::write(path, &report::page(&outcome))?;
        eprintln!("The page is in {}.", path.display());
    }
    if arguments.json {
        let answer = serde_json::to_string_pretty(&answered.answer);
        println!("{}", answer.map_err(|e| Failure::failed(&e))?);
    } else {
        show::show(&outcome);
    }
    Ok(ExitCode::from(u8::from(!outcome.is_whole())))
}
