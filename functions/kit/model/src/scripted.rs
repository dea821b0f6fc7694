//! A model that says what it was told to say: for the tests of agents.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use baton_domain::Money;
use serde_json::Value;

use crate::{Completion, Model, ModelError, ModelName, Prompt};

/// Answers in turn, and keeps what it was asked. Every answer costs 1,000 micro-USD, 100 tokens in
/// and 50 out. Describes itself as `scripted/test`.
#[derive(Debug, Default)]
pub struct Scripted {
    answers: Mutex<VecDeque<Result<String, ModelError>>>,
    asked: Mutex<Vec<Prompt>>,
}

impl Scripted {
    /// A model that gives these texts, first to last, and is unavailable then.
    pub fn new<S: Into<String>>(answers: impl IntoIterator<Item = S>) -> Self {
        Self::results(answers.into_iter().map(|answer| Ok(answer.into())))
    }

    /// A model that answers or fails so, first to last, and is unavailable then.
    pub fn results(answers: impl IntoIterator<Item = Result<String, ModelError>>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    /// Every prompt so far.
    pub fn asked(&self) -> Vec<Prompt> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Model for Scripted {
    fn describe(&self) -> ModelName {
        ModelName {
            provider: "scripted".to_owned(),
            model: "test".to_owned(),
        }
    }

    async fn complete(&self, prompt: &Prompt, _: &Value) -> Result<Completion, ModelError> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(prompt.clone());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Err(ModelError::Unavailable("the script has ended".to_owned()));
        let text = answers.pop_front().unwrap_or_else(none)?;
        Ok(Completion {
            text,
            input_tokens: 100,
            output_tokens: 50,
            cost: Money::from_micro_usd(1_000),
        })
    }
}
