//! What a Map iterates over: values, where each comes from, and the names of fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::execution::Item;

/// The source of items that are not read from S3.
const STATE_DATA: &str = "STATE_DATA";

/// The items of a Map.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    /// An array.
    values: Arc<Value>,
    /// The names of those that are fields of an object.
    keys: Arc<BTreeMap<usize, Arc<str>>>,
    /// Where the items come from, each from an index on.
    sources: Arc<BTreeMap<usize, Arc<str>>>,
}

/// Values that were found together: an array, or the fields of an object.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    Array(Vec<Value>),
    Object(Map<String, Value>),
}

/// Items as they are read, file by file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    values: Vec<Value>,
    keys: BTreeMap<usize, Arc<str>>,
    sources: BTreeMap<usize, Arc<str>>,
}

impl Dataset {
    /// The items of an array or object of the state's data; `None` of anything else.
    pub(super) fn of(data: Arc<Value>) -> Option<Self> {
        match &*data {
            Value::Array(_) => Some(Self::over(data, Arc::from(STATE_DATA))),
            Value::Object(fields) => {
                let mut reading = Reading::default();
                reading.take(Found::Object(fields.clone()), STATE_DATA);
                Some(reading.into())
            }
            _ => None,
        }
    }

    fn over(values: Arc<Value>, source: Arc<str>) -> Self {
        Self {
            values,
            keys: Arc::default(),
            sources: Arc::new(BTreeMap::from([(0, source)])),
        }
    }

    /// Batches of these items, which come from where the first of them do.
    pub(super) fn batched(&self, batches: Vec<Value>) -> Self {
        Self::over(Arc::new(Value::Array(batches)), self.source(0))
    }

    pub(super) fn len(&self) -> usize {
        self.values.as_array().map_or(0, Vec::len)
    }

    fn source(&self, index: usize) -> Arc<str> {
        let source = self.sources.range(..=index).next_back();
        source.map_or_else(|| Arc::from(STATE_DATA), |(_, source)| Arc::clone(source))
    }

    /// The item of an index.
    pub(super) fn item(&self, index: usize) -> Option<Item> {
        let value = self.values.get(index)?.clone();
        Some(Item {
            index,
            value: Arc::new(value),
            key: self.keys.get(&index).cloned(),
            source: self.source(index),
        })
    }
}

impl Reading {
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Takes in what one file or listing holds.
    pub(super) fn take(&mut self, found: Found, source: &str) {
        self.sources.insert(self.len(), Arc::from(source));
        match found {
            Found::Array(values) => self.values.extend(values),
            Found::Object(fields) => {
                for (key, value) in fields {
                    self.keys.insert(self.len(), Arc::from(key));
                    self.values.push(value);
                }
            }
        }
    }

    /// Leaves out what is beyond a number of items.
    pub(super) fn truncate(&mut self, most: usize) {
        self.values.truncate(most);
    }
}

impl From<Reading> for Dataset {
    fn from(reading: Reading) -> Self {
        Self {
            values: Arc::new(Value::Array(reading.values)),
            keys: Arc::new(reading.keys),
            sources: Arc::new(reading.sources),
        }
    }
}
