//! Choice: takes the first rule whose condition holds.

use serde_json::Value;

use super::comparison::Comparison;
use crate::check::Reader;
use crate::dialect::{Data, Fault};
use crate::execution::{Execution, FrameId};
use crate::failure::{Failure, NO_CHOICE_MATCHED};
use crate::jsonata::Scope;
use crate::jsonpath::{Selection, Sight};
use crate::model::{Next, State};
use crate::operand::Operand;

/// `Choices` and `Default`.
#[derive(Debug)]
pub(crate) struct Choice {
    rules: Vec<Rule>,
    default: Option<Next>,
}

#[derive(Debug)]
struct Rule {
    condition: Condition,
    next: Next,
    /// `Output` and `Assign` of the rule.
    data: Data,
    /// What causes call the condition.
    field: String,
}

#[derive(Debug)]
enum Condition {
    Expression(Operand<bool>),
    /// A comparison, and the part of the input that it sees.
    Comparison(Box<(Comparison, Selection)>),
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
            let paths = if reader.is_jsonata() {
                None
            } else {
                Some((
                    reader.selection("InputPath"),
                    reader.selection("OutputPath"),
                ))
            };
            let inner = reader.inner(&format!("Choices/{index}"), choice);
            rules.extend(inner.map(|inner| match paths {
                None => Rule::check(inner, index),
                Some((input, output)) => Rule::check_comparison(inner, index, input, output),
            }));
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
                if rule.holds(scope)? {
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
    fn holds(&self, scope: &Scope<'_>) -> Result<bool, Fault> {
        match &self.condition {
            Condition::Expression(condition) => condition.condition(scope, &self.field),
            Condition::Comparison(condition) => {
                let (comparison, input) = &**condition;
                let data = input.of(scope, scope.input)?;
                Ok(comparison.holds(Sight { scope, data: &data })?)
            }
        }
    }

    fn check_comparison(
        mut reader: Reader<'_>,
        index: usize,
        input: Selection,
        output: Selection,
    ) -> Self {
        reader.text("Comment");
        if reader.get("Next").is_none() {
            reader.report("", "needs the field 'Next'");
        }
        let comparison = Comparison::check(&mut reader);
        let next = reader.target("Next").unwrap_or(Next::End);
        let data = Data::JsonPath(Box::new(reader.rule_paths(input.clone(), output)));
        reader.finish("a Choice rule");
        // A rule that does not check still leads somewhere.
        let comparison = comparison.unwrap_or(Comparison::Any(Vec::new()));
        Self {
            condition: Condition::Comparison(Box::new((comparison, input))),
            next,
            data,
            field: format!("Choices[{index}]"),
        }
    }

    fn check(mut reader: Reader<'_>, index: usize) -> Self {
        reader.text("Comment");
        for required in ["Condition", "Next"] {
            if reader.get(required).is_none() {
                reader.report("", format!("needs the field '{required}'"));
            }
        }
        let condition = reader.operand("Condition", "true, false", Value::as_bool);
        let next = reader.target("Next").unwrap_or(Next::End);
        let data = reader.rule_data(&format!("Choices[{index}]/"));
        reader.finish("a Choice rule");
        Self {
            condition: Condition::Expression(condition.unwrap_or(Operand::Literal(false))),
            next,
            data,
            field: format!("Choices[{index}]/Condition"),
        }
    }
}
