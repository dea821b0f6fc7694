//! The JSONata dialect: expressions, templates, and Step Functions' own functions.
//!
//! Expressions are parsed once, when a definition is checked. The evaluator's values are
//! not `Send`, so they live inside one synchronous call and never in an execution.

mod convert;
mod expression;
mod functions;
mod mentions;
mod own;
mod plain;
mod reach;
mod scope;
mod template;
mod unbound;

pub(crate) use expression::{EvalError, Expression};
pub(crate) use scope::{Bindings, Scope};
pub(crate) use template::Template;

/// The text inside `{% … %}`, when a string is an expression.
pub(crate) fn expression_text(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}
