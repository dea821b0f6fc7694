//! `copywriting`: headlines and texts for each channel, within its limits, in variants that differ.
//!
//! Without a model the copy is made by published frameworks ([`framework`]) from what the brief says
//! and nothing else ([`compose`]); with one it is the model's ([`writer`]), and where that fails, the
//! offline writer's, with a warning. Either is held to the same rules ([`rules`]): the limits of the
//! channel in its own count ([`channel`]), nothing that the brand bans, its disclaimer word for word,
//! no number that the brief does not have, and no two variants that share more of their words than is
//! allowed (Jaccard).
//!
//! | code | when |
//! |---|---|
//! | `InvalidBrief` | a text is missing or too long, or a setting out of range |
//! | `BannedBrief` | the brand bans what has to be said: product, call to action or disclaimer |
//! | `NoCopy` | nothing has room in any of the channels |

pub mod brief;
pub mod channel;
pub mod compose;
pub mod framework;
pub mod rules;
pub mod sms;
pub mod words;
pub mod writer;

use std::sync::Arc;

use baton_agent::{Agent, AgentError, Bought, Report};
use baton_domain::{FieldError, Method};
use baton_model::{Model, ModelError, SettingError};
use serde::{Deserialize, Serialize};

use brief::{Brand, Brief};
use channel::{Channel, Unit};
use framework::Framework;
use writer::Order;

/// The agent.
#[derive(Clone, Default)]
pub struct Copywriting {
    model: Option<Arc<dyn Model>>,
}

impl Copywriting {
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

/// What the agent works on. Every text has up to 300 characters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Who speaks.
    pub brand: Brand,
    /// The product's name.
    pub product: String,
    /// What the reader has of it, the best first; 1 to 12, each a short phrase.
    pub benefits: Vec<String>,
    /// What it has, up to 12; needed by `fab`.
    #[serde(default)]
    pub features: Vec<String>,
    /// What it solves; needed by `pas` and `bab`.
    #[serde(default)]
    pub problem: Option<String>,
    /// For whom it is.
    #[serde(default)]
    pub audience: Option<String>,
    /// What is offered.
    #[serde(default)]
    pub offer: Option<String>,
    /// What the reader is to do.
    pub call_to_action: String,
    /// Where the copy appears, each once.
    pub channels: Vec<Channel>,
    /// Which frameworks to use; all that the brief allows when none is given.
    #[serde(default)]
    pub frameworks: Vec<Framework>,
    /// How many copies of each channel, 1 to 6.
    #[serde(default = "default_variants")]
    pub variants: usize,
    /// The part of all their words that two copies may share, 0.1 to 0.95.
    #[serde(default = "default_likeness")]
    pub max_likeness: f64,
}

fn default_variants() -> usize {
    3
}

fn default_likeness() -> f64 {
    0.6
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// Who speaks.
    pub brand: Brand,
    /// The product's name.
    pub product: String,
    /// What the reader has of it.
    pub benefits: Vec<String>,
    /// What the reader is to do.
    pub call_to_action: String,
    /// Where the copy appears.
    pub channels: Vec<Channel>,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The copies of each channel that has room for one.
    pub channels: Vec<ChannelCopy>,
}

/// The copies of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelCopy {
    /// Which channel.
    pub channel: Channel,
    /// One copy at least.
    pub variants: Vec<Variant>,
    /// The part of their words that the two most alike share, disclaimer aside.
    pub likeness: f64,
}

/// One copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// By which framework.
    pub framework: Framework,
    /// Every field of the channel, in the channel's order.
    pub fields: Vec<Text>,
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The field.
    pub field: String,
    /// What stands in it.
    pub text: String,
    /// How long it is.
    pub length: usize,
    /// How long it may be.
    pub limit: usize,
    /// What is counted.
    pub unit: Unit,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A text is missing or too long, or a setting out of range.
    #[error("{0}")]
    InvalidBrief(FieldError),
    /// The brand bans what has to be said.
    #[error("{0}")]
    BannedBrief(FieldError),
    /// Nothing has room.
    #[error("channels: {0} has no room for the product's name and the disclaimer")]
    NoCopy(String),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["InvalidBrief", "BannedBrief", "NoCopy"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidBrief(_) => "InvalidBrief",
            Self::BannedBrief(_) => "BannedBrief",
            Self::NoCopy(_) => "NoCopy",
        }
    }
}

/// How sure the writers are that their copy is good.
const MODEL_CONFIDENCE: f64 = 0.8;
const OFFLINE_CONFIDENCE: f64 = 0.5;
const MINIMAL_CONFIDENCE: f64 = 0.3;

impl Agent for Copywriting {
    const NAME: &'static str = "copywriting";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        check(&input).map_err(Error::InvalidBrief)?;
        let brief = Brief::of(&input)?;
        let frameworks = frameworks(&input, &brief)?;
        let order = Order {
            channels: &input.channels,
            frameworks: &frameworks,
            variants: input.variants,
            likeness: input.max_likeness,
        };
        let mut failed = None;
        if let Some(model) = &self.model {
            match writer::ask(&**model, &brief, order).await {
                Ok((channels, answer)) => {
                    let output = Output { channels };
                    let mut report = Report::new(output, MODEL_CONFIDENCE, answer.method);
                    report.bought = Bought {
                        input_tokens: answer.input_tokens,
                        output_tokens: answer.output_tokens,
                        cost: answer.cost,
                    };
                    return Ok(report.with_warnings(brief.warnings));
                }
                Err(error) => failed = Some(error),
            }
        }
        let method = Method::new("copy-frameworks-offline", "1");
        let mut report = composed(&brief, order, OFFLINE_CONFIDENCE, method)?;
        if let Some(error) = failed {
            report
                .warnings
                .insert(0, format!("written without a model: {error}"));
            report.bought = bought(&error);
        }
        Ok(report)
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let input = Input {
            brand: input.brand,
            product: input.product,
            benefits: input.benefits,
            features: Vec::new(),
            problem: None,
            audience: None,
            offer: None,
            call_to_action: input.call_to_action,
            channels: input.channels,
            frameworks: vec![Framework::Aida],
            variants: 1,
            max_likeness: default_likeness(),
        };
        check(&input).map_err(Error::InvalidBrief)?;
        let brief = Brief::of(&input)?;
        let order = Order {
            channels: &input.channels,
            frameworks: &[Framework::Aida],
            variants: 1,
            likeness: input.max_likeness,
        };
        let method = Method::new("copy-minimal-offline", "1");
        composed(&brief, order, MINIMAL_CONFIDENCE, method)
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        if output.channels.is_empty() {
            return Err("channels: are none".to_owned());
        }
        for copy in &output.channels {
            let name = copy.channel.name();
            if copy.variants.is_empty() || !(0.0..=1.0).contains(&copy.likeness) {
                return Err(format!(
                    "channels.{name}: has no variant, or a likeness beyond 0 to 1"
                ));
            }
            for text in copy.variants.iter().flat_map(|variant| &variant.fields) {
                let field = copy
                    .channel
                    .fields()
                    .iter()
                    .find(|field| field.name == text.field);
                let Some(field) = field else {
                    return Err(format!("channels.{name}: has no field {}", text.field));
                };
                if text.text.is_empty() || !channel::fits(field, &text.text) {
                    return Err(format!(
                        "channels.{name}.{}: is empty or too long",
                        text.field
                    ));
                }
            }
        }
        Ok(())
    }
}

fn check(input: &Input) -> Result<(), FieldError> {
    let mut channels = input.channels.clone();
    channels.sort_unstable();
    channels.dedup();
    if channels.is_empty() || channels.len() != input.channels.len() {
        return Err(FieldError::new(
            "channels",
            "must name one channel at least, each once",
        ));
    }
    if !(1..=6).contains(&input.variants) {
        let message = format!("must lie between 1 and 6, got {}", input.variants);
        return Err(FieldError::new("variants", message));
    }
    if !(0.1..=0.95).contains(&input.max_likeness) {
        let message = format!("must lie between 0.1 and 0.95, got {}", input.max_likeness);
        return Err(FieldError::new("max_likeness", message));
    }
    Ok(())
}

/// The frameworks to use: those asked for, or all, that the brief has enough for.
fn frameworks(input: &Input, brief: &Brief) -> Result<Vec<Framework>, Error> {
    let asked = match input.frameworks.as_slice() {
        [] => &Framework::ALL[..],
        asked => asked,
    };
    let mut possible: Vec<Framework> = Vec::new();
    for framework in asked {
        if framework.is_possible(brief) && !possible.contains(framework) {
            possible.push(*framework);
        }
    }
    if possible.is_empty() {
        let message = "need a problem (pas, bab) or a feature (fab) that the brief does not have";
        return Err(Error::InvalidBrief(FieldError::new("frameworks", message)));
    }
    Ok(possible)
}

/// The offline writer's copy.
fn composed(
    brief: &Brief,
    order: Order<'_>,
    confidence: f64,
    method: Method,
) -> Result<Report<Output>, Error> {
    let mut warnings = brief.warnings.clone();
    let mut channels = Vec::new();
    for channel in order.channels {
        let name = channel.name();
        let variants = compose::variants(
            *channel,
            brief,
            order.frameworks,
            order.variants,
            order.likeness,
        );
        if variants.is_empty() {
            warnings.push(format!("{name}: nothing that has to be said has room"));
            continue;
        }
        if variants.len() < order.variants {
            let found = variants.len();
            warnings.push(format!(
                "{name}: {found} variants that differ enough were found, of {}",
                order.variants
            ));
        }
        channels.push(ChannelCopy {
            channel: *channel,
            likeness: round(rules::most_alike(&variants, brief)),
            variants,
        });
    }
    if brief.disclaimer.is_some() && order.channels.contains(&Channel::Email) {
        warnings.push("email: the mail's own text has to carry the disclaimer".to_owned());
    }
    if channels.is_empty() {
        let names: Vec<&str> = order
            .channels
            .iter()
            .map(|channel| channel.name())
            .collect();
        return Err(Error::NoCopy(names.join(", ")));
    }
    Ok(Report::new(Output { channels }, confidence, method).with_warnings(warnings))
}

fn bought(error: &ModelError) -> Bought {
    let spent = error.spent();
    Bought {
        input_tokens: spent.input_tokens,
        output_tokens: spent.output_tokens,
        cost: spent.cost,
    }
}

/// Rounded to hundredths.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
