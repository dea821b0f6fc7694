//! Events of customers from a table: what journeys and the credits of channels are made of.

use std::collections::HashMap;

use attribution::paths::{self, Path};
use baton_domain::{FieldError, Timestamp};
use journey_analysis::journeys::{self, Journey};
use serde_json::{Value, json};

use super::sheet::{Row, Sheet};
use super::{Source, index};
use crate::failure::Failure;
use crate::rows;

const CUSTOMER: &[&str] = &["customer_id", "user_id", "customer", "user"];
const AT: &[&str] = &["at", "timestamp", "time", "date"];
const STEP: &[&str] = &["step", "stage", "page"];
const CHANNEL: &[&str] = &["channel"];
const CONVERTED: &[&str] = &["converted", "conversion"];
const VALUE: &[&str] = &["value", "revenue"];

/// What became of a table of events.
pub(super) struct Events {
    /// The journeys.
    pub(super) journeys: Value,
    /// The paths of channels, where the table has any.
    pub(super) paths: Option<Value>,
    pub(super) source: Source,
    /// What a reader should know.
    pub(super) notes: Vec<String>,
}

/// The columns of a table.
struct Columns {
    customer: Option<usize>,
    at: Option<usize>,
    step: Option<usize>,
    channel: Option<usize>,
    converted: Option<usize>,
    value: Option<usize>,
}

/// One row, read.
struct Event<'a> {
    line: u64,
    at: Timestamp,
    step: &'a str,
    channel: &'a str,
    converted: bool,
    value: f64,
}

/// The events of one customer up to a conversion or the last one.
type Walk<'a> = Vec<Event<'a>>;

/// Reads events. A conversion ends a journey: what the customer does next begins another one.
pub(super) fn read(sheet: &Sheet) -> Result<Events, Failure> {
    let columns = Columns::of(sheet)?;
    let mut order: HashMap<&str, usize> = HashMap::new();
    let mut customers: Vec<Walk<'_>> = Vec::new();
    for row in &sheet.rows {
        let event = columns.event(sheet, row)?;
        let next = order.len();
        let at = *order.entry(row.cell(columns.customer)).or_insert(next);
        if at == customers.len() {
            customers.push(Vec::new());
        }
        customers[at].push(event);
    }
    let mut notes = notes(&columns, &customers);
    let count = customers.len();
    let walks: Vec<Walk<'_>> = customers.into_iter().flat_map(parted).collect();
    let (journeys, bare) = journeys(sheet, &columns, &walks)?;
    if bare > 0 {
        notes.push(format!(
            "journeys of {} that name no {} and were left out: {bare}",
            sheet.name,
            columns.stage_title(sheet)
        ));
    }
    Ok(Events {
        journeys,
        paths: columns.channel.map(|_| paths(sheet, &walks)).transpose()?,
        source: Source {
            name: sheet.name.clone(),
            what: format!("events: {}, customers: {count}", sheet.rows.len()),
        },
        notes,
    })
}

impl Columns {
    fn of(sheet: &Sheet) -> Result<Self, Failure> {
        let columns = Self {
            customer: sheet.needed(CUSTOMER)?,
            at: sheet.needed(AT)?,
            step: sheet.column(STEP),
            channel: sheet.column(CHANNEL),
            converted: sheet.column(CONVERTED),
            value: sheet.column(VALUE),
        };
        if columns.channel.is_none() {
            sheet.needed(&[STEP, CHANNEL].concat())?;
        }
        Ok(columns)
    }

    /// Journeys go by steps, or by channels where there are no steps.
    fn stage<'a>(&self, event: &Event<'a>) -> &'a str {
        if self.step.is_some() {
            event.step
        } else {
            event.channel
        }
    }

    fn stage_title<'a>(&self, sheet: &'a Sheet) -> &'a str {
        sheet.title(self.step.or(self.channel))
    }

    fn event<'a>(&self, sheet: &'a Sheet, row: &'a Row) -> Result<Event<'a>, Failure> {
        let wrong = |column, message: &str| sheet.wrong(row.line, sheet.title(column), message);
        if row.cell(self.customer).is_empty() {
            return Err(wrong(self.customer, "is empty; say whose event it is"));
        }
        let at = moment(row.cell(self.at)).map_err(|message| wrong(self.at, &message))?;
        let value = sheet.number(row, self.value)?.unwrap_or(0.0);
        if value < 0.0 {
            return Err(wrong(self.value, "must not be negative"));
        }
        let converted = match self.converted {
            Some(_) => is_yes(row.cell(self.converted)),
            None => Ok(value > 0.0),
        };
        let converted = converted.map_err(|message| wrong(self.converted, &message))?;
        if value > 0.0 && !converted {
            let message = "is what a conversion is worth, and this row did not convert";
            return Err(wrong(self.value, message));
        }
        Ok(Event {
            line: row.line,
            at,
            step: row.cell(self.step),
            channel: row.cell(self.channel),
            converted,
            value,
        })
    }
}

/// A moment; where no zone is said, in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    rows::moment(text).ok_or_else(|| {
        format!("`{text}` is no time; write it as 2026-10-01T08:00:00Z or 2026-10-01 08:00")
    })
}

fn is_yes(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" | "" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

/// The journeys of a customer.
fn parted(mut events: Walk<'_>) -> Vec<Walk<'_>> {
    events.sort_by_key(|event| event.at);
    let mut walks = vec![Vec::new()];
    for event in events {
        let ends = event.converted;
        if let Some(walk) = walks.last_mut() {
            walk.push(event);
        }
        if ends {
            walks.push(Vec::new());
        }
    }
    walks.retain(|walk| !walk.is_empty());
    walks
}

/// The journeys, and how many were left out that name no stage.
fn journeys(
    sheet: &Sheet,
    columns: &Columns,
    walks: &[Walk<'_>],
) -> Result<(Value, usize), Failure> {
    let staged = |event: &&Event<'_>| !columns.stage(event).is_empty();
    let (kept, bare): (Vec<_>, Vec<_>) = walks
        .iter()
        .partition(|walk| walk.iter().any(|event| staged(&event)));
    let stage = |event: &Event<'_>| json!({"stage": columns.stage(event), "at": event.at});
    let journey = |walk: &&Walk<'_>| {
        let events: Vec<Value> = walk.iter().filter(staged).map(stage).collect();
        json!({"events": events, "converted": converted(walk)})
    };
    let journeys: Value = kept.iter().map(journey).collect();
    let read: Vec<Journey> = parsed(&journeys)?;
    let checked = journeys::Table::of(&read).map(drop);
    checked.map_err(|error| at_line(sheet, columns.stage_title(sheet), &kept, &error))?;
    Ok((json!({"journeys": journeys}), bare.len()))
}

/// The paths of the walks that touched a channel.
fn paths(sheet: &Sheet, walks: &[Walk<'_>]) -> Result<Value, Failure> {
    let has_channel = |event: &&Event<'_>| !event.channel.is_empty();
    let kept: Vec<&Walk<'_>> = walks
        .iter()
        .filter(|walk| walk.iter().any(|event| has_channel(&event)))
        .collect();
    let path = |walk: &&Walk<'_>| {
        let touch = |event: &Event<'_>| json!({"channel": event.channel, "at": event.at});
        let touches: Vec<Value> = walk.iter().filter(has_channel).map(touch).collect();
        let (conversions, nulls) = if converted(walk) { (1, 0) } else { (0, 1) };
        let value: f64 = walk.iter().map(|event| event.value).sum();
        json!({"touches": touches, "conversions": conversions, "value": value, "nulls": nulls})
    };
    let paths: Value = kept.iter().map(path).collect();
    let read: Vec<Path> = parsed(&paths)?;
    let checked = paths::Table::of(&read).map(drop);
    checked.map_err(|error| at_line(sheet, "channel", &kept, &error))?;
    Ok(json!({"paths": paths}))
}

fn converted(walk: &[Event<'_>]) -> bool {
    walk.iter().any(|event| event.converted)
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    T::deserialize(value).map_err(|e| Failure::failed(&e))
}

/// A rule of an agent, said of the line at which the walk begins that breaks it.
fn at_line(sheet: &Sheet, column: &str, walks: &[&Walk<'_>], error: &FieldError) -> Failure {
    let walk = index(&error.field).and_then(|index| walks.get(index));
    let line = walk.and_then(|walk| walk.first()).map(|event| event.line);
    let message = format!("the journey that begins here: {}", error.message);
    sheet.wrong(line.unwrap_or(1), column, &message)
}

fn notes(columns: &Columns, customers: &[Walk<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    if columns.converted.is_none() && columns.value.is_none() {
        notes.push(
            "the events have no column converted and none value: no journey converts".to_owned(),
        );
    }
    // A column that says of customers what it should say of events cuts their journeys to pieces.
    let flagged = |walk: &&Walk<'_>| walk.len() > 1 && walk.iter().all(|event| event.converted);
    let flagged = customers.iter().filter(flagged).count();
    if flagged > 0 {
        notes.push(format!(
            "customers who converted at every one of their events: {flagged}; each event counts as a \
             journey. If the column says whether a customer ever did, keep it at the last event only"
        ));
    }
    notes
}

#[cfg(test)]
mod tests;
