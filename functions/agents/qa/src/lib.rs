//! `qa`: what is wrong with a mail.
//!
//! A mail is checked by rules with stable names. It has `passed` when no finding is an error. The
//! method is arithmetic and comparison throughout: no model is asked, so that the same mail always
//! gets the same report. A finding's message names the text that breaks the rule between backticks.
//!
//! | rule | severity | asks for |
//! |---|---|---|
//! | `email-id` | error | the content is that of the planned mail |
//! | `copy-missing` | error | headline, paragraphs and button are written |
//! | `text-missing` | error | there is a plain text |
//! | `text-copy` | warning | the plain text says what the copy says |
//! | `html-copy` | error | the HTML says what the copy says |
//! | `postal-address` | error | HTML and plain text name the postal address |
//! | `brand-unchecked` | warning | the brand was known (the fallback does not know it) |
//! | `link-unparseable` | error | addresses are absolute and have one reading; no user, no port |
//! | `link-scheme` | error | https |
//! | `link-host` | error | the host is the website's or one of `link_hosts`, `www.` aside |
//! | `link-shortener` | error | no shortened links |
//! | `link-unsubscribe` | error | HTML and plain text have the link to unsubscribe |
//! | `link-cta` | error | HTML and plain text have the button's address |
//! | `subject-missing` | error | each subject line is one line of text |
//! | `subject-variants` | error | two subject lines or more |
//! | `subject-length` | error | the brand's limit, and 150 characters, with fields filled in |
//! | `subject-duplicate` | error | no two variants are the same or share a name |
//! | `subject-similar` | warning | no two variants are nearly the same (Dice 1945) |
//! | `subject-technique` | info | a line does what its technique says |
//! | `subject-unbacked` | error | times and numbers of a subject stand in the text as well |
//! | `preheader-length` | warning | 20 to 130 characters |
//! | `emoji` | error | none in subject lines where the brand wants none |
//! | `spam-words` | warning | none of the phrases that spam filters count |
//! | `caps` | warning | at most half of the letters are capitals (`SpamAssassin`) |
//! | `exclamation` | warning | one exclamation mark in a line, two in a paragraph, never doubled |
//! | `banned-word` | error | none of the brand's banned words |
//! | `claim-banned` | error | none of the brand's banned claims |
//! | `claim-absolute` | warning | nothing that would have to be proven, such as `guaranteed` |
//! | `price-mismatch` | error | what is named beside a price costs that |
//! | `price-unknown` | warning | a price is the price of something |
//! | `offer-unknown` | warning | a discount is one that the brand's data knows |
//! | `field-unknown` | error | merge fields are the brand's |
//! | `field-braces` | error | `{{name}}`, closed, and no other braces |
//! | `field-no-rule` | error | each field has a rule for its place |
//! | `field-fallback` | error | each rule has a fallback |
//! | `field-place` | error | rules are for `subject`, `headline`, `body` or `cta` |
//! | `field-unused` | info | each rule's field stands in its place |
//! | `readability` | warning | a Flesch reading ease of 50, from 20 words on |
//! | `html-size` | error | below 102 KiB, where Gmail cuts |
//! | `html-forbidden` | error | no scripts, forms, frames, handlers, conditional comments |
//! | `html-external` | error | no styles from outside |
//! | `html-lang` | error | a doctype and a language |
//! | `html-title` | error | a title |
//! | `image-alt` | error | images have an `alt` |
//! | `contrast` | error | inline colours have a contrast of 4.5 (WCAG 2.x) |
//! | `contrast-unknown` | info | colours are ones that can be compared |
//! | `table-role` | warning | tables have `role="presentation"` |
//! | `heading-order` | warning | one `h1` first, no level left out |
//! | `font-size` | warning | text has 14 px or more |
//! | `link-text` | warning | links say where they lead |
//!
//! Readability is of the paragraphs. The fallback checks what needs no brand, and says so.

pub mod accessibility;
pub mod backing;
pub mod claims;
pub mod copy;
pub mod emoji;
pub mod fields;
pub mod html;
pub mod links;
pub mod mail;
pub mod markup;
pub mod prices;
pub mod readability;
pub mod rules;
pub mod style;
pub mod subject;
pub mod syllables;
pub mod words;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::Method;
use baton_domain::campaign::{Brand, Content, PlannedEmail, QaReport, Severity};
use serde::Deserialize;

use mail::Mail;
use rules::Findings;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Qa;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What the mail has to keep to.
    pub brand: Brand,
    /// What was planned.
    pub email: PlannedEmail,
    /// The mail.
    pub content: Content,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// The mail.
    pub content: Content,
}

/// The check of a mail never fails: whatever the mail, there is a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[];

    fn code(&self) -> &'static str {
        match *self {}
    }
}

/// How sure the rules are of what they say: they read words, not meaning.
const CONFIDENCE: f64 = 0.9;
const CONFIDENCE_WITHOUT_BRAND: f64 = 0.4;

impl Agent for Qa {
    const NAME: &'static str = "qa";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = QaReport;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<QaReport>, Error> {
        let mail = Mail::new(Some(&input.brand), Some(&input.email), &input.content);
        let report = check(&mail, Findings::default());
        Ok(Report::new(
            report,
            CONFIDENCE,
            Method::new("mail-rules", "1"),
        ))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<QaReport>, Error> {
        let mail = Mail::new(None, None, &input.content);
        let message = "the brand's links, words, prices and fields were not checked";
        let mut findings = Findings::default();
        findings.add(rules::BRAND_UNCHECKED, "", message);
        let report = check(&mail, findings);
        let method = Method::new("mail-rules-without-brand", "1");
        let report = Report::new(report, CONFIDENCE_WITHOUT_BRAND, method);
        Ok(report.with_warnings(vec![message.to_owned()]))
    }

    fn validate(&self, output: &QaReport) -> Result<(), String> {
        let is_error =
            |finding: &baton_domain::campaign::Finding| finding.severity == Severity::Error;
        if output.passed == output.findings.iter().any(is_error) {
            return Err("passed: does not follow from the findings".to_owned());
        }
        if !output.findings.is_sorted_by_key(|finding| finding.severity) {
            return Err("findings: the worst are not first".to_owned());
        }
        for (i, finding) in output.findings.iter().enumerate() {
            let rule = rules::ALL.iter().find(|rule| rule.name == finding.rule);
            if rule.is_none_or(|rule| rule.severity != finding.severity) {
                return Err(format!(
                    "findings[{i}].rule: {} is not a rule",
                    finding.rule
                ));
            }
            if finding.message.is_empty() {
                return Err(format!("findings[{i}].message: is empty"));
            }
        }
        let readability = output.readability;
        if !(readability.reading_ease.is_finite() && readability.grade.is_finite()) {
            return Err("readability: is not finite".to_owned());
        }
        Ok(())
    }
}

fn check(mail: &Mail<'_>, mut findings: Findings) -> QaReport {
    copy::check(mail, &mut findings);
    links::check(mail, &mut findings);
    subject::check(mail, &mut findings);
    claims::check(mail, &mut findings);
    prices::check(mail, &mut findings);
    fields::check(mail, &mut findings);
    let readability = readability::check(mail, &mut findings);
    markup::check(mail, &mut findings);
    accessibility::check(mail, &mut findings);
    let findings = findings.into_sorted();
    QaReport {
        email_id: mail.content.email_id.clone(),
        passed: findings
            .iter()
            .all(|finding| finding.severity != Severity::Error),
        findings,
        readability,
    }
}

#[cfg(test)]
mod tests;
