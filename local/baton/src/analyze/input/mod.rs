//! What is analyzed: the context of a request from a file, and tables as people have them.

mod events;
mod series;
mod sheet;

use std::path::Path;

use baton_domain::Timestamp;
use baton_sandbox::sample::{events_csv, series_csv};
use serde_json::{Map, Value, json};

use self::sheet::Sheet;
use super::AnalyzeArguments;
use crate::failure::Failure;
use crate::play::read;
use crate::sample::SEED;

/// The parts of an analysis, as a context names them.
pub(super) const PARTS: [&str; 3] = ["journeys", "attribution", "forecast"];

/// How many periods are forecast where nothing is said.
const HORIZON: usize = 12;

/// What is analyzed, and where it came from.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// The context of the request.
    pub(super) context: Map<String, Value>,
    pub(super) sources: Vec<Source>,
    /// What a reader should know of the data.
    pub(super) notes: Vec<String>,
}

/// Where data came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The file's name.
    pub(super) name: String,
    /// What is in it.
    pub(super) what: String,
}

impl Input {
    /// Reads what the command line names.
    pub(super) fn of(arguments: &AnalyzeArguments) -> Result<Self, Failure> {
        let mut input = Self::default();
        if let Some(file) = &arguments.file {
            input.add_context(file)?;
        }
        if arguments.sample {
            let now = Timestamp::now();
            input.add_events(&Sheet::of_text("sample events", &events_csv(SEED, now))?)?;
            let series = Sheet::of_text("sample series", &series_csv(SEED, now))?;
            input.add_series(&series, arguments.horizon)?;
        }
        if let Some(file) = &arguments.journeys {
            input.add_events(&Sheet::read(file)?)?;
        }
        if let Some(file) = &arguments.series {
            input.add_series(&Sheet::read(file)?, arguments.horizon)?;
        }
        input.set(arguments)?;
        Ok(input)
    }

    fn add_context(&mut self, file: &Path) -> Result<(), Failure> {
        let name = file.display().to_string();
        let context: Value = serde_json::from_str(&read(file)?)
            .map_err(|e| Failure::wrong(&format!("{name}: is not JSON: {e}")))?;
        let parts = PARTS.join(", ");
        let Value::Object(context) = context else {
            let message = format!("{name}: must be an object with any of: {parts}");
            return Err(Failure::wrong(&message));
        };
        let mut found = PARTS.iter().filter(|part| context.contains_key(**part));
        let Some(first) = found.next() else {
            let hint = if context.contains_key("context") {
                "; give what stands under its `context`"
            } else {
                ""
            };
            let message = format!("{name}: has none of: {parts}{hint}");
            return Err(Failure::wrong(&message));
        };
        let what = found.fold((*first).to_owned(), |what, part| what + ", " + part);
        self.context = context;
        self.sources.push(Source { name, what });
        Ok(())
    }

    fn add_events(&mut self, sheet: &Sheet) -> Result<(), Failure> {
        let events = events::read(sheet)?;
        self.add("journeys", events.journeys, &events.source)?;
        if let Some(paths) = events.paths {
            // A context that brings its own paths keeps them: channels may stand elsewhere.
            if !self.context.contains_key("attribution") {
                self.add("attribution", paths, &events.source)?;
            }
        }
        self.sources.push(events.source);
        self.notes.extend(events.notes);
        Ok(())
    }

    fn add_series(&mut self, sheet: &Sheet, horizon: Option<usize>) -> Result<(), Failure> {
        let (forecast, source, note) = series::read(sheet, horizon.unwrap_or(HORIZON))?;
        self.add("forecast", forecast, &source)?;
        self.notes.extend(note);
        self.sources.push(source);
        Ok(())
    }

    fn add(&mut self, part: &str, input: Value, source: &Source) -> Result<(), Failure> {
        if self.context.contains_key(part) {
            let name = &source.name;
            let message = format!("{part} is given twice, by the context and by {name}");
            return Err(Failure::wrong(&message));
        }
        self.context.insert(part.to_owned(), input);
        Ok(())
    }

    /// What the command line says of parts, over what they say themselves.
    fn set(&mut self, arguments: &AnalyzeArguments) -> Result<(), Failure> {
        if !arguments.funnel.is_empty() {
            let missing = "--funnel: there are no journeys; --journeys brings them";
            let journeys = self.context.get_mut("journeys");
            let journeys = journeys.ok_or_else(|| Failure::wrong(&missing))?;
            journeys["funnel"] = json!(arguments.funnel);
        }
        if let Some(horizon) = arguments.horizon {
            let missing = "--horizon: there is no series; --series brings one";
            let forecast = self.context.get_mut("forecast");
            let forecast = forecast.ok_or_else(|| Failure::wrong(&missing))?;
            forecast["horizon"] = json!(horizon);
        }
        Ok(())
    }
}

/// The first index in the path of a field, such as 3 in `paths[3].touches[0]`.
fn index(field: &str) -> Option<usize> {
    let (_, rest) = field.split_once('[')?;
    rest.split_once(']')?.0.parse().ok()
}
