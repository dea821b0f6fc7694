//! What happens to a task, told as it happens.

use anstream::{eprintln, println};
use baton_domain::RunId;
use baton_domain::approval::{Approval, ApprovalStatus, Gate};
use baton_domain::run::RunState;
use owo_colors::OwoColorize as _;

use super::ResearchArguments;
use super::place::Place;
use crate::client::{Follower, News};
use crate::failure::Failure;
use crate::show::{Narrator, plain};

/// Tells what happens to the task until it is over.
pub(super) async fn watch(
    place: &Place,
    task: RunId,
    arguments: &ResearchArguments,
) -> Result<(), Failure> {
    let client = &place.client;
    let begun: RunState = client.get(&["runs", &task.to_string()], &[]).await?;
    let mut follower = Follower::new(client, task, 0);
    let mut narrator = Narrator::default();
    if !arguments.json {
        let sandbox = if place.is_here() {
            ", buying at the sandbox: no money moves"
        } else {
            ""
        };
        let (name, url) = (task.to_string(), client.url());
        println!("{} on {url}{sandbox} (Ctrl-C leaves it)", name.bold());
    }
    loop {
        let News::Event(event) = follower.next().await? else {
            return Ok(());
        };
        let line = narrator.line(&event);
        let waits = event["type"] == "approval_requested";
        // A gate that approves itself waits for nobody.
        if !(arguments.json || waits && begun.auto_approve) {
            println!("{line}");
        }
        if waits && !begun.auto_approve {
            let id = event["approval_id"].as_str().unwrap_or_default();
            say_how(place, id).await?;
        }
    }
}

/// Says what is to be decided and how, unless it was.
async fn say_how(place: &Place, id: &str) -> Result<(), Failure> {
    let approval: Approval = place.client.get(&["approvals", id], &[]).await?;
    if approval.status != ApprovalStatus::Pending {
        return Ok(());
    }
    for line in &approval.summary {
        eprintln!("    {}", plain(line));
    }
    let (program, named) = (super::program(), place.named());
    let decide = format!("{program} approve {id} --decision approve{named}");
    let raised = match approval.gate {
        Gate::Budget => " --max-cost-usd USD",
        _ => "",
    };
    eprintln!(
        "  in another terminal: {}",
        format!("{decide}{raised}").bold()
    );
    eprintln!("   or, to go on without: --decision reject");
    Ok(())
}
