//! What is done about each finding of the last check.
//!
//! | rules | what is done |
//! |---|---|
//! | `spam-words`, `claim-absolute`, `claim-banned`, `banned-word`, `price-mismatch`, `price-unknown`, `offer-unknown` | what the message quotes is avoided: sentences that say it go |
//! | `readability` | long sentences are divided |
//! | `subject-…`, `preheader-length`, `emoji`, `caps`, `exclamation`, `copy-missing` | the line is brought in order, or written anew |
//! | `link-…`, `field-…`, `html-…`, `text-…`, `image-alt`, `contrast`, `contrast-unknown`, `table-role`, `heading-order`, `font-size`, `link-text`, `postal-address`, `email-id` | the mail is built anew from its words, with the brand's links and fields alone |
//! | `brand-unchecked` | nothing: the check was short of data |

use baton_domain::campaign::Finding;

use crate::draft::Draft;
use crate::facts::Facts;
use crate::finish::simplified;

/// Rules about a phrase that the message quotes.
const PHRASES: [&str; 7] = [
    "banned-word",
    "claim-absolute",
    "claim-banned",
    "offer-unknown",
    "price-mismatch",
    "price-unknown",
    "spam-words",
];

/// Rules, or how their names begin, that are kept by whatever is finished and built.
const KEPT_BY_BUILDING: [&str; 19] = [
    "brand-unchecked",
    "caps",
    "contrast",
    "contrast-unknown",
    "copy-missing",
    "email-id",
    "emoji",
    "exclamation",
    "field-",
    "font-size",
    "heading-order",
    "html-",
    "image-alt",
    "link-",
    "postal-address",
    "preheader-length",
    "subject-",
    "table-role",
    "text-",
];

/// Repairs what a finding can be repaired by; the rest is done when the mail is finished and built.
/// Returns findings that nothing is known against.
pub fn apply(findings: &[Finding], draft: &mut Draft, facts: &mut Facts<'_>) -> Vec<String> {
    let mut unknown = Vec::new();
    for finding in findings {
        let rule = finding.rule.as_str();
        if PHRASES.contains(&rule) {
            match quoted(&finding.message) {
                Some(phrase) => facts.avoid.push(phrase.to_owned()),
                None => unknown.push(format!("the finding `{rule}` quotes nothing to avoid")),
            }
        } else if rule == "readability" {
            draft.paragraphs.iter_mut().for_each(|p| *p = simplified(p));
        } else if !KEPT_BY_BUILDING.iter().any(|known| is(rule, known)) {
            let shown: String = rule.chars().take(40).collect();
            unknown.push(format!("nothing is known against the finding `{shown}`"));
        }
    }
    unknown
}

fn is(rule: &str, known: &str) -> bool {
    rule == known || (known.ends_with('-') && rule.starts_with(known))
}

/// The first text between backticks.
fn quoted(message: &str) -> Option<&str> {
    let phrase = message.split('`').nth(1)?.trim_end_matches('…').trim();
    (!phrase.is_empty()).then_some(phrase)
}
