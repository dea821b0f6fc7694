//! Fields that hold values: literals, expressions and what is assigned to variables.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;

use super::reader::Reader;
use super::{Checker, Language};
use crate::jsonata::{Expression, Template, expression_text};
use crate::operand::{Operand, whole_in};

impl<'r> Reader<'r> {
    /// The expression in a field, when its text is one.
    fn expression(&mut self, name: &'static str, value: &Value) -> Option<Box<Expression>> {
        let source = expression_text(value.as_str()?)?;
        match Expression::parse(source) {
            Ok(expression) => {
                if expression.reads_error() {
                    self.refuse_error_output(name);
                }
                Some(Box::new(expression))
            }
            Err(message) => {
                self.report(name, message);
                None
            }
        }
    }

    /// A literal or an expression.
    pub(crate) fn operand<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&'r Value) -> Option<T>,
    ) -> Option<Operand<T>> {
        let value = self.get(name)?;
        let jsonata = self.language == Language::Jsonata;
        if jsonata && value.as_str().and_then(expression_text).is_some() {
            return self.expression(name, value).map(Operand::Expression);
        }
        let literal = read(value);
        if literal.is_none() {
            let or = if jsonata {
                " or a JSONata expression"
            } else {
                ""
            };
            self.report(name, format!("must be {expected}{or}"));
        }
        literal.map(Operand::Literal)
    }

    /// A whole number or an expression.
    pub(crate) fn integer_operand(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Operand<u64>> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.operand(name, &expected, |value| whole_in(value, &range))
    }

    /// A JSON value with expressions in it.
    pub(crate) fn template(&mut self, name: &'static str) -> Option<Template> {
        let value = self.get(name)?;
        Some(self.template_of(name, value))
    }

    pub(super) fn template_of(&mut self, place: &str, value: &Value) -> Template {
        let mut found = Vec::new();
        let template = Template::parse(value, &mut |at, message| {
            found.push((format!("{place}{at}"), message));
        });
        for (at, message) in found {
            self.report(&at, message);
        }
        if template.reads_error() {
            self.refuse_error_output(place);
        }
        template
    }

    fn refuse_error_output(&mut self, place: &str) {
        if !self.in_catcher {
            self.report(place, "$states.errorOutput is only there in a Catcher");
        }
    }

    /// `Assign`: names of variables and their values.
    pub(crate) fn assign(&mut self) -> Vec<(Arc<str>, Template)> {
        let mut assign = Vec::new();
        for (name, value) in self.object("Assign").into_iter().flatten() {
            let place = format!("Assign/{name}");
            self.variable(&place, name);
            assign.push((Arc::from(name.as_str()), self.template_of(&place, value)));
        }
        assign
    }

    /// Reports the name of a variable that cannot be assigned here.
    pub(super) fn variable(&mut self, place: &str, name: &str) {
        if let Some(wrong) = self.checker.refuse_variable(name) {
            self.report(place, wrong);
        }
    }
}

/// The longest name of a variable, as AWS has it.
const LONGEST_NAME: usize = 80;

impl Checker {
    /// Why a variable of this name cannot be assigned here.
    fn refuse_variable(&mut self, name: &str) -> Option<String> {
        let mut letters = name.chars();
        let starts = letters
            .next()
            .is_some_and(|first| first.is_alphabetic() || first == '_');
        let valid = starts && letters.all(|letter| letter.is_alphanumeric() || letter == '_');
        if !valid || name.chars().count() > LONGEST_NAME {
            return Some(format!("'{name}' is not a name for a variable"));
        }
        if name == "states" {
            return Some("'states' is reserved".to_owned());
        }
        let (own, outer) = self.assigned.split_last_mut()?;
        own.insert(name.to_owned());
        let shadows = outer.iter().any(|scope| scope.contains(name));
        shadows.then(|| format!("'{name}' is already a variable of an outer scope"))
    }
}
