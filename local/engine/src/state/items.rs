//! The array that a Map iterates over.

use std::sync::Arc;

use serde_json::Value;

use crate::check::Reader;
use crate::dialect::Fault;
use crate::jsonata::{EvalError, Scope, Template};
use crate::jsonpath::{Path, PathFault, Selection, Sight};

/// What to iterate over.
#[derive(Debug)]
pub(super) enum Items {
    /// `Items`
    Jsonata(Option<Template>),
    /// `ItemsPath`, and the part of the input that it sees.
    JsonPath(Option<Path>, Selection),
}

impl Items {
    pub(super) fn check(reader: &mut Reader<'_>) -> Self {
        if !reader.is_jsonata() {
            return Self::JsonPath(reader.reference("ItemsPath"), reader.input_path());
        }
        let items = reader.template("Items");
        if let Some(Template::Literal(value)) = &items
            && !value.is_array()
        {
            reader.report("Items", "must be an array or a JSONata expression");
        }
        Self::Jsonata(items)
    }

    /// The array: the state's input when nothing else is said.
    pub(super) fn value(&self, scope: &Scope<'_>) -> Result<Arc<Value>, Fault> {
        match self {
            Self::Jsonata(template) => Self::evaluated(template.as_ref(), scope)
                .map_err(|error| error.within("Items").into()),
            Self::JsonPath(path, input) => Ok(Self::found(path.as_ref(), input, scope)?),
        }
    }

    fn evaluated(template: Option<&Template>, scope: &Scope<'_>) -> Result<Arc<Value>, EvalError> {
        let (items, source) = match template {
            Some(template) => (template.evaluate(scope)?, template.source()),
            None => (Arc::clone(scope.input), None),
        };
        if items.is_array() {
            return Ok(items);
        }
        Err(EvalError::wrong_type(source, "array", &items))
    }

    fn found(
        path: Option<&Path>,
        input: &Selection,
        scope: &Scope<'_>,
    ) -> Result<Arc<Value>, PathFault> {
        let data = input.of(scope, scope.input)?;
        let items = match path {
            None => Arc::clone(&data),
            Some(path) => path.value(Sight { scope, data: &data }).map_err(|why| {
                PathFault::runtime(format!("Invalid path '{}' : {why}", path.text()))
            })?,
        };
        if items.is_array() {
            return Ok(items);
        }
        let path = path.map_or("$", Path::text);
        let why = format!("Reference path \"{path}\" must point to array.");
        Err(PathFault::runtime(why))
    }
}
