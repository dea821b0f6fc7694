//! Walks a path through data.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::path::{Path, Step};

/// Why a path found nothing.
pub(super) type Missing = String;

/// The value that a path names, or the array of those it finds.
///
/// Only a path that names one place can miss it: what looks around gives an empty array.
pub(super) fn find(path: &Path, data: &Value) -> Result<Value, Missing> {
    if path.is_definite() {
        return one(&path.steps, data);
    }
    many(path, data).map(Value::Array)
}

/// As [`find`] within a filter, where nothing is no error.
pub(super) fn lenient(
    steps: &[Step],
    from: &Value,
    data: &Value,
    budget: &Budget,
) -> Option<Value> {
    if steps.iter().all(Step::is_definite) {
        return one(steps, from).ok();
    }
    let mut walk = Walk {
        data,
        budget,
        found: Vec::new(),
    };
    walk.take(steps, from);
    let found: Vec<Value> = walk.found.into_iter().cloned().collect();
    (!found.is_empty()).then_some(Value::Array(found))
}

/// How many values a path may still look at: `$..*..*` would look at some forever.
pub(super) struct Budget(Cell<u32>);

/// Values that one path may look at.
const MOST: u32 = 2_000_000;

impl Budget {
    fn spend(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

fn many(path: &Path, data: &Value) -> Result<Vec<Value>, Missing> {
    if let Some(index) = path.steps.iter().position(is_several)
        && index + 1 < path.steps.len()
    {
        return Err(only_leafs(&path.steps[..=index]));
    }
    let budget = Budget(Cell::new(MOST));
    let mut walk = Walk {
        data,
        budget: &budget,
        found: Vec::new(),
    };
    walk.take(&path.steps, data);
    let found = walk.found;
    if budget.0.get() == 0 {
        return Err("The path looks at too many values".to_owned());
    }
    let last = path.steps.last();
    Ok(found
        .into_iter()
        .map(|value| match last {
            Some(Step::Names(names)) if names.len() > 1 => pick(value, names),
            Some(Step::Length) => length(value).unwrap_or(Value::Null),
            _ => value.clone(),
        })
        .collect())
}

fn is_several(step: &Step) -> bool {
    matches!(step, Step::Names(names) if names.len() > 1)
}

fn only_leafs(steps: &[Step]) -> Missing {
    format!(
        "Multi properties can only be used as path leafs: {}",
        printed(steps)
    )
}

/// Follows steps that each lead to one place.
fn one(steps: &[Step], data: &Value) -> Result<Value, Missing> {
    let mut here = data;
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let taken = &steps[..=index];
        let next = match step {
            Step::Names(names) if names.len() > 1 && !last => return Err(only_leafs(taken)),
            Step::Names(names) if names.len() > 1 && here.is_object() => {
                return Ok(pick(here, names));
            }
            Step::Names(names) => here.get(names[0].as_str()),
            Step::Indexes(indexes) => element(here, indexes[0]),
            Step::Length if last => return length(here).ok_or_else(|| none(steps)),
            _ => None,
        };
        here = next.ok_or_else(|| missing(steps, index, here))?;
    }
    Ok(here.clone())
}

fn missing(steps: &[Step], index: usize, here: &Value) -> Missing {
    let taken = &steps[..=index];
    match &steps[index] {
        Step::Names(names) if !here.is_object() => format!(
            "Expected to find an object with property ['{}'] in path {} but found '{}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.",
            names.join("', '"),
            printed(&steps[..index]),
            node_name(here),
        ),
        Step::Names(_) if index + 1 < steps.len() => {
            format!("Missing property in path {}", printed(taken))
        }
        Step::Indexes(_) if !here.is_array() => format!(
            "Filter: {} can only be applied to arrays. Current context is: {here}",
            steps[index],
        ),
        _ => none(steps),
    }
}

fn none(steps: &[Step]) -> Missing {
    format!("No results for path: {}", printed(steps))
}

/// The class that the original evaluator names for a value.
fn node_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "com.fasterxml.jackson.databind.node.BooleanNode",
        Value::Number(number) if number.is_f64() => {
            "com.fasterxml.jackson.databind.node.DoubleNode"
        }
        Value::Number(_) => "com.fasterxml.jackson.databind.node.IntNode",
        Value::String(_) => "com.fasterxml.jackson.databind.node.TextNode",
        Value::Array(_) => "com.fasterxml.jackson.databind.node.ArrayNode",
        Value::Object(_) => "com.fasterxml.jackson.databind.node.ObjectNode",
    }
}

/// The normal form of a path, as causes print it.
fn printed(steps: &[Step]) -> String {
    let steps: String = steps.iter().map(ToString::to_string).collect();
    format!("${steps}")
}

fn length(value: &Value) -> Option<Value> {
    let length = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::String(text) => text.chars().count(),
        _ => return None,
    };
    Some(length.into())
}

/// An object with only these fields.
fn pick(value: &Value, names: &[String]) -> Value {
    let fields = names
        .iter()
        .filter_map(|name| Some((name.clone(), value.get(name)?.clone())));
    Value::Object(fields.collect::<Map<String, Value>>())
}

/// An element; a negative index counts from the end.
pub(super) fn element(value: &Value, index: i64) -> Option<&Value> {
    let items = value.as_array()?;
    items.get(position(index, items.len())?)
}

fn position(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let index = if index < 0 { index + length } else { index };
    usize::try_from(index).ok()
}

/// Collects every value that steps lead to.
struct Walk<'v, 'b> {
    data: &'b Value,
    budget: &'b Budget,
    found: Vec<&'v Value>,
}

impl<'v> Walk<'v, '_> {
    fn take(&mut self, steps: &[Step], here: &'v Value) {
        if !self.budget.spend() {
            return;
        }
        let Some((step, rest)) = steps.split_first() else {
            self.found.push(here);
            return;
        };
        match step {
            Step::Names(names) if names.len() == 1 => self.all(rest, here.get(&names[0])),
            Step::Names(_) if here.is_object() => self.take(rest, here),
            Step::Length => self.take(rest, here),
            Step::Names(_) | Step::Function => {}
            Step::Wildcard => self.all(rest, children(here)),
            Step::Indexes(indexes) => {
                self.all(
                    rest,
                    indexes.iter().filter_map(|index| element(here, *index)),
                );
            }
            Step::Slice(from, to) => self.all(rest, slice(here, *from, *to)),
            Step::Filter(filter) => {
                let (data, budget) = (self.data, self.budget);
                let itself = here.is_object().then_some(here).into_iter();
                let elements = itself.chain(here.as_array().into_iter().flatten());
                self.all(
                    rest,
                    elements.filter(|value| filter.accepts(value, data, budget)),
                );
            }
            Step::Descend => self.descend(rest, here),
        }
    }

    fn all(&mut self, steps: &[Step], values: impl IntoIterator<Item = &'v Value>) {
        for value in values {
            self.take(steps, value);
        }
    }

    /// Takes the remaining steps from a value and from everything below it.
    fn descend(&mut self, rest: &[Step], here: &'v Value) {
        // Elements are looked at for themselves, so a filter does not look into arrays too.
        let twice = matches!(rest.first(), Some(Step::Filter(_))) && here.is_array();
        if !twice {
            self.take(rest, here);
        }
        for child in children(here) {
            if !self.budget.spend() {
                return;
            }
            self.descend(rest, child);
        }
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn slice(value: &Value, from: Option<i64>, to: Option<i64>) -> &[Value] {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |end: Option<i64>, otherwise: i64| {
        let end = end.unwrap_or(otherwise);
        let end = if end < 0 {
            end.saturating_add(length)
        } else {
            end
        };
        usize::try_from(end.clamp(0, length)).unwrap_or_default()
    };
    let (from, to) = (place(from, 0), place(to, length));
    items.get(from..to).unwrap_or_default()
}
