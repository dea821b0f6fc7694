//! From text to the checked model: every problem of a definition at once.

mod arguments;
mod flow;
mod handlers;
mod integration;
mod paths;
mod position;
mod reader;
mod state;
mod strict;
mod values;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::execution::WorkflowKind;
use crate::model::{Flow, FlowId, Machine};
pub(crate) use reader::Reader;
pub(crate) use strict::duplicates;

/// Something wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A JSON pointer to the place, such as `/States/Score/Next`.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// Line of the place, from 1; 0 when it is not known.
    pub line: usize,
    /// Column of the place, from 1; 0 when it is not known.
    pub column: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() {
            "/"
        } else {
            &self.path
        };
        write!(
            f,
            "{}:{}: {place}: {}",
            self.line, self.column, self.message
        )
    }
}

/// A longer definition is refused, as AWS does (1 MiB).
const LONGEST: usize = 1024 * 1024;

impl Machine {
    /// Checks a definition in Amazon States Language.
    ///
    /// # Errors
    /// All the problems that were found, in order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        Self::parse_as(text, WorkflowKind::Standard)
    }

    /// Checks a definition for a workflow of a type: an Express one cannot wait for jobs,
    /// tokens and activities, and has no distributed Map.
    ///
    /// # Errors
    /// All the problems that were found, in order of the text.
    pub fn parse_as(text: &str, kind: WorkflowKind) -> Result<Self, Vec<Problem>> {
        if text.len() > LONGEST {
            return Err(vec![problem("", "the definition is longer than 1 MiB")]);
        }
        let definition: Value = serde_json::from_str(text).map_err(|error| {
            let message = format!("the definition is not JSON: {error}");
            let (line, column) = (error.line(), error.column());
            vec![Problem {
                line,
                column,
                ..problem("", &message)
            }]
        })?;
        let mut checker = Checker {
            kind,
            ..Checker::default()
        };
        for path in duplicates(text) {
            checker.report(path, "the field stands twice in its object");
        }
        let machine = checker.machine(&definition);
        match machine {
            Some(machine) if checker.problems.is_empty() => Ok(machine),
            _ => Err(position::locate(text, checker.problems)),
        }
    }
}

fn problem(path: &str, message: &str) -> Problem {
    Problem {
        path: path.to_owned(),
        message: message.to_owned(),
        line: 0,
        column: 0,
    }
}

/// The query language of a machine or a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Jsonata,
    JsonPath,
}

/// What is known while a definition is checked.
#[derive(Default)]
pub(crate) struct Checker {
    problems: Vec<Problem>,
    /// Filled when a flow is done; a flow in work holds its place.
    flows: Vec<Option<Flow>>,
    /// Variables assigned in the enclosing flows, outermost first.
    assigned: Vec<BTreeSet<String>>,
    /// Every state so far: no two of a machine have the same name.
    states: BTreeSet<String>,
    language: Option<Language>,
    kind: WorkflowKind,
}

impl Checker {
    pub(crate) fn report(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem {
            path: path.into(),
            message: message.into(),
            line: 0,
            column: 0,
        });
    }

    fn machine(&mut self, definition: &Value) -> Option<Machine> {
        let Some(fields) = definition.as_object() else {
            self.report("", "the definition must be an object");
            return None;
        };
        let mut reader = Reader::new(self, fields, String::new());
        reader.text("Comment");
        if reader
            .text("Version")
            .is_some_and(|version| version != "1.0")
        {
            reader.report("Version", "must be 1.0, the only version of the language");
        }
        let language = reader.language();
        let timeout = reader.integer("TimeoutSeconds", 1..=99_999_999);
        let language = language.unwrap_or(Language::JsonPath);
        reader.checker.language = Some(language);
        reader.language = language;
        reader.flow();
        reader.finish("a state machine");
        let flows = self.flows.drain(..).collect::<Option<Vec<_>>>()?;
        let is_distributed = flows.iter().any(Flow::is_distributed);
        Some(Machine {
            flows,
            is_distributed,
            timeout,
        })
    }

    /// Keeps a place for a flow, so that an outer flow comes before its inner ones.
    fn reserve(&mut self) -> FlowId {
        self.flows.push(None);
        FlowId(self.flows.len() - 1)
    }
}
