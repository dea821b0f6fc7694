//! A text that stands for a value: a path or a call of an intrinsic function.

use std::sync::Arc;

use serde_json::Value;

use super::call::{Call, Trouble};
use super::find;
use super::path::{Path, Root};
use crate::failure::{INTRINSIC_FAILURE, RUNTIME};
use crate::jsonata::Scope;

/// The longest cause that the history takes.
const LONGEST: usize = 32_768;

/// What paths can see: the data at hand, variables and the context object.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) scope: &'a Scope<'a>,
    /// What `$` means.
    pub(crate) data: &'a Arc<Value>,
}

/// A path or an intrinsic function.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Path(Path),
    Call(Call),
}

/// Why a path or a function gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathFault {
    /// The error's name.
    pub(crate) error: &'static str,
    /// What happened, without the sentence about the state.
    pub(crate) why: String,
    /// Nothing catches it, not even by its name.
    pub(crate) fatal: bool,
}

impl PathFault {
    /// A failure of the execution itself.
    pub(crate) fn runtime(why: impl Into<String>) -> Self {
        Self::named(RUNTIME, why)
    }

    /// The failure of a field whose path names nothing.
    pub(crate) fn not_found(path: &Path, field: &str, sight: Sight<'_>) -> Self {
        Self::runtime(format!(
            "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
            path.text(),
            shown(sight.data),
        ))
    }

    /// A failure with another name.
    pub(crate) fn named(error: &'static str, why: impl Into<String>) -> Self {
        Self {
            error,
            why: why.into(),
            fatal: false,
        }
    }
}

impl Path {
    /// The value that the path names; the error says why there is none.
    pub(crate) fn value(&self, sight: Sight<'_>) -> Result<Arc<Value>, String> {
        match &self.root {
            Root::Data => self.within(sight.data),
            Root::Context => self.within(&Arc::new(sight.scope.bindings.context(true))),
            Root::Variable(name) => match sight.scope.bindings.variable(name) {
                Some(value) => self.within(&value),
                None => Err(format!("The variable '{name}' is not defined")),
            },
        }
    }

    fn within(&self, data: &Arc<Value>) -> Result<Arc<Value>, String> {
        if self.steps.is_empty() {
            return Ok(Arc::clone(data));
        }
        find::find(self, data).map(Arc::new)
    }
}

impl Source {
    /// Parses a path or a call.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("States.") {
            return Call::parse(text).map(Self::Call);
        }
        Path::parse(text).map(Self::Path)
    }

    /// The text, as causes quote it.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Path(path) => path.text(),
            Self::Call(call) => call.text(),
        }
    }

    /// The value; `missing` words the failure of a path that names nothing.
    pub(crate) fn value(
        &self,
        sight: Sight<'_>,
        missing: impl FnOnce(&Path) -> PathFault,
    ) -> Result<Arc<Value>, PathFault> {
        match self {
            Self::Path(path) => path.value(sight).map_err(|_| missing(path)),
            Self::Call(call) => call.value(sight).map(Arc::new).map_err(|trouble| {
                let had = format!("The function '{}' had the following error:", call.text());
                match trouble {
                    Trouble::Missing(path) => PathFault::runtime(format!(
                        "{had} The JsonPath argument for the field '{path}' could not be found in the input '{}'",
                        shown(sight.data),
                    )),
                    Trouble::Failed(why) => {
                        PathFault::named(INTRINSIC_FAILURE, format!("{had} {why}"))
                    }
                }
            }),
        }
    }
}

/// A value as causes quote it, cut where the history would cut it.
fn shown(value: &Value) -> String {
    let mut text = value.to_string();
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
    }
    text
}
