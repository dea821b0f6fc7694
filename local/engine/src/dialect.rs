//! What a state does with data, by query language.
//!
//! The step code asks these types and never a language: a second dialect is one more
//! variant of [`Data`] and of an operand, and nothing in the states changes.

use std::sync::Arc;

use serde_json::Value;

use crate::failure::QUERY_EVALUATION;
use crate::jsonata::{EvalError, Scope, Template};
use crate::jsonpath::{PathData, PathFault, Payload, Selection, Sight};

/// Named values that a state assigns.
pub(crate) type Assignments = Vec<(Arc<str>, Arc<Value>)>;

/// Why a field of a state has no value.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A JSONata expression.
    Query(EvalError),
    /// A path or an intrinsic function.
    Path(PathFault),
}

impl From<EvalError> for Fault {
    fn from(error: EvalError) -> Self {
        Self::Query(error)
    }
}

impl From<PathFault> for Fault {
    fn from(fault: PathFault) -> Self {
        Self::Path(fault)
    }
}

impl Fault {
    /// The error's name.
    pub(crate) fn error(&self) -> &'static str {
        match self {
            Self::Query(_) => QUERY_EVALUATION,
            Self::Path(fault) => fault.error,
        }
    }

    /// Whether nothing catches it, not even by its name.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, Self::Path(fault) if fault.fatal)
    }

    /// What happened, without the sentence about the state.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::Query(error) => error.to_string(),
            Self::Path(fault) => fault.why.clone(),
        }
    }
}

/// The data fields of a state, a Choice rule or a Catcher.
#[derive(Debug)]
pub(crate) enum Data {
    Jsonata(JsonataData),
    JsonPath(Box<PathData>),
}

/// JSON with expressions or paths in it, beside the data fields: `ItemSelector`, the
/// arguments of an `ItemReader`, `BatchInput`.
#[derive(Debug)]
pub(crate) enum Content {
    Jsonata(Template),
    /// A template, and the part of the input that it sees.
    JsonPath(Payload, Selection),
}

impl Content {
    /// The value, for the field that it stands in.
    pub(crate) fn value(&self, scope: &Scope<'_>, field: &str) -> Result<Arc<Value>, Fault> {
        match self {
            Self::Jsonata(template) => {
                let value = template.evaluate(scope);
                value.map_err(|error| error.within(field).into())
            }
            Self::JsonPath(payload, input) => {
                let data = input.of(scope, scope.input)?;
                Ok(payload.value(Sight { scope, data: &data })?)
            }
        }
    }
}

/// `Arguments`, `Output` and `Assign`.
#[derive(Debug, Default)]
pub(crate) struct JsonataData {
    /// What causes put in front of the fields' names: `Choices[0]/` of a rule.
    pub(crate) place: String,
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
    pub(crate) fn arguments(&self, scope: &Scope<'_>) -> Result<Arc<Value>, Fault> {
        match self {
            Self::Jsonata(data) => data.arguments(scope).map_err(Fault::from),
            Self::JsonPath(data) => data.arguments(scope).map_err(Fault::from),
        }
    }

    /// The new values of variables, all computed from the old ones, and what leaves the
    /// state: `default` when it says nothing about it.
    pub(crate) fn leave(
        &self,
        scope: &Scope<'_>,
        default: &Arc<Value>,
    ) -> Result<(Assignments, Arc<Value>), Fault> {
        match self {
            Self::Jsonata(data) => Ok((data.assign(scope)?, data.output(scope, default)?)),
            Self::JsonPath(data) => data.leave(scope).map_err(Fault::from),
        }
    }
}

impl JsonataData {
    fn arguments(&self, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        match &self.arguments {
            Some(template) => template
                .evaluate(scope)
                .map_err(|error| error.within("Arguments")),
            None => Ok(Arc::clone(scope.input)),
        }
    }

    fn output(&self, scope: &Scope<'_>, default: &Arc<Value>) -> Result<Arc<Value>, EvalError> {
        match &self.output {
            Some(template) => template
                .evaluate(scope)
                .map_err(|error| error.within(format_args!("{}Output", self.place))),
            None => Ok(Arc::clone(default)),
        }
    }

    fn assign(&self, scope: &Scope<'_>) -> Result<Assignments, EvalError> {
        let value = |(name, template): &(Arc<str>, Template)| {
            let value = template.evaluate(scope);
            value
                .map(|value| (Arc::clone(name), value))
                .map_err(|error| error.within(format_args!("{}Assign/{name}", self.place)))
        };
        self.assign.iter().map(value).collect()
    }
}
