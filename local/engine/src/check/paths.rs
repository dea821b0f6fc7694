//! The fields of the JSONPath dialect.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::reader::Reader;
use crate::dialect::Content;
use crate::jsonpath::{Path, PathData, Payload, ResultPath, Selection, Source};
use crate::operand::{Operand, PathOperand};

/// The functions that `ErrorPath` and `CausePath` take.
const TEXT_FUNCTIONS: [&str; 7] = [
    "States.Format",
    "States.JsonToString",
    "States.ArrayGetItem",
    "States.Base64Encode",
    "States.Base64Decode",
    "States.Hash",
    "States.UUID",
];

impl<'r> Reader<'r> {
    /// `InputPath` or `OutputPath`.
    pub(crate) fn selection(&mut self, name: &'static str) -> Selection {
        match self.get(name) {
            None => Selection::Whole,
            Some(Value::Null) => Selection::Nothing,
            Some(_) => self
                .parsed(name, Path::parse)
                .map_or(Selection::Whole, Selection::Path),
        }
    }

    /// `ResultPath`: a Reference Path into the input.
    pub(super) fn result_path(&mut self) -> ResultPath {
        let name = "ResultPath";
        match self.get(name) {
            None => return ResultPath::Whole,
            Some(Value::Null) => return ResultPath::Discard,
            Some(_) => {}
        }
        match self.parsed(name, Path::parse_reference) {
            Some(path) if !path.is_rooted_in_data() => {
                self.report(name, "must be a place in the state's input");
                ResultPath::Whole
            }
            Some(path) if !path.is_whole() => ResultPath::At(path),
            _ => ResultPath::Whole,
        }
    }

    /// A Reference Path.
    pub(crate) fn reference(&mut self, name: &'static str) -> Option<Path> {
        self.parsed(name, Path::parse_reference)
    }

    /// A text that is parsed; one that does not parse is a problem.
    fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(name)?) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                self.report(name, message);
                None
            }
        }
    }

    /// A payload template.
    pub(crate) fn payload(&mut self, name: &'static str) -> Option<Payload> {
        let value = self.get(name)?;
        Some(self.payload_of(name, value))
    }

    fn payload_of(&mut self, place: &str, value: &Value) -> Payload {
        let mut found = Vec::new();
        let payload = Payload::parse(value, &mut |at, message| {
            found.push((format!("{place}{at}"), message));
        });
        for (at, message) in found {
            self.report(&at, message);
        }
        payload
    }

    /// JSON with expressions or paths in it, by the query language.
    pub(crate) fn content(&mut self, name: &'static str) -> Option<Content> {
        if self.is_jsonata() {
            return self.template(name).map(Content::Jsonata);
        }
        let input = self.input_path();
        self.payload(name)
            .map(|payload| Content::JsonPath(payload, input))
    }

    /// `InputPath` of the state that this object belongs to.
    pub(crate) fn input_path(&mut self) -> Selection {
        match &self.state_input {
            Some(input) => input.clone(),
            None => self.selection("InputPath"),
        }
    }

    /// `Assign` with payload templates.
    pub(super) fn assign_payloads(&mut self) -> Vec<(Arc<str>, Payload)> {
        let mut assign = Vec::new();
        for (key, value) in self.object("Assign").into_iter().flatten() {
            let name = key.strip_suffix(".$").unwrap_or(key);
            self.variable(&format!("Assign/{key}"), name);
            // The field keeps its own name, by which causes call it.
            let field = Map::from_iter([(key.clone(), value.clone())]);
            let payload = match self.payload_of("Assign", &Value::Object(field)) {
                Payload::Object(mut fields) => fields.pop().map(|(_, payload)| payload),
                _ => None,
            };
            let literal = || Payload::Literal(Arc::new(value.clone()));
            assign.push((Arc::from(name), payload.unwrap_or_else(literal)));
        }
        assign
    }

    /// `Assign` and `ResultPath` of a Catcher.
    pub(super) fn catcher_paths(&mut self) -> PathData {
        PathData {
            result_path: self.result_path(),
            assign: self.assign_payloads(),
            ..PathData::default()
        }
    }

    /// `Assign` of a Choice rule, which leaves by the paths of its state.
    pub(crate) fn rule_paths(&mut self, input: Selection, output: Selection) -> PathData {
        PathData {
            input,
            output,
            assign: self.assign_payloads(),
            ..PathData::default()
        }
    }

    /// A reader for an object within the state that sees the state's input as it does.
    pub(crate) fn part<'s>(&'s mut self, name: &'static str) -> Option<Reader<'s>>
    where
        'r: 's,
    {
        let value = self.get(name)?;
        let input = (!self.is_jsonata()).then(|| self.input_path());
        let mut part = self.inner(name, value)?;
        part.state_input = input;
        Some(part)
    }

    /// A field or its `…Path` form, which only JSONPath has.
    pub(crate) fn with_path<T>(
        &mut self,
        operand: Option<Operand<T>>,
        name: &'static str,
        path: &'static str,
    ) -> Option<Operand<T>> {
        if self.is_jsonata() || self.get(path).is_none() {
            return operand;
        }
        if self.get(name).is_some() {
            self.report("", format!("has both '{name}' and '{path}'"));
        }
        let intrinsic = matches!(path, "ErrorPath" | "CausePath");
        let source = self.parsed(path, |text| {
            if intrinsic && text.starts_with("States.") {
                let name = text.split('(').next().unwrap_or_default().trim_end();
                if !TEXT_FUNCTIONS.contains(&name) {
                    let allowed = TEXT_FUNCTIONS.join(", ");
                    return Err(format!("takes only the functions {allowed}"));
                }
                return Source::parse(text);
            }
            let reference = Path::parse_reference(text)?;
            // A Map takes its numbers from the input or a variable only.
            if (path.starts_with("Max") || path.starts_with("Tolerated")) && reference.is_context()
            {
                return Err(format!("'{text}' is not a Reference Path"));
            }
            Ok(Source::Path(reference))
        });
        let source = source?;
        Some(Operand::Path(Box::new(PathOperand {
            field: path,
            source,
            input: self.input_path(),
        })))
    }
}
