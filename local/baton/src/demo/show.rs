//! The tour on a terminal.

use anstream::println;
use baton_domain::log::LogEntry;
use baton_domain::request::{Answer, AnswerStatus, Replacement, RequestType};
use baton_domain::{AgentStatus, Envelope};
use owo_colors::OwoColorize as _;
use serde_json::Value;

use super::tour::Tour;
use crate::show;
use crate::table::{table, wrap_only};

/// Shows the tour.
pub(super) fn tour(tour: &Tour, broken: &str) {
    let (users, items) = (tour.sample.users.len(), tour.sample.catalog.items.len());
    println!(
        "{}",
        "Baton: one request, the fewest agents, one validated, costed, logged answer".bold()
    );
    println!(
        "Sample of tenant acme: {users} users with their histories, {items} items, a price policy."
    );
    for shown in &tour.answers {
        heading(&format!("personalize {}", shown.user_id));
        answer(shown);
    }
    heading("The first request again: a cache hit, no agent called");
    answer(&tour.repeated);
    heading(&format!(
        "With {broken} broken on purpose: its fallback answers"
    ));
    answer(&tour.broken);
    heading("With every agent broken: default values, and an alert");
    answer(&tour.degraded);
    heading("The orchestration log, newest first");
    log(&tour.log);
    println!(
        "\nCosts are Lambda's list price for the same calls; on this machine they cost nothing."
    );
}

fn heading(text: &str) {
    println!("{}", show::heading(text));
}

fn answer(answer: &Answer) {
    let found = &answer.findings;
    let cached = if answer.cached { " · cached" } else { "" };
    let (time, cost) = (answer.execution_time_ms, found.total_cost);
    println!("  {}{cached} · {time} ms · {cost}", status(found.status));
    let mut table = table(&["result", "answer", "agent, method", "sure", "ms", "cost"]);
    for (result, _) in RequestType::Personalize.results() {
        if let Some(envelope) = found.results.get(*result) {
            table.add_row(row(result, envelope));
        } else if let Some(skipped) = found.skipped.get(*result) {
            let reason = format!("not called: {}", skipped.reason);
            table.add_row([*result, &reason, &skipped.agent, "-", "-", "-"]);
        }
    }
    wrap_only(&mut table, &[1]);
    println!("{table}");
    for (result, failure) in &found.errors {
        let (agent, error) = (&failure.agent, &failure.error);
        let instead = match failure.replaced_by {
            Replacement::Fallback => "its fallback answers",
            Replacement::Default => "a default value stands in",
            Replacement::Nothing => "there is no answer",
        };
        println!(
            "  {} {agent} failed with {error}: {result}: {instead}",
            "!".yellow().bold()
        );
    }
}

fn row(result: &str, envelope: &Envelope) -> [String; 6] {
    let mark = if envelope.status == AgentStatus::Degraded {
        " (degraded)"
    } else {
        ""
    };
    let method = &envelope.method;
    [
        result.to_owned(),
        summary(result, &envelope.output),
        format!(
            "{}{mark}\n{} {}",
            envelope.agent, method.name, method.version
        ),
        format!("{:.2}", envelope.confidence),
        format!("{:.2}", envelope.usage.duration_ms),
        envelope.cost_usd.to_string(),
    ]
}

/// The gist of an output, in a few words.
fn summary(result: &str, output: &Value) -> String {
    let text = |pointer: &str| {
        output
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("-")
    };
    let number = |pointer: &str| {
        output
            .pointer(pointer)
            .and_then(Value::as_f64)
            .unwrap_or(0.0)
    };
    match result {
        "wtp" if output.is_null() => "nothing is known".to_owned(),
        "wtp" => {
            let (low, high) = (number("/interval/low"), number("/interval/high"));
            format!(
                "{:.2} {} ({low:.2} to {high:.2})",
                number("/wtp"),
                text("/currency")
            )
        }
        "segmentation" => format!("{}: {}", text("/micro_segment"), text("/label")),
        "pricing" => {
            let percent = number("/discount") * 100.0;
            format!(
                "{} {:.2} {} ({percent:.0} % off)",
                text("/tier"),
                number("/price"),
                text("/currency")
            )
        }
        _ => titles(output),
    }
}

fn titles(output: &Value) -> String {
    let items = output["items"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let titles: Vec<&str> = items
        .iter()
        .filter_map(|item| item["title"].as_str())
        .collect();
    if titles.is_empty() {
        "none".to_owned()
    } else {
        titles.join(" · ")
    }
}

fn log(entries: &[LogEntry]) {
    let mut table = table(&["time", "request", "user", "status", "agents", "ms", "cost"]);
    for entry in entries {
        let status = if entry.cached {
            "cached"
        } else {
            entry.status.name()
        };
        table.add_row([
            entry.timestamp.strftime("%H:%M:%S%.3f").to_string(),
            entry.request_id.to_string(),
            entry.user_id.to_string(),
            status.to_owned(),
            entry.agents_called.len().to_string(),
            entry.execution_time_ms.to_string(),
            entry.total_cost.to_string(),
        ]);
    }
    println!("{table}");
}

fn status(status: AnswerStatus) -> String {
    match status {
        AnswerStatus::Success => status.name().green().bold().to_string(),
        AnswerStatus::Partial => status.name().yellow().bold().to_string(),
        AnswerStatus::Degraded | AnswerStatus::Failed => status.name().red().bold().to_string(),
    }
}

/// What to do next.
pub(super) fn next() {
    println!(
        "\nNext: {}, and ask it as README.md shows.",
        "cargo run --release -p baton -- serve --sample --sandbox".bold()
    );
}
