//! What a state does with data, by query language.
//!
//! The step code asks these types and never a language: a second dialect is one more
//! variant of [`Data`] and [`Operand`], and nothing in the states changes.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;

use crate::jsonata::{EvalError, EvalProblem, Expression, Scope, Template};

/// Named values that a state assigns.
pub(crate) type Assignments = Vec<(Arc<str>, Arc<Value>)>;

/// The data fields of a state, a Choice rule or a Catcher.
#[derive(Debug)]
pub(crate) enum Data {
    Jsonata(JsonataData),
}

/// `Arguments`, `Output` and `Assign`.
#[derive(Debug, Default)]
pub(crate) struct JsonataData {
    pub(crate) arguments: Option<Template>,
    pub(crate) output: Option<Template>,
    pub(crate) assign: Vec<(Arc<str>, Template)>,
}

impl Default for Data {
    fn default() -> Self {
        Self::Jsonata(JsonataData::default())
    }
}

impl Data {
    /// What a Task sends or a Parallel hands to its branches.
    pub(crate) fn arguments(&self, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        let Self::Jsonata(data) = self;
        match &data.arguments {
            Some(template) => template
                .evaluate(scope)
                .map_err(|error| error.within("Arguments")),
            None => Ok(Arc::clone(scope.input)),
        }
    }

    /// What leaves the state: `default` when it says nothing about it.
    pub(crate) fn output(
        &self,
        scope: &Scope<'_>,
        default: &Arc<Value>,
    ) -> Result<Arc<Value>, EvalError> {
        let Self::Jsonata(data) = self;
        match &data.output {
            Some(template) => template
                .evaluate(scope)
                .map_err(|error| error.within("Output")),
            None => Ok(Arc::clone(default)),
        }
    }

    /// The new values of variables; all are computed from the old ones.
    pub(crate) fn assign(&self, scope: &Scope<'_>) -> Result<Assignments, EvalError> {
        let Self::Jsonata(data) = self;
        let value = |(name, template): &(Arc<str>, Template)| {
            let value = template.evaluate(scope);
            value
                .map(|value| (Arc::clone(name), value))
                .map_err(|error| error.within(format_args!("Assign/{name}")))
        };
        data.assign.iter().map(value).collect()
    }
}

/// A field that is a literal or an expression.
#[derive(Debug)]
pub(crate) enum Operand<T> {
    Literal(T),
    Expression(Box<Expression>),
}

impl<T: Clone> Operand<T> {
    fn resolve(
        &self,
        scope: &Scope<'_>,
        field: &str,
        read: impl FnOnce(&Value, &str) -> Result<T, EvalError>,
    ) -> Result<T, EvalError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Expression(expression) => expression
                .evaluate(scope)
                .and_then(|value| read(&value, expression.source()))
                .map_err(|error| error.within(field)),
        }
    }
}

impl Operand<bool> {
    /// A Choice condition.
    pub(crate) fn condition(&self, scope: &Scope<'_>, field: &str) -> Result<bool, EvalError> {
        self.resolve(scope, field, |value, source| {
            let wrong = || EvalError::wrong_type(Some(source), "boolean", value);
            value.as_bool().ok_or_else(wrong)
        })
    }
}

impl Operand<String> {
    /// A text, as `Error`, `Cause` and `Timestamp` are.
    pub(crate) fn text(&self, scope: &Scope<'_>, field: &str) -> Result<String, EvalError> {
        self.resolve(scope, field, |value, source| {
            let wrong = || EvalError::wrong_type(Some(source), "string", value);
            value.as_str().map(str::to_owned).ok_or_else(wrong)
        })
    }
}

impl Operand<u64> {
    /// A whole number within a range.
    pub(crate) fn integer(
        &self,
        scope: &Scope<'_>,
        field: &str,
        range: RangeInclusive<u64>,
    ) -> Result<u64, EvalError> {
        self.resolve(scope, field, |value, source| {
            let number = value.as_f64().filter(|number| number.fract() == 0.0);
            let Some(number) = number else {
                return Err(EvalError::wrong_type(Some(source), "integer", value));
            };
            let whole = number as u64;
            if number < 0.0 || !range.contains(&whole) {
                return Err(out_of_range(source, value, &range));
            }
            Ok(whole)
        })
    }
}

/// A field that may be absent.
pub(crate) fn optional_integer(
    operand: Option<&Operand<u64>>,
    scope: &Scope<'_>,
    field: &str,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>, EvalError> {
    operand
        .map(|operand| operand.integer(scope, field, range))
        .transpose()
}

impl Operand<f64> {
    /// A percentage.
    pub(crate) fn percentage(&self, scope: &Scope<'_>, field: &str) -> Result<f64, EvalError> {
        self.resolve(scope, field, |value, source| match value.as_f64() {
            Some(number) if (0.0..=100.0).contains(&number) => Ok(number),
            Some(_) => Err(out_of_range(source, value, &(0..=100))),
            None => Err(EvalError::wrong_type(Some(source), "number", value)),
        })
    }
}

fn out_of_range(source: &str, value: &Value, range: &RangeInclusive<u64>) -> EvalError {
    let (low, high) = range.clone().into_inner();
    EvalError {
        field: String::new(),
        expression: Some(source.to_owned()),
        problem: EvalProblem::Range(format!(
            "returned {value}, which is not between {low} and {high}."
        )),
    }
}
