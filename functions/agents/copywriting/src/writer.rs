//! The writer with a language model. The brief goes to it fenced, as data; what comes back is held to
//! the same rules as the offline writer's copy, and is asked for once more where it breaks one.

use baton_model::{
    Model, ModelError, Prompt, PromptError, PromptFile, Slot, Structured, structured,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::brief::Brief;
use crate::channel::{Channel, Unit};
use crate::framework::Framework;
use crate::words::{likeness, one_line};
use crate::{ChannelCopy, Text, Variant, rules, sms};

const FILE: &str = include_str!("../prompts/write-copy.md");

/// The copy, as a model answers it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// One entry for each channel of the brief.
    #[schemars(length(min = 1, max = 6))]
    pub channels: Vec<AnswerChannel>,
}

/// The copies of one channel.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerChannel {
    /// Which channel.
    pub channel: Channel,
    /// Copies that differ.
    #[schemars(length(min = 1, max = 6))]
    pub variants: Vec<AnswerVariant>,
}

/// One copy.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerVariant {
    /// By which framework.
    pub framework: Framework,
    /// Every field of the channel.
    #[schemars(length(min = 1, max = 3))]
    pub fields: Vec<AnswerField>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerField {
    /// Its name, as in the brief.
    pub field: String,
    /// What stands in it.
    #[schemars(length(min = 1, max = 300))]
    pub text: String,
}

/// What is asked for beside the brief.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// For which channels.
    pub channels: &'a [Channel],
    /// By which frameworks.
    pub frameworks: &'a [Framework],
    /// How many copies of each.
    pub variants: usize,
    /// How alike two may be.
    pub likeness: f64,
}

/// Asks the model for copy.
///
/// # Errors
/// When no usable answer came; what was spent is in the error.
pub async fn ask(
    model: &dyn Model,
    brief: &Brief,
    order: Order<'_>,
) -> Result<(Vec<ChannelCopy>, Structured<Answer>), ModelError> {
    let prompt = prompt(brief, order).map_err(|error| ModelError::Schema(error.to_string()))?;
    let answer = structured(model, &prompt, |answer: &Answer| {
        check(answer, brief, order)
    })
    .await?;
    let copies = order
        .channels
        .iter()
        .filter_map(|channel| copy(&answer.value, *channel, brief));
    Ok((copies.collect(), answer))
}

fn prompt(brief: &Brief, order: Order<'_>) -> Result<Prompt, PromptError> {
    let number = |count: usize| Slot::Number(i64::try_from(count).unwrap_or(i64::MAX));
    PromptFile::parse("write-copy", FILE)?.render(&[
        ("variants", number(order.variants)),
        ("alike", number((order.likeness * 100.0) as usize)),
        ("brief", Slot::Data(&format!("{:#}", told(brief, order)))),
    ])
}

fn told(brief: &Brief, order: Order<'_>) -> Value {
    let channels: Vec<Value> = order
        .channels
        .iter()
        .map(|channel| {
            let limit = |field: &crate::channel::Field| match field.unit {
                Unit::Septets => {
                    json!({"field": field.name, "limit": field.limit, "unit": "GSM septets",
                    "limit_beyond_gsm_alphabet": sms::UTF16})
                }
                unit => json!({"field": field.name, "limit": field.limit, "unit": unit}),
            };
            let fields: Vec<Value> = channel.fields().iter().map(limit).collect();
            json!({"channel": channel, "fields": fields,
                   "carries_disclaimer": channel.carries_disclaimer(),
                   "must_say_what_to_do": channel.is_text_alone()})
        })
        .collect();
    json!({
        "brand": brief.brand, "voice": brief.voice, "disclaimer": brief.disclaimer,
        "product": brief.product, "benefits": brief.benefits, "features": brief.features,
        "problem": brief.problem, "audience": brief.audience, "offer": brief.offer,
        "call_to_action": brief.action, "frameworks": order.frameworks, "channels": channels,
    })
}

fn check(answer: &Answer, brief: &Brief, order: Order<'_>) -> Result<(), String> {
    for channel in order.channels {
        let name = channel.name();
        let Some(copy) = copy(answer, *channel, brief) else {
            return Err(format!("channels: must have {name} once"));
        };
        if copy.variants.len() != order.variants {
            return Err(format!("{name}: must have {} variants", order.variants));
        }
        for (i, variant) in copy.variants.iter().enumerate() {
            let at = format!("{name}.variants[{i}]");
            rules::check(*channel, variant, brief).map_err(|e| format!("{at}.{e}"))?;
            if !order.frameworks.contains(&variant.framework) {
                return Err(format!("{at}.framework: is none of the brief"));
            }
            let text = rules::compared(variant, brief);
            for other in &copy.variants[..i] {
                let alike = likeness(&text, &rules::compared(other, brief));
                if alike > order.likeness {
                    let percent = (alike * 100.0).round();
                    return Err(format!(
                        "{at}: shares {percent} % of its words with another"
                    ));
                }
            }
        }
    }
    if answer.channels.len() != order.channels.len() {
        return Err("channels: has one that the brief does not".to_owned());
    }
    Ok(())
}

/// What the model wrote for a channel, measured; none where that is not there once.
fn copy(answer: &Answer, channel: Channel, brief: &Brief) -> Option<ChannelCopy> {
    let mut found = answer
        .channels
        .iter()
        .filter(|copy| copy.channel == channel);
    let (Some(copy), None) = (found.next(), found.next()) else {
        return None;
    };
    let variants: Vec<Variant> = copy
        .variants
        .iter()
        .map(|variant| measured(variant, channel))
        .collect();
    Some(ChannelCopy {
        channel,
        likeness: crate::round(rules::most_alike(&variants, brief)),
        variants,
    })
}

fn measured(variant: &AnswerVariant, channel: Channel) -> Variant {
    let text = |answer: &AnswerField| {
        let field = channel
            .fields()
            .iter()
            .find(|field| field.name == answer.field);
        let mut text = one_line(&answer.text);
        if channel == Channel::Sms {
            text = sms::plain(&text);
        }
        match field {
            Some(field) => Text::of(field, text),
            // The rules refuse it by its name.
            None => Text {
                field: answer.field.clone(),
                text,
                length: 0,
                limit: 0,
                unit: Unit::Characters,
            },
        }
    };
    Variant {
        framework: variant.framework,
        fields: variant.fields.iter().map(text).collect(),
    }
}
