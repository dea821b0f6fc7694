//! `baton approve`: what waits for a person, and the person's decision; at a terminal, or in one
//! command.

mod edit;
mod person;
mod session;
mod submit;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anstream::println;
use baton_domain::approval::{Approval, Decision};
use baton_domain::{ApprovalId, Money};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{CallError, Client, Server};
use crate::failure::Failure;
use crate::log;
use crate::show::{about, shortened};
use crate::table::{table, wrap_only};

/// Shows what waits for a person, and takes the person's decision
#[derive(Args)]
#[command(after_help = "\
Without an approval it asks, at a terminal: it lists what waits, shows each with its artifact, and
takes a decision. Fixes are made in $VISUAL or $EDITOR and submitted as a JSON Patch.

A decision is final, and the first one counts; the same person may say the same again.

Exit codes: 0 decided, or nothing waits; 1 it was decided before, by somebody else or otherwise (the
decision that counts is said), it expired or was withdrawn, or the Baton is not there; 2 the command
line, a file, an id or a token is wrong. Where it asks, what was decided before is said, and it goes
on.

Examples:
  baton approve
  baton approve --wait
  baton approve --list --json
  baton approve apr_01J… --decision approve
  baton approve apr_01J… --decision request_changes --notes 'fewer mails to lapsed'
  baton approve apr_01J… --decision approve_with_fixes --edits patch.json
  baton approve apr_01J… --decision approve --max-cost-usd 5    at the gate `budget`
  BATON_TOKEN=… baton approve --url https://baton.example")]
pub(crate) struct ApproveArguments {
    #[command(flatten)]
    server: Server,
    /// The approval; without one it asks
    approval: Option<ApprovalId>,
    /// The decision: approve, reject, `request_changes` or `approve_with_fixes`; without one the
    /// approval is shown
    #[arg(long, value_parser = decision, requires = "approval")]
    decision: Option<Decision>,
    /// What to say with it; needed for `request_changes`
    #[arg(long, requires = "decision")]
    notes: Option<String>,
    /// Edits of the artifact as JSON Patch (RFC 6902), a file or - for standard input
    #[arg(long, value_name = "FILE", requires = "decision")]
    edits: Option<PathBuf>,
    /// What the run may cost from now on, in USD; with approve at the gate `budget`
    #[arg(long, value_name = "USD", requires = "decision",
        value_parser = crate::runs::usd, allow_negative_numbers = true)]
    max_cost_usd: Option<Money>,
    /// Only if the artifact still has this hash
    #[arg(long, value_name = "HASH", requires = "decision")]
    artifact_hash: Option<String>,
    /// In whose name
    #[arg(long, env = "BATON_APPROVER")]
    approver: Option<String>,
    /// List what waits, and decide nothing
    #[arg(long, conflicts_with = "approval")]
    list: bool,
    /// Keep waiting when nothing waits
    #[arg(long, conflicts_with = "approval")]
    wait: bool,
    /// Print JSON; with --list or an approval
    #[arg(long)]
    json: bool,
    /// The folder for previews of mails; one for temporary files when it is not given
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// An approval with what is to be approved.
#[derive(Deserialize)]
struct Shown {
    #[serde(flatten)]
    approval: Approval,
    content: Value,
}

/// How often somebody who waits looks.
const EVERY: Duration = Duration::from_millis(500);

fn decision(name: &str) -> Result<Decision, String> {
    // Typed at a prompt, a hyphen comes easier.
    let name = name.replace('-', "_");
    let found = Decision::ALL.into_iter().find(|known| known.name() == name);
    found.ok_or_else(|| {
        format!(
            "must be one of {}",
            Decision::ALL.map(Decision::name).join(", ")
        )
    })
}

/// Does what is asked.
pub(crate) async fn approve(arguments: ApproveArguments) -> Result<ExitCode, Failure> {
    log::start("warn");
    let client = arguments.server.client()?;
    match (arguments.approval, arguments.decision) {
        (Some(id), Some(decision)) => {
            submit::command(&client, id, decision, &arguments).await?;
            Ok(ExitCode::SUCCESS)
        }
        (Some(id), None) => {
            let path = ["approvals", &id.to_string()];
            if arguments.json {
                println!("{:#}", client.get::<Value>(&path, &[]).await?);
            } else {
                let shown: Shown = client.get(&path, &[]).await?;
                session::present(&shown, &folder(&arguments, &shown.approval));
            }
            Ok(ExitCode::SUCCESS)
        }
        (None, _) if arguments.list => list(&client, arguments.wait, arguments.json).await,
        (None, _) => ask(&client, &arguments).await,
    }
}

/// Asks the person at the terminal.
async fn ask(client: &Client, arguments: &ApproveArguments) -> Result<ExitCode, Failure> {
    if arguments.json {
        let message = "--json goes with --list or with an approval";
        return Err(Failure::wrong(&message));
    }
    if !std::io::stdin().is_terminal() {
        if waiting(client).await?.is_empty() && !arguments.wait {
            println!("nothing waits for a decision");
            return Ok(ExitCode::SUCCESS);
        }
        let message = "something waits, and this is no terminal to ask at: see --list, then name \
                       an approval with --decision";
        return Err(Failure::wrong(&message));
    }
    session::Session {
        client,
        arguments,
        person: &mut person::Terminal,
    }
    .hold()
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Everything that waits, oldest first.
async fn waiting(client: &Client) -> Result<Vec<Approval>, CallError> {
    #[derive(Deserialize)]
    struct Page {
        approvals: Vec<Approval>,
        #[serde(default)]
        next: Option<ApprovalId>,
    }
    let mut waiting = Vec::new();
    let mut before = None;
    loop {
        let mut query = vec![("limit", "100".to_owned())];
        query.extend(before.map(|before: ApprovalId| ("before", before.to_string())));
        let page: Page = client.get(&["approvals", "pending"], &query).await?;
        waiting.extend(page.approvals);
        before = page.next;
        if before.is_none() {
            waiting.reverse();
            return Ok(waiting);
        }
    }
}

async fn list(client: &Client, wait: bool, json: bool) -> Result<ExitCode, Failure> {
    let mut found = waiting(client).await?;
    while wait && found.is_empty() {
        tokio::time::sleep(EVERY).await;
        found = waiting(client).await?;
    }
    if json {
        println!("{:#}", json!(found));
    } else if found.is_empty() {
        println!("nothing waits for a decision");
    } else {
        println!("{}", numbered(&found));
    }
    Ok(ExitCode::SUCCESS)
}

/// What waits, as a table whose rows have numbers.
fn numbered(waiting: &[Approval]) -> comfy_table::Table {
    // Run and deadline stand with each; here there must be room to say what it is about.
    let mut listed = table(&["", "gate", "approval", "what"]);
    for (n, approval) in waiting.iter().enumerate() {
        let about = [about(&approval.subject), said(&approval.summary)].join(": ");
        listed.add_row([
            (n + 1).to_string(),
            approval.gate.name().to_owned(),
            approval.approval_id.to_string(),
            shortened(about.trim_start_matches(": "), 200),
        ]);
    }
    wrap_only(&mut listed, &[3]);
    listed
}

/// The lines of a summary as one: what a line announces comes right after it.
fn said(summary: &[String]) -> String {
    let mut said = String::new();
    for line in summary {
        let between = match said.as_str() {
            "" => "",
            before if before.ends_with([':', '.']) => " ",
            _ => "; ",
        };
        said = format!("{said}{between}{line}");
    }
    said
}

/// Where previews of an approval's mails go.
fn folder(arguments: &ApproveArguments, approval: &Approval) -> PathBuf {
    arguments.out.clone().unwrap_or_else(|| {
        let name = format!("baton-{}", approval.approval_id);
        Path::new(&std::env::temp_dir()).join(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_for_what_a_budget_does_not_reach() {
        let lines = [
            "The budget of 5 USD does not reach for:",
            "A (1): 12 USD",
            "B (2): 9 USD",
        ];
        let said = said(&lines.map(str::to_owned));
        assert_eq!(
            said,
            "The budget of 5 USD does not reach for: A (1): 12 USD; B (2): 9 USD"
        );
    }
}
