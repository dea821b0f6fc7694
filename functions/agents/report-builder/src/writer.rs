//! The prose with a language model. It is given extracted facts, fenced, and answers sentences that
//! name their sources and fields. A paragraph with a sentence that does not stand up to its facts is
//! not used: the one that was written by rule stands.

use baton_domain::research::Claim;
use baton_model::{
    Model, ModelError, Prompt, PromptError, PromptFile, Slot, Structured, structured,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::check;
use crate::facts::{Material, Read};
use crate::prose::{self, Section};
use crate::text::markdown;

const FILE: &str = include_str!("../prompts/write-report.md");

/// How long a sentence may be, in characters.
const MAX_SENTENCE: usize = 600;

/// The prose of a report, as a model answers it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The summary.
    #[schemars(length(min = 1, max = 6))]
    pub summary: Vec<Sentence>,
    /// A paragraph for each topic that the facts say something about.
    #[schemars(length(max = 12))]
    pub findings: Vec<Paragraph>,
}

/// One paragraph of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paragraph {
    /// The topic, spelt as it is given.
    pub topic: String,
    /// The sentences.
    #[schemars(length(min = 1, max = 6))]
    pub sentences: Vec<Sentence>,
}

/// One sentence of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// The sentence, in plain text, without references.
    #[schemars(length(min = 1, max = 600))]
    pub text: String,
    /// The reference numbers of the sources that it rests on.
    #[schemars(length(min = 1, max = 12))]
    pub references: Vec<usize>,
    /// The fields that it rests on.
    #[schemars(length(min = 1, max = 12))]
    pub fields: Vec<String>,
}

/// Asks the model for the prose.
///
/// # Errors
/// When no usable answer came; what was spent is in the error.
pub async fn ask(
    model: &dyn Model,
    theme: &str,
    topics: &[String],
    material: &Material,
) -> Result<Structured<Answer>, ModelError> {
    let prompt = prompt(theme, topics, material);
    let prompt = prompt.map_err(|error| ModelError::Schema(error.to_string()))?;
    structured(model, &prompt, |_: &Answer| Ok(())).await
}

fn prompt(theme: &str, topics: &[String], material: &Material) -> Result<Prompt, PromptError> {
    let said = material
        .sources
        .iter()
        .filter(|read| !read.facts.is_empty());
    let facts: Vec<Value> = said.map(facts).collect();
    PromptFile::parse("write-report", FILE)?.render(&[
        ("theme", Slot::Data(theme)),
        ("topics", Slot::Data(&topics.join("\n"))),
        ("facts", Slot::Data(&format!("{:#}", json!(facts)))),
    ])
}

fn facts(read: &Read) -> Value {
    let fields = read
        .facts
        .iter()
        .map(|fact| (fact.field.clone(), json!(fact.shown)));
    json!({
        "reference": read.number,
        "name": read.subject,
        "fields": fields.collect::<Map<String, Value>>(),
    })
}

/// The prose with the model's paragraphs in the place of those by rule, wherever they stand up to
/// their facts. Answers how many do; why others do not is in the warnings, without their words.
pub fn replace(
    answer: Answer,
    material: &Material,
    summary: &mut Vec<Claim>,
    sections: &mut [Section],
    warnings: &mut Vec<String>,
) -> usize {
    let mut used = 0;
    match claims(&answer.summary, material) {
        Ok(claims) => (*summary, used) = (claims, 1),
        Err(problem) => warnings.push(format!("the summary is by rule: {problem}")),
    }
    let mut seen: Vec<String> = Vec::new();
    for paragraph in answer.findings {
        let topic = paragraph.topic;
        let Some(section) = sections.iter_mut().find(|section| section.field == topic) else {
            warnings.push("a paragraph of the model is about no topic and left out".to_owned());
            continue;
        };
        if seen.contains(&topic) {
            warnings.push(format!("a second paragraph about `{topic}` is left out"));
            continue;
        }
        match claims(&paragraph.sentences, material) {
            Ok(claims) => {
                section.claims = claims;
                used += 1;
            }
            Err(problem) => warnings.push(format!("the finding `{topic}` is by rule: {problem}")),
        }
        seen.push(topic);
    }
    used
}

fn claims(sentences: &[Sentence], material: &Material) -> Result<Vec<Claim>, String> {
    let numbered = sentences.iter().enumerate();
    let claims = numbered.map(|(i, sentence)| {
        let reads = check::sentence(sentence, material)
            .map_err(|problem| format!("sentence {} of the model {problem}", i + 1))?;
        let fields: Vec<&str> = sentence.fields.iter().map(String::as_str).collect();
        let text = sentence.text.trim().trim_end_matches('.');
        Ok(prose::claim(&markdown(text, MAX_SENTENCE), &reads, &fields))
    });
    claims.collect()
}
