//! Which variables and functions an expression names, so that only those are bound.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, PathStep, Stage};
use jsonata_core::value::with_stack;

/// The fields of the reserved variable `$states`.
pub(super) const STATES_FIELDS: [&str; 4] = ["input", "result", "errorOutput", "context"];

/// The names found in an expression.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    /// Variables other than `$states`.
    pub(super) variables: BTreeSet<String>,
    /// Fields of `$states`; all of them when it is used as a whole.
    pub(super) states: BTreeSet<String>,
    /// Whether `Execution.Input` of the context object may be read.
    pub(super) execution_input: bool,
    /// Variables that are not called on the spot: some may be functions handed on.
    pub(super) values: BTreeSet<String>,
    /// Functions called by name.
    pub(super) functions: BTreeSet<String>,
}

impl Mentions {
    /// Walks the whole expression.
    pub(super) fn of(ast: &AstNode) -> Self {
        let mut found = Self::default();
        found.node(ast);
        found
    }

    fn node(&mut self, node: &AstNode) {
        with_stack(|| self.visit(node));
    }

    fn all<'a>(&mut self, nodes: impl IntoIterator<Item = &'a AstNode>) {
        for node in nodes {
            self.node(node);
        }
    }

    fn visit(&mut self, node: &AstNode) {
        match node {
            AstNode::Variable(name) | AstNode::ParentVariable(name) => {
                self.values.insert(name.clone());
                self.variable(name, None);
            }
            AstNode::Path { steps } => self.path(steps),
            AstNode::Binary { lhs, rhs, .. } => self.all([&**lhs, &**rhs]),
            AstNode::Unary { operand, .. } => self.node(operand),
            AstNode::Function { name, args, .. } => {
                self.functions.insert(name.clone());
                // A variable may hold a function, so its name is bound as well.
                self.variable(name, None);
                self.all(args);
            }
            AstNode::Call { procedure, args } => {
                self.node(procedure);
                self.all(args);
            }
            AstNode::Lambda { body, .. } => self.node(body),
            AstNode::Array(nodes) | AstNode::ArrayGroup(nodes) | AstNode::Block(nodes) => {
                self.all(nodes);
            }
            AstNode::Object(pairs) => self.pairs(pairs),
            AstNode::FunctionApplication(inner) => self.node(inner),
            other => self.visit_rest(other),
        }
    }

    fn visit_rest(&mut self, node: &AstNode) {
        match node {
            AstNode::ObjectTransform { input, pattern } => {
                self.node(input);
                self.pairs(pattern);
            }
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => {
                self.all([&**condition, &**then_branch]);
                self.all(else_branch.as_deref());
            }
            AstNode::Sort { input, terms } => {
                self.node(input);
                self.all(terms.iter().map(|(term, _)| term));
            }
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                self.all([&**location, &**update]);
                self.all(delete.as_deref());
            }
            _ => {}
        }
    }

    fn pairs(&mut self, pairs: &[(AstNode, AstNode)]) {
        for (key, value) in pairs {
            self.all([key, value]);
        }
    }

    fn path(&mut self, steps: &[PathStep]) {
        for (index, step) in steps.iter().enumerate() {
            if let AstNode::Variable(name) = &step.node {
                let plain = step.stages.is_empty();
                let next = steps.get(index + 1).filter(|_| plain);
                let field = next.and_then(|step| match &step.node {
                    AstNode::Name(field) => Some(field.as_str()),
                    _ => None,
                });
                self.variable(name, field);
                self.execution_input |= name == "states" && reads_execution_input(&steps[index..]);
            } else {
                self.node(&step.node);
            }
            for stage in &step.stages {
                if let Stage::Filter(filter) = stage {
                    self.node(filter);
                }
            }
        }
    }

    /// A variable, with the field that is read of it where that is known.
    fn variable(&mut self, name: &str, field: Option<&str>) {
        if name != "states" {
            self.variables.insert(name.to_owned());
            return;
        }
        if let Some(field) = field {
            self.states.insert(field.to_owned());
            return;
        }
        self.states.extend(STATES_FIELDS.map(str::to_owned));
        self.execution_input = true;
    }
}

/// Whether a path that begins with `$states` may lead to `context.Execution.Input`.
fn reads_execution_input(steps: &[PathStep]) -> bool {
    let wanted = ["context", "Execution", "Input"];
    let mut rest = steps.iter().skip(1);
    wanted.iter().all(|wanted| match rest.next() {
        Some(step) => match &step.node {
            AstNode::Name(name) => name == wanted,
            _ => true,
        },
        // The path ends above the input: what it gives contains it.
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str) -> Mentions {
        Mentions::of(&jsonata_core::parser::parse(text).expect("parses"))
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let found =
            mentions("$a.b[$c > $states.input.x].{ 'k': $f($d) } ~> $map(function($v) { $e })");
        for name in ["a", "c", "d", "e", "f"] {
            assert!(found.variables.contains(name), "{name}");
        }
        assert_eq!(found.states.iter().collect::<Vec<_>>(), ["input"]);
        assert!(found.functions.contains("map"));
    }

    #[test]
    fn the_execution_input_is_only_wanted_where_it_is_read() {
        for wants in [
            "$states",
            "$states.context",
            "$states.context.Execution.Input.x",
            "$states.context.*.Input",
            "$keys($states.context.Execution)",
        ] {
            assert!(mentions(wants).execution_input, "{wants}");
        }
        for not in [
            "$states.input",
            "$states.context.Execution.Id",
            "$states.context.Map.Item",
        ] {
            assert!(!mentions(not).execution_input, "{not}");
        }
    }

    #[test]
    fn states_as_a_whole_needs_every_field() {
        assert_eq!(mentions("$keys($states)").states.len(), 4);
    }
}
