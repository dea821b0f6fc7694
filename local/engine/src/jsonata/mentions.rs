//! Which variables and functions an expression names, so that only those are bound.

use std::collections::{BTreeMap, BTreeSet};

use jsonata_core::ast::{AstNode, PathStep, Stage};
use jsonata_core::value::with_stack;

use super::reach::Reach;

/// The names found in an expression.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    /// Variables, `$states` among them, and what is read of each.
    pub(super) variables: BTreeMap<String, Reach>,
    /// Variables that are not called on the spot: some may be functions handed on.
    pub(super) values: BTreeSet<String>,
    /// Functions called by name.
    pub(super) functions: BTreeSet<String>,
    /// Whether `%` is used, which leads back up a path.
    climbs: bool,
}

impl Mentions {
    /// Walks the whole expression.
    pub(super) fn of(ast: &AstNode) -> Self {
        let mut found = Self::default();
        found.node(ast);
        if found.climbs {
            found.variables.values_mut().for_each(Reach::add_whole);
        }
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
                self.variable(name).add_whole();
            }
            AstNode::Parent(_) => self.climbs = true,
            AstNode::Path { steps } => self.path(steps),
            AstNode::Binary { lhs, rhs, .. } => self.all([&**lhs, &**rhs]),
            AstNode::Unary { operand, .. } => self.node(operand),
            AstNode::Function { name, args, .. } => {
                self.functions.insert(name.clone());
                // A variable may hold a function, so its name is bound as well.
                self.variable(name).add_whole();
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
            match &step.node {
                AstNode::Variable(name) if index == 0 && step.stages.is_empty() => {
                    self.variable(name).add(named_steps(&steps[1..]));
                }
                node => self.node(node),
            }
            for stage in &step.stages {
                if let Stage::Filter(filter) = stage {
                    self.node(filter);
                }
            }
        }
    }

    fn variable(&mut self, name: &str) -> &mut Reach {
        self.variables.entry(name.to_owned()).or_default()
    }
}

/// The names that a path begins with, up to the first step that is more than a name. What
/// follows `a@$x` starts from where `a` is, so such a step reads all that is around it.
fn named_steps(steps: &[PathStep]) -> impl Iterator<Item = &str> {
    let mut plain = true;
    steps.iter().map_while(move |step| match &step.node {
        AstNode::Name(name) if plain && step.focus.is_none() => {
            plain = step.stages.is_empty();
            Some(name.as_str())
        }
        _ => None,
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
        for name in ["a", "c", "d", "e", "f", "states"] {
            assert!(found.variables.contains_key(name), "{name}");
        }
        assert!(found.functions.contains("map"));
    }

    /// Whether the end of a path is read as a whole, and nothing before it is.
    fn reaches(text: &str, path: &[&str]) -> bool {
        let found = mentions(text);
        let mut here = &found.variables["states"];
        for step in path {
            if here.is_whole() {
                return false;
            }
            match here.field(step) {
                Some(next) => here = next,
                None => return false,
            }
        }
        here.is_whole()
    }

    #[test]
    fn a_path_reads_no_more_than_it_names() {
        assert!(reaches("$states.input.a.b + 1", &["input", "a", "b"]));
        assert!(reaches("$states.input.a[b = 1].c", &["input", "a"]));
        assert!(reaches("$states.input.a[].c", &["input", "a"]));
        assert!(reaches("$states.input.*.c", &["input"]));
        assert!(reaches("$keys($states)", &[]));
        assert!(reaches("$states.input.a.b.%.c", &[]));
        assert!(reaches("$states.input.a^(b)", &["input", "a"]));
    }
}
