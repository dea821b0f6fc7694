//! `report-builder`: a Markdown report of what was bought, in which every sentence names its sources.
//!
//! Data of any shape is read into fields with values ([`facts`]); sentences say what stands in them,
//! company by company and side by side, and where sources differ ([`prose`]). The document has a
//! summary, findings by aspect, a comparison, conflicts, the sources with what each cost, what was
//! not bought and why, and how it was written ([`document`]). `[1]` refers to the table of sources.
//! Everything that came from outside is text and no markup ([`text`]).
//!
//! With a model, summary and findings are in its words ([`writer`]), paragraph by paragraph, where
//! they stand up to the facts that they name ([`check`]). The fallback lists the sources, and reads
//! nothing.
//!
//! Rates between −1 and 1 are read as shares: 0.19 is 19 %. Sums have a currency where the data
//! names one (`currency`). In a [`Conflict`](baton_domain::research::Conflict), each value is
//! `(source id, what it says)`. A claim's text is Markdown, word for word as in the document.
//!
//! | code | when |
//! |---|---|
//! | `InvalidTheme` | the theme is blank |
//! | `DuplicateSource` | a source stands in the facts twice |

pub mod assemble;
pub mod check;
pub mod document;
pub mod facts;
pub mod fields;
pub mod numbers;
pub mod prose;
pub mod text;
pub mod values;
pub mod writer;

use std::collections::BTreeSet;
use std::sync::Arc;

use baton_agent::{Agent, AgentError, Report as AgentReport};
use baton_domain::research::{MissingSource, Report, Search, SourceFacts};
use baton_domain::{Method, Money};
use baton_model::{Model, SettingError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use assemble::{Prose, finished, paid, title};
use document::Parts;
use facts::Material;

/// The agent.
#[derive(Clone, Default)]
pub struct ReportBuilder {
    model: Option<Arc<dyn Model>>,
}

impl ReportBuilder {
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
    /// What was to be found out.
    pub theme: String,
    /// How it was searched for; its aspects are the report's findings.
    pub search: Search,
    /// What was got, in the order of the report's references.
    pub facts: Vec<SourceFacts>,
    /// What was not got.
    #[serde(default)]
    pub missing: Vec<MissingSource>,
    /// What might be spent.
    pub budget: Money,
    /// What was spent.
    pub spent: Money,
}

/// What the fallback works on. What the agent's own method is given may be given here as well.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// What was to be found out.
    #[serde(default)]
    pub theme: String,
    /// What was got; what has not the form of a source is left out with a warning.
    #[serde(default)]
    pub facts: Vec<Value>,
    /// What was not got; likewise.
    #[serde(default)]
    pub missing: Vec<Value>,
    /// What might be spent, where it is known.
    #[serde(default)]
    pub budget: Option<Money>,
    /// What was spent.
    #[serde(default)]
    pub spent: Money,
    /// Is not looked at.
    #[serde(default)]
    pub search: Option<IgnoredAny>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The theme is blank.
    #[error("theme: is blank")]
    InvalidTheme,
    /// A source stands in the facts twice.
    #[error("facts[{0}].source_id: stands there before")]
    DuplicateSource(usize),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["InvalidTheme", "DuplicateSource"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidTheme => "InvalidTheme",
            Self::DuplicateSource(_) => "DuplicateSource",
        }
    }
}

/// How sure the fallback is that its report says what the sources say: it says nothing of it.
const FALLBACK_CONFIDENCE: f64 = 0.2;

impl Agent for ReportBuilder {
    const NAME: &'static str = "report-builder";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Report;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<AgentReport<Report>, Error> {
        let theme = text::clean(&input.theme, 2_000);
        if theme.is_empty() {
            return Err(Error::InvalidTheme);
        }
        let mut seen = BTreeSet::new();
        if let Some(i) = input
            .facts
            .iter()
            .position(|source| !seen.insert(&source.source_id))
        {
            return Err(Error::DuplicateSource(i));
        }
        let material = Material::of(&input.facts);
        let topics = prose::topics(&material, &input.search);
        let mut prose = Prose::by_rule(&material, &topics);
        if let Some(model) = &self.model
            && !material.companies.is_empty()
        {
            prose.by_model(&**model, &theme, &topics, &material).await;
        }
        Ok(finished(&input, &theme, &material, prose))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<AgentReport<Report>, Error> {
        let mut warnings =
            vec!["the report lists the sources: what they say was not read".to_owned()];
        let mut facts: Vec<SourceFacts> = read("facts", input.facts, &mut warnings);
        let missing: Vec<MissingSource> = read("missing", input.missing, &mut warnings);
        let mut seen = BTreeSet::new();
        facts.retain(|source| seen.insert(source.source_id.clone()));
        let title = title(&input.theme);
        let method = ["The sources are listed; what they say was not read.".to_owned()];
        let none = Material::default();
        let markdown = document::markdown_of(&Parts {
            title: &title,
            summary: &[],
            sections: &[],
            conflicts: &[],
            material: &none,
            facts: &facts,
            missing: &missing,
            budget: input.budget,
            spent: input.spent,
            method: &method,
        });
        let report = Report {
            title,
            markdown,
            claims: Vec::new(),
            conflicts: Vec::new(),
            sources: facts.iter().map(paid).collect(),
            missing,
            spent: input.spent,
        };
        let method = Method::new("sources-list-offline", "1");
        Ok(AgentReport::new(report, FALLBACK_CONFIDENCE, method).with_warnings(warnings))
    }

    fn validate(&self, output: &Report) -> Result<(), String> {
        let title = text::markdown(&output.title, 200);
        if output.title.is_empty() || !output.markdown.starts_with(&format!("# {title}\n")) {
            return Err("markdown: does not begin with the title".to_owned());
        }
        let known = |id: &String| output.sources.iter().any(|source| source.source_id == *id);
        for (i, claim) in output.claims.iter().enumerate() {
            if claim.source_ids.is_empty() || !claim.source_ids.iter().all(known) {
                return Err(format!(
                    "claims[{i}].source_ids: are not sources of the report"
                ));
            }
            if claim.text.is_empty() || !output.markdown.contains(&claim.text) {
                return Err(format!("claims[{i}].text: is not in the report"));
            }
        }
        for (i, conflict) in output.conflicts.iter().enumerate() {
            if conflict.values.len() < 2 || !conflict.values.iter().all(|(id, _)| known(id)) {
                return Err(format!(
                    "conflicts[{i}].values: are not of two sources of the report"
                ));
            }
        }
        Ok(())
    }
}

/// What of a list has the form that it should have.
fn read<T: serde::de::DeserializeOwned>(
    field: &str,
    items: Vec<Value>,
    warnings: &mut Vec<String>,
) -> Vec<T> {
    let mut out = Vec::new();
    for (i, item) in items.into_iter().enumerate() {
        match serde_json::from_value(item) {
            Ok(item) => out.push(item),
            Err(_) => warnings.push(format!(
                "{field}[{i}]: has not the form of a source and is left out"
            )),
        }
    }
    out
}

#[cfg(test)]
mod tests;
