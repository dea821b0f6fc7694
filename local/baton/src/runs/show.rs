//! `baton runs show`.

use std::fs;
use std::process::ExitCode;

use anstream::println;
use baton_app::explained;
use baton_domain::run::{Call, Event, JournalEntry, RunState, Workflow};
use serde::Deserialize;
use serde_json::Value;

use super::ShowArguments;
use crate::client::{CallError, Client};
use crate::failure::Failure;
use crate::show::{heading, moment, plain, shortened, status};
use crate::table::{table, wrap_only};

/// Prints a run, or an artifact of it.
pub(super) async fn show(client: &Client, wanted: &ShowArguments) -> Result<ExitCode, Failure> {
    if let Some(name) = &wanted.artifact {
        return artifact(client, wanted, name).await;
    }
    let path = ["runs", wanted.run.as_str()];
    if wanted.json {
        let run: Value = client.get(&path, &[]).await?;
        println!("{run:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let state: RunState = client.get(&path, &[]).await?;
    let calls = calls(client, &wanted.run).await?;
    print(&state, &calls);
    Ok(ExitCode::SUCCESS)
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Value>,
    #[serde(default)]
    next: Option<u64>,
}

/// The calls of a run's agents, in order.
async fn calls(client: &Client, run: &str) -> Result<Vec<Call>, CallError> {
    let mut calls = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        let query = [("after", from.to_string())];
        let page: Events = client.get(&["runs", run, "events"], &query).await?;
        calls.extend(page.events.into_iter().filter_map(|event| {
            // Events that this version does not know are no calls.
            match serde_json::from_value::<JournalEntry>(event).ok()?.event {
                Event::AgentCalled(call) => Some(call),
                _ => None,
            }
        }));
        after = page.next;
    }
    Ok(calls)
}

fn print(run: &RunState, calls: &[Call]) {
    print_summary(run);
    if !run.approvals.is_empty() {
        println!("{}", heading("Approvals"));
        let mut gates = table(&["gate", "approval", "asked", "decision", "by"]);
        for gate in &run.approvals {
            gates.add_row([
                gate.gate.name().to_owned(),
                gate.approval_id.to_string(),
                moment(gate.requested_at),
                gate.decision
                    .map_or("waits", |decision| decision.name())
                    .to_owned(),
                gate.approver.as_deref().map_or_else(String::new, plain),
            ]);
        }
        wrap_only(&mut gates, &[4]);
        println!("{gates}");
    }
    if !run.stages.is_empty() {
        println!("{}", heading("Stages"));
        for stage in &run.stages {
            println!("  {} {}", moment(stage.entered_at), plain(&stage.stage));
        }
    }
    if run.workflow == Workflow::Batch {
        // Each request is a call: what they add up to says more.
        println!("{}", heading("Requests"));
        println!("{}", request_table(run));
    } else if !calls.is_empty() {
        println!("{}", heading("Calls"));
        println!("{}", call_table(calls));
    }
    if !run.artifacts.is_empty() {
        println!("{}", heading("Artifacts"));
        let mut artifacts = table(&["name", "version", "hash"]);
        for artifact in run.artifacts.values() {
            let version = artifact.version.to_string();
            artifacts.add_row([
                plain(&artifact.name),
                version,
                shortened(&artifact.hash, 13),
            ]);
        }
        println!("{artifacts}");
    }
    if !run.deliveries.is_empty() {
        println!("{}", heading("Deliveries"));
        let mut mails = table(&["mail", "campaign", "state"]);
        for delivery in run.deliveries.values() {
            let state = serde_json::to_value(delivery.state).unwrap_or_default();
            let (email, campaign) = (plain(&delivery.email_id), plain(&delivery.campaign_id));
            mails.add_row([
                email,
                campaign,
                state.as_str().unwrap_or_default().to_owned(),
            ]);
        }
        println!("{mails}");
    }
}

fn print_summary(run: &RunState) {
    let subject = &run.subject;
    let brand = subject
        .brand_id
        .as_ref()
        .map_or_else(String::new, |brand| format!(" of {brand}"));
    let month = subject
        .month
        .map_or_else(String::new, |month| format!(", {month}"));
    let theme = subject.theme.as_deref();
    let theme = theme.map_or_else(String::new, |theme| format!(" on “{}”", plain(theme)));
    let user = subject.user_id.as_ref();
    let user = user.map_or_else(String::new, |user| format!(" for {user}"));
    let batch = match (subject.requests, subject.request_type) {
        (Some(requests), Some(kind)) => format!(" of {requests} × {}", kind.name()),
        _ => String::new(),
    };
    println!(
        "{} {}{brand}{month}{theme}{user}{batch}: {}",
        run.run_id,
        run.workflow.name(),
        status(run.status)
    );
    let limit = run
        .max_cost_usd
        .map_or_else(String::new, |limit| format!(" of at most {limit}"));
    let (begun, changed) = (moment(run.created_at), moment(run.updated_at));
    println!(
        "  cost {}{limit} · version {} · attempt {}",
        run.total_cost, run.version, run.attempt
    );
    println!("  accepted {begun} · changed {changed}");
    if let Some(origin) = &run.origin {
        println!("  forked from {} at {}", origin.run_id, plain(&origin.from));
    }
    for why in [&run.error, &run.cause].into_iter().flatten() {
        println!("  {}", plain(why));
    }
    let known = run.error.as_deref();
    if let Some(meaning) = known.and_then(|error| explained(error, run.cause.as_deref())) {
        println!("  {meaning}");
    }
}

/// How far a batch is.
fn request_table(run: &RunState) -> comfy_table::Table {
    let mut shown = table(&["type", "asked", "answered", "partial", "failed", "cost"]);
    for (name, total) in &run.agents {
        let best = total.calls.saturating_sub(total.degraded + total.failed);
        shown.add_row([
            plain(name),
            run.subject.requests.unwrap_or(total.calls).to_string(),
            best.to_string(),
            total.degraded.to_string(),
            total.failed.to_string(),
            total.cost_usd.to_string(),
        ]);
    }
    shown
}

fn call_table(calls: &[Call]) -> comfy_table::Table {
    let mut shown = table(&["agent", "about", "status", "method", "ms", "cost", "error"]);
    for call in calls {
        let status = serde_json::to_value(call.status).unwrap_or_default();
        let method = call.method.as_ref();
        shown.add_row([
            plain(&call.agent),
            plain(&call.about),
            status.as_str().unwrap_or_default().to_owned(),
            method.map_or_else(String::new, |m| plain(&format!("{} {}", m.name, m.version))),
            format!("{:.1}", call.duration_ms),
            call.cost_usd.to_string(),
            call.error.as_deref().map_or_else(String::new, plain),
        ]);
    }
    wrap_only(&mut shown, &[6]);
    shown
}

#[derive(Deserialize)]
struct Artifact {
    content: Value,
}

async fn artifact(
    client: &Client,
    wanted: &ShowArguments,
    name: &str,
) -> Result<ExitCode, Failure> {
    let (name, version) = match name.split_once('@') {
        Some((name, version)) => (name, Some(("version", version.to_owned()))),
        None => (name, None),
    };
    let path = ["runs", wanted.run.as_str(), "artifacts", name];
    let query: Vec<_> = version.into_iter().collect();
    let Artifact { content } = client.get(&path, &query).await?;
    let Some(out) = &wanted.out else {
        println!("{content:#}");
        return Ok(ExitCode::SUCCESS);
    };
    let is_page = out
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("html"));
    let text = match (is_page, content["mockup_html"].as_str()) {
        (true, Some(html)) => html.to_owned(),
        (true, None) => {
            let message = format!("--out: {name} is no page; a mail is, such as content.email-01");
            return Err(Failure::wrong(&message));
        }
        (false, _) => format!("{content:#}\n"),
    };
    let wrong = |e| Failure::wrong(&format!("cannot write {}: {e}", out.display()));
    fs::write(out, text).map_err(wrong)?;
    anstream::eprintln!("wrote {}", out.display());
    Ok(ExitCode::SUCCESS)
}
