//! What happens to the campaign, told as it happens.

use anstream::{eprintln, println};
use baton_domain::run::RunState;
use baton_domain::{RunId, Timestamp};
use owo_colors::OwoColorize as _;
use serde::Serialize;
use serde_json::Value;

use super::CampaignArguments;
use crate::client::{Client, Follower, News};
use crate::failure::Failure;
use crate::show::Narrator;

/// When the run came to something.
#[derive(Serialize)]
pub(super) struct Moment {
    /// When.
    pub(super) at: Timestamp,
    /// To what, such as `stage content` or `gate content decided`.
    pub(super) what: String,
}

/// Deliveries in a row that are alike, told as one.
#[derive(Default)]
struct Alike {
    state: String,
    mails: usize,
}

/// Tells what happens to the run until it is over, and answers when it came to what.
pub(super) async fn watch(
    client: &Client,
    run: RunId,
    arguments: &CampaignArguments,
) -> Result<Vec<Moment>, Failure> {
    let begun: RunState = client.get(&["runs", &run.to_string()], &[]).await?;
    let mut follower = Follower::new(client, run, 0);
    let mut narrator = Narrator::default();
    let mut timeline = Vec::new();
    let mut alike = Alike::default();
    if !arguments.json {
        let (name, url) = (run.to_string(), client.url());
        println!("{} on {url} (Ctrl-C leaves it)", name.bold());
    }
    loop {
        let News::Event(event) = follower.next().await? else {
            alike.told(arguments);
            return Ok(timeline);
        };
        timeline.extend(moment(&event));
        let kind = event["type"].as_str().unwrap_or_default();
        if kind == "delivered" {
            alike.add(&event, arguments);
            continue;
        }
        alike.told(arguments);
        // The bundle holds the artifacts of single mails.
        // The bundle holds the artifacts of single mails; a gate that approves itself waits for
        // nobody.
        let of_mail = event["artifact"]["name"].as_str();
        let is_bundled = of_mail.is_some_and(|name| name.contains('.'));
        let waits = kind == "approval_requested";
        let line = narrator.line(&event);
        if !(arguments.json || is_bundled || waits && begun.auto_approve) {
            println!("{line}");
        }
        if waits && !begun.auto_approve {
            let id = event["approval_id"].as_str().unwrap_or_default();
            say_how(client, id).await?;
        }
    }
}

/// Says how a gate is decided, unless it was.
async fn say_how(client: &Client, id: &str) -> Result<(), Failure> {
    let approval: Value = client.get(&["approvals", id], &[]).await?;
    if approval["status"] == "pending" {
        let command = format!("{} approve --url {}", super::program(), client.url());
        eprintln!("  in another terminal: {}", command.bold());
        eprintln!(
            "                   or: {}",
            format!("{command} {id} --decision approve").bold()
        );
    }
    Ok(())
}

impl Alike {
    fn add(&mut self, event: &Value, arguments: &CampaignArguments) {
        let state = event["delivery"]["state"].as_str().unwrap_or_default();
        if state != self.state {
            self.told(arguments);
            state.clone_into(&mut self.state);
        }
        self.mails += 1;
    }

    fn told(&mut self, arguments: &CampaignArguments) {
        if self.mails > 0 && !arguments.json {
            println!("             {} mails: {}", self.mails, self.state.bold());
        }
        self.mails = 0;
    }
}

/// What the timeline says of an event, if anything.
fn moment(event: &Value) -> Option<Moment> {
    let text = |field: &str| event[field].as_str().unwrap_or_default();
    let what = match text("type") {
        "queued" => "accepted".to_owned(),
        "stage_entered" => format!("stage {}", text("stage")),
        "approval_requested" => format!("gate {} waits", text("gate")),
        "approval_decided" => format!("decided: {}", text("decision")),
        "ended" => text("status").to_owned(),
        _ => return None,
    };
    let at = text("at").parse().ok()?;
    Some(Moment { at, what })
}
