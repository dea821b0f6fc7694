//! `baton score`: every customer of a CSV file is scored in this process, by the methods of the
//! agents of `score`.

mod contracts;
mod customers;
mod fitted;
mod ids;
mod kind;
mod leads;
mod report;
mod sink;

use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use baton_domain::Timestamp;
use baton_lifetime::HorizonDays;
use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use crate::failure::Failure;
use crate::log;
use crate::progress::Progress;
use crate::rows::{self, Rows};
use fitted::Fitted;
use kind::Kind;
use report::Report;
use sink::Sink;

/// How often what will be lies within the intervals.
const LEVEL: f64 = 0.9;

/// Scores every customer of a CSV file, in this process
#[derive(Args)]
#[command(after_help = "\
The header tells what the rows are:
  orders     customer_id, at, amount: one row for each order, in any order; other columns are ignored.
             `at` is a date or a time (2024-05-31, 2024-05-31T18:00:00Z; UTC without an offset).
  summaries  customer_id, frequency, recency, T and, if it is known, monetary_value, as `lifetimes`
             has them, or x, t_x, t, mean_spend; --time-unit says in what.
  contracts  customer_id, tenure (renewals so far), churned (1 or 0); --period-days says how long one is.
  leads      customer_id, numbers under any names, converted (1, 0, or empty where it is not known).

Orders and summaries get probability_alive, churn_probability, expected_purchases and ltv within the
horizon, with intervals that hold nine times in ten (BG/NBD, Gamma-Gamma); contracts the same of renewals
(sBG); leads a probability and the three features that moved it most (logistic regression, calibrated).
BG/NBD takes everyone who bought once for alive, however long ago: their probability_alive of 1 says nothing.
The models are fitted to the file itself, to 100 customers or more, or come from --fitted. Amounts are
decimals in the unit of the file; orders of one customer on one day are one purchase, and add up, also
where rows are the same. Ids are written as they came, so that they join; --safe-for-spreadsheets puts '
before those that a spreadsheet would run (= + - @). The file appears as a whole or not at all.

Exit codes: 0 scored; 1 it ran and failed, or was interrupted; 2 the command line or a file is wrong,
with line and column; 3 scored, but by a prior, since there was too little to fit.

Examples:
  baton score --csv orders.csv --out scores.csv
  baton score --csv orders.csv --out scores.csv --as-of 2024-06-30 --horizon 91 --save-fitted fitted.json
  baton score --csv new-orders.csv --out scores.csv --fitted fitted.json
  baton score --csv summaries.csv --time-unit days --out scores.csv --json
  baton score --csv contracts.csv --period-days 30 --out scores.csv
  baton score --csv leads.csv --ignore email | sort -t, -k2 -r | head")]
pub(crate) struct ScoreArguments {
    /// The file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Where the scores go; `-` is standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// The end of observation: what lies after it is not seen. Without it the last order, or now
    #[arg(long, value_name = "DATE", value_parser = end_of_observation)]
    as_of: Option<Timestamp>,
    /// How far ahead to look, in days
    #[arg(long, value_name = "DAYS", default_value = "365", value_parser = horizon, allow_negative_numbers = true)]
    horizon: HorizonDays,
    /// By how much money in a year is worth less: 0.1 for ten per cent
    #[arg(long, value_name = "RATE", default_value = "0.1", value_parser = annual_rate, allow_negative_numbers = true)]
    annual_rate: f64,
    /// The currency under which spend is kept in what is fitted
    #[arg(long, value_name = "CODE", default_value = "USD", value_parser = currency)]
    currency: String,
    /// What recency and T of summaries are in
    #[arg(long, value_enum)]
    time_unit: Option<TimeUnit>,
    /// How long a period of a contract is
    #[arg(long, value_name = "DAYS")]
    period_days: Option<NonZeroU16>,
    /// A column that is no feature; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// What was fitted before, instead of a fit to this file
    #[arg(long, value_name = "FILE", conflicts_with = "save_fitted")]
    fitted: Option<PathBuf>,
    /// Where what is fitted is kept, as --fitted and `PUT /models/{result}` take it
    #[arg(long, value_name = "FILE")]
    save_fitted: Option<PathBuf>,
    /// Put ' before ids and names that a spreadsheet would run: those that begin with = + - @
    #[arg(long)]
    safe_for_spreadsheets: bool,
    /// Print what was done as one JSON object
    #[arg(long)]
    json: bool,
}

/// What times of summaries are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TimeUnit {
    /// Days
    Days,
    /// Weeks
    Weeks,
}

impl TimeUnit {
    fn per_week(self) -> f64 {
        match self {
            Self::Days => 7.0,
            Self::Weeks => 1.0,
        }
    }
}

/// What scores depend on beside the file.
struct Options {
    as_of: Option<Timestamp>,
    horizon: HorizonDays,
    annual_rate: f64,
    currency: String,
    time_unit: Option<TimeUnit>,
    period_days: Option<NonZeroU16>,
    fitted: Option<Fitted>,
}

/// Scores the file.
pub(crate) async fn score(arguments: ScoreArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    let interrupted = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&interrupted);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            noticed.store(true, Ordering::Relaxed);
        }
    });
    let work = tokio::task::spawn_blocking(move || run(&arguments, interrupted));
    work.await.map_err(|error| Failure::failed(&error))?
}

fn run(arguments: &ScoreArguments, interrupted: Arc<AtomicBool>) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    let fitted = arguments.fitted.as_deref().map(Fitted::read).transpose()?;
    let options = Options {
        as_of: arguments.as_of,
        horizon: arguments.horizon,
        annual_rate: arguments.annual_rate,
        currency: arguments.currency.clone(),
        time_unit: arguments.time_unit,
        period_days: arguments.period_days,
        fitted,
    };
    if same(&arguments.csv, &arguments.out) {
        return Err(Failure::wrong(&"--out: is the file that is read"));
    }
    let rows = Rows::open(&arguments.csv, Progress::new(interrupted))?;
    let kind = Kind::of(&rows, options.fitted.as_ref(), &arguments.ignore)?;
    check_units(&kind, &rows, &options)?;
    let mut sink = Sink::open(&arguments.out, arguments.safe_for_spreadsheets)?;
    let mut report = Report {
        kind: kind.name(),
        ..Report::default()
    };
    if options.as_of.is_some_and(|as_of| as_of > tomorrow()) {
        let warning = "--as-of lies in the future: who is to order until then counts as silent";
        report.warnings.push(warning.to_owned());
    }
    let (sink_ref, report_ref) = (&mut sink, &mut report);
    let fitted = match kind {
        Kind::Orders(columns) => customers::orders(rows, &columns, &options, sink_ref, report_ref),
        Kind::Summaries(columns) => {
            customers::summaries(rows, &columns, &options, sink_ref, report_ref)
        }
        Kind::Contracts(columns) => {
            contracts::contracts(rows, &columns, &options, sink_ref, report_ref)
        }
        Kind::Leads(columns) => leads::leads(rows, &columns, &options, sink_ref, report_ref),
    }?;
    report.customers = sink.rows();
    sink.finish()?;
    match (&arguments.save_fitted, fitted) {
        (Some(path), Some(fitted)) => fitted.write(path)?,
        (Some(path), None) => {
            let path = path.display();
            let warning = format!("nothing was fitted, so that {path} was not written");
            report.warnings.push(warning);
        }
        (None, _) => {}
    }
    Ok(report.print(&arguments.out, began.elapsed(), arguments.json))
}

/// A unit that a file of this kind has no use for was meant for another file.
fn check_units(kind: &Kind, rows: &Rows, options: &Options) -> Result<(), Failure> {
    let refuse = |flag: &str, of: &str| {
        let (name, kind) = (rows.name(), kind.name());
        let message = format!("{flag}: is of {of}, and {name} holds {kind}: leave it out");
        Err(Failure::wrong(&message))
    };
    if options.time_unit.is_some() && !matches!(kind, Kind::Summaries(_)) {
        return refuse("--time-unit", "summaries");
    }
    if options.period_days.is_some() && !matches!(kind, Kind::Contracts(_)) {
        return refuse("--period-days", "contracts");
    }
    Ok(())
}

/// When it is later everywhere: a date without a zone may be ahead of UTC.
fn tomorrow() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24)
}

/// A number that is shown in four places, where a zero has no sign.
fn unsigned_zero(value: f64) -> f64 {
    if value.abs() < 5e-5 { 0.0 } else { value }
}

/// Whether two paths are one file that is there.
fn same(csv: &Path, out: &Path) -> bool {
    let found = |path: &Path| path.canonicalize().ok();
    found(csv).is_some_and(|csv| found(out) == Some(csv))
}

/// What was fitted is no model of what is to be scored.
fn mismatch(fitted: &Fitted, wanted: &str) -> Failure {
    let what = fitted.what();
    Failure::wrong(&format!(
        "--fitted: was fitted to {what}, and the file holds {wanted}"
    ))
}

/// The end of a day, or a moment.
fn end_of_observation(text: &str) -> Result<Timestamp, String> {
    let wanted = || "must be a date such as 2024-06-30, or a time such as 2024-06-30T18:00:00Z";
    let at = rows::moment(text).ok_or_else(wanted)?;
    if text.len() > 10 {
        return Ok(at);
    }
    let last = SignedDuration::from_secs(24 * 60 * 60 - 1);
    at.checked_add(last).map_err(|_| wanted().to_owned())
}

fn horizon(text: &str) -> Result<HorizonDays, String> {
    let days: u32 = text
        .parse()
        .map_err(|_| "must be days, such as 365".to_owned())?;
    HorizonDays::try_from(days)
}

fn annual_rate(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = text.parse().ok();
    rate.filter(|rate| (0.0..=1.0).contains(rate))
        .ok_or_else(|| format!("must lie between 0 and 1 (0.1 is 10 % a year), got {text}"))
}

fn currency(text: &str) -> Result<String, String> {
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err("must be an ISO 4217 code such as USD".to_owned())
    }
}
