//! References to a context item that no expression has.
//!
//! An expression of Step Functions starts from `$states` or a variable: nothing stands
//! where another evaluator has its input document. So a bare name, `$` or `$$` is refused
//! unless a path, a filter or a sort around it gives it something to mean.

use jsonata_core::ast::{AstNode, PathStep, Stage};
use jsonata_core::value::with_stack;

/// The first such reference, as it is written.
pub(super) fn find(ast: &AstNode) -> Option<String> {
    let mut search = Search { found: None };
    search.node(ast, false);
    search.found
}

struct Search {
    found: Option<String>,
}

impl Search {
    /// `bound` says that there is a context item.
    fn node(&mut self, node: &AstNode, bound: bool) {
        if self.found.is_none() {
            with_stack(|| self.visit(node, bound));
        }
    }

    fn all<'a>(&mut self, nodes: impl IntoIterator<Item = &'a AstNode>, bound: bool) {
        for node in nodes {
            self.node(node, bound);
        }
    }

    fn reference(&mut self, name: &str) {
        self.found.get_or_insert_with(|| name.to_owned());
    }

    fn visit(&mut self, node: &AstNode, bound: bool) {
        match node {
            AstNode::Name(name) if !bound => self.reference(name),
            AstNode::Variable(name) if name.is_empty() && !bound => self.reference("$"),
            AstNode::Variable(name) if name == "$" => self.reference("$$"),
            AstNode::ParentVariable(_) => self.reference("$$"),
            AstNode::Path { steps } => self.path(steps, bound),
            AstNode::Binary { lhs, rhs, .. } => self.all([&**lhs, &**rhs], bound),
            AstNode::Unary { operand, .. } => self.node(operand, bound),
            AstNode::Function { args, .. } => self.all(args, bound),
            AstNode::Call { procedure, args } => {
                self.node(procedure, bound);
                self.all(args, bound);
            }
            AstNode::Lambda { body, .. } => self.node(body, bound),
            AstNode::Array(nodes) | AstNode::ArrayGroup(nodes) | AstNode::Block(nodes) => {
                self.all(nodes, bound);
            }
            AstNode::Object(pairs) => self.pairs(pairs, bound),
            AstNode::ObjectTransform { input, pattern } => {
                self.node(input, bound);
                self.pairs(pattern, true);
            }
            other => self.visit_rest(other, bound),
        }
    }

    fn visit_rest(&mut self, node: &AstNode, bound: bool) {
        match node {
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => {
                self.all([&**condition, &**then_branch], bound);
                self.all(else_branch.as_deref(), bound);
            }
            AstNode::FunctionApplication(inner) => self.node(inner, bound),
            AstNode::Sort { input, terms } => {
                self.node(input, bound);
                self.all(terms.iter().map(|(term, _)| term), true);
            }
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                self.all([&**location, &**update], true);
                self.all(delete.as_deref(), true);
            }
            _ => {}
        }
    }

    fn pairs(&mut self, pairs: &[(AstNode, AstNode)], bound: bool) {
        for (key, value) in pairs {
            self.all([key, value], bound);
        }
    }

    fn path(&mut self, steps: &[PathStep], bound: bool) {
        for (index, step) in steps.iter().enumerate() {
            self.node(&step.node, bound || index > 0);
            for stage in &step.stages {
                if let Stage::Filter(filter) = stage {
                    self.node(filter, true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    fn reference(text: &str) -> Option<String> {
        find(&jsonata_core::parser::parse(text).expect("parses"))
    }

    #[test]
    fn names_without_a_context_are_found() {
        for (text, name) in [
            ("phone", "phone"),
            ("phone.number[0]", "phone"),
            ("$sum(Account.Order)", "Account"),
            ("($x := 1; [1, foo])", "foo"),
            ("true ? bar : 1", "bar"),
            ("$", "$"),
            ("$.a", "$"),
            ("$$", "$$"),
            ("$states.input.a[$$.b]", "$$"),
            ("$map([1], function($v) { foo })", "foo"),
        ] {
            assert_eq!(reference(text).as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn names_within_a_path_are_not() {
        for text in [
            "$states.input.a.b",
            "$x[a = 1].b",
            "$x.(a + $.b)",
            "$x^(a).b",
            "$x{a: $sum(b)}",
            "$map($x, function($v) { $v.a })",
            "{'a': 1}",
            "$x ~> |a|{'b': c}|",
            "[1..3].($ * 2)",
        ] {
            assert_eq!(reference(text), None, "{text}");
        }
    }
}
