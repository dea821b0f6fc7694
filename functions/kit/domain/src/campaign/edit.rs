//! What an approver may change: everything that the gate is about, and nothing that was decided
//! before it.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Brand, ContentSet, DeploymentPlan, PlannedSend, Strategy, check_artifact};
use crate::FieldError;

/// Checks an artifact that a person edited: it must be sound by itself, and still be about the same
/// thing.
///
/// - A `strategy` keeps its brand and month.
/// - A `content` may lose mails and gains none; each was written for a mail of the calendar.
/// - A `deployment-plan` may lose sends and move them in time; what is sent to whom is in EmailPilot
///   already.
///
/// # Errors
/// The first field that breaks a rule, from the root of the content.
pub fn check_edit(name: &str, before: &Value, after: &Value) -> Result<(), FieldError> {
    check_artifact(name, after)?;
    match name {
        "strategy" => strategy(&read(before)?, &read(after)?),
        "content" => content(&read(before)?, &read(after)?),
        "deployment-plan" => plan(&read(before)?, read(after)?),
        _ => Ok(()),
    }
}

/// Checks that a calendar writes to segments that the brand has: to another, no mail can be written.
///
/// # Errors
/// The first mail that goes elsewhere, with the segments that there are.
pub fn check_segments(strategy: &Value, brand: &Brand) -> Result<(), FieldError> {
    let strategy: Strategy = read(strategy)?;
    let names: Vec<&str> = brand.segments.iter().map(|s| s.name.as_str()).collect();
    let mut emails = strategy.emails.iter();
    let stranger = emails.position(|email| !names.contains(&email.segment.as_str()));
    stranger.map_or(Ok(()), |n| {
        let (unknown, known) = (&strategy.emails[n].segment, names.join(", "));
        let message = format!("the brand has no segment `{unknown}`; it has: {known}");
        Err(FieldError::new(format!("emails[{n}].segment"), message))
    })
}

/// What was checked can be read.
fn read<'a, T: Deserialize<'a>>(content: &'a Value) -> Result<T, FieldError> {
    T::deserialize(content).map_err(|error| FieldError::new("", error.to_string()))
}

fn strategy(before: &Strategy, after: &Strategy) -> Result<(), FieldError> {
    let same = |field, same: bool| stays(field, same);
    same("brand_id", before.brand_id == after.brand_id)?;
    same("month", before.month == after.month)
}

fn content(before: &ContentSet, after: &ContentSet) -> Result<(), FieldError> {
    let known: BTreeSet<&str> = before.emails.iter().map(|mail| &*mail.email_id).collect();
    let mut emails = after.emails.iter();
    let stranger = emails.position(|mail| !known.contains(mail.email_id.as_str()));
    stranger.map_or(Ok(()), |n| {
        let message = "must name a mail that was written for the calendar";
        Err(FieldError::new(format!("emails[{n}].email_id"), message))
    })
}

fn plan(before: &DeploymentPlan, after: DeploymentPlan) -> Result<(), FieldError> {
    for (n, send) in after.sends.iter().enumerate() {
        let field = format!("sends[{n}]");
        let twins = after.sends.iter().filter(|s| s.email_id == send.email_id);
        if twins.count() > 1 {
            let message = format!("`{}` is there twice", send.email_id);
            return Err(FieldError::new(format!("{field}.email_id"), message));
        }
        let planned = before.sends.iter().find(|s| s.email_id == send.email_id);
        let Some(planned) = planned else {
            let message = "must name a mail of the plan";
            return Err(FieldError::new(format!("{field}.email_id"), message));
        };
        let moved = PlannedSend {
            send_at: send.send_at,
            ..planned.clone()
        };
        if moved != *send {
            let message = "may change its `send_at` alone: what is sent to whom is in EmailPilot \
                           already; reject, and redrive from `content`, to change that";
            return Err(FieldError::new(field, message));
        }
    }
    let rest = DeploymentPlan {
        sends: before.sends.clone(),
        recipients: before.recipients,
        ..after
    };
    let field = if rest.test_recipients == before.test_recipients {
        "content_version"
    } else {
        "test_recipients"
    };
    stays(field, rest == *before)
}

fn stays(field: &str, same: bool) -> Result<(), FieldError> {
    same.then_some(())
        .ok_or_else(|| FieldError::new(field, "may not be changed here"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn planned() -> Value {
        let send = |n: u32| {
            json!({
                "email_id": format!("email-0{n}"), "send_at": "2026-12-01T15:00:00Z",
                "segment": "vip", "audience_size": 10 * n, "subject_lines": ["A: Warm"],
            })
        };
        json!({
            "brand_id": "acme", "month": "2026-12", "content_version": 1, "content_hash": "aa",
            "test_recipients": ["qa@acme.example"], "sends": [send(1), send(2)], "recipients": 30,
        })
    }

    fn edited(edit: impl Fn(&mut Value)) -> Result<(), FieldError> {
        let mut after = planned();
        edit(&mut after);
        check_edit("deployment-plan", &planned(), &after)
    }

    #[test]
    fn sends_may_be_moved_and_dropped() {
        let moved = edited(|plan| plan["sends"][0]["send_at"] = json!("2026-12-02T15:00:00Z"));
        assert_eq!(moved, Ok(()));
        let dropped = edited(|plan| {
            plan["sends"].as_array_mut().map(|sends| sends.remove(0));
            plan["recipients"] = json!(20);
        });
        assert_eq!(dropped, Ok(()));
    }

    #[test]
    fn nothing_else_of_a_plan_may_be_changed() {
        let field = |edit: &dyn Fn(&mut Value)| edited(edit).unwrap_err().field;
        for (pointer, value, wanted) in [
            ("/sends/0/segment", json!("everyone"), "sends[0]"),
            ("/sends/0/subject_lines", json!(["B"]), "sends[0]"),
            ("/sends/1/email_id", json!("email-09"), "sends[1].email_id"),
            ("/sends/1/email_id", json!("email-01"), "sends[0].email_id"),
            ("/recipients", json!(31), "recipients"),
            ("/brand_id", json!("nova"), "content_version"),
            ("/content_version", json!(2), "content_version"),
            ("/test_recipients", json!([]), "test_recipients"),
        ] {
            let edit = |plan: &mut Value| {
                *plan.pointer_mut(pointer).unwrap() = value.clone();
            };
            assert_eq!(field(&edit), wanted, "{pointer}");
        }
        let more = |plan: &mut Value| plan["sends"][0]["audience_size"] = json!(11);
        assert_eq!(field(&more), "recipients");
    }

    #[test]
    fn content_gains_no_mail() {
        let mail = |email: &str| {
            json!({
                "email_id": email,
                "subject_lines": [{"variant": "A", "text": "Warm", "preheader": "", "technique": "benefit"}],
                "copy": {
                    "headline": "Warm", "paragraphs": ["Socks."], "plain_text": "Socks.",
                    "call_to_action": {"label": "Buy", "url": "https://example.com"},
                },
                "mockup_html": "<!doctype html><p>Socks.",
                "personalization": [],
            })
        };
        let before = json!({"emails": [mail("a"), mail("b")]});
        let fewer = json!({"emails": [mail("b")]});
        assert_eq!(check_edit("content", &before, &fewer), Ok(()));
        let other = json!({"emails": [mail("b"), mail("c")]});
        let error = check_edit("content", &before, &other).unwrap_err();
        assert_eq!(error.field, "emails[1].email_id");
    }
}
