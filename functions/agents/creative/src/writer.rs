//! The writer with a language model. Brand data, findings and notes go to it fenced, as data. What
//! comes back is words of a known shape, never markup; addresses and merge fields are checked
//! against the brand's, and everything goes through the same hands as an offline draft.

use baton_domain::campaign::{Content, Finding, Insights, SubjectTechnique};
use baton_model::{
    Model, ModelError, Prompt, PromptError, PromptFile, Slot, Structured, structured,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::draft::{Draft, Line};
use crate::facts::Facts;

const FILE: &str = include_str!("../prompts/write-mail.md");

/// The words of a mail, as a model answers them.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Subject lines that differ in technique.
    #[schemars(length(min = 2, max = 4))]
    pub subject_lines: Vec<AnswerLine>,
    /// The heading of the mail.
    #[schemars(length(min = 1, max = 120))]
    pub headline: String,
    /// The paragraphs, in plain text.
    #[schemars(length(min = 2, max = 4))]
    pub paragraphs: Vec<String>,
    /// What the button says.
    #[schemars(length(min = 1, max = 40))]
    pub button_label: String,
    /// Where the button leads: one of the addresses in the brief.
    pub button_url: String,
}

/// One subject line of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerLine {
    /// The line.
    #[schemars(length(min = 1, max = 150))]
    pub text: String,
    /// What mail programs show behind it.
    #[schemars(length(min = 1, max = 150))]
    pub preheader: String,
    /// How it tries to be opened.
    pub technique: Technique,
}

/// How a subject line tries to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Technique {
    /// Says what is in it for the reader.
    Benefit,
    /// Asks.
    Question,
    /// Names the reader.
    Personal,
    /// Says until when, where it is true.
    Deadline,
    /// Says how many.
    Number,
}

/// What a model is told beside the facts.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// What worked before.
    pub insights: Option<&'a Insights>,
    /// What reviewers ask for.
    pub notes: &'a [String],
    /// What the last check found.
    pub findings: &'a [Finding],
    /// The mail as it was.
    pub previous: Option<&'a Content>,
}

/// Asks the model for a draft.
///
/// # Errors
/// When no usable answer came; what was spent is in the error.
pub async fn ask(
    model: &dyn Model,
    facts: &Facts<'_>,
    material: Material<'_>,
) -> Result<Structured<Answer>, ModelError> {
    let prompt = prompt(facts, material).map_err(|error| ModelError::Schema(error.to_string()))?;
    structured(model, &prompt, |answer: &Answer| check(answer, facts)).await
}

fn prompt(facts: &Facts<'_>, material: Material<'_>) -> Result<Prompt, PromptError> {
    let previous = material.previous.map(|content| {
        json!({"subject_lines": content.subject_lines, "headline": content.copy.headline,
               "paragraphs": content.copy.paragraphs, "button": content.copy.call_to_action})
    });
    let most = facts.brand.max_subject_length.min(150);
    PromptFile::parse("write-mail", FILE)?.render(&[
        (
            "most_subject",
            Slot::Number(i64::try_from(most).unwrap_or(150)),
        ),
        (
            "brief",
            Slot::Data(&pretty(&brief(facts, material.insights))),
        ),
        ("previous", Slot::Data(&pretty(&json!(previous)))),
        ("findings", Slot::Data(&pretty(&json!(material.findings)))),
        ("notes", Slot::Data(&material.notes.join("\n"))),
    ])
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

fn brief(facts: &Facts<'_>, insights: Option<&Insights>) -> Value {
    let (brand, email) = (facts.brand, facts.email);
    let products: Vec<Value> = facts
        .products()
        .iter()
        .map(|p| json!({"name": p.name, "price": crate::compose::price(p.price.value()), "benefit": p.benefit}))
        .collect();
    json!({
        "brand": brand.name,
        "voice": brand.voice,
        "objective": email.objective,
        "theme": {"label": facts.theme.label, "summary": facts.theme.summary},
        "products": products,
        "addresses": addresses(facts),
        "readers": facts.segment.label,
        "hypothesis": email.hypothesis,
        "why": email.rationale,
        "day": email.day.to_string(),
        "merge_fields": brand.personalization_fields,
        "learned": insights.map(|insights| &insights.findings),
    })
}

/// Where a button may lead.
fn addresses<'a>(facts: &Facts<'a>) -> Vec<&'a str> {
    let products = facts.products();
    let mut addresses: Vec<&str> = products
        .iter()
        .map(|product| product.url.as_str())
        .collect();
    addresses.push(&facts.brand.website);
    addresses
}

fn check(answer: &Answer, facts: &Facts<'_>) -> Result<(), String> {
    if !addresses(facts).contains(&answer.button_url.as_str()) {
        return Err("button_url: is none of the addresses in the brief".to_owned());
    }
    for (path, text) in texts(answer) {
        if text.trim().is_empty() {
            return Err(format!("{path}: is empty"));
        }
        if text.contains("://") || text.contains("www.") {
            return Err(format!(
                "{path}: has an address: no address stands in a text"
            ));
        }
        check_fields(text, facts).map_err(|problem| format!("{path}: {problem}"))?;
        if !facts.allows(text) {
            return Err(format!("{path}: says what the brand forbids"));
        }
    }
    Ok(())
}

fn texts(answer: &Answer) -> Vec<(String, &str)> {
    let mut texts = vec![
        ("headline".to_owned(), answer.headline.as_str()),
        ("button_label".to_owned(), answer.button_label.as_str()),
    ];
    for (i, line) in answer.subject_lines.iter().enumerate() {
        texts.push((format!("subject_lines[{i}].text"), &line.text));
        texts.push((format!("subject_lines[{i}].preheader"), &line.preheader));
    }
    for (i, paragraph) in answer.paragraphs.iter().enumerate() {
        texts.push((format!("paragraphs[{i}]"), paragraph));
    }
    texts
}

fn check_fields(text: &str, facts: &Facts<'_>) -> Result<(), &'static str> {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("{{") {
        let (field, after) = behind
            .split_once("}}")
            .ok_or("has a merge field that stays open")?;
        facts
            .field(field)
            .ok_or("has a merge field that does not exist")?;
        rest = after;
    }
    Ok(())
}

impl From<Answer> for Draft {
    fn from(answer: Answer) -> Self {
        let line = |line: AnswerLine| Line {
            text: line.text,
            preheader: line.preheader,
            technique: line.technique.into(),
        };
        Self {
            lines: answer.subject_lines.into_iter().map(line).collect(),
            headline: answer.headline,
            paragraphs: answer.paragraphs,
            label: answer.button_label,
            url: answer.button_url,
        }
    }
}

impl From<Technique> for SubjectTechnique {
    fn from(technique: Technique) -> Self {
        match technique {
            Technique::Benefit => Self::Benefit,
            Technique::Question => Self::Question,
            Technique::Personal => Self::Personal,
            Technique::Deadline => Self::Deadline,
            Technique::Number => Self::Number,
        }
    }
}
