//! Whether everything is there, and whether HTML and plain text say what the copy says.

use crate::mail::{MOCKUP, Mail, PLAIN_TEXT};
use crate::rules::{self, Findings, quoted};
use crate::words::words;

/// Checks that a mail is complete.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    let content = mail.content;
    if let Some(email) = mail
        .email
        .filter(|email| email.email_id != content.email_id)
    {
        let found = quoted(&content.email_id);
        let message = format!(
            "{found} is not the mail that was planned, {}",
            email.email_id
        );
        findings.add(rules::EMAIL_ID, "/email_id", message);
    }
    check_there(mail, findings);
    check_renderings(mail, findings);
    check_address(mail, findings);
}

fn check_there(mail: &Mail<'_>, findings: &mut Findings) {
    let copy = &mail.content.copy;
    let mut need = |text: &str, place: &str| {
        if text.trim().is_empty() {
            findings.add(rules::COPY_MISSING, place, "nothing is written here");
        }
    };
    need(&copy.headline, "/copy/headline");
    need(&copy.call_to_action.label, "/copy/call_to_action/label");
    if copy.paragraphs.is_empty() {
        need("", "/copy/paragraphs");
    }
    for (i, paragraph) in copy.paragraphs.iter().enumerate() {
        need(paragraph, &format!("/copy/paragraphs/{i}"));
    }
    if copy.plain_text.trim().is_empty() {
        let message = "there is no plain text: some programs show nothing else";
        findings.add(rules::TEXT_MISSING, PLAIN_TEXT, message);
    }
}

/// The copy is what people approve; the renderings are what recipients read.
fn check_renderings(mail: &Mail<'_>, findings: &mut Findings) {
    let copy = &mail.content.copy;
    let seen = spaced(&mail.html.text);
    let plain = spaced(&copy.plain_text);
    let parts = std::iter::once((&copy.headline, "the headline"))
        .chain(copy.paragraphs.iter().map(|p| (p, "a paragraph")))
        .chain([(&copy.call_to_action.label, "the button")]);
    for (part, what) in parts {
        let wanted = spaced(part);
        if !seen.contains(&wanted) {
            let message = format!("{} is {what}, and not in the HTML", quoted(part));
            findings.add(rules::HTML_COPY, MOCKUP, message);
        }
        if !plain.contains(&wanted) && !copy.plain_text.trim().is_empty() {
            let message = format!("{} is {what}, and not in the plain text", quoted(part));
            findings.add(rules::TEXT_COPY, PLAIN_TEXT, message);
        }
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check_address(mail: &Mail<'_>, findings: &mut Findings) {
    let Some(brand) = mail.brand else {
        return;
    };
    let wanted = words(&brand.postal_address);
    let shown = quoted(&brand.postal_address);
    let renderings = [
        (MOCKUP, &mail.html.text),
        (PLAIN_TEXT, &mail.content.copy.plain_text),
    ];
    for (place, text) in renderings {
        let there = !wanted.is_empty()
            && words(text)
                .windows(wanted.len())
                .any(|window| window == wanted);
        if !there && !text.trim().is_empty() {
            let message = format!("{shown}, the postal address, is not here");
            findings.add(rules::POSTAL_ADDRESS, place, message);
        }
    }
}
