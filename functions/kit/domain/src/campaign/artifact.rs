//! What an artifact of a campaign must be, by its name: checked whenever one is stored, whoever
//! made it, and when a person edits one.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Content, ContentSet, DeploymentPlan, Insights, QaReport, Strategy};
use crate::FieldError;
use crate::text::check_json;

/// Checks an artifact's name and its content: `strategy`, `content`, `content.<email>`,
/// `qa.<email>`, `insights` and `deployment-plan` have a type each and rules of their own; what is
/// called otherwise may be any JSON.
///
/// # Errors
/// The first field that breaks a rule, from the root of the content, such as `emails[0].day`;
/// `name` when it is the name.
pub fn check_artifact(name: &str, content: &Value) -> Result<(), FieldError> {
    check_name(name)?;
    check_json(content)?;
    match name.split_once('.') {
        None => match name {
            "strategy" => read::<Strategy>(content)?.validate(None),
            "content" => check_set(&read(content)?),
            "insights" => read::<Insights>(content).map(drop),
            "deployment-plan" => check_plan(&read(content)?),
            _ => Ok(()),
        },
        Some(("content", email)) => check_content("", &read(content)?, Some(email)),
        Some(("qa", email)) => is_about("email_id", &read::<QaReport>(content)?.email_id, email),
        Some(_) => Ok(()),
    }
}

/// Checks the name of an artifact, which is a part of a key.
///
/// # Errors
/// When it is not 1 to 64 characters of `a-z 0-9 . -`; the field is `name`.
pub fn check_name(name: &str) -> Result<(), FieldError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    let sound = (1..=64).contains(&name.len()) && name.bytes().all(allowed);
    sound
        .then_some(())
        .ok_or_else(|| FieldError::new("name", "must be 1 to 64 characters of a-z 0-9 . -"))
}

/// The content as its type. Serde would take a list for an object's fields in order, and none of
/// these types is a list.
fn read<T: DeserializeOwned>(content: &Value) -> Result<T, FieldError> {
    if !content.is_object() {
        return Err(FieldError::new("", "must be a JSON object"));
    }
    serde_path_to_error::deserialize(content).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        FieldError::new(field, error.into_inner().to_string())
    })
}

fn check_set(set: &ContentSet) -> Result<(), FieldError> {
    if set.emails.is_empty() {
        return Err(FieldError::new("emails", "must hold at least one mail"));
    }
    for (n, content) in set.emails.iter().enumerate() {
        check_content(&format!("emails[{n}]."), content, None)?;
    }
    let emails = set.emails.iter().map(|content| content.email_id.as_str());
    let names = named_once("emails", emails)?;
    let reports = set.qa.iter().map(|report| report.email_id.as_str());
    for (n, name) in named_once("qa", reports)?.into_iter().enumerate() {
        if !names.contains(name) {
            let message = format!("`{name}` is not among the mails");
            return Err(FieldError::new(format!("qa[{n}].email_id"), message));
        }
    }
    Ok(())
}

/// The names, each of which may be there once.
fn named_once<'a>(
    field: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<BTreeSet<&'a str>, FieldError> {
    let mut seen = BTreeSet::new();
    for (n, name) in names.enumerate() {
        if !seen.insert(name) {
            let field = format!("{field}[{n}].email_id");
            return Err(FieldError::new(field, format!("`{name}` is there twice")));
        }
    }
    Ok(seen)
}

fn check_content(at: &str, content: &Content, email: Option<&str>) -> Result<(), FieldError> {
    if let Some(email) = email {
        is_about(&format!("{at}email_id"), &content.email_id, email)?;
    }
    if content.email_id.is_empty() {
        return Err(FieldError::new(
            format!("{at}email_id"),
            "must not be empty",
        ));
    }
    if content.subject_lines.is_empty() {
        let field = format!("{at}subject_lines");
        return Err(FieldError::new(field, "must hold at least one line"));
    }
    let mut lines = content.subject_lines.iter();
    if let Some(n) = lines.position(|line| line.text.trim().is_empty()) {
        let field = format!("{at}subject_lines[{n}].text");
        return Err(FieldError::new(field, "must not be empty"));
    }
    if content.mockup_html.trim().is_empty() {
        let field = format!("{at}mockup_html");
        return Err(FieldError::new(field, "must not be empty"));
    }
    Ok(())
}

fn check_plan(plan: &DeploymentPlan) -> Result<(), FieldError> {
    if plan.sends.is_empty() {
        return Err(FieldError::new("sends", "must hold at least one send"));
    }
    let total: u64 = plan.sends.iter().map(|send| send.audience_size).sum();
    if total != plan.recipients {
        let message = format!("must be the sum over all sends, {total}");
        return Err(FieldError::new("recipients", message));
    }
    Ok(())
}

fn is_about(field: &str, found: &str, wanted: &str) -> Result<(), FieldError> {
    if found == wanted {
        return Ok(());
    }
    let message = format!("must be `{wanted}`, as in the artifact's name, not `{found}`");
    Err(FieldError::new(field, message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn content(email: &str) -> Value {
        json!({
            "email_id": email,
            "subject_lines": [{"variant": "A", "text": "Warm socks", "preheader": "", "technique": "benefit"}],
            "copy": {
                "headline": "Warm", "paragraphs": ["Socks."], "plain_text": "Socks.",
                "call_to_action": {"label": "Buy", "url": "https://example.com"},
            },
            "mockup_html": "<!doctype html><p>Socks.",
            "personalization": [],
        })
    }

    fn report(email: &str) -> Value {
        let readability = json!({"reading_ease": 60.0, "grade": 8.0});
        json!({"email_id": email, "passed": true, "findings": [], "readability": readability})
    }

    #[test]
    fn what_is_sound_passes() {
        let set = json!({"emails": [content("email-01")], "qa": [report("email-01")]});
        for (name, content) in [
            ("content.email-01", content("email-01")),
            ("qa.email-01", report("email-01")),
            ("content", set),
            ("history", json!([1, 2])),
        ] {
            assert_eq!(check_artifact(name, &content), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_is_not_names_the_field() {
        let mut no_line = content("email-01");
        no_line["subject_lines"][0]["text"] = json!(" ");
        let mut wrong_type = content("email-01");
        wrong_type["copy"]["paragraphs"] = json!("one");
        let twice = json!({"emails": [content("a"), content("a")]});
        let stranger = json!({"emails": [content("a")], "qa": [report("b")]});
        for (name, content, field) in [
            ("content.email-02", content("email-01"), "email_id"),
            ("content.email-01", no_line.clone(), "subject_lines[0].text"),
            (
                "content",
                json!({"emails": [no_line]}),
                "emails[0].subject_lines[0].text",
            ),
            ("content.email-01", wrong_type, "copy.paragraphs"),
            ("content", json!({"emails": []}), "emails"),
            ("content", twice, "emails[1].email_id"),
            ("content", stranger, "qa[0].email_id"),
            ("content", json!([[]]), ""),
            ("qa.email-02", report("email-01"), "email_id"),
            ("strategy", json!({"brand_id": "a#b"}), "brand_id"),
            ("insights", json!("text"), ""),
            ("anything", json!({"a": "\u{0}"}), "a"),
            ("Content", json!({}), "name"),
            ("a#b", json!({}), "name"),
            ("", json!({}), "name"),
        ] {
            let error = check_artifact(name, &content).unwrap_err();
            assert_eq!(error.field, field, "{name}: {error}");
        }
    }
}
