//! The formats that items are read from: JSON, JSON Lines, CSV and listings.

use serde_json::{Map, Value};

use crate::state::dataset::Found;

/// How a body holds items.
#[derive(Debug)]
pub(super) enum Format {
    /// An array or an object, or the one that a JSON pointer names.
    Json(Option<String>),
    JsonLines,
    /// Rows under these headers, or under the first row.
    Csv(Option<Vec<String>>, Delimiter),
    /// What `listObjectsV2` answers.
    Listing,
}

/// What stands between the fields of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Delimiter {
    Comma,
    Pipe,
    Semicolon,
    Space,
    Tab,
}

impl Delimiter {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "COMMA" => Self::Comma,
            "PIPE" => Self::Pipe,
            "SEMICOLON" => Self::Semicolon,
            "SPACE" => Self::Space,
            "TAB" => Self::Tab,
            _ => return None,
        })
    }

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Pipe => b'|',
            Self::Semicolon => b';',
            Self::Space => b' ',
            Self::Tab => b'\t',
        }
    }
}

impl Format {
    /// The items of an answer of S3: the text of an object, or a listing.
    pub(super) fn items(&self, answer: Value) -> Result<Found, String> {
        let items = match self {
            Self::Listing => listing(answer)?,
            Self::Json(pointer) => return json(answer, pointer.as_deref()),
            Self::JsonLines => json_lines(&text(answer)?)?,
            Self::Csv(headers, delimiter) => csv(&text(answer)?, headers.as_deref(), *delimiter)?,
        };
        Ok(Found::Array(items))
    }
}

/// The objects of a page of a listing.
pub(super) fn listing(mut answer: Value) -> Result<Vec<Value>, String> {
    let contents = match &mut answer {
        Value::Object(fields) => fields.remove("Contents").unwrap_or_default(),
        other => other.take(),
    };
    match contents {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        _ => Err("The listing holds no array 'Contents'.".to_owned()),
    }
}

/// The text of an object: the answer itself, or its `Body`.
fn text(answer: Value) -> Result<String, String> {
    let body = match answer {
        Value::Object(mut fields) => fields.remove("Body").unwrap_or_default(),
        other => other,
    };
    match body {
        Value::String(text) => Ok(text),
        _ => Err("The object has no text.".to_owned()),
    }
}

fn json(answer: Value, pointer: Option<&str>) -> Result<Found, String> {
    let mut value = match answer {
        Value::Array(items) => Value::Array(items),
        other => serde_json::from_str(&text(other)?)
            .map_err(|_| "Unable to parse the object as JSON.".to_owned())?,
    };
    let found = match pointer {
        None => Some(value.take()),
        Some(pointer) => value.pointer_mut(pointer).map(Value::take),
    };
    match found {
        Some(Value::Array(items)) => Ok(Found::Array(items)),
        Some(Value::Object(fields)) => Ok(Found::Object(fields)),
        _ => Err("Attempting to map over non-iterable node.".to_owned()),
    }
}

fn json_lines(text: &str) -> Result<Vec<Value>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .map_err(|_| "Unable to parse a line of the object as JSON.".to_owned())
}

/// Missing fields are empty; fields without a header are left out.
fn csv(text: &str, headers: Option<&[String]>, delimiter: Delimiter) -> Result<Vec<Value>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.byte())
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = reader.records();
    let unreadable = |error: csv::Error| format!("Unable to parse the object as CSV: {error}");
    let headers: Vec<String> = match headers {
        Some(headers) => headers.to_vec(),
        None => match rows.next().transpose().map_err(unreadable)? {
            Some(row) => row.iter().map(str::to_owned).collect(),
            None => Vec::new(),
        },
    };
    let item = |row: csv::StringRecord| {
        let field = |(index, name): (usize, &String)| {
            let field = row.get(index).unwrap_or_default();
            (name.clone(), Value::from(field))
        };
        Value::Object(headers.iter().enumerate().map(field).collect::<Map<_, _>>())
    };
    rows.map(|row| row.map(item).map_err(unreadable)).collect()
}
