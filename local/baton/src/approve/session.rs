//! A session at a terminal: what waits, one after the other.

use std::path::Path;

use anstream::println;
use baton_domain::approval::{Approval, ApprovalStatus, Decision, Gate, Submission};
use owo_colors::OwoColorize as _;
use serde_json::Value;

use super::person::Person;
use super::submit::{approver, decided, refused, submit};
use super::{ApproveArguments, EVERY, Shown, edit, folder, numbered, waiting};
use crate::client::Client;
use crate::failure::Failure;
use crate::show::{artifact, capitalized, heading, moment, plain, previews};

/// A session.
pub(super) struct Session<'a> {
    pub(super) client: &'a Client,
    pub(super) arguments: &'a ApproveArguments,
    pub(super) person: &'a mut dyn Person,
}

/// How often a session looks for the next gate of a run that was just told to go on.
const LOOKS: u32 = 4;

/// What becomes of a session.
#[derive(PartialEq)]
enum Next {
    GoOn,
    Leave,
}

impl Session<'_> {
    /// Asks until nothing waits or the person leaves.
    ///
    /// # Errors
    /// When the Baton is not there, or nobody is named as the approver.
    pub(super) async fn hold(&mut self) -> Result<(), Failure> {
        let approver = approver(self.arguments)?;
        let mut said_so = false;
        let mut looks_left = 0_u32;
        loop {
            let waiting = waiting(self.client).await?;
            if waiting.is_empty() {
                if !self.arguments.wait && looks_left == 0 {
                    println!("nothing waits for a decision (--wait keeps waiting)");
                    return Ok(());
                }
                looks_left = looks_left.saturating_sub(1);
                if !said_so && self.arguments.wait {
                    println!("nothing waits for a decision yet; Ctrl-C stops waiting");
                }
                said_so = true;
                tokio::time::sleep(EVERY).await;
                continue;
            }
            said_so = false;
            let Some(chosen) = self.choose(&waiting) else {
                return Ok(());
            };
            if self.decide(&waiting[chosen], &approver).await? == Next::Leave {
                return Ok(());
            }
            looks_left = LOOKS;
        }
    }

    /// Which of those that wait; none to leave.
    fn choose(&mut self, waiting: &[Approval]) -> Option<usize> {
        println!(
            "{}\n{}",
            heading("Waiting for a decision"),
            numbered(waiting)
        );
        loop {
            let question = format!("which? 1 to {} [1], q to leave:", waiting.len());
            let answer = self.person.ask(&question)?;
            match (answer.as_str(), answer.parse::<usize>()) {
                ("", _) => return Some(0),
                ("q", _) => return None,
                (_, Ok(number)) if (1..=waiting.len()).contains(&number) => {
                    return Some(number - 1);
                }
                _ => println!("there is no `{}`", plain(&answer)),
            }
        }
    }

    async fn decide(&mut self, approval: &Approval, approver: &str) -> Result<Next, Failure> {
        let id = approval.approval_id.to_string();
        let shown: Shown = self.client.get(&["approvals", &id], &[]).await?;
        present(&shown, &folder(self.arguments, &shown.approval));
        loop {
            let Some(decision) = self.decision(shown.approval.gate) else {
                return Ok(Next::Leave);
            };
            let Some(decision) = decision else {
                return Ok(Next::GoOn);
            };
            let mut submission = Submission {
                request_id: shown.approval.approval_id,
                decision,
                approver: approver.to_owned(),
                notes: String::new(),
                edits: None,
                max_cost_usd: None,
                artifact_hash: Some(shown.approval.artifact.hash.clone()),
            };
            if !self.complete(&mut submission, &shown)? {
                continue;
            }
            match submit(self.client, &submission).await {
                Ok(closed) => println!("{}", decided(&closed).green()),
                // Something to mend: the edits break a rule, the notes are too long.
                Err(error) if error.status == Some(422) => {
                    println!("{}", error.message.red());
                    continue;
                }
                Err(error) if error.is_conflict() => {
                    println!("{}", refused(error, false).message.yellow());
                }
                Err(error) => return Err(error.into()),
            }
            return Ok(Next::GoOn);
        }
    }

    /// What the person decides at a gate. Outer none: leaves; inner none: later.
    #[allow(
        clippy::option_option,
        reason = "leaving and putting off are two things"
    )]
    fn decision(&mut self, gate: Gate) -> Option<Option<Decision>> {
        let letter = |decision: Decision| match decision {
            Decision::Approve => "a",
            Decision::Reject => "r",
            Decision::RequestChanges => "c",
            Decision::ApproveWithFixes => "f",
        };
        let words = gate.decisions().iter().map(|decision| {
            let words = decision.name().replace('_', " ");
            format!("{} {words}", letter(*decision).bold())
        });
        let words: Vec<String> = words.collect();
        loop {
            let question = format!(
                "{} · {} later · {} leave:",
                words.join(" · "),
                "l".bold(),
                "q".bold()
            );
            let answer = self.person.ask(&question)?;
            let named =
                |decision: &&Decision| letter(**decision) == answer || decision.name() == answer;
            match (answer.as_str(), gate.decisions().iter().find(named)) {
                (_, Some(decision)) => return Some(Some(*decision)),
                ("q", _) => return None,
                ("l", _) => return Some(None),
                _ => println!("`{}` is none of these", plain(&answer)),
            }
        }
    }

    /// Asks what the decision needs. Answers whether the person stays with it.
    fn complete(&mut self, submission: &mut Submission, shown: &Shown) -> Result<bool, Failure> {
        match submission.decision {
            Decision::RequestChanges => {
                submission.notes = self.person.ask("what to change:").unwrap_or_default();
                Ok(!submission.notes.is_empty())
            }
            Decision::Reject => {
                submission.notes = self.person.ask("why? (may stay empty)").unwrap_or_default();
                Ok(true)
            }
            Decision::Approve if shown.approval.gate == Gate::Budget => {
                let question = "what may the run cost from now on, in USD? (empty: only this step)";
                let answer = self.person.ask(question).unwrap_or_default();
                if answer.is_empty() {
                    return Ok(true);
                }
                match crate::runs::usd(&answer) {
                    Ok(limit) => submission.max_cost_usd = Some(limit),
                    Err(error) => println!("{}", error.red()),
                }
                Ok(submission.max_cost_usd.is_some())
            }
            Decision::Approve => Ok(true),
            Decision::ApproveWithFixes => {
                submission.edits = self.fixes(&shown.content)?;
                Ok(submission.edits.is_some())
            }
        }
    }

    /// Lets the person edit the artifact, and answers the edits once the person agrees.
    fn fixes(&mut self, content: &Value) -> Result<Option<Value>, Failure> {
        let mut text = format!("{content:#}\n");
        loop {
            text = match self.person.edit(&text) {
                Ok(edited) => edited,
                Err(failure) => {
                    println!("{}", failure.message.red());
                    println!("nothing was changed");
                    return Ok(None);
                }
            };
            let again = match serde_json::from_str::<Value>(&text) {
                Err(error) => {
                    println!("{}", format!("that is not JSON: {error}").red());
                    self.person.ask("edit again? [y]/n")
                }
                Ok(edited) => {
                    let Some(patch) = edit::patch(content, &edited) else {
                        println!("nothing was changed");
                        return Ok(None);
                    };
                    println!("{}", edit::changes(content, &edited));
                    match self
                        .person
                        .ask("submit these fixes? y, n, or e to edit again:")
                    {
                        Some(answer) if answer == "y" => return Ok(Some(patch)),
                        Some(answer) if answer == "e" => continue,
                        _ => return Ok(None),
                    }
                }
            };
            if !again.is_some_and(|answer| matches!(answer.as_str(), "" | "y")) {
                return Ok(None);
            }
        }
    }
}

/// Shows an approval and what is to be approved, with previews of its mails in a folder.
pub(super) fn present(shown: &Shown, folder: &Path) {
    let approval = &shown.approval;
    let title = capitalized(&plain(&approval.title()));
    println!("{}", heading(&format!("{title}, round {}", approval.round)));
    println!("  {} of {}", approval.approval_id, approval.run_id);
    println!("  {}", standing(approval));
    for line in &approval.summary {
        println!("  {}", plain(line));
    }
    println!("\n{}", artifact(&approval.artifact.name, &shown.content));
    match previews(&shown.content, folder) {
        Ok(written) => {
            if let Some(first) = written.first() {
                println!("  {} previews, from {} on", written.len(), first.display());
            }
        }
        Err(error) => println!("  no previews in {}: {error}", folder.display()),
    }
    println!();
}

/// What was decided, by whom and when; or what will be, and when, if nobody decides.
fn standing(approval: &Approval) -> String {
    if approval.status != ApprovalStatus::Pending {
        let artifact = approval.stands_for();
        let (name, version) = (plain(&artifact.name), artifact.version);
        return format!("{}; this is {name}, version {version}", decided(approval));
    }
    let until = moment(approval.expires_at);
    let default = approval.default_decision.name();
    format!("waits for a decision; without one by {until}: {default}")
}

#[cfg(test)]
mod tests;
