//! JSON with expressions in it, as `Output`, `Arguments` and `Assign` take.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::expression::{EvalError, Expression};
use super::scope::Scope;

/// A JSON value whose `{% … %}` strings are parsed.
#[derive(Debug)]
pub(crate) enum Template {
    /// No expression anywhere within: shared, never copied.
    Literal(Arc<Value>),
    Expression(Box<Expression>),
    Object(Vec<(String, Template)>),
    Array(Vec<Template>),
}

impl Template {
    /// Parses every expression; `problem` is told the place and message of those that do not.
    pub(crate) fn parse(value: &Value, problem: &mut dyn FnMut(&str, String)) -> Self {
        Self::parse_at(value, &mut String::new(), problem)
    }

    /// Whether an expression in it reads `$states.errorOutput`.
    pub(crate) fn reads_error(&self) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Expression(expression) => expression.reads_error(),
            Self::Object(fields) => fields.iter().any(|(_, field)| field.reads_error()),
            Self::Array(items) => items.iter().any(Self::reads_error),
        }
    }

    fn parse_at(value: &Value, at: &mut String, problem: &mut dyn FnMut(&str, String)) -> Self {
        match value {
            Value::String(text) => match super::expression_text(text).map(Expression::parse) {
                Some(Ok(expression)) => Self::Expression(Box::new(expression)),
                Some(Err(message)) => {
                    problem(at, message);
                    Self::Literal(Arc::new(Value::Null))
                }
                None => Self::Literal(Arc::new(value.clone())),
            },
            Value::Object(fields) if has_expression(value) => Self::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), Self::nested(key, field, at, problem)))
                    .collect(),
            ),
            Value::Array(items) if has_expression(value) => Self::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self::nested(&index.to_string(), item, at, problem))
                    .collect(),
            ),
            literal => Self::Literal(Arc::new(literal.clone())),
        }
    }

    fn nested(
        key: &str,
        value: &Value,
        at: &mut String,
        problem: &mut dyn FnMut(&str, String),
    ) -> Self {
        let length = at.len();
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let template = Self::parse_at(value, at, problem);
        at.truncate(length);
        template
    }

    /// The text of the expression, when the whole template is one.
    pub(crate) fn source(&self) -> Option<&str> {
        match self {
            Self::Expression(expression) => Some(expression.source()),
            _ => None,
        }
    }

    /// The value, with every expression evaluated.
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        match self {
            Self::Literal(value) => Ok(Arc::clone(value)),
            Self::Expression(expression) => expression.evaluate(scope),
            Self::Object(_) | Self::Array(_) => self.build(scope).map(Arc::new),
        }
    }

    fn build(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        match self {
            Self::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (key, field) in fields {
                    let value = field
                        .build(scope)
                        .map_err(|error| error.within(format_args!("/{key}")))?;
                    object.insert(key.clone(), value);
                }
                Ok(Value::Object(object))
            }
            Self::Array(items) => {
                let item = |(index, item): (usize, &Self)| {
                    item.build(scope)
                        .map_err(|error| error.within(format_args!("[{index}]")))
                };
                items
                    .iter()
                    .enumerate()
                    .map(item)
                    .collect::<Result<_, _>>()
                    .map(Value::Array)
            }
            leaf => leaf.evaluate(scope).map(Arc::unwrap_or_clone),
        }
    }
}

fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => super::expression_text(text).is_some(),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(fields) => fields.values().any(has_expression),
        _ => false,
    }
}
