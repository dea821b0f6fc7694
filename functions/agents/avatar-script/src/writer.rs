//! The writer with a language model. The brief goes to it fenced, as data. What comes back are words
//! of a known shape, never markup: they are escaped like everybody's, checked against the brief, and
//! timed.

use baton_model::{
    Model, ModelError, Prompt, PromptError, PromptFile, Slot, Structured, structured,
};
use baton_speech::rate::{NORMAL_WPM, seconds};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::brief::sentence;
use crate::timing::{self, Draft};
use crate::{Input, Role};

const FILE: &str = include_str!("../prompts/write-script.md");

/// A script, as a model answers it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The scenes in order.
    #[schemars(length(min = 2, max = 12))]
    pub scenes: Vec<AnswerScene>,
}

/// One scene of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerScene {
    /// What it is for.
    pub role: Role,
    /// What is said, in plain sentences.
    #[schemars(length(min = 1, max = 1500))]
    pub text: String,
    /// Words of the text that get weight, none or a few.
    #[schemars(length(max = 2))]
    pub emphasis: Vec<String>,
}

/// Asks the model for a script.
///
/// # Errors
/// When no usable answer came; what was spent is in the error.
pub async fn ask(model: &dyn Model, input: &Input) -> Result<Structured<Answer>, ModelError> {
    let prompt = prompt(input).map_err(|error| ModelError::Schema(error.to_string()))?;
    structured(model, &prompt, |answer: &Answer| check(answer, input)).await
}

/// The scenes of an answer.
pub fn drafts(answer: &Answer) -> Vec<Draft> {
    let draft = |scene: &AnswerScene| {
        Some(Draft {
            role: scene.role,
            text: sentence(&scene.text)?,
            emphasis: scene.emphasis.clone(),
        })
    };
    answer.scenes.iter().filter_map(draft).collect()
}

fn prompt(input: &Input) -> Result<Prompt, PromptError> {
    let brief = json!({
        "language": input.language,
        "purpose": input.purpose,
        "brand": input.brand,
        "product": input.product,
        "offer": input.offer,
        "facts": input.facts,
        "audience": input.audience,
    });
    let target = input.target_seconds;
    PromptFile::parse("write-script", FILE)?.render(&[
        ("seconds", Slot::Number(target.round() as i64)),
        (
            "words",
            Slot::Number((target * NORMAL_WPM / 60.0).round() as i64),
        ),
        ("brief", Slot::Data(&format!("{brief:#}"))),
    ])
}

fn check(answer: &Answer, input: &Input) -> Result<(), String> {
    let known: Vec<String> = input
        .texts()
        .iter()
        .flat_map(|(_, text)| numbers(text))
        .collect();
    for (i, scene) in answer.scenes.iter().enumerate() {
        let problem = if sentence(&scene.text).is_none() {
            "has no word".to_owned()
        } else if scene.text.contains("://") || scene.text.contains("www.") {
            "has an address: nobody says one".to_owned()
        } else if !input.allows(&scene.text) {
            "says what the brand forbids".to_owned()
        } else if let Some(number) = numbers(&scene.text).find(|n| !known.contains(n)) {
            format!("says {number}, which the brief does not")
        } else {
            continue;
        };
        return Err(format!("scenes[{i}].text: {problem}"));
    }
    let drafts = drafts(answer);
    let fit = timing::of(&drafts, input);
    if timing::is_within(fit.seconds, input.target_seconds) {
        return Ok(());
    }
    let spoken: f64 = drafts
        .iter()
        .map(|draft| seconds(&draft.text, input.spoken_language(), NORMAL_WPM))
        .sum();
    Err(format!(
        "scenes: take {spoken:.0} s to say, and are to take {:.0} s",
        input.target_seconds
    ))
}

/// The numbers of a text, without what separates thousands.
fn numbers(text: &str) -> impl Iterator<Item = String> + '_ {
    let kept = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    text.split(move |c: char| !kept(c))
        .map(|run| run.trim_matches(['.', ',']).replace(',', ""))
        .filter(|number| !number.is_empty())
}
