//! One `{% … %}` expression: parsed once, evaluated many times.

use std::fmt;
use std::sync::Arc;

use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorOptions};
use jsonata_core::value::JValue;
use serde_json::Value;

use super::convert::from_jsonata;
use super::functions;
use super::mentions::Mentions;
use super::plain::{Plain, PlainPath};
use super::scope::Scope;
use super::unbound;

/// No expression may run longer; AWS bounds evaluation too, without publishing by how much.
const TIME_LIMIT_MS: u64 = 2_000;
/// Nested evaluation levels; each costs stack that is taken from the heap.
const DEPTH_LIMIT: usize = 3_000;
/// Items of a sequence that an expression builds: with one more, AWS runs out of memory.
const SEQUENCE_LIMIT: usize = 873_782;
/// Longer texts of values are cut in causes.
const SHOWN: usize = 200;

/// A parsed expression.
#[derive(Debug)]
pub(crate) struct Expression {
    source: String,
    ast: AstNode,
    plain: Option<PlainPath>,
    mentions: Mentions,
}

/// An expression or a value that did not do, and where in the state it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EvalError {
    /// For example `Output/total` or `Choices[0]/Condition`.
    pub(crate) field: String,
    /// The expression, if the value came from one.
    pub(crate) expression: Option<String>,
    pub(crate) problem: EvalProblem,
}

/// What was wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EvalProblem {
    /// The expression gave nothing.
    Undefined,
    /// The evaluator's own error.
    Threw(String),
    /// A value of another type than the field needs.
    Type {
        expected: &'static str,
        actual: &'static str,
        value: String,
    },
    /// A value of the right type that the field cannot take.
    Range(String),
}

impl EvalError {
    /// The error of a value that has the wrong type.
    pub(crate) fn wrong_type(
        expression: Option<&str>,
        expected: &'static str,
        value: &Value,
    ) -> Self {
        let mut text = value.to_string();
        if let Some((cut, _)) = text.char_indices().nth(SHOWN) {
            text.truncate(cut);
        }
        Self {
            field: String::new(),
            expression: expression.map(str::to_owned),
            problem: EvalProblem::Type {
                expected,
                actual: type_name(value),
                value: text,
            },
        }
    }

    /// The error of a value that the field cannot take.
    pub(crate) fn range(expression: &str, what: String) -> Self {
        Self {
            field: String::new(),
            expression: Some(expression.to_owned()),
            problem: EvalProblem::Range(what),
        }
    }

    /// Puts the name of the enclosing field in front.
    pub(crate) fn within(mut self, parent: impl fmt::Display) -> Self {
        self.field = format!("{parent}{}", self.field);
        self
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expression {
            Some(text) => write!(f, "The JSONata expression '{text}' specified for the field")?,
            None => f.write_str("The value specified for the field")?,
        }
        write!(f, " '{}' ", self.field)?;
        match &self.problem {
            EvalProblem::Undefined => f.write_str("returned nothing (undefined)."),
            EvalProblem::Threw(message) => {
                // A coded message is a sentence of its own.
                let coded = jsonata_core::evaluator::error_code_prefix(message).is_some();
                let separator = if coded { "." } else { ":" };
                write!(f, "threw an error during evaluation{separator} {message}")
            }
            EvalProblem::Type {
                expected,
                actual,
                value,
            } => write!(
                f,
                "returned an unexpected result type. Expected '{expected}', but was '{actual}' for value: {value}"
            ),
            EvalProblem::Range(message) => f.write_str(message),
        }
    }
}

/// The evaluator's word for a limit, as AWS puts it.
fn bounded(message: String) -> String {
    let said = match message.split_once(':').map(|(code, _)| code) {
        Some("D1011" | "U1001") => {
            "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive."
        }
        Some("D1012") => "Expression evaluation timeout: Check for infinite loop",
        Some("D2014" | "D2015") => {
            "Expression evaluation memory limit exceeded: Check for excessive memory usage"
        }
        _ => return message,
    };
    said.to_owned()
}

/// The name of a JSON type as causes print it.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Expression {
    /// Parses the text between `{%` and `%}`.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let ast = jsonata_core::parser::parse(source)
            .map_err(|error| format!("the expression does not parse: {error}"))?;
        if let Some(name) = unbound::find(&ast) {
            return Err(format!(
                "Reference to '{name}' at the top level is not supported: start from $states or a variable"
            ));
        }
        let mentions = Mentions::of(&ast);
        Ok(Self {
            source: source.to_owned(),
            plain: PlainPath::of(&ast),
            ast,
            mentions,
        })
    }

    /// Whether it reads `$states.errorOutput`, which only a Catcher has.
    pub(crate) fn reads_error(&self) -> bool {
        let states = self.mentions.variables.get("states");
        states.is_some_and(|reach| !reach.is_whole() && reach.field("errorOutput").is_some())
    }

    /// The text, as causes quote it.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The value of the expression; nothing is an error, as on AWS.
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        match self.plain.as_ref().map(|path| path.find(scope)) {
            Some(Plain::Value(value)) => return Ok(value),
            Some(Plain::Nothing) => return Err(self.error(EvalProblem::Undefined)),
            Some(Plain::Ask) | None => {}
        }
        let value = self
            .run(scope)
            .map_err(|message| self.error(EvalProblem::Threw(bounded(message))))?;
        match from_jsonata(&value) {
            Ok(Some(value)) => Ok(Arc::new(value)),
            Ok(None) => Err(self.error(EvalProblem::Undefined)),
            Err(message) => Err(self.error(EvalProblem::Threw(message))),
        }
    }

    fn error(&self, problem: EvalProblem) -> EvalError {
        EvalError {
            field: String::new(),
            expression: Some(self.source.clone()),
            problem,
        }
    }

    fn run(&self, scope: &Scope<'_>) -> Result<JValue, String> {
        let options = EvaluatorOptions {
            timeout_ms: Some(TIME_LIMIT_MS),
            max_stack_depth: Some(DEPTH_LIMIT),
            max_sequence_length: Some(SEQUENCE_LIMIT),
            ..EvaluatorOptions::default()
        };
        let mut evaluator = Evaluator::with_options(self.bindings(scope), options);
        let random = functions::register(&mut evaluator, &self.mentions, scope)
            .map_err(|error| error.message().to_owned())?;
        let result = evaluator.evaluate(&self.ast, &JValue::Undefined);
        scope.rng.replace(random.take());
        result.map_err(|error| error.message().to_owned())
    }

    /// Only what the expression reads is converted.
    fn bindings(&self, scope: &Scope<'_>) -> Context {
        let mut context = Context::new();
        for (name, reach) in &self.mentions.variables {
            if name == "states" {
                context.bind(name.clone(), scope.states(reach));
                continue;
            }
            let value = scope.bindings.variable(name);
            let value = value.map(|value| reach.project(&value));
            let own = || self.mentions.values.get(name);
            let function = || own().and_then(|name| functions::as_value(name));
            if let Some(value) = value.or_else(function) {
                context.bind(name.clone(), value);
            }
        }
        context
    }
}
