//! From prose to the report, with what it took.

use baton_agent::{Bought, Report as AgentReport};
use baton_domain::research::{Claim, PaidSource, Report, SourceFacts};
use baton_domain::{Method, Money};
use baton_model::Model;

use crate::document::{self, Parts};
use crate::facts::Material;
use crate::{Input, prose, text, writer};

/// How sure the agent is that its report says what the sources say.
const OFFLINE_CONFIDENCE: f64 = 0.8;
const MODEL_CONFIDENCE: f64 = 0.7;
const EMPTY_CONFIDENCE: f64 = 0.1;

/// How the numbers are to be read.
const READING: &str = "Numbers are as the sources give them and were not checked elsewhere; rates \
    between −1 and 1 are read as shares, and sums have a currency where a source names one.";

/// Summary and findings, and how they came about.
pub struct Prose {
    summary: Vec<Claim>,
    sections: Vec<prose::Section>,
    method: Method,
    note: String,
    confidence: f64,
    bought: Bought,
    warnings: Vec<String>,
}

impl Prose {
    /// By rule.
    pub fn by_rule(material: &Material, topics: &[String]) -> Self {
        let sections = prose::sections(material, topics);
        let method = Method::new("facts-report-offline", "1");
        Self {
            summary: prose::summary(material, &sections),
            sections,
            note: "The text was put together by rule from the fields of the data \
                   (facts-report-offline, version 1), without a language model."
                .to_owned(),
            method,
            confidence: if material.companies.is_empty() {
                EMPTY_CONFIDENCE
            } else {
                OFFLINE_CONFIDENCE
            },
            bought: Bought::default(),
            warnings: Vec::new(),
        }
    }

    /// With the paragraphs of a model that stand up to their facts.
    pub async fn by_model(
        &mut self,
        model: &dyn Model,
        theme: &str,
        topics: &[String],
        material: &Material,
    ) {
        let answer = match writer::ask(model, theme, topics, material).await {
            Ok(answer) => answer,
            Err(error) => {
                let spent = error.spent();
                self.bought = bought(spent.input_tokens, spent.output_tokens, spent.cost);
                self.warnings
                    .push(format!("written without a model: {error}"));
                return;
            }
        };
        self.bought = bought(answer.input_tokens, answer.output_tokens, answer.cost);
        let (summary, sections) = (&mut self.summary, &mut self.sections);
        let paragraphs = sections.len() + 1;
        let used = writer::replace(
            answer.value,
            material,
            summary,
            sections,
            &mut self.warnings,
        );
        if used > 0 {
            self.note = format!(
                "{used} of the {paragraphs} paragraphs of summary and findings were written by {} \
                 from the fields of the data; each number in them was found in the fields that its \
                 sentence rests on. The others were put together by rule.",
                text::markdown(&answer.method.name, 80)
            );
            self.method = answer.method;
            self.confidence = MODEL_CONFIDENCE;
        }
    }
}

fn bought(input_tokens: u64, output_tokens: u64, cost: Money) -> Bought {
    Bought {
        input_tokens,
        output_tokens,
        cost,
    }
}

/// The report, and what it took.
pub fn finished(
    input: &Input,
    theme: &str,
    material: &Material,
    prose: Prose,
) -> AgentReport<Report> {
    let (conflicts, sentences): (Vec<_>, Vec<Claim>) =
        prose::conflicts(material).into_iter().unzip();
    let title = title(theme);
    let method = [prose.note, READING.to_owned()];
    let markdown = document::markdown_of(&Parts {
        title: &title,
        summary: &prose.summary,
        sections: &prose.sections,
        conflicts: &sentences,
        material,
        facts: &input.facts,
        missing: &input.missing,
        budget: Some(input.budget),
        spent: input.spent,
        method: &method,
    });
    let found = prose
        .sections
        .into_iter()
        .flat_map(|section| section.claims);
    let mut claims: Vec<Claim> = Vec::new();
    for claim in prose.summary.into_iter().chain(found).chain(sentences) {
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }
    let mut warnings = prose.warnings;
    warnings.extend(warnings_of(input, material));
    let report = Report {
        title,
        markdown,
        claims,
        conflicts,
        sources: input.facts.iter().map(paid).collect(),
        missing: input.missing.clone(),
        spent: input.spent,
    };
    let mut report =
        AgentReport::new(report, prose.confidence, prose.method).with_warnings(warnings);
    report.bought = prose.bought;
    report
}

fn warnings_of(input: &Input, material: &Material) -> Vec<String> {
    let mut warnings = Vec::new();
    if input.facts.is_empty() {
        warnings.push("no source was delivered: the report says nothing".to_owned());
    }
    let silent = material
        .sources
        .iter()
        .filter(|read| read.facts.is_empty())
        .count();
    if silent > 0 {
        warnings.push(format!("{silent} sources held no data that could be read"));
    }
    let paid: Money = input.facts.iter().map(|source| source.cost).sum();
    if paid != input.spent {
        warnings.push("what the sources cost together is not what was spent".to_owned());
    }
    if input.spent > input.budget {
        warnings.push("more was spent than the budget".to_owned());
    }
    warnings
}

/// The title of a report on a theme, not yet Markdown.
pub fn title(theme: &str) -> String {
    match text::clean(theme, 160) {
        theme if theme.is_empty() => "Research".to_owned(),
        theme => format!("Research: {theme}"),
    }
}

/// A source of the report.
pub fn paid(source: &SourceFacts) -> PaidSource {
    PaidSource {
        source_id: source.source_id.clone(),
        name: source.name.clone(),
        cost: source.cost,
        rail: source.rail.clone(),
        transaction: source.transaction.clone(),
    }
}
