//! What the HTML of a mail must not have: too much of it, anything that runs, anything from outside.

use crate::mail::{MOCKUP, Mail};
use crate::rules::{self, Findings, quoted};

/// From this size on Gmail cuts a mail, and with it the link to unsubscribe.
pub const MAX_BYTES: usize = 102 * 1024;

/// Elements that mail programs remove or refuse a mail for.
const FORBIDDEN: [&str; 16] = [
    "applet", "audio", "base", "button", "embed", "form", "frame", "frameset", "iframe", "input",
    "object", "script", "select", "svg", "textarea", "video",
];

/// Checks the markup.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    let size = mail.content.mockup_html.len();
    if size >= MAX_BYTES {
        let message = format!("the HTML has {size} bytes: Gmail cuts it at {MAX_BYTES}");
        findings.add(rules::HTML_SIZE, MOCKUP, message);
    }
    if mail.html.has_conditional_comment {
        let message = "`<!--[if` begins a conditional comment, whose markup nothing checks";
        findings.add(rules::HTML_FORBIDDEN, MOCKUP, message);
    }
    for element in &mail.html.elements {
        check_element(element, findings);
    }
}

fn check_element(element: &crate::html::Element, findings: &mut Findings) {
    let name = element.name.as_str();
    let mut forbid = |what: &str, why: &str| {
        let message = format!("{} {why}", quoted(what));
        findings.add(rules::HTML_FORBIDDEN, MOCKUP, message);
    };
    if FORBIDDEN.contains(&name) {
        forbid(&format!("<{name}>"), "does not belong into a mail");
    }
    if name == "meta"
        && element
            .get("http-equiv")
            .is_some_and(|v| v.eq_ignore_ascii_case("refresh"))
    {
        forbid("<meta http-equiv>", "leads away from the mail");
    }
    for (attribute, value) in &element.attributes {
        if attribute.starts_with("on") {
            forbid(attribute, "is an event handler");
        }
        let scheme: String = value
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .collect();
        let scheme = scheme.to_ascii_lowercase();
        if ["javascript:", "vbscript:", "data:text"]
            .iter()
            .any(|s| scheme.starts_with(s))
        {
            forbid(value, "runs as a program");
        }
    }
    check_styles(element, findings);
}

fn check_styles(element: &crate::html::Element, findings: &mut Findings) {
    if element.name == "link" {
        external("<link>", findings);
    }
    let sheet = if element.name == "style" {
        element.own_text.as_str()
    } else {
        ""
    };
    let inline = element.get("style").unwrap_or_default();
    for css in [sheet, inline] {
        let css = css.to_ascii_lowercase();
        for fetching in ["@import", "url("] {
            if css.contains(fetching) {
                external(fetching, findings);
            }
        }
        if css.contains("expression(") || css.contains("javascript:") {
            let message = "`expression(` runs as a program";
            findings.add(rules::HTML_FORBIDDEN, MOCKUP, message);
        }
    }
}

fn external(what: &str, findings: &mut Findings) {
    let message = format!(
        "{} fetches from outside: mail programs do not",
        quoted(what)
    );
    findings.add(rules::HTML_EXTERNAL, MOCKUP, message);
}
