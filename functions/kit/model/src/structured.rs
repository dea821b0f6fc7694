//! From a prompt to a value of the agent's own type, or to an error that says why not.

use baton_domain::{Method, Money};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::schema::Checked;
use crate::{Completion, Model, ModelError, Prompt, Spent, fenced};

/// How much of an unusable answer the model is shown again, in characters.
const SHOWN: usize = 8_000;

/// A validated answer and what it cost, repairs included.
#[derive(Debug, Clone, PartialEq)]
pub struct Structured<T> {
    /// The answer.
    pub value: T,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// What they cost.
    pub cost: Money,
    /// `provider/model` and the prompt's version.
    pub method: Method,
    /// Whether the first answer was unusable, and this is the second.
    pub repaired: bool,
}

/// Asks the model for a `T`, parses the answer, and validates it against `T`'s JSON Schema and by
/// `check`, which says what else must hold, naming the field. An unusable answer is shown to the
/// model once with what was wrong, within the model's time limit for the whole.
///
/// `T` is a struct; its schema's descriptions and bounds are the best place to tell the model what
/// is wanted.
///
/// # Errors
/// [`ModelError::Schema`] before anything is asked; as [`Model::complete`]; [`ModelError::Unusable`] with all that was spent when the second answer
/// is no better, or never came.
pub async fn structured<T: DeserializeOwned + JsonSchema>(
    model: &dyn Model,
    prompt: &Prompt,
    check: impl Fn(&T) -> Result<(), String> + Send + Sync,
) -> Result<Structured<T>, ModelError> {
    let deadline = Instant::now() + model.time_limit();
    let schema = Checked::of::<T>().map_err(ModelError::Schema)?;
    let first = model.complete(prompt, schema.json()).await?;
    let problem = match usable(&schema, &first, &check) {
        Ok(value) => return Ok(answer(model, prompt, value, Spent::from(&first), false)),
        Err(problem) => problem,
    };
    let spent = Spent::from(&first);
    let again = repair(prompt, &first.text, &problem);
    let second = match timeout_at(deadline, model.complete(&again, schema.json())).await {
        Ok(Ok(second)) => second,
        Ok(Err(error)) => {
            let problem = format!("{problem}; its repair failed with {}", error.code());
            let spent = spent + error.spent();
            return Err(ModelError::Unusable { problem, spent });
        }
        Err(_) => {
            let problem = format!("{problem}; its repair came too late");
            return Err(ModelError::Unusable { problem, spent });
        }
    };
    let spent = spent + Spent::from(&second);
    match usable(&schema, &second, &check) {
        Ok(value) => Ok(answer(model, prompt, value, spent, true)),
        Err(problem) => Err(ModelError::Unusable { problem, spent }),
    }
}

fn answer<T>(
    model: &dyn Model,
    prompt: &Prompt,
    value: T,
    spent: Spent,
    repaired: bool,
) -> Structured<T> {
    Structured {
        value,
        input_tokens: spent.input_tokens,
        output_tokens: spent.output_tokens,
        cost: spent.cost,
        method: Method::new(model.describe().to_string(), prompt.version),
        repaired,
    }
}

/// The value in an answer, or what is wrong with it.
fn usable<T: DeserializeOwned>(
    schema: &Checked,
    completion: &Completion,
    check: impl Fn(&T) -> Result<(), String>,
) -> Result<T, String> {
    let json: Value = serde_json::from_str(bare(&completion.text)).map_err(|e| syntax(&e))?;
    schema.check(&json)?;
    let value = serde_path_to_error::deserialize(json)
        .map_err(|e| format!("{}: does not fit: {}", e.path(), e.inner()))?;
    check(&value)?;
    Ok(value)
}

fn syntax(error: &serde_json::Error) -> String {
    if error.is_eof() {
        "the JSON is cut off: answer more briefly".to_owned()
    } else {
        // The error's own text names line and column, never what stands there.
        format!("the answer is not JSON: {error}")
    }
}

/// The answer without the Markdown code block that models like to put around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let Some(block) = text.strip_prefix("```") else {
        return text;
    };
    let block = block.strip_suffix("```").unwrap_or(block);
    block.strip_prefix("json").unwrap_or(block).trim()
}

/// The same question, with the answer that was unusable and the reason. Both are fenced: an answer
/// may repeat what a caller planted.
fn repair(prompt: &Prompt, text: &str, problem: &str) -> Prompt {
    let shown: String = text.chars().take(SHOWN).collect();
    let user = format!(
        "{}\n\nYour last answer could not be used:\n{}\n\nThis is wrong with it:\n{}\n\n\
         Answer the question again, in full, as one JSON value that follows the schema.",
        prompt.user,
        fenced("last-answer", &shown),
        fenced("problem", problem),
    );
    Prompt {
        user,
        ..prompt.clone()
    }
}

#[cfg(test)]
mod tests;
