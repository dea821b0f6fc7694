//! Journeys as callers write them, and the table that the methods read.

use std::collections::HashMap;

use baton_domain::{FieldError, Timestamp};
use serde::Deserialize;

/// One journey.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Whose it is; nothing is made of it.
    #[serde(default)]
    pub user: Option<String>,
    /// What happened; in order of time where every event has one, else in the order given.
    pub events: Vec<Event>,
    /// Whether it ended in a conversion.
    #[serde(default)]
    pub converted: bool,
}

/// One event of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The stage or page that was entered.
    #[serde(alias = "page")]
    pub stage: String,
    /// When.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// The most events of a journey: longer ones are sessions of machines.
pub const MAX_EVENTS: usize = 10_000;

/// The most stages; the rarest of more are joined under [`OTHER`].
pub const MAX_STAGES: usize = 200;

/// The longest name of a stage in bytes.
pub const MAX_NAME: usize = 200;

/// Where every journey comes from.
pub const START: &str = "(start)";
/// Where journeys end that convert.
pub const CONVERSION: &str = "(conversion)";
/// Where the other journeys end.
pub const DROP_OFF: &str = "(drop-off)";
/// The rarest stages where there are too many.
pub const OTHER: &str = "(other)";

/// Journeys with their stages as numbers, one behind the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    stages: Vec<String>,
    steps: Vec<u32>,
    /// Hours since the journey's first event, for each step; 0 where times are not known.
    hours: Vec<f64>,
    rows: Vec<Row>,
    untimed: usize,
    joined: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    end: usize,
    converted: bool,
}

/// One journey with its stages as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walk<'a> {
    /// The stages in their order; never empty.
    pub steps: &'a [u32],
    /// Hours since the first event, for each step.
    pub hours: &'a [f64],
    /// Whether it converted.
    pub converted: bool,
}

impl Table {
    /// Reads journeys.
    ///
    /// # Errors
    /// The first field that contradicts itself or the limits.
    pub fn of(journeys: &[Journey]) -> Result<Self, FieldError> {
        let mut table = Self::default();
        let mut numbers = HashMap::new();
        for (i, journey) in journeys.iter().enumerate() {
            table.read(journey, &mut numbers).map_err(|(at, message)| {
                FieldError::new(format!("journeys[{i}].events{at}"), message)
            })?;
        }
        table.join_rare();
        Ok(table)
    }

    fn read<'a>(
        &mut self,
        journey: &'a Journey,
        numbers: &mut HashMap<&'a str, u32>,
    ) -> Result<(), (String, String)> {
        let count = journey.events.len();
        if !(1..=MAX_EVENTS).contains(&count) {
            let message = format!("must have 1 to {MAX_EVENTS} entries, got {count}");
            return Err((String::new(), message));
        }
        for (i, event) in journey.events.iter().enumerate() {
            check_name(&event.stage).map_err(|message| (format!("[{i}].stage"), message))?;
        }
        let timed = journey.events.iter().all(|event| event.at.is_some());
        let mut events: Vec<&Event> = journey.events.iter().collect();
        if timed {
            events.sort_by_key(|event| event.at);
        } else if count > 1 {
            self.untimed += 1;
        }
        let first = events[0].at;
        for event in events {
            let number = *numbers.entry(&event.stage).or_insert_with(|| {
                self.stages.push(event.stage.clone());
                (self.stages.len() - 1) as u32
            });
            let since = event.at.zip(first).filter(|_| timed);
            let hours = since.map_or(0.0, |(at, first)| at.duration_since(first).as_secs_f64());
            self.steps.push(number);
            self.hours.push(hours / 3_600.0);
        }
        self.rows.push(Row {
            end: self.steps.len(),
            converted: journey.converted,
        });
        Ok(())
    }

    /// Joins the rarest stages where there are more than [`MAX_STAGES`].
    fn join_rare(&mut self) {
        if self.stages.len() <= MAX_STAGES {
            return;
        }
        let mut visits = vec![0_u64; self.stages.len()];
        for step in &self.steps {
            visits[*step as usize] += 1;
        }
        let mut by_visits: Vec<usize> = (0..visits.len()).collect();
        by_visits.sort_by_key(|stage| (std::cmp::Reverse(visits[*stage]), *stage));
        let mut kept = by_visits[..MAX_STAGES - 1].to_vec();
        kept.sort_unstable();
        let mut numbers = vec![(MAX_STAGES - 1) as u32; visits.len()];
        for (number, stage) in kept.iter().enumerate() {
            numbers[*stage] = number as u32;
        }
        for step in &mut self.steps {
            *step = numbers[*step as usize];
        }
        self.joined = self.stages.len() - kept.len();
        let mut stages: Vec<String> = kept.iter().map(|s| self.stages[*s].clone()).collect();
        stages.push(OTHER.to_owned());
        self.stages = stages;
    }

    /// The stages, in the order of their first appearance.
    pub fn stages(&self) -> &[String] {
        &self.stages
    }

    /// The number of a stage.
    pub fn stage(&self, name: &str) -> Option<u32> {
        let found = self.stages.iter().position(|stage| stage == name);
        found.map(|number| number as u32)
    }

    /// The journeys.
    pub fn walks(&self) -> impl Iterator<Item = Walk<'_>> {
        let mut from = 0;
        self.rows.iter().map(move |row| {
            let range = from..row.end;
            from = row.end;
            Walk {
                steps: &self.steps[range.clone()],
                hours: &self.hours[range],
                converted: row.converted,
            }
        })
    }

    /// How many journeys there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no journey.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many events there are.
    pub fn events(&self) -> usize {
        self.steps.len()
    }

    /// How many journeys of several events lack times.
    pub fn untimed(&self) -> usize {
        self.untimed
    }

    /// How many stages were joined under [`OTHER`].
    pub fn joined(&self) -> usize {
        self.joined
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(format!("a stage's name has 1 to {MAX_NAME} bytes"));
    }
    if name.starts_with('(') {
        return Err("names that begin with a parenthesis are kept for start and end".to_owned());
    }
    Ok(())
}
