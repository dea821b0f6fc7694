//! A parsed JSONPath: where it starts and the steps it takes.

use std::fmt;

use super::filter::Filter;
use super::parse;

/// `$.a[0]`, `$$.Execution.Id` or `$variable.b`.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// The text, as causes quote it.
    pub(super) text: String,
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    /// `$`: the data at hand.
    Data,
    /// `$$`: the context object.
    Context,
    /// `$name`: a variable.
    Variable(String),
}

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// `.a` or `['a', 'b']`
    Names(Vec<String>),
    /// `*`
    Wildcard,
    /// `[0]` or `[0, -1]`
    Indexes(Vec<i64>),
    /// `[1:3]`
    Slice(Option<i64>, Option<i64>),
    /// `[?(…)]`
    Filter(Box<Filter>),
    /// `..`: the next step is taken from everywhere below.
    Descend,
    /// `.length()`
    Length,
    /// Any other function: there are none, so nothing is found.
    Function,
}

impl Path {
    /// Parses a path.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parse::path(text)
    }

    /// Parses a path that names one place: no wildcards, slices, filters or descents.
    pub(crate) fn parse_reference(text: &str) -> Result<Self, String> {
        let path = Self::parse(text)?;
        if path.steps.iter().all(Step::is_plain) {
            return Ok(path);
        }
        Err(format!("'{text}' is not a Reference Path"))
    }

    /// Whether the path gives one value; otherwise it gives an array of those it finds.
    pub(super) fn is_definite(&self) -> bool {
        self.steps.iter().all(Step::is_definite)
    }

    /// Whether it starts at the data at hand.
    pub(crate) fn is_rooted_in_data(&self) -> bool {
        self.root == Root::Data
    }

    /// Whether it starts at the context object.
    pub(crate) fn is_context(&self) -> bool {
        self.root == Root::Context
    }

    /// Whether it is `$`.
    pub(crate) fn is_whole(&self) -> bool {
        self.root == Root::Data && self.steps.is_empty()
    }

    /// The text, as causes quote it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl Step {
    pub(super) fn is_definite(&self) -> bool {
        match self {
            Self::Names(_) | Self::Length | Self::Function => true,
            Self::Indexes(indexes) => indexes.len() == 1,
            Self::Wildcard | Self::Slice(..) | Self::Filter(_) | Self::Descend => false,
        }
    }

    fn is_plain(&self) -> bool {
        match self {
            Self::Names(names) => names.len() == 1,
            Self::Indexes(indexes) => indexes.len() == 1,
            _ => false,
        }
    }
}

/// The normal form of a step, as causes print paths: `['a']`, `[0]`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: Vec<String>| items.join(", ");
        match self {
            Self::Names(names) => {
                let names = names.iter().map(|name| format!("'{name}'"));
                write!(f, "[{}]", list(names.collect()))
            }
            Self::Wildcard => f.write_str("[*]"),
            Self::Indexes(indexes) => {
                let indexes = indexes.iter().map(ToString::to_string);
                write!(f, "[{}]", list(indexes.collect()))
            }
            Self::Slice(from, to) => {
                let text = |end: &Option<i64>| end.map(|end| end.to_string()).unwrap_or_default();
                write!(f, "[{}:{}]", text(from), text(to))
            }
            Self::Filter(_) => f.write_str("[?]"),
            Self::Descend => f.write_str(".."),
            Self::Length => f.write_str(".length()"),
            Self::Function => f.write_str(".function()"),
        }
    }
}
