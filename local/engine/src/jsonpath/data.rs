//! How a JSONPath state takes its input, and what becomes of its result.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::path::Path;
use super::payload::Payload;
use super::reference;
use super::source::{PathFault, Sight};
use crate::failure::RESULT_PATH_MATCH;
use crate::jsonata::Scope;

/// `InputPath` or `OutputPath`.
#[derive(Debug, Clone, Default)]
pub(crate) enum Selection {
    /// Absent: all of it.
    #[default]
    Whole,
    /// `null`: an empty object.
    Nothing,
    Path(Path),
}

/// `ResultPath`.
#[derive(Debug, Clone, Default)]
pub(crate) enum ResultPath {
    /// Absent or `$`: the result takes the place of the input.
    #[default]
    Whole,
    /// `null`: the input goes on.
    Discard,
    At(Path),
}

/// The data fields of a state, a Choice rule or a Catcher.
#[derive(Debug, Default)]
pub(crate) struct PathData {
    pub(crate) input: Selection,
    pub(crate) parameters: Option<Payload>,
    /// `Result` of a Pass state.
    pub(crate) result: Option<Arc<Value>>,
    pub(crate) selector: Option<Payload>,
    pub(crate) result_path: ResultPath,
    pub(crate) output: Selection,
    pub(crate) assign: Vec<(Arc<str>, Payload)>,
}

impl Selection {
    /// The selected part of `data`.
    pub(crate) fn of(&self, scope: &Scope<'_>, data: &Arc<Value>) -> Result<Arc<Value>, PathFault> {
        let path = match self {
            Self::Whole => return Ok(Arc::clone(data)),
            Self::Nothing => return Ok(Arc::new(Value::Object(Map::new()))),
            Self::Path(path) => path,
        };
        if data.is_null() && path.is_rooted_in_data() && !path.is_whole() {
            let why = "Unable to apply Path transformation to null or empty input.";
            return Err(PathFault::runtime(why));
        }
        path.value(Sight { scope, data })
            .map_err(|why| PathFault::runtime(format!("Invalid path '{}' : {why}", path.text())))
    }
}

impl ResultPath {
    fn apply(&self, input: &Arc<Value>, result: Arc<Value>) -> Result<Arc<Value>, PathFault> {
        match self {
            Self::Whole => Ok(result),
            Self::Discard => Ok(Arc::clone(input)),
            Self::At(path) => {
                let result = Arc::unwrap_or_clone(result);
                reference::put(path, Value::clone(input), result)
                    .map(Arc::new)
                    .map_err(|why| PathFault::named(RESULT_PATH_MATCH, why))
            }
        }
    }
}

impl PathData {
    /// The state's input after `InputPath`.
    pub(crate) fn effective_input(&self, scope: &Scope<'_>) -> Result<Arc<Value>, PathFault> {
        self.input.of(scope, scope.input)
    }

    /// What a Task sends or a Parallel hands to its branches.
    pub(crate) fn arguments(&self, scope: &Scope<'_>) -> Result<Arc<Value>, PathFault> {
        let data = self.effective_input(scope)?;
        match &self.parameters {
            None => Ok(data),
            Some(parameters) => parameters.value(Sight { scope, data: &data }),
        }
    }

    /// What is assigned and what leaves the state.
    ///
    /// The result of a Task, a Parallel or a Map, or the error that a Catcher caught, or
    /// else the effective input, is what `Assign` sees and what `ResultPath` places.
    #[allow(clippy::type_complexity, reason = "assignments and an output")]
    pub(crate) fn leave(
        &self,
        scope: &Scope<'_>,
    ) -> Result<(Vec<(Arc<str>, Arc<Value>)>, Arc<Value>), PathFault> {
        let result = self.effective_result(scope)?;
        let sight = Sight {
            scope,
            data: &result,
        };
        let assigned = self
            .assign
            .iter()
            .map(|(name, payload)| Ok((Arc::clone(name), payload.value(sight)?)))
            .collect::<Result<_, PathFault>>()?;
        let output = self.result_path.apply(scope.input, Arc::clone(&result))?;
        drop(result);
        let output = self.output.of(scope, &output).map_err(|fault| PathFault {
            fatal: scope.result.is_some(),
            ..fault
        })?;
        Ok((assigned, output))
    }

    fn effective_result(&self, scope: &Scope<'_>) -> Result<Arc<Value>, PathFault> {
        if let Some(error) = scope.error {
            return Ok(Arc::clone(error));
        }
        let Some(data) = scope.result else {
            return match &self.result {
                Some(result) => Ok(Arc::clone(result)),
                None => self.arguments(scope),
            };
        };
        match &self.selector {
            Some(selector) => selector.value(Sight { scope, data }),
            None => Ok(Arc::clone(data)),
        }
    }
}
