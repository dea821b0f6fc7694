//! The shortcut for expressions that are a plain path, such as `$states.input.order.id`.
//!
//! Only steps over objects are taken: a path over an array maps and flattens, which is
//! the evaluator's business. So the shortcut is exact, and it shares values instead of
//! copying them to the evaluator and back.

use std::sync::Arc;

use jsonata_core::ast::{AstNode, PathStep};
use serde_json::Value;

use super::scope::Scope;

/// `$root.step.step…`
#[derive(Debug)]
pub(super) struct PlainPath {
    root: Root,
    steps: Vec<String>,
}

#[derive(Debug)]
enum Root {
    Input,
    Result,
    Error,
    Variable(String),
}

/// What the shortcut found.
pub(super) enum Plain {
    Value(Arc<Value>),
    Nothing,
    /// The path meets something that only the evaluator understands.
    Ask,
}

impl PlainPath {
    /// The path that this expression is, if it is one.
    pub(super) fn of(ast: &AstNode) -> Option<Self> {
        let (name, steps) = match ast {
            AstNode::Variable(name) => (name, Vec::new()),
            AstNode::Path { steps } => {
                let (first, rest) = steps.split_first()?;
                let AstNode::Variable(name) = bare(first)? else {
                    return None;
                };
                let names = rest.iter().map(field_name).collect::<Option<Vec<_>>>()?;
                (name, names)
            }
            _ => return None,
        };
        Self::rooted(name, steps)
    }

    fn rooted(name: &str, mut steps: Vec<String>) -> Option<Self> {
        if name.is_empty() || name == "$" {
            return None;
        }
        if name != "states" {
            let root = Root::Variable(name.to_owned());
            return Some(Self { root, steps });
        }
        let root = match steps.first()?.as_str() {
            "input" => Root::Input,
            "result" => Root::Result,
            "errorOutput" => Root::Error,
            _ => return None,
        };
        steps.remove(0);
        Some(Self { root, steps })
    }

    /// Follows the path through objects.
    pub(super) fn find(&self, scope: &Scope<'_>) -> Plain {
        let variable;
        let root = match &self.root {
            Root::Input => Some(scope.input),
            Root::Result => scope.result,
            Root::Error => scope.error,
            Root::Variable(name) => {
                variable = scope.bindings.variable(name);
                variable.as_ref()
            }
        };
        // A name that is not a variable may be a function: the evaluator knows.
        let Some(root) = root else { return Plain::Ask };
        let mut here: &Value = root;
        for step in &self.steps {
            match here {
                Value::Object(fields) => match fields.get(step) {
                    Some(next) => here = next,
                    None => return Plain::Nothing,
                },
                _ => return Plain::Ask,
            }
        }
        if self.steps.is_empty() {
            return Plain::Value(Arc::clone(root));
        }
        match here {
            // How a path ends on an array decides whether it stays one.
            Value::Array(_) => Plain::Ask,
            other => Plain::Value(Arc::new(other.clone())),
        }
    }
}

fn bare(step: &PathStep) -> Option<&AstNode> {
    let plain = step.stages.is_empty()
        && step.focus.is_none()
        && step.index_var.is_none()
        && step.ancestor_label.is_none()
        && !step.is_tuple
        && !step.inner_tuple;
    plain.then_some(&step.node)
}

fn field_name(step: &PathStep) -> Option<String> {
    match bare(step)? {
        AstNode::Name(name) => Some(name.clone()),
        _ => None,
    }
}
