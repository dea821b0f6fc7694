//! Fields of a state that are a literal, a JSONata expression or a path.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;

use crate::dialect::Fault;
use crate::jsonata::{EvalError, Expression, Scope};
use crate::jsonpath::{PathFault, Selection, Sight, Source};

/// A field with a value of its own or one to look up.
#[derive(Debug)]
pub(crate) enum Operand<T> {
    Literal(T),
    Expression(Box<Expression>),
    Path(Box<PathOperand>),
}

/// A `…Path` field.
#[derive(Debug)]
pub(crate) struct PathOperand {
    pub(crate) field: &'static str,
    pub(crate) source: Source,
    /// `InputPath` of the state, which such a field sees the input through.
    pub(crate) input: Selection,
}

impl PathOperand {
    fn value(&self, scope: &Scope<'_>) -> Result<Arc<Value>, PathFault> {
        let data = self.input.of(scope, scope.input)?;
        let (field, sight) = (self.field, Sight { scope, data: &data });
        self.source.value(sight, |path| match field {
            "SecondsPath" | "TimestampPath" => PathFault::runtime(format!(
                "The {field} parameter does not reference an input value: {}",
                path.text(),
            )),
            _ => PathFault::not_found(path, field, sight),
        })
    }

    /// The failure of a value that does not fit the field, in AWS's words.
    fn unfit(&self, value: &Value, expected: &str) -> PathFault {
        let (field, path) = (self.field, self.source.text());
        let is_negative = value.as_f64().is_some_and(|number| number < 0.0);
        PathFault::runtime(match field {
            "ToleratedFailureCountPath" if is_negative => {
                "ToleratedFailureCount cannot be negative.".to_owned()
            }
            "ToleratedFailurePercentagePath" if value.is_number() => {
                "ToleratedFailurePercentage must be between 0 and 100.".to_owned()
            }
            _ if field.ends_with("SecondsPath") && value.is_i64() => {
                format!("The {field} parameter references a negative value: {path} == {value}")
            }
            _ if field.ends_with("SecondsPath") => {
                format!("The {field} parameter cannot be parsed as a long value: {path} == {value}")
            }
            _ => format!(
                "The {field} field refers to value \"{}\" which is not a valid {expected}: {path}",
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            ),
        })
    }
}

impl<T: Clone> Operand<T> {
    fn resolve(
        &self,
        scope: &Scope<'_>,
        field: &str,
        read: impl FnOnce(&Value, &str) -> Result<T, EvalError>,
        fits: impl FnOnce(&Value) -> Option<T>,
        expected: &str,
    ) -> Result<T, Fault> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Expression(expression) => expression
                .evaluate(scope)
                .and_then(|value| read(&value, expression.source()))
                .map_err(|error| error.within(field).into()),
            Self::Path(path) => {
                let value = path.value(scope)?;
                fits(&value).ok_or_else(|| path.unfit(&value, expected).into())
            }
        }
    }

    /// The text of the path, if it is one.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Path(path) => Some(path.source.text()),
            _ => None,
        }
    }
}

impl Operand<bool> {
    /// A Choice condition.
    pub(crate) fn condition(&self, scope: &Scope<'_>, field: &str) -> Result<bool, Fault> {
        let read = |value: &Value, source: &str| {
            let wrong = || EvalError::wrong_type(Some(source), "boolean", value);
            value.as_bool().ok_or_else(wrong)
        };
        self.resolve(scope, field, read, Value::as_bool, "boolean")
    }
}

impl Operand<String> {
    /// A text, as `Error`, `Cause` and `Timestamp` are.
    pub(crate) fn text(&self, scope: &Scope<'_>, field: &str) -> Result<String, Fault> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let read = |value: &Value, source: &str| {
            let wrong = || EvalError::wrong_type(Some(source), "string", value);
            text(value).ok_or_else(wrong)
        };
        self.resolve(scope, field, read, text, "string")
    }
}

impl Operand<u64> {
    /// A whole number within a range.
    pub(crate) fn integer(
        &self,
        scope: &Scope<'_>,
        field: &str,
        range: RangeInclusive<u64>,
    ) -> Result<u64, Fault> {
        let read = |value: &Value, source: &str| {
            let number = value.as_f64().filter(|number| number.fract() == 0.0);
            if number.is_none() {
                return Err(EvalError::wrong_type(Some(source), "integer", value));
            }
            whole_in(value, &range).ok_or_else(|| out_of_range(source, value, &range))
        };
        let fits = |value: &Value| whole_in(value, &range);
        self.resolve(scope, field, read, fits, "integer")
    }
}

/// A field that may be absent.
pub(crate) fn optional_integer(
    operand: Option<&Operand<u64>>,
    scope: &Scope<'_>,
    field: &str,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>, Fault> {
    operand
        .map(|operand| operand.integer(scope, field, range))
        .transpose()
}

impl Operand<f64> {
    /// A percentage.
    pub(crate) fn percentage(&self, scope: &Scope<'_>, field: &str) -> Result<f64, Fault> {
        let fits = |value: &Value| {
            let number = value.as_f64();
            number.filter(|number| (0.0..=100.0).contains(number))
        };
        let read = |value: &Value, source: &str| match value {
            Value::Number(_) => fits(value).ok_or_else(|| out_of_range(source, value, &(0..=100))),
            _ => Err(EvalError::wrong_type(Some(source), "number", value)),
        };
        self.resolve(scope, field, read, fits, "float")
    }
}

/// A whole number within a range; `3.0` is one.
pub(crate) fn whole_in(value: &Value, range: &RangeInclusive<u64>) -> Option<u64> {
    let number = value.as_f64()?;
    if number.fract() != 0.0 || number < 0.0 {
        return None;
    }
    let whole = value.as_u64().unwrap_or(number as u64);
    range.contains(&whole).then_some(whole)
}

fn out_of_range(source: &str, value: &Value, range: &RangeInclusive<u64>) -> EvalError {
    let (low, high) = range.clone().into_inner();
    let what = format!("returned {value}, which is not between {low} and {high}.");
    EvalError::range(source, what)
}
