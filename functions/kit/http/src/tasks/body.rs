//! The body of `POST /tasks`, and the one refusal that is no problem document: everything that is
//! wrong at once, as `detail` with `loc`, `msg` and `type`, spelt as pydantic 1 spells it.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use baton_app::StartTask;
use baton_domain::text::check_json;
use baton_domain::{FieldError, Money};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Problem;
use crate::body::bytes;

/// What is asked for, without white space around its texts.
pub(crate) struct TaskBody(pub(crate) StartTask);

/// What is wrong with a body.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct TaskRefusal {
    /// Everything that is wrong.
    detail: Vec<Wrong>,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Wrong {
    /// Where: `body` or `header`, and the field, or the character at which the body is no JSON.
    loc: Vec<Step>,
    /// What would be accepted.
    msg: String,
    /// The kind, such as `value_error.missing`: programs match on it.
    #[serde(rename = "type")]
    kind: &'static str,
}

/// One step of the way to what is wrong.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum Step {
    /// A name.
    Name(String),
    /// A place, counting from 0.
    Place(usize),
}

const MISSING: (&str, &str) = ("field required", "value_error.missing");
const NULL: (&str, &str) = (
    "none is not an allowed value",
    "type_error.none.not_allowed",
);
const NO_TEXT: (&str, &str) = ("str type expected", "type_error.str");
const NO_INTEGER: (&str, &str) = ("value is not a valid integer", "type_error.integer");
const NO_NUMBER: (&str, &str) = ("value is not a valid float", "type_error.float");
const NO_OBJECT: (&str, &str) = ("value is not a valid dict", "type_error.dict");
const NO_JSON: &str = "value_error.jsondecode";
const RULE: &str = "value_error";

/// The fields, in the order in which they are checked and said.
const FIELDS: [&str; 4] = ["theme", "budget", "voice_id", "max_cost_usd"];

impl<S: Send + Sync> FromRequest<S> for TaskBody {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let body = bytes(request).await.map_err(IntoResponse::into_response)?;
        let read = parse(&body).map(Self);
        read.map_err(|detail| TaskRefusal { detail }.into_response())
    }
}

impl TaskRefusal {
    /// A header that is wrong, as this route says it.
    pub(super) fn header(problem: Problem) -> Self {
        let fields = problem.errors.into_iter();
        let detail = fields.map(|field| Wrong {
            loc: vec![Step::Name("header".to_owned()), Step::Name(field.field)],
            msg: field.message,
            kind: RULE,
        });
        Self {
            detail: detail.collect(),
        }
    }
}

impl IntoResponse for TaskRefusal {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Json(self)).into_response()
    }
}

fn wrong(steps: Vec<Step>, msg: impl Into<String>, kind: &'static str) -> Wrong {
    let mut loc = vec![Step::Name("body".to_owned())];
    loc.extend(steps);
    let msg = msg.into();
    Wrong { loc, msg, kind }
}

fn at(field: &str, (msg, kind): (&str, &'static str)) -> Wrong {
    wrong(vec![Step::Name(field.to_owned())], msg, kind)
}

fn parse(body: &[u8]) -> Result<StartTask, Vec<Wrong>> {
    if body.is_empty() {
        return Err(vec![wrong(Vec::new(), MISSING.0, MISSING.1)]);
    }
    let sent = serde_json::from_slice(body).map_err(|error| vec![no_json(body, &error)])?;
    match sent {
        Value::Object(fields) => read(&fields),
        Value::Null => Err(vec![wrong(Vec::new(), MISSING.0, MISSING.1)]),
        _ => Err(vec![wrong(Vec::new(), NO_OBJECT.0, NO_OBJECT.1)]),
    }
}

/// The fields of a task. Others are left alone, as the form of this route has it.
fn read(fields: &Map<String, Value>) -> Result<StartTask, Vec<Wrong>> {
    let mut found = Vec::new();
    let theme = taken(fields, "theme", text, &mut found);
    let budget = taken(fields, "budget", dollars, &mut found);
    let voice_id = taken(fields, "voice_id", text, &mut found);
    // It may be left out; null is as good as that.
    let max_cost_usd = match fields.get("max_cost_usd") {
        None | Some(Value::Null) => None,
        Some(_) => taken(fields, "max_cost_usd", sum, &mut found),
    };
    // What could not be read stands as something that no rule refuses, so that the rules of the
    // others are still heard.
    let task = StartTask {
        theme: theme.unwrap_or_else(|| "theme".to_owned()),
        budget: budget.unwrap_or(1),
        voice_id: voice_id.unwrap_or_else(|| "-".to_owned()),
        max_cost_usd,
    };
    let checked = task.checked().map_err(|errors| {
        let said = errors.into_iter();
        said.for_each(|FieldError { field, message }| found.push(at(&field, (&message, RULE))));
    });
    let known = |wrong: &Wrong| {
        let is = |field: &&str| wrong.loc.get(1) == Some(&Step::Name((*field).to_owned()));
        FIELDS.iter().position(is)
    };
    found.sort_by_key(known);
    match checked {
        Ok(task) if found.is_empty() => Ok(task),
        _ => Err(found),
    }
}

/// A field, if it is of its type; else what is wrong is noted.
fn taken<T>(
    fields: &Map<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Result<T, (&'static str, &'static str)>,
    found: &mut Vec<Wrong>,
) -> Option<T> {
    let value = match fields.get(name) {
        None => Err(MISSING),
        Some(Value::Null) => Err(NULL),
        Some(value) => read(value),
    };
    value.map_err(|error| found.push(at(name, error))).ok()
}

fn text(value: &Value) -> Result<String, (&'static str, &'static str)> {
    let text = value.as_str().ok_or(NO_TEXT)?;
    // A control character at either end would be trimmed away unseen.
    match check_json(value) {
        Ok(()) => Ok(text.to_owned()),
        Err(_) => Err(("contains control characters: remove them", RULE)),
    }
}

/// Whole dollars. `50.0` is an integer and `50.7` is none: nobody is to spend what was cut off
/// unseen. What no budget can be stands as the nearest that the rules refuse.
fn dollars(value: &Value) -> Result<u32, (&'static str, &'static str)> {
    let Value::Number(number) = value else {
        return Err(NO_INTEGER);
    };
    let number = number.as_f64().ok_or(NO_INTEGER)?;
    if number.fract() != 0.0 {
        return Err(NO_INTEGER);
    }
    Ok(number.clamp(0.0, f64::from(u32::MAX)) as u32)
}

/// A sum of dollars.
fn sum(value: &Value) -> Result<Money, (&'static str, &'static str)> {
    let number = value.as_f64().ok_or(NO_NUMBER)?;
    Money::from_usd(number).map_err(|_| ("Max cost must be positive", RULE))
}

/// Where a body stops being JSON, in characters from its beginning.
fn no_json(body: &[u8], error: &serde_json::Error) -> Wrong {
    let (line, column) = (error.line().max(1), error.column());
    let before = body.split_inclusive(|byte| *byte == b'\n').take(line - 1);
    let bytes = before.map(<[u8]>::len).sum::<usize>() + column.saturating_sub(1);
    let before = &body[..bytes.min(body.len())];
    let place = String::from_utf8_lossy(before).chars().count();
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let msg = format!("{said}: line {line} column {column} (char {place})");
    wrong(vec![Step::Place(place)], msg, NO_JSON)
}

#[cfg(test)]
mod tests;
