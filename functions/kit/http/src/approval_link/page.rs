//! The pages behind a link: one document each, without scripts. Whatever comes from an agent or
//! a person is escaped.

use std::fmt::Write as _;

use baton_app::Linked;
use baton_domain::approval::{Approval, ApprovalStatus, Decision, Gate};
use baton_domain::text::{capitalized, escaped, moment};
use serde_json::Value;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1rem;\
color:#1a1a1a;background:#fff}dl,ol{margin:0;padding-left:1.25rem}dt{font-weight:600}dd{margin:0 0 .5rem}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f3f3f3;padding:.5rem}\
fieldset{border:1px solid #767676}label{display:block;margin:.5rem 0}\
textarea,input[type=text]{display:block;width:100%;font:inherit;box-sizing:border-box}\
button{font:inherit;padding:.5rem 1rem}:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}";

/// Nothing but the one style sheet, by its hash, and forms to this very address.
pub(super) const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-+jeRq7yn4cuN9zegVUj2rZFqq2PM81NtZlxkdy6D9KI='; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// An approval with what is to be approved, and the form that decides it while it waits.
pub(super) fn approval(linked: &Linked, token: &str) -> String {
    let approval = &linked.shown.approval;
    let mut body = head(approval);
    if approval.status == ApprovalStatus::Pending {
        body += &form(approval, &linked.approver, token);
    } else {
        body += &how_it_stands(approval);
    }
    let artifact = approval.stands_for();
    let _ = write!(
        body,
        "<h2>{}, version {}</h2>{}",
        escaped(&artifact.name),
        artifact.version,
        shown(&linked.shown.content)
    );
    document(&format!("Approve {}?", approval.title()), &body)
}

/// How an approval stands, and nothing to decide.
pub(super) fn outcome(title: &str, approval: &Approval) -> String {
    document(title, &(head(approval) + &how_it_stands(approval)))
}

/// A few words.
pub(super) fn message(title: &str, text: &str) -> String {
    document(title, &format!("<p>{}</p>", escaped(text)))
}

fn document(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title} · Baton</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

fn head(approval: &Approval) -> String {
    let mut text = format!(
        "<p>{}, round {}; run {}.</p><ul>",
        escaped(&capitalized(&approval.title())),
        approval.round,
        approval.run_id
    );
    for line in &approval.summary {
        let _ = write!(text, "<li>{}</li>", escaped(line));
    }
    text + "</ul>"
}

fn how_it_stands(approval: &Approval) -> String {
    let Some(outcome) = &approval.outcome else {
        return format!("<p role=\"status\">It is {}.</p>", approval.status.name());
    };
    let by = outcome.approver.as_deref().unwrap_or("nobody, by default");
    let mut text = format!(
        "<p role=\"status\"><strong>{}</strong>, by {}, {}.</p>",
        spoken(outcome.decision),
        escaped(by),
        moment(outcome.decided_at)
    );
    if !outcome.notes.is_empty() {
        let _ = write!(text, "<pre>{}</pre>", escaped(&outcome.notes));
    }
    text
}

fn form(approval: &Approval, approver: &str, token: &str) -> String {
    let mut choices = String::new();
    for decision in approval.gate.decisions() {
        let _ = write!(
            choices,
            "<label><input type=\"radio\" name=\"decision\" value=\"{}\" required> {}</label>",
            decision.name(),
            spoken(*decision)
        );
    }
    let mut more = String::new();
    if approval
        .gate
        .decisions()
        .contains(&Decision::ApproveWithFixes)
    {
        more += "<label>Fixes, as JSON Patch (RFC 6902)\
                 <textarea name=\"edits\" rows=\"3\" spellcheck=\"false\"></textarea></label>";
    }
    if approval.gate == Gate::Budget {
        more += "<label>What the run may cost from now on, in USD\
                 <input type=\"text\" name=\"max_cost_usd\" inputmode=\"decimal\"></label>";
    }
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"token\" value=\"{}\">\
         <fieldset><legend>Your decision, {}</legend>{choices}\
         <label>Notes<textarea name=\"notes\" rows=\"3\" maxlength=\"{}\"></textarea></label>{more}\
         <p>Without a decision by {}: {}. A decision is final.</p>\
         <button>Submit the decision</button></fieldset></form>",
        escaped(token),
        escaped(approver),
        baton_domain::approval::MAX_NOTES,
        moment(approval.expires_at),
        spoken(approval.default_decision)
    )
}

const fn spoken(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "Approve",
        Decision::Reject => "Reject",
        Decision::RequestChanges => "Request changes",
        Decision::ApproveWithFixes => "Approve with fixes",
    }
}

/// JSON as lists that a person can read.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) if text.contains(['\n', '<']) => {
            format!("<pre>{}</pre>", escaped(text))
        }
        Value::String(text) => escaped(text),
        Value::Bool(_) | Value::Number(_) => escaped(&value.to_string()),
        Value::Array(values) => {
            let items = values
                .iter()
                .map(|value| format!("<li>{}</li>", shown(value)));
            format!("<ol>{}</ol>", items.collect::<String>())
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let name = escaped(&name.replace('_', " "));
                format!("<dt>{name}</dt><dd>{}</dd>", shown(value))
            });
            format!("<dl>{}</dl>", fields.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_style_sheet() {
        let hash = Sha256::digest(STYLE.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(hash);
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
        for never in ["unsafe", "http", "*"] {
            assert!(!POLICY.contains(never), "{never}");
        }
    }
}
