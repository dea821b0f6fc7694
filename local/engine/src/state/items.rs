//! Where a Map says what it iterates over: an array, or an object where it is distributed.

use std::sync::Arc;

use serde_json::Value;

use super::dataset::Dataset;
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
    pub(super) fn check(reader: &mut Reader<'_>, is_distributed: bool) -> Self {
        if !reader.is_jsonata() {
            return Self::JsonPath(reader.reference("ItemsPath"), reader.input_path());
        }
        let items = reader.template("Items");
        let fits = |value: &Value| value.is_array() || is_distributed && value.is_object();
        if let Some(Template::Literal(value)) = &items
            && !fits(value)
        {
            let or = if is_distributed { ", an object" } else { "" };
            reader.report(
                "Items",
                format!("must be an array{or} or a JSONata expression"),
            );
        }
        Self::Jsonata(items)
    }

    /// The items: the state's input when nothing else is said.
    pub(super) fn dataset(
        &self,
        scope: &Scope<'_>,
        is_distributed: bool,
    ) -> Result<Dataset, Fault> {
        match self {
            Self::Jsonata(template) => Self::evaluated(template.as_ref(), scope, is_distributed)
                .map_err(|error| error.within("Items").into()),
            Self::JsonPath(path, input) => {
                Ok(Self::found(path.as_ref(), input, scope, is_distributed)?)
            }
        }
    }

    fn evaluated(
        template: Option<&Template>,
        scope: &Scope<'_>,
        is_distributed: bool,
    ) -> Result<Dataset, EvalError> {
        let (items, source) = match template {
            Some(template) => (template.evaluate(scope)?, template.source()),
            None => (Arc::clone(scope.input), None),
        };
        let dataset = dataset(&items, is_distributed);
        dataset.ok_or_else(|| EvalError::wrong_type(source, expected(is_distributed), &items))
    }

    fn found(
        path: Option<&Path>,
        input: &Selection,
        scope: &Scope<'_>,
        is_distributed: bool,
    ) -> Result<Dataset, PathFault> {
        let data = input.of(scope, scope.input)?;
        let items = match path {
            None => Arc::clone(&data),
            Some(path) => path.value(Sight { scope, data: &data }).map_err(|why| {
                PathFault::runtime(format!("Invalid path '{}' : {why}", path.text()))
            })?,
        };
        dataset(&items, is_distributed).ok_or_else(|| {
            let (path, what) = (path.map_or("$", Path::text), expected(is_distributed));
            PathFault::runtime(format!("Reference path \"{path}\" must point to {what}."))
        })
    }
}

/// An inline Map runs over arrays only.
fn dataset(items: &Arc<Value>, is_distributed: bool) -> Option<Dataset> {
    let fits = items.is_array() || is_distributed;
    fits.then(|| Dataset::of(Arc::clone(items))).flatten()
}

fn expected(is_distributed: bool) -> &'static str {
    if is_distributed {
        "array or object"
    } else {
        "array"
    }
}
