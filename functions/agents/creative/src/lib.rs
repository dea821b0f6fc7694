//! `creative`: the content of one mail.
//!
//! A writer decides the words ([`draft`]), every draft is brought in order ([`finish`]) and built
//! into HTML, plain text and rules for merge fields ([`build`]). Markup is made here alone; words,
//! whoever wrote them, are escaped. Without a model the words are sentences filled with what the
//! brand says of itself ([`compose`]); with one they are the model's ([`writer`]), and where it
//! fails, the offline writer's, with a warning.
//!
//! A revision begins with the previous mail, so that what people changed in it stays: the findings
//! of the last check are repaired by rule ([`repair`]), reviewers' notes are followed by a small
//! grammar ([`notes`]), and what could not be followed is among the warnings.
//!
//! | code | when |
//! |---|---|
//! | `UnnamedEmail` | the planned mail has no `email_id` |
//! | `UnknownTheme` | the brand does not have the mail's theme |
//! | `UnknownSegment` | the brand does not have the mail's segment |
//! | `NoContent` | there is nothing that may be said, or nowhere to lead to |

pub mod backing;
pub mod build;
pub mod compose;
pub mod draft;
pub mod facts;
pub mod finish;
pub mod html;
pub mod notes;
pub mod phrases;
pub mod repair;
pub mod words;
pub mod writer;

use std::sync::Arc;

use baton_agent::{Agent, AgentError, Bought, Report};
use baton_domain::Method;
use baton_domain::campaign::{Brand, Content, Finding, Insights, PlannedEmail};
use baton_model::{Model, ModelError, SettingError};
use serde::Deserialize;

use draft::Draft;
use facts::Facts;
use writer::Material;

/// The agent.
#[derive(Clone, Default)]
pub struct Creative {
    model: Option<Arc<dyn Model>>,
}

impl Creative {
    /// The agent with the model that the environment names, or with none.
    ///
    /// # Errors
    /// The first variable that is missing or bad.
    pub fn from_env() -> Result<Self, SettingError> {
        Ok(Self {
            model: baton_model::from_env()?,
        })
    }

    /// The agent with this model.
    pub fn with_model(model: Arc<dyn Model>) -> Self {
        Self { model: Some(model) }
    }
}

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// For whom.
    pub brand: Brand,
    /// What was planned.
    pub email: PlannedEmail,
    /// What worked before.
    #[serde(default)]
    pub insights: Option<Insights>,
    /// What reviewers ask for.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What the last check found.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The mail as it was, where it is to be revised.
    #[serde(default)]
    pub previous: Option<Content>,
    /// How often it was written before.
    #[serde(default)]
    pub round: u32,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// For whom.
    pub brand: Brand,
    /// What was planned.
    pub email: PlannedEmail,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The mail has no name.
    #[error("email.email_id: is empty")]
    UnnamedEmail,
    /// The brand does not have the mail's theme.
    #[error("email.theme: the brand has no theme `{0}`")]
    UnknownTheme(String),
    /// The brand does not have the mail's segment.
    #[error("email.segment: the brand has no segment `{0}`")]
    UnknownSegment(String),
    /// There is nothing that may be said, or nowhere to lead to.
    #[error("no content: {0}")]
    NoContent(String),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "UnnamedEmail",
        "UnknownTheme",
        "UnknownSegment",
        "NoContent",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::UnnamedEmail => "UnnamedEmail",
            Self::UnknownTheme(_) => "UnknownTheme",
            Self::UnknownSegment(_) => "UnknownSegment",
            Self::NoContent(_) => "NoContent",
        }
    }
}

/// How sure the writers are that their mail is a good one.
const MODEL_CONFIDENCE: f64 = 0.8;
const OFFLINE_CONFIDENCE: f64 = 0.6;
const MINIMAL_CONFIDENCE: f64 = 0.3;

impl Agent for Creative {
    const NAME: &'static str = "creative";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Content;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Content>, Error> {
        let mut facts = Facts::of(&input.brand, &input.email)?;
        let mut failed = None;
        if let Some(model) = &self.model {
            let material = Material {
                insights: input.insights.as_ref(),
                notes: &input.notes,
                findings: &input.findings,
                previous: input.previous.as_ref(),
            };
            match written(&**model, &mut facts, material).await {
                Ok(report) => return Ok(report),
                Err(error) => failed = Some(error),
            }
        }
        let mut report = composed(&input, facts)?;
        if let Some(error) = failed {
            let warning = format!("written without a model: {error}");
            report.warnings.insert(0, warning);
            report.bought = bought(&error);
        }
        Ok(report)
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Content>, Error> {
        let facts = Facts::of(&input.brand, &input.email)?;
        let mut draft = compose::draft(&facts);
        draft.paragraphs.truncate(1);
        let mut warnings = vec!["a minimal mail: findings and notes were not looked at".to_owned()];
        let content = build::build(finish::finish(draft, &facts)?, &facts, &mut warnings);
        let method = Method::new("minimal-mail-offline", "1");
        Ok(Report::new(content, MINIMAL_CONFIDENCE, method).with_warnings(warnings))
    }

    fn validate(&self, output: &Content) -> Result<(), String> {
        let copy = &output.copy;
        let texts = [
            ("email_id", &output.email_id),
            ("copy.headline", &copy.headline),
            ("copy.call_to_action.label", &copy.call_to_action.label),
            ("copy.plain_text", &copy.plain_text),
            ("mockup_html", &output.mockup_html),
        ];
        if let Some((field, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(format!("{field}: is empty"));
        }
        if !copy.call_to_action.url.starts_with("https://") {
            return Err("copy.call_to_action.url: is not https".to_owned());
        }
        if output.subject_lines.len() < 2 {
            return Err("subject_lines: are fewer than two".to_owned());
        }
        if output
            .subject_lines
            .iter()
            .any(|line| line.text.trim().is_empty())
        {
            return Err("subject_lines: one is empty".to_owned());
        }
        if copy.paragraphs.is_empty() {
            return Err("copy.paragraphs: are none".to_owned());
        }
        let bare =
            |rule: &baton_domain::campaign::PersonalizationRule| rule.fallback.trim().is_empty();
        if output.personalization.iter().any(bare) {
            return Err("personalization: a field has no fallback".to_owned());
        }
        Ok(())
    }
}

/// The model's mail, kept to what the last check found.
async fn written(
    model: &dyn Model,
    facts: &mut Facts<'_>,
    material: Material<'_>,
) -> Result<Report<Content>, ModelError> {
    // Phrases to avoid are known before the model is asked, so that an answer with one is refused.
    let mut warnings = repair::apply(material.findings, &mut Draft::default(), facts);
    let answer = writer::ask(model, facts, material).await?;
    let unusable = |problem: Error| ModelError::Unusable {
        problem: problem.to_string(),
        spent: baton_model::Spent {
            input_tokens: answer.input_tokens,
            output_tokens: answer.output_tokens,
            cost: answer.cost,
        },
    };
    let draft = finish::finish(answer.value.clone().into(), facts).map_err(unusable)?;
    let content = build::build(draft, facts, &mut warnings);
    let mut report = Report::new(content, MODEL_CONFIDENCE, answer.method).with_warnings(warnings);
    report.bought = Bought {
        input_tokens: answer.input_tokens,
        output_tokens: answer.output_tokens,
        cost: answer.cost,
    };
    Ok(report)
}

/// The offline writer's mail: a new one, or the previous one with findings repaired and notes
/// followed.
fn composed(input: &Input, mut facts: Facts<'_>) -> Result<Report<Content>, Error> {
    let previous = input.previous.as_ref().map(Draft::of);
    let mut draft = previous.unwrap_or_else(|| compose::draft(&facts));
    let mut warnings = repair::apply(&input.findings, &mut draft, &mut facts);
    warnings.extend(notes::apply(&input.notes, &mut draft, &mut facts));
    let draft = finish::finish(draft, &facts)?;
    let content = build::build(draft, &facts, &mut warnings);
    let method = Method::new("mail-templates-offline", "1");
    Ok(Report::new(content, OFFLINE_CONFIDENCE, method).with_warnings(warnings))
}

fn bought(error: &ModelError) -> Bought {
    let spent = error.spent();
    Bought {
        input_tokens: spent.input_tokens,
        output_tokens: spent.output_tokens,
        cost: spent.cost,
    }
}

#[cfg(test)]
mod tests;
