//! `GET` and `POST /approvals/link/{token}`: a page for people who come from a mail or a chat. The
//! link says who they are; looking at it decides nothing.

mod page;

use axum::Form;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use baton_app::{AppError, ApprovalRefusal, LinkDecision, LinkError};
use baton_domain::approval::{Approval, Decision};
use baton_domain::text::check_json;
use baton_domain::{FieldError, Money};
use serde::Deserialize;
use serde_json::Value;

use crate::Shared;
use baton_domain::plainly::plainly;

/// What the page's form sends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkForm {
    /// The token of the link again, if at all: the path has it, and only who has the link knows it.
    #[serde(default)]
    token: Option<String>,
    /// The decision: `approve`, `reject`, `request_changes` or `approve_with_fixes`.
    #[serde(default)]
    decision: String,
    /// What the approver says; needed for `request_changes`.
    #[serde(default)]
    notes: String,
    /// Edits as JSON Patch (RFC 6902), with `approve_with_fixes`.
    #[serde(default)]
    edits: String,
    /// What the run may cost from now on, in USD, at the gate `budget`.
    #[serde(default)]
    max_cost_usd: String,
}

/// A page that shows an approval and asks for a decision. It decides nothing.
#[utoipa::path(
    get, operation_id = "open_approval_link", path = "/approvals/link/{token}", tag = "approvals",
    params(("token" = String, Path, description = "What the link carries.")),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (status = 404, description = "The link is not valid.", body = String, content_type = "text/html"),
        (status = 409, description = "The link is about another version of the artifact.", body = String, content_type = "text/html"),
        (status = 410, description = "The link has expired.", body = String, content_type = "text/html"),
        (status = 503, description = "A service does not answer.", body = String, content_type = "text/html"),
    )
)]
pub(crate) async fn open(
    State(shared): State<Shared>,
    token: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(token)) = token else {
        return refused(&LinkError::Unknown);
    };
    match shared.app.open_link(&token).await {
        Ok(linked) => html(StatusCode::OK, page::approval(&linked, &token)),
        Err(error) => refused(&error),
    }
}

/// Decides in the name of the link's approver.
#[utoipa::path(
    post, operation_id = "submit_approval_link", path = "/approvals/link/{token}", tag = "approvals",
    params(("token" = String, Path, description = "What the link carries.")),
    request_body(content = LinkForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Decided, now or before.", body = String, content_type = "text/html"),
        (status = 404, description = "The link is not valid.", body = String, content_type = "text/html"),
        (status = 409, description = "It was decided otherwise, or withdrawn, or its artifact is another one.", body = String, content_type = "text/html"),
        (status = 410, description = "The link has expired.", body = String, content_type = "text/html"),
        (status = 422, description = "A field is not valid.", body = String, content_type = "text/html"),
        (status = 503, description = "A service does not answer.", body = String, content_type = "text/html"),
    )
)]
pub(crate) async fn decide(
    State(shared): State<Shared>,
    token: Result<Path<String>, PathRejection>,
    form: Result<Form<LinkForm>, FormRejection>,
) -> Response {
    let Ok(Path(token)) = token else {
        return refused(&LinkError::Unknown);
    };
    let decision = match form {
        Ok(Form(form)) => form.decision(&token),
        Err(error) => {
            let said = error.body_text();
            let (field, message) = plainly(&said);
            Err(FieldError::new(field.unwrap_or("form"), message))
        }
    };
    let decision = match decision {
        Ok(decision) => decision,
        Err(error) => return refused(&LinkError::App(error.into())),
    };
    // A task of its own: who closes the window must not keep the workflow from being told.
    let work = async move { shared.app.submit_by_link(&token, decision).await };
    match tokio::spawn(work).await {
        Ok(Ok(approval)) => html(StatusCode::OK, page::outcome("Thank you", &approval)),
        Ok(Err(error)) => refused(&error),
        Err(_) => html(
            StatusCode::INTERNAL_SERVER_ERROR,
            page::message("Baton failed", REPEAT),
        ),
    }
}

const REPEAT: &str = "Open the link again in a moment. What was decided, if anything, shows there.";

impl LinkForm {
    fn decision(self, token: &str) -> Result<LinkDecision, FieldError> {
        if self.token.is_some_and(|sent| sent != token) {
            let message = "must be the link's: open the link and decide on its page";
            return Err(FieldError::new("token", message));
        }
        // Browsers send line breaks as two characters.
        let notes = self.notes.trim().replace("\r\n", "\n");
        check_json(&Value::from(notes.as_str()))
            .map_err(|error| FieldError::new("notes", error.message))?;
        Ok(LinkDecision {
            decision: decision(&self.decision)?,
            notes,
            edits: edits(&self.edits)?,
            max_cost_usd: money(&self.max_cost_usd)?,
        })
    }
}

fn decision(name: &str) -> Result<Decision, FieldError> {
    let mut known = Decision::ALL.into_iter();
    known.find(|known| known.name() == name).ok_or_else(|| {
        let names = Decision::ALL.map(Decision::name).join(", ");
        let message = if name.is_empty() {
            format!("is missing: choose one of {names}")
        } else {
            format!("must be one of {names}")
        };
        FieldError::new("decision", message)
    })
}

fn edits(text: &str) -> Result<Option<Value>, FieldError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let edits: Value = serde_json::from_str(text)
        .map_err(|error| FieldError::new("edits", format!("is not JSON: {error}")))?;
    check_json(&edits)?;
    Ok(Some(edits))
}

fn money(text: &str) -> Result<Option<Money>, FieldError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let usd = text
        .trim()
        .parse()
        .map_err(|_| "must be a number of US dollars".to_owned());
    let money = usd.and_then(Money::from_usd);
    money
        .map(Some)
        .map_err(|message| FieldError::new("max_cost_usd", message))
}

fn refused(error: &LinkError) -> Response {
    let ask = "Ask for a new one, or decide with POST /approvals/submit.";
    let page = |status, title, text: &str| html(status, page::message(title, text));
    match error {
        LinkError::Unknown => page(StatusCode::NOT_FOUND, "This link is not valid", ask),
        LinkError::Expired => {
            let text = "Nobody decided in time: the default decision was or will be taken.";
            page(StatusCode::GONE, "This link has expired", text)
        }
        LinkError::Changed => {
            let title = "This link is about another version";
            page(
                StatusCode::CONFLICT,
                title,
                "What is to be approved has changed. Look at it anew.",
            )
        }
        LinkError::App(AppError::Approval(refusal)) => refused_approval(refusal),
        LinkError::App(AppError::Invalid(error)) => {
            let text = format!("{error}. Go back and mend it; nothing was decided.");
            page(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This cannot be decided so",
                &text,
            )
        }
        LinkError::App(AppError::NotFound(_)) => {
            page(StatusCode::NOT_FOUND, "There is nothing here any more", ask)
        }
        LinkError::App(_) => page(
            StatusCode::SERVICE_UNAVAILABLE,
            "Baton does not answer now",
            REPEAT,
        ),
    }
}

fn refused_approval(refusal: &ApprovalRefusal) -> Response {
    let (title, approval): (_, &Approval) = match refusal {
        ApprovalRefusal::Decided(approval) => ("This was decided before", approval),
        ApprovalRefusal::Expired(approval) => ("Nobody decided in time", approval),
        ApprovalRefusal::Withdrawn(approval) => ("This was withdrawn: its run is over", approval),
        ApprovalRefusal::ArtifactChanged(approval) => {
            ("This link is about another version", approval)
        }
    };
    html(StatusCode::CONFLICT, page::outcome(title, approval))
}

/// A page that runs nothing, loads nothing, is framed by nobody, kept by nobody, and does not tell
/// the next page its address, which is the right to decide.
fn html(status: StatusCode, page: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, page::POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(token: &str, notes: &str, edits: &str, max_cost_usd: &str) -> LinkForm {
        LinkForm {
            token: Some(token.to_owned()).filter(|token| !token.is_empty()),
            decision: "approve".to_owned(),
            notes: notes.to_owned(),
            edits: edits.to_owned(),
            max_cost_usd: max_cost_usd.to_owned(),
        }
    }

    #[test]
    fn what_a_browser_sends_is_read() {
        let read = form("t", " one\r\ntwo ", "", " 2.5 ")
            .decision("t")
            .unwrap();
        assert_eq!((read.notes.as_str(), read.edits), ("one\ntwo", None));
        assert_eq!(read.max_cost_usd, Some(Money::from_micro_usd(2_500_000)));
    }

    #[test]
    fn a_form_without_a_token_is_the_path_s_and_a_decision_is_needed() {
        let read = form("", "", "", "").decision("t").unwrap();
        assert_eq!(read.decision, Decision::Approve);
        for (said, clue) in [
            ("", "is missing"),
            ("dance", "must be one of approve, reject"),
        ] {
            let mut form = form("t", "", "", "");
            said.clone_into(&mut form.decision);
            let error = form.decision("t").unwrap_err();
            assert_eq!(error.field, "decision");
            assert!(error.message.contains(clue), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (form, field) in [
            (form("u", "", "", ""), "token"),
            (form("t", "\u{1b}[2J", "", ""), "notes"),
            (form("t", "", "remove it", ""), "edits"),
            (form("t", "", "", "much"), "max_cost_usd"),
            (form("t", "", "", "-1"), "max_cost_usd"),
            (form("t", "", "", "NaN"), "max_cost_usd"),
        ] {
            assert_eq!(form.decision("t").unwrap_err().field, field);
        }
    }
}
