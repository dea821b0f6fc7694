//! An analysis as tables on a terminal.

use anstream::println;
use attribution::Model;
use owo_colors::OwoColorize as _;

use super::figures::{count, full, percent, short};
use super::outcome::{Found, Outcome, Part};
use crate::show::{plain, shortened};
use crate::table::table;

/// The most rows of a table; the page and `--json` have all.
const ROWS: usize = 20;

/// The longest name in a table.
const NAME: usize = 48;

/// Prints everything.
pub(super) fn show(outcome: &Outcome) {
    head("Journeys");
    part(&outcome.journeys, journeys);
    head("Attribution");
    part(&outcome.attribution, credits);
    head("Forecast");
    part(&outcome.forecast, forecast);
    if !outcome.notes.is_empty() {
        println!();
    }
    for note in &outcome.notes {
        warn(note);
    }
}

fn head(title: &str) {
    println!("\n{}", title.bold());
}

fn warn(text: &str) {
    println!("  {} {}", "!".yellow().bold(), plain(text));
}

fn part<T>(part: &Part<T>, show: impl Fn(&T)) {
    match part {
        Part::Skipped(reason) => println!("  Skipped. {}", plain(reason)),
        Part::Failed(reason) => println!("  {} {}", "Failed.".red().bold(), plain(reason)),
        Part::Found(found) => {
            let Found { method, agent, .. } = &**found;
            println!("  {agent}, {method}, confidence {:.2}", found.confidence);
            if let Some(reason) = &found.replaced {
                warn(&format!("a fallback stands in its place: {reason}"));
            }
            show(&found.output);
            for warning in &found.warnings {
                warn(warning);
            }
        }
    }
}

fn journeys(output: &journey_analysis::Output) {
    let totals = &output.totals;
    let rate = totals.conversion;
    println!(
        "  {} of {} journeys converted: {} ({} to {} at {})",
        count(totals.converted),
        count(totals.journeys),
        percent(rate.rate),
        percent(rate.low),
        percent(rate.high),
        percent(output.level)
    );
    let Some(funnel) = &output.funnel else {
        return;
    };
    let mut rows = table(&[
        "step",
        "journeys",
        "of all",
        "of the step before",
        "interval",
    ]);
    for step in &funnel.steps {
        let rate = step.from_previous;
        rows.add_row([
            shortened(&step.stage, NAME),
            count(step.journeys),
            percent(step.from_all.rate),
            percent(rate.rate),
            format!("{} – {}", percent(rate.low), percent(rate.high)),
        ]);
    }
    println!("{rows}");
}

/// What a model is called.
pub(super) const fn model_name(model: Model) -> &'static str {
    match model {
        Model::Markov => "Markov",
        Model::Shapley => "Shapley",
        Model::First => "First",
        Model::Last => "Last",
        Model::Linear => "Linear",
        Model::TimeDecay => "Time decay",
    }
}

fn credits(output: &attribution::Output) {
    let totals = &output.totals;
    println!(
        "  conversions: {}, walks without one: {}",
        full(totals.conversions),
        full(totals.nulls)
    );
    let mut header = vec!["channel"];
    header.extend(output.models.iter().map(|model| model_name(model.model)));
    let mut rows = table(&header);
    let Some(first) = output.models.first() else {
        return;
    };
    let mut channels: Vec<usize> = (0..first.credits.len()).collect();
    channels.sort_by(|a, b| {
        let of = |at: &usize| first.credits[*at].conversions;
        of(b).total_cmp(&of(a))
    });
    for channel in channels.iter().take(ROWS) {
        let mut row = vec![shortened(&first.credits[*channel].channel, NAME)];
        let models = output.models.iter();
        row.extend(models.map(|model| short(model.credits[*channel].conversions)));
        rows.add_row(row);
    }
    println!("{rows}");
    more(channels.len());
}

fn forecast(output: &predictive_analytics::Output) {
    println!(
        "  {}, periods observed: {}, missing: {}, anomalies: {}",
        output.model,
        output.observed,
        output.missing,
        output.anomalies.len()
    );
    let levels = output.forecast.first();
    let levels = levels.map_or(&[][..], |ahead| ahead.intervals.as_slice());
    let mut header = vec![output.frequency.name().to_owned(), "expected".to_owned()];
    header.extend(levels.iter().map(|interval| percent(interval.level)));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut rows = table(&header);
    for ahead in output.forecast.iter().take(ROWS) {
        let mut row = vec![ahead.at.clone(), full(ahead.value)];
        let intervals = ahead.intervals.iter();
        row.extend(intervals.map(|i| format!("{} – {}", full(i.low), full(i.high))));
        rows.add_row(row);
    }
    println!("{rows}");
    more(output.forecast.len());
    for anomaly in &output.anomalies {
        println!(
            "  {}: {} where {} was expected",
            anomaly.at,
            full(anomaly.value),
            full(anomaly.expected)
        );
    }
}

fn more(rows: usize) {
    if rows > ROWS {
        println!("  and {} more: --html and --json have all", rows - ROWS);
    }
}
