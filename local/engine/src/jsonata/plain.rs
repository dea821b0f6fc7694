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
    /// `context.Execution.Input`
    ExecutionInput,
    /// `context.Map.Item.Value`
    Item,
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
        let names: Vec<&str> = steps.iter().map(String::as_str).collect();
        let (root, taken) = match names.as_slice() {
            ["input", ..] => (Root::Input, 1),
            ["result", ..] => (Root::Result, 1),
            ["errorOutput", ..] => (Root::Error, 1),
            ["context", "Execution", "Input", ..] => (Root::ExecutionInput, 3),
            ["context", "Map", "Item", "Value", ..] => (Root::Item, 4),
            _ => return None,
        };
        steps.drain(..taken);
        Some(Self { root, steps })
    }

    /// Follows the path through objects.
    pub(super) fn find(&self, scope: &Scope<'_>) -> Plain {
        let root = match &self.root {
            Root::Input => Some(Arc::clone(scope.input)),
            Root::Result => scope.result.cloned(),
            Root::Error => scope.error.cloned(),
            Root::ExecutionInput => Some(scope.bindings.execution_input()),
            Root::Item => scope.bindings.item_value(),
            Root::Variable(name) => scope.bindings.variable(name),
        };
        // A name that is not a variable may be a function: the evaluator knows.
        let Some(root) = root else { return Plain::Ask };
        let mut here: &Value = &root;
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
            return Plain::Value(root);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonata::{Bindings, Expression};
    use serde_json::json;

    struct Bound(Arc<Value>);

    impl Bindings for Bound {
        fn variable(&self, name: &str) -> Option<Arc<Value>> {
            (name == "v").then(|| Arc::clone(&self.0))
        }

        fn context(&self, _: bool) -> Value {
            json!({"Execution": {"Input": *self.0}, "Map": {"Item": {"Value": *self.0}}})
        }

        fn execution_input(&self) -> Arc<Value> {
            Arc::clone(&self.0)
        }

        fn item_value(&self) -> Option<Arc<Value>> {
            Some(Arc::clone(&self.0))
        }
    }

    /// The same path, in a form that only the evaluator takes.
    fn by_evaluator(path: &str) -> String {
        format!("({path})")
    }

    #[test]
    fn the_shortcut_answers_as_the_evaluator_does() {
        let values = [
            json!({"a": {"b": {"c": 1}}}),
            json!({"a": {"b": null}}),
            json!({"a": {"b": [1]}}),
            json!({"a": {"b": []}}),
            json!({"a": {"b": [[1], [2, 3]]}}),
            json!({"a": [{"b": 1}, {"b": [2, 3]}]}),
            json!({"a": [{"b": {"c": [4]}}]}),
            json!({"a": "text"}),
            json!({"a": {"b": {}}}),
            json!([{"a": {"b": 1}}]),
            json!([[]]),
            json!([7]),
            json!(null),
            json!("x"),
            json!({}),
        ];
        let roots = [
            "$states.input",
            "$states.result",
            "$v",
            "$states.context.Execution.Input",
            "$states.context.Map.Item.Value",
        ];
        for value in values {
            let value = Arc::new(value);
            let bound = Bound(Arc::clone(&value));
            let mut scope = Scope::new(
                &value,
                &bound,
                jiff::Timestamp::UNIX_EPOCH,
                fastrand::Rng::with_seed(1),
            );
            scope.result = Some(&value);
            for root in roots {
                for steps in ["", ".a", ".a.b", ".a.b.c", ".nobody", ".a.nobody"] {
                    let path = format!("{root}{steps}");
                    let evaluate = |text: &str| {
                        let expression = Expression::parse(text).expect("parses");
                        expression.evaluate(&scope).map_err(|error| error.problem)
                    };
                    assert_eq!(
                        evaluate(&path),
                        evaluate(&by_evaluator(&path)),
                        "{path} of {value}"
                    );
                }
            }
        }
    }
}
