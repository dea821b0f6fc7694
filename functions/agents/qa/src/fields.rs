//! Merge fields: `{{first_name}}` in a mail, and the rule that says what stands there for a
//! recipient of whom it is not known.

use crate::mail::{MOCKUP, Mail, PLAIN_TEXT};
use crate::rules::{self, Findings, quoted};

/// Where a rule may place a field.
const PLACES: [&str; 4] = ["subject", "headline", "body", "cta"];

/// Checks every merge field and every rule.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    let mut used: Vec<(String, &str)> = Vec::new();
    for text in mail.texts() {
        for field in in_text(text.text, &text.place, findings) {
            check_field(mail, &field, Some(text.part.name()), &text.place, findings);
            used.push((field, text.part.name()));
        }
    }
    let renderings = [
        (MOCKUP, mail.content.mockup_html.as_str()),
        (PLAIN_TEXT, mail.content.copy.plain_text.as_str()),
    ];
    for (place, text) in renderings {
        // Braces are also those of style sheets, which the parsed text has not.
        let text = if place == MOCKUP {
            rendered(mail)
        } else {
            text.to_owned()
        };
        for field in in_text(&text, place, findings) {
            check_field(mail, &field, None, place, findings);
        }
    }
    check_rules(mail, &used, findings);
}

/// What of the HTML may hold fields: its text, seen or not, and its attributes but styles.
fn rendered(mail: &Mail<'_>) -> String {
    let mut text = String::new();
    for element in &mail.html.elements {
        if element.name != "style" {
            text.push_str(&element.own_text);
            text.push('\n');
        }
        for (name, value) in &element.attributes {
            if name != "style" {
                text.push_str(value);
                text.push('\n');
            }
        }
    }
    text
}

/// The fields of a text; notes what is between braces and no field, and braces that stay open.
fn in_text(text: &str, place: &str, findings: &mut Findings) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = text;
    let mut outside = String::new();
    while let Some((before, behind)) = rest.split_once("{{") {
        outside.push_str(before);
        let Some((field, after)) = behind.split_once("}}") else {
            let message = format!(
                "{} opens a merge field and does not close it",
                shown(behind)
            );
            findings.add(rules::FIELD_BRACES, place, message);
            return fields;
        };
        if is_name(field) {
            fields.push(field.to_owned());
        } else {
            let message = format!("{} is no merge field: write `{{{{name}}}}`", quoted(field));
            findings.add(rules::FIELD_BRACES, place, message);
        }
        rest = after;
    }
    outside.push_str(rest);
    if let Some(at) = outside.find(['{', '}']) {
        let message = format!(
            "{} has a brace that belongs to no field",
            shown(&outside[at..])
        );
        findings.add(rules::FIELD_BRACES, place, message);
    }
    fields
}

fn shown(text: &str) -> String {
    quoted(&text.chars().take(20).collect::<String>())
}

fn is_name(field: &str) -> bool {
    let mut bytes = field.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn check_field(
    mail: &Mail<'_>,
    field: &str,
    part: Option<&str>,
    place: &str,
    findings: &mut Findings,
) {
    let brand = mail.brand;
    let known = brand.is_none_or(|b| b.personalization_fields.iter().any(|f| f.name == field));
    if !known {
        let message = format!("{} is no merge field that the brand has", quoted(field));
        return findings.add(rules::FIELD_UNKNOWN, place, message);
    }
    let mut rules_of = mail.content.personalization.iter();
    if !rules_of.any(|rule| rule.field == field && part.is_none_or(|part| rule.place == part)) {
        let part = part.unwrap_or("mail");
        let message = format!("{} stands in the {part} and no rule says so", quoted(field));
        findings.add(rules::FIELD_NO_RULE, place, message);
    }
}

fn check_rules(mail: &Mail<'_>, used: &[(String, &str)], findings: &mut Findings) {
    for (i, rule) in mail.content.personalization.iter().enumerate() {
        let at = format!("/personalization/{i}");
        let field = quoted(&rule.field);
        if rule.fallback.trim().is_empty() {
            let message = format!("{field} has no fallback for whom it is not known");
            findings.add(rules::FIELD_FALLBACK, format!("{at}/fallback"), message);
        }
        let place = rule.place.as_str();
        if !PLACES.contains(&place) {
            let message = format!("{} is none of {}", quoted(place), PLACES.join(", "));
            findings.add(rules::FIELD_PLACE, format!("{at}/place"), message);
        } else if !used
            .iter()
            .any(|(f, part)| *f == rule.field && *part == place)
        {
            let message = format!("{field} does not stand in the {place}");
            findings.add(rules::FIELD_UNUSED, at, message);
        }
    }
}
