//! Submits a decision, and says what became of it.

use anstream::println;
use baton_domain::ApprovalId;
use baton_domain::approval::{Approval, ApprovalOutcome, Decision, Submission};
use serde_json::{Value, json};

use super::ApproveArguments;
use crate::client::{CallError, Client, Options};
use crate::failure::Failure;
use crate::play::read;
use crate::show::{moment, plain};

/// Submits what the command line says.
pub(super) async fn command(
    client: &Client,
    id: ApprovalId,
    decision: Decision,
    arguments: &ApproveArguments,
) -> Result<(), Failure> {
    let edits = arguments.edits.as_ref().map(|path| {
        let wrong = |e| Failure::wrong(&format!("{} is not JSON: {e}", path.display()));
        serde_json::from_str::<Value>(&read(path)?).map_err(wrong)
    });
    let submission = Submission {
        request_id: id,
        decision,
        approver: approver(arguments)?,
        notes: arguments.notes.clone().unwrap_or_default(),
        edits: edits.transpose()?,
        max_cost_usd: arguments.max_cost_usd,
        artifact_hash: arguments.artifact_hash.clone(),
    };
    submission.validate().map_err(|error| {
        let option = error.field.replace('_', "-");
        Failure::wrong(&format!("--{option}: {}", error.message))
    })?;
    match submit(client, &submission).await {
        Ok(approval) if arguments.json => println!("{:#}", json!(approval)),
        Ok(approval) => println!("{}", decided(&approval)),
        Err(error) => return Err(refused(error, arguments.json)),
    }
    Ok(())
}

/// In whose name: as said, else as this machine calls its user.
pub(super) fn approver(arguments: &ApproveArguments) -> Result<String, Failure> {
    let set = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|user| !user.trim().is_empty())
    };
    let named = arguments.approver.clone();
    let named = named.or_else(|| set("USER")).or_else(|| set("LOGNAME"));
    let named = named
        .or_else(account)
        .filter(|name| !name.trim().is_empty());
    let missing = "--approver: who decides? Name yourself, or set BATON_APPROVER";
    named.ok_or_else(|| Failure::wrong(&missing))
}

/// The name of the account, where no variable holds it.
fn account() -> Option<String> {
    let asked = std::process::Command::new("id").arg("-un").output().ok()?;
    let name = String::from_utf8(asked.stdout).ok()?;
    Some(name.trim().to_owned())
}

/// Submits a decision.
pub(super) async fn submit(
    client: &Client,
    submission: &Submission,
) -> Result<Approval, CallError> {
    let path = ["approvals", "submit"];
    client.post(&path, submission, Options::default()).await
}

/// One line about an approval that is closed.
pub(super) fn decided(approval: &Approval) -> String {
    let (gate, id) = (approval.gate.name(), approval.approval_id);
    match &approval.outcome {
        Some(outcome) => format!("{gate} {id}: {}", winner(outcome)),
        None => format!("{gate} {id} is {}", approval.status.name()),
    }
}

/// A decision, who took it and when.
fn winner(outcome: &ApprovalOutcome) -> String {
    let by = match &outcome.approver {
        Some(approver) => format!("by {}", plain(approver)),
        None => "since nobody decided in time".to_owned(),
    };
    let notes = match outcome.notes.as_str() {
        "" => String::new(),
        notes => format!(": {}", plain(notes)),
    };
    let at = moment(outcome.decided_at);
    format!("{} {by}, {at}{notes}", outcome.decision.name())
}

/// Why a decision does not count, with the one that does.
pub(super) fn refused(error: CallError, json: bool) -> Failure {
    let first = error.decision.as_ref().filter(|_| error.is_conflict());
    let Some(first) = first else {
        return error.into();
    };
    if json {
        println!("{:#}", json!({"error": error.message, "decision": first}));
    }
    let message = format!("{}\nthe decision is: {}", error.message, winner(first));
    Failure::failed(&message)
}
