//! Choice: takes the first rule whose condition holds.

use serde_json::Value;

use crate::check::Reader;
use crate::dialect::{Data, Operand};
use crate::execution::{Execution, FrameId};
use crate::failure::{Failure, NO_CHOICE_MATCHED};
use crate::model::{Next, State};

/// `Choices` and `Default`.
#[derive(Debug)]
pub(crate) struct Choice {
    rules: Vec<Rule>,
    default: Option<Next>,
}

#[derive(Debug)]
struct Rule {
    condition: Operand<bool>,
    next: Next,
    /// `Output` and `Assign` of the rule.
    data: Data,
    /// What causes call the condition.
    field: String,
}

impl Choice {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let choices = reader
            .array("Choices")
            .map(Vec::as_slice)
            .unwrap_or_default();
        if choices.is_empty() {
            reader.report("", "needs 'Choices' with at least one rule");
        }
        let mut rules = Vec::with_capacity(choices.len());
        for (index, choice) in choices.iter().enumerate() {
            let inner = reader.inner(&format!("Choices/{index}"), choice);
            rules.extend(inner.and_then(|inner| Rule::check(inner, index)));
        }
        Self {
            rules,
            default: reader.target("Default"),
        }
    }

    pub(crate) fn targets(&self) -> impl Iterator<Item = Next> {
        self.rules.iter().map(|rule| rule.next).chain(self.default)
    }

    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        let chosen = run.evaluate(frame, |scope| {
            for rule in &self.rules {
                if rule.condition.condition(scope, &rule.field)? {
                    return Ok(Some(rule));
                }
            }
            Ok(None)
        })?;
        if let Some(rule) = chosen {
            return run.leave(frame, &rule.data, rule.next, None);
        }
        match self.default {
            Some(next) => run.leave(frame, &state.data, next, None),
            None => Err(run.failure(
                frame,
                NO_CHOICE_MATCHED,
                "Failed to transition out of the state. The state does not point to a next state.",
            )),
        }
    }
}

impl Rule {
    fn check(mut reader: Reader<'_>, index: usize) -> Option<Self> {
        reader.text("Comment");
        for required in ["Condition", "Next"] {
            if reader.get(required).is_none() {
                reader.report("", format!("needs the field '{required}'"));
            }
        }
        let condition = reader.operand("Condition", "true, false", Value::as_bool);
        let next = reader.target("Next").unwrap_or(Next::End);
        let data = reader.rule_data();
        reader.finish("a Choice rule");
        Some(Self {
            condition: condition?,
            next,
            data,
            field: format!("Choices[{index}]/Condition"),
        })
    }
}
