//! Reads the fields of one JSON object, and remembers which were read.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{Checker, Language, integration};
use crate::execution::WorkflowKind;
use crate::jsonpath::Selection;
use crate::model::{Next, StateId};
use crate::operand::whole_in;

/// The names of the states of the flow at hand.
pub(super) type Names = HashMap<String, StateId>;

/// Fields that only mean something under JSONPath.
const JSON_PATH_FIELDS: [&str; 19] = [
    "InputPath",
    "OutputPath",
    "ResultPath",
    "Parameters",
    "ResultSelector",
    "Result",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
    "ErrorPath",
    "CausePath",
    "Variable",
    "MaxItemsPath",
    "MaxItemsPerBatchPath",
];

/// One object of the definition under check.
pub(crate) struct Reader<'r> {
    pub(crate) checker: &'r mut Checker,
    fields: &'r Map<String, Value>,
    pub(super) path: String,
    seen: BTreeSet<&'static str>,
    names: Option<&'r Names>,
    /// The query language of the state that this object belongs to.
    pub(crate) language: Language,
    /// Whether this is a Catcher, whose expressions see the error output.
    pub(super) in_catcher: bool,
    /// `InputPath` of that state, where this is an object within it.
    pub(super) state_input: Option<Selection>,
}

/// Fields that only mean something under JSONata.
const JSONATA_FIELDS: [&str; 4] = ["Arguments", "Output", "Items", "Condition"];

impl<'r> Reader<'r> {
    pub(super) fn new(
        checker: &'r mut Checker,
        fields: &'r Map<String, Value>,
        path: String,
    ) -> Self {
        let language = checker.language.unwrap_or(Language::JsonPath);
        Self {
            checker,
            fields,
            path,
            seen: BTreeSet::new(),
            names: None,
            language,
            in_catcher: false,
            state_input: None,
        }
    }

    pub(super) fn with_names(mut self, names: &'r Names) -> Self {
        self.names = Some(names);
        self
    }

    /// Reports a resource that a Task cannot have, or what it needs and does not get.
    pub(crate) fn integration(&mut self, resource: &str) {
        match integration::refuse(resource, self.checker.kind) {
            Some(wrong) => self.report("Resource", wrong),
            None => self.required_arguments(resource),
        }
    }

    /// Whether the workflow is an Express one.
    pub(crate) fn is_express(&self) -> bool {
        self.checker.kind == WorkflowKind::Express
    }

    /// Whether the state speaks JSONata.
    pub(crate) fn is_jsonata(&self) -> bool {
        self.language == Language::Jsonata
    }

    /// A reader for an object within this one.
    pub(crate) fn inner<'s>(&'s mut self, place: &str, value: &'s Value) -> Option<Reader<'s>>
    where
        'r: 's,
    {
        let path = format!("{}/{place}", self.path);
        let Some(fields) = value.as_object() else {
            self.checker.report(path, "must be an object");
            return None;
        };
        let (names, language) = (self.names, self.language);
        let mut inner = Reader::new(self.checker, fields, path);
        inner.names = names;
        inner.language = language;
        Some(inner)
    }

    /// Reports a problem with one field; an empty name means the object itself.
    pub(crate) fn report(&mut self, field: &str, message: impl Into<String>) {
        let path = if field.is_empty() {
            self.path.clone()
        } else {
            format!("{}/{field}", self.path)
        };
        self.checker.report(path, message);
    }

    /// The raw field, counted as known.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'r Value> {
        self.seen.insert(name);
        self.fields.get(name)
    }

    fn typed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&'r Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            self.report(name, format!("must be {expected}"));
        }
        read
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<&'r str> {
        self.typed(name, "a string", Value::as_str)
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.typed(name, "true or false", Value::as_bool)
    }

    pub(crate) fn array(&mut self, name: &'static str) -> Option<&'r Vec<Value>> {
        self.typed(name, "an array", Value::as_array)
    }

    pub(crate) fn object(&mut self, name: &'static str) -> Option<&'r Map<String, Value>> {
        self.typed(name, "an object", Value::as_object)
    }

    pub(crate) fn integer(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.typed(name, &expected, |value| whole_in(value, &range))
    }

    pub(crate) fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let expected = format!("a number from {} to {}", range.start(), range.end());
        let read = |value: &Value| value.as_f64().filter(|number| range.contains(number));
        self.typed(name, &expected, read)
    }

    /// A required text; an absent one is a problem.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Option<&'r str> {
        if !self.fields.contains_key(name) {
            self.report("", format!("needs the field '{name}'"));
        }
        self.text(name)
    }

    /// `QueryLanguage`, if it is given.
    pub(super) fn language(&mut self) -> Option<Language> {
        match self.text("QueryLanguage")? {
            "JSONata" => Some(Language::Jsonata),
            "JSONPath" => Some(Language::JsonPath),
            other => {
                self.report(
                    "QueryLanguage",
                    format!("'{other}' is not JSONata or JSONPath"),
                );
                None
            }
        }
    }

    /// The state that a field names.
    pub(crate) fn target(&mut self, name: &'static str) -> Option<Next> {
        let text = self.text(name)?;
        let found = self.names.and_then(|names| names.get(text)).copied();
        if found.is_none() {
            self.report(name, format!("there is no state '{text}' here"));
        }
        found.map(Next::State)
    }

    /// Every field that nobody read is a problem.
    pub(crate) fn finish(mut self, what: &str) {
        for name in self.fields.keys() {
            if self.seen.contains(name.as_str()) {
                continue;
            }
            let jsonata = self.language == Language::Jsonata;
            let message = if jsonata && JSON_PATH_FIELDS.contains(&name.as_str()) {
                format!("'{name}' belongs to QueryLanguage JSONPath")
            } else if !jsonata && JSONATA_FIELDS.contains(&name.as_str()) {
                format!("'{name}' belongs to QueryLanguage JSONata")
            } else {
                format!("'{name}' is not a field of {what}")
            };
            let place = name.replace('~', "~0").replace('/', "~1");
            self.report(&place, message);
        }
    }
}
