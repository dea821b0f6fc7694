//! What happens to a run, one line an event.

use std::collections::BTreeMap;

use baton_app::explained;
use baton_domain::approval::{Decision, Gate};
use baton_domain::run::{Call, CallStatus, Event, JournalEntry, RunState};
use baton_domain::{ApprovalId, Money};
use owo_colors::OwoColorize as _;
use serde_json::Value;

use super::{dollars, plain, shortened, status};

/// Tells what happens to a run, and what it has cost so far.
#[derive(Default)]
pub(crate) struct Narrator {
    spent: Money,
    gates: BTreeMap<ApprovalId, Gate>,
}

impl Narrator {
    /// Goes on telling of a run that stands so.
    pub(crate) fn of(run: &RunState) -> Self {
        let gates = run.approvals.iter();
        Self {
            spent: run.total_cost,
            gates: gates.map(|gate| (gate.approval_id, gate.gate)).collect(),
        }
    }

    /// One line for an event, as it came over the wire.
    pub(crate) fn line(&mut self, event: &Value) -> String {
        match serde_json::from_value::<JournalEntry>(event.clone()) {
            Ok(entry) => {
                let time = entry.at.strftime("%H:%M:%S%.3f").to_string();
                format!("{} {}", time.dimmed(), self.told(&entry.event))
            }
            // A newer Baton knows events that this version does not.
            Err(_) => plain(event["type"].as_str().unwrap_or("an event without a type")),
        }
    }

    fn told(&mut self, event: &Event) -> String {
        match event {
            Event::StageEntered { stage } => {
                format!("{} {}", "▌".cyan(), plain(stage).bold())
            }
            Event::AgentCalled(call) => self.called(call),
            Event::ArtifactStored { artifact, by } => {
                let (name, version) = (plain(&artifact.name), artifact.version);
                format!("  {name} v{version}, made by {}", plain(by))
            }
            Event::Purchased(bought) => {
                self.spent = self.spent + bought.cost;
                let (name, rail) = (plain(&bought.name), plain(&bought.rail));
                format!("  {name} bought for {} ({rail})", dollars(bought.cost))
            }
            Event::Delivered { delivery } => {
                let state = serde_json::to_value(delivery.state).unwrap_or_default();
                let (email, id) = (plain(&delivery.email_id), plain(&delivery.campaign_id));
                format!("  {email} {} ({id})", state.as_str().unwrap_or_default())
            }
            Event::Ended {
                status: ended,
                error,
                cause,
            } => {
                let why = [error, cause].into_iter().flatten();
                let why = why.map(|text| format!(": {}", shortened(text, 300)));
                let known = error.as_deref();
                let meaning = known.and_then(|error| explained(error, cause.as_deref()));
                let meaning = meaning.map_or_else(String::new, |told| format!("\n  {told}"));
                format!("{}{}{meaning}", status(*ended), why.collect::<String>())
            }
            Event::ApprovalRequested {
                approval_id, gate, ..
            } => {
                self.gates.insert(*approval_id, *gate);
                changed(event)
            }
            Event::ApprovalDecided { approval_id, .. } => {
                let gate = self.gates.get(approval_id);
                let gate = gate.map_or_else(String::new, |gate| format!("{}: ", gate.name()));
                format!("{gate}{}", changed(event))
            }
            other => changed(other),
        }
    }

    fn called(&mut self, call: &Call) -> String {
        self.spent = self.spent + call.cost_usd;
        let mark = match call.status {
            CallStatus::Ok => "✓".green().to_string(),
            CallStatus::Degraded => "~".yellow().to_string(),
            CallStatus::Failed => "✗".red().to_string(),
        };
        let about = match call.about.as_str() {
            "" => String::new(),
            about => format!(" {}", plain(about)),
        };
        let method = call.method.as_ref().map_or_else(String::new, |method| {
            format!(" · {} {}", plain(&method.name), plain(&method.version))
        });
        let error = call.error.as_ref();
        let error = error.map_or_else(String::new, |error| format!(" · {}", plain(error)));
        format!(
            "{mark} {}{about}{method}{error} · {:.1} ms · {} so far",
            plain(&call.agent),
            call.duration_ms,
            self.spent
        )
    }
}

/// What happens around the work.
fn changed(event: &Event) -> String {
    match event {
        Event::Queued {
            workflow,
            subject,
            origin,
            ..
        } => {
            let brand = subject.brand_id.as_ref();
            let brand = brand.map_or_else(String::new, |brand| format!(" of {brand}"));
            let month = subject.month;
            let month = month.map_or_else(String::new, |month| format!(", {month}"));
            let origin = origin.as_ref().map_or_else(String::new, |origin| {
                let from = plain(&origin.from);
                format!(", forked from {} at {from}", origin.run_id)
            });
            format!("{}{brand}{month} is queued{origin}", workflow.name())
        }
        Event::ApprovalRequested {
            approval_id,
            gate,
            expires_at,
            ..
        } => {
            let (gate, until) = (gate.name(), super::moment(*expires_at));
            format!(
                "{} {} waits for a person until {until}: {approval_id}",
                "?".yellow(),
                gate.bold()
            )
        }
        Event::ApproversReminded { approval_id } => {
            format!("  approvers were reminded of {approval_id}")
        }
        Event::ApprovalDecided {
            decision, approver, ..
        } => {
            let by = approver.as_deref().map_or_else(
                || "nobody decided in time".to_owned(),
                |by| format!("by {}", plain(by)),
            );
            format!("{} {by}", decided(*decision))
        }
        Event::CostLimitRaised { max_cost_usd, by } => {
            format!("  may cost {max_cost_usd} now, says {}", plain(by))
        }
        Event::Redriven { from, attempt } => {
            format!("run on from {}, attempt {attempt}", plain(from))
        }
        Event::RolledBack { to_version, .. } => {
            format!("the artifacts are those of version {to_version} again")
        }
        _ => String::new(),
    }
}

/// A decision, in its colour.
fn decided(decision: Decision) -> String {
    let name = decision.name();
    match decision {
        Decision::Approve | Decision::ApproveWithFixes => name.green().bold().to_string(),
        Decision::RequestChanges => name.yellow().bold().to_string(),
        Decision::Reject => name.red().bold().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tell(narrator: &mut Narrator, event: &Value) -> String {
        let mut entry = json!({"version": 1, "at": "2026-11-21T06:00:00Z", "event_id": "e"});
        for (name, value) in event.as_object().unwrap() {
            entry[name] = value.clone();
        }
        let line = narrator.line(&entry);
        anstream::adapter::strip_str(&line).to_string()
    }

    #[test]
    fn costs_add_up_and_what_is_new_has_a_name() {
        let mut narrator = Narrator::default();
        let call = json!({"type": "agent_called", "agent": "creative", "about": "email-01",
            "status": "degraded", "cost_usd": 0.5, "duration_ms": 1.25, "error": "Down"});
        tell(&mut narrator, &call);
        assert_eq!(
            tell(&mut narrator, &call),
            "06:00:00.000 ~ creative email-01 · Down · 1.2 ms · $1.000000 so far"
        );
        assert_eq!(
            tell(&mut narrator, &json!({"type": "danced\u{7}"})),
            "danced "
        );
    }

    #[test]
    fn a_decision_names_its_gate() {
        let mut narrator = Narrator::default();
        let id = "apr_01JD2Z5Y8N3V9QK7M4T6W1X0RB";
        let artifact = json!({"name": "content", "version": 1, "hash": "a"});
        let at = "2026-11-21T06:00:00Z";
        tell(
            &mut narrator,
            &json!({"type": "approval_requested", "approval_id": id, "gate": "content",
                "artifact": artifact, "due_at": at, "expires_at": at}),
        );
        let decided = json!({"type": "approval_decided", "approval_id": id,
            "decision": "approve", "approver": "auto-approve"});
        let told = tell(&mut narrator, &decided);
        assert_eq!(told, "06:00:00.000 content: approve by auto-approve");
    }

    #[test]
    fn an_end_says_why() {
        let ended = json!({"type": "ended", "status": "failed", "error": "EmailPilotNotFound"});
        let told = tell(&mut Narrator::default(), &ended);
        assert!(told.contains("\n  EmailPilot has no such brand"), "{told}");
        let ended = json!({"type": "ended", "status": "failed", "error": "Down", "cause": "a\nb"});
        let told = tell(&mut Narrator::default(), &ended);
        assert_eq!(told, "06:00:00.000 failed: Down: a b");
        let ended = json!({"type": "ended", "status": "failed", "error": "PaymentError",
            "cause": "the stage validate failed in OpenAccount with MarketplaceUnavailable"});
        let told = tell(&mut Narrator::default(), &ended);
        assert!(
            told.contains("\n  the marketplace or the Payment Manager did not answer"),
            "{told}"
        );
    }
}
