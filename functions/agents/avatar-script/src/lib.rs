//! `avatar-script`: what a presenter in a video says, in scenes, as long as was asked for.
//!
//! Without a model the words are sentences around what the brief brings ([`compose`], [`phrases`]);
//! with one they are the model's ([`writer`]), and where it fails, the offline ones, with a warning.
//! Either way [`timing`] estimates how long they take, finds the pace and the pauses that meet the
//! target within a tenth, and writes the mark-up, in which every word, whoever wrote it, is escaped.
//! Sources of the rates stand in [`baton_speech::rate`].
//!
//! | code | when |
//! |---|---|
//! | `InvalidBrief` | a field of the brief cannot be used; the message names it |
//! | `NothingToSay` | there is neither product, offer nor fact, or the brand forbids them |
//! | `TooLittleToSay` | what there is to say does not fill the time |
//! | `TargetTooShort` | the least that must be said does not fit the time |
//! | `UnsupportedLanguage` | there is no model, and the sentences are not there in this language |

pub mod brief;
pub mod compose;
pub mod phrases;
pub mod timing;
pub mod writer;

use std::sync::Arc;

use baton_agent::{Agent, AgentError, Bought, Report};
use baton_domain::Method;
use baton_model::{Model, ModelError, SettingError};
use baton_speech::ssml::Speech;
use serde::{Deserialize, Serialize};

pub use brief::{Audience, BrandRules, FallbackInput, Input, Product, Purpose};

/// The agent.
#[derive(Clone, Default)]
pub struct AvatarScript {
    model: Option<Arc<dyn Model>>,
}

impl AvatarScript {
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

/// What a scene is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Gets attention.
    Opening,
    /// Shows the product.
    Product,
    /// Tells facts.
    Facts,
    /// Makes the offer.
    Offer,
    /// Asks for something to be done.
    Closing,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The language, such as `en-US`.
    pub language: String,
    /// The scenes in order.
    pub scenes: Vec<Scene>,
    /// All that is said.
    pub text: String,
    /// All that is said, as SSML.
    pub ssml: String,
    /// How long it takes, in seconds, by estimate.
    pub seconds: f64,
    /// How long it should take.
    pub target_seconds: f64,
    /// Whether the two differ by a tenth at most.
    pub within_target: bool,
    /// How many words are said.
    pub words: usize,
    /// How many syllables, by estimate.
    pub syllables: u32,
    /// The pace, against a normal pace of 150 words a minute.
    pub words_per_minute: f64,
}

/// One scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Its place, from 1.
    pub scene: usize,
    /// What it is for.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// What is said, as SSML of its own.
    pub ssml: String,
    /// When it begins, in seconds.
    pub start_seconds: f64,
    /// How long it takes, in seconds, without the pause behind it.
    pub seconds: f64,
    /// How many words are said.
    pub words: usize,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A field cannot be used.
    #[error("{0}")]
    InvalidBrief(String),
    /// There is nothing that may be said.
    #[error("nothing to say: give a product, an offer or facts that the brand's rules allow")]
    NothingToSay,
    /// What there is to say does not fill the time.
    #[error(
        "facts: there is enough to say for {possible:.0} s, not for {target:.0} s: add facts, or lower target_seconds"
    )]
    TooLittleToSay {
        /// How long it can be, in seconds.
        possible: f64,
        /// How long it should be.
        target: f64,
    },
    /// The least that must be said does not fit the time.
    #[error(
        "target_seconds: the least that must be said takes {needed:.0} s, not {target:.0} s: raise it, or shorten names and call to action"
    )]
    TargetTooShort {
        /// How long it takes, in seconds.
        needed: f64,
        /// How long it should take.
        target: f64,
    },
    /// There are no sentences in this language.
    #[error("language: without a model there is English, French, German and Spanish, not `{0}`")]
    UnsupportedLanguage(String),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "InvalidBrief",
        "NothingToSay",
        "TooLittleToSay",
        "TargetTooShort",
        "UnsupportedLanguage",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidBrief(_) => "InvalidBrief",
            Self::NothingToSay => "NothingToSay",
            Self::TooLittleToSay { .. } => "TooLittleToSay",
            Self::TargetTooShort { .. } => "TargetTooShort",
            Self::UnsupportedLanguage(_) => "UnsupportedLanguage",
        }
    }
}

/// How sure the writers are that their script is a good one.
const MODEL_CONFIDENCE: f64 = 0.8;
const OFFLINE_CONFIDENCE: f64 = 0.6;
const MINIMAL_CONFIDENCE: f64 = 0.3;

impl Agent for AvatarScript {
    const NAME: &'static str = "avatar-script";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        input.check()?;
        let mut failed = None;
        if let Some(model) = &self.model {
            match written(&**model, &input).await {
                Ok(report) => return Ok(report),
                Err(error) => failed = Some(error),
            }
        }
        let mut report = composed(&input)?;
        if let Some(error) = failed {
            report
                .warnings
                .insert(0, format!("written without a model: {error}"));
            let spent = error.spent();
            report.bought = Bought {
                input_tokens: spent.input_tokens,
                output_tokens: spent.output_tokens,
                cost: spent.cost,
            };
        }
        Ok(report)
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let mut warnings =
            vec!["a minimal script: facts and audience were not looked at".to_owned()];
        let input = input.into_input(&mut warnings);
        input.check()?;
        let drafts = compose::minimal(&input, &mut warnings)?;
        let output = timing::nearest(&drafts, &input);
        if !output.within_target {
            warnings.push(format!("it takes {:.0} s", output.seconds));
        }
        let method = Method::new("minimal-script-offline", "1");
        Ok(Report::new(output, MINIMAL_CONFIDENCE, method).with_warnings(warnings))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        let positive = |number: f64| number.is_finite() && number > 0.0;
        let numbers = [
            ("seconds", output.seconds),
            ("target_seconds", output.target_seconds),
            ("words_per_minute", output.words_per_minute),
        ];
        if let Some((field, _)) = numbers.iter().find(|(_, number)| !positive(*number)) {
            return Err(format!("{field}: must be above 0"));
        }
        if output.within_target != timing::is_within(output.seconds, output.target_seconds) {
            return Err("within_target: does not follow from the durations".to_owned());
        }
        let speech = Speech::parse(&output.ssml).map_err(|error| format!("ssml: {error}"))?;
        if speech.text() != output.text || output.text.is_empty() {
            return Err("ssml: does not say the text".to_owned());
        }
        let mut end = 0.0;
        for scene in &output.scenes {
            let at = format!("scenes[{}]", scene.scene.saturating_sub(1));
            Speech::parse(&scene.ssml).map_err(|error| format!("{at}.ssml: {error}"))?;
            if scene.text.is_empty() || !positive(scene.seconds) || scene.start_seconds < end {
                return Err(format!("{at}: is empty or begins before the last one ends"));
            }
            // Times are rounded to hundredths, each by itself.
            end = scene.start_seconds + scene.seconds - 0.02;
        }
        if output.scenes.is_empty() || end > output.seconds {
            return Err("scenes: are none, or longer than the whole".to_owned());
        }
        Ok(())
    }
}

async fn written(model: &dyn Model, input: &Input) -> Result<Report<Output>, ModelError> {
    let answer = writer::ask(model, input).await?;
    let drafts = writer::drafts(&answer.value);
    let output = timing::nearest(&drafts, input);
    let mut report = Report::new(output, MODEL_CONFIDENCE, answer.method);
    report.bought = Bought {
        input_tokens: answer.input_tokens,
        output_tokens: answer.output_tokens,
        cost: answer.cost,
    };
    Ok(report)
}

fn composed(input: &Input) -> Result<Report<Output>, Error> {
    let mut warnings = Vec::new();
    let drafts = compose::drafts(input, &mut warnings)?;
    let output = timing::nearest(&drafts, input);
    let method = Method::new("script-templates-offline", "1");
    Ok(Report::new(output, OFFLINE_CONFIDENCE, method).with_warnings(warnings))
}

#[cfg(test)]
mod tests;
