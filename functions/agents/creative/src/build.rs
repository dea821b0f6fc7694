//! From words to a mail: HTML, plain text and rules for merge fields.

use baton_domain::campaign::{CallToAction, Content, Copy, PersonalizationRule, SubjectLine};

use crate::draft::Draft;
use crate::facts::{Facts, plain};
use crate::html;

/// Builds the mail.
pub fn build(draft: Draft, facts: &Facts<'_>, warnings: &mut Vec<String>) -> Content {
    let mockup_html = html::build(&draft, facts, warnings);
    let plain_text = plain_text(&draft, facts);
    let personalization = rules(&draft, facts);
    let variants = ('A'..='Z').map(String::from);
    let lines = draft.lines.into_iter().zip(variants);
    Content {
        email_id: facts.email.email_id.clone(),
        subject_lines: lines
            .map(|(line, variant)| SubjectLine {
                variant,
                text: line.text,
                preheader: line.preheader,
                technique: line.technique,
            })
            .collect(),
        copy: Copy {
            headline: draft.headline,
            paragraphs: draft.paragraphs,
            call_to_action: CallToAction {
                label: draft.label,
                url: draft.url,
            },
            plain_text,
        },
        mockup_html,
        personalization,
    }
}

fn plain_text(draft: &Draft, facts: &Facts<'_>) -> String {
    let mut parts = vec![draft.headline.clone()];
    parts.extend(draft.paragraphs.iter().cloned());
    parts.push(format!("{}: {}", draft.label, draft.url));
    let brand = facts.brand;
    parts.push(format!(
        "{}\n{}\nUnsubscribe: {}\n",
        plain(&brand.name),
        plain(&brand.postal_address),
        brand.unsubscribe_url
    ));
    parts.join("\n\n")
}

/// A rule for each field in each place that it stands in.
fn rules(draft: &Draft, facts: &Facts<'_>) -> Vec<PersonalizationRule> {
    let subject = draft
        .lines
        .iter()
        .flat_map(|line| [line.text.as_str(), line.preheader.as_str()]);
    let places = [
        ("subject", subject.collect::<Vec<_>>().join("\n")),
        ("headline", draft.headline.clone()),
        ("body", draft.paragraphs.join("\n")),
        ("cta", draft.label.clone()),
    ];
    let mut rules = Vec::new();
    for (place, text) in places {
        for field in &facts.brand.personalization_fields {
            if facts.field(&field.name).is_some()
                && text.contains(&format!("{{{{{}}}}}", field.name))
            {
                rules.push(PersonalizationRule {
                    field: field.name.clone(),
                    place: place.to_owned(),
                    fallback: plain(&field.fallback),
                });
            }
        }
    }
    rules
}
