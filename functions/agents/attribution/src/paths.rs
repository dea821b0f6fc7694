//! Paths as callers write them, and the table that the models read.

use baton_domain::{FieldError, Timestamp};
use serde::Deserialize;

use crate::Totals;
use crate::fold::FoldMap;

/// One path of touches and how often it was walked. Either `steps` or `touches` is given.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// The channels in the order in which they were touched.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The same with times, in any order.
    #[serde(default)]
    pub touches: Vec<Touch>,
    /// How many walks of this path converted, 0 to [`MAX_COUNT`].
    pub conversions: f64,
    /// What these conversions were worth together, 0 to [`MAX_COUNT`].
    #[serde(default)]
    pub value: f64,
    /// How many walks of this path ended without a conversion, 0 to [`MAX_COUNT`].
    #[serde(default)]
    pub nulls: f64,
}

/// One touch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touch {
    /// The channel.
    pub channel: String,
    /// When.
    pub at: Timestamp,
}

/// The most conversions, walks or value that one path may have: beyond it an input is a mistake.
pub const MAX_COUNT: f64 = 1e12;

/// The most touches of a path: longer ones are sessions of machines.
pub const MAX_STEPS: usize = 1_000;

/// The most channels: more are campaigns or keywords, and would not fit into an answer.
pub const MAX_CHANNELS: usize = 300;

/// The longest name of a channel in bytes.
pub const MAX_NAME: usize = 200;

/// Paths with their channels as numbers, one behind the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    channels: Vec<String>,
    steps: Vec<u16>,
    /// Days before the last touch, for each step of the paths with times.
    ages: Vec<f64>,
    rows: Vec<Row>,
    given: usize,
    untimed: usize,
}

/// One path of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    end: usize,
    timed: bool,
    conversions: f64,
    value: f64,
    nulls: f64,
}

/// One path with its channels as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walk<'a> {
    /// The channels in the order in which they were touched; never empty.
    pub steps: &'a [u16],
    /// Days before the last touch, for each step; empty where times are not known.
    pub ages: &'a [f64],
    /// Conversions.
    pub conversions: f64,
    /// Their value together.
    pub value: f64,
    /// Walks without a conversion.
    pub nulls: f64,
}

impl Table {
    /// Reads paths. Those that nobody walked are left out.
    ///
    /// # Errors
    /// The first field that contradicts itself or the limits.
    pub fn of(paths: &[Path]) -> Result<Self, FieldError> {
        let touches = paths
            .iter()
            .map(|path| path.steps.len() + path.touches.len());
        let mut table = Self {
            given: paths.len(),
            steps: Vec::with_capacity(touches.sum()),
            rows: Vec::with_capacity(paths.len()),
            ..Self::default()
        };
        let mut numbers = FoldMap::default();
        for (i, path) in paths.iter().enumerate() {
            table.read(path, &mut numbers).map_err(|(field, message)| {
                FieldError::new(format!("paths[{i}]{field}"), message)
            })?;
        }
        Ok(table)
    }

    fn read<'a>(
        &mut self,
        path: &'a Path,
        numbers: &mut FoldMap<&'a str, u16>,
    ) -> Result<(), (String, String)> {
        check(path).map_err(|(field, message)| (field.to_owned(), message))?;
        if path.conversions + path.nulls <= 0.0 {
            return Ok(());
        }
        if path.touches.is_empty() {
            self.untimed += usize::from(path.steps.len() > 1);
            for (i, step) in path.steps.iter().enumerate() {
                let number = self
                    .number(step, numbers)
                    .map_err(|e| (format!(".steps[{i}]"), e))?;
                self.steps.push(number);
            }
        } else {
            let mut touches: Vec<&Touch> = path.touches.iter().collect();
            touches.sort_by_key(|touch| touch.at);
            let last = touches[touches.len() - 1].at;
            for touch in touches {
                let number = self
                    .number(&touch.channel, numbers)
                    .map_err(|e| (".touches".to_owned(), e))?;
                self.steps.push(number);
                let age = last.duration_since(touch.at).as_secs_f64() / 86_400.0;
                self.ages.push(age);
            }
        }
        self.rows.push(Row {
            end: self.steps.len(),
            timed: !path.touches.is_empty(),
            conversions: path.conversions,
            value: path.value,
            nulls: path.nulls,
        });
        Ok(())
    }

    fn number<'a>(
        &mut self,
        channel: &'a str,
        numbers: &mut FoldMap<&'a str, u16>,
    ) -> Result<u16, String> {
        if let Some(number) = numbers.get(channel) {
            return Ok(*number);
        }
        if channel.is_empty() || channel.len() > MAX_NAME {
            return Err(format!("a channel's name has 1 to {MAX_NAME} bytes"));
        }
        if self.channels.len() == MAX_CHANNELS {
            return Err(format!(
                "there are more than {MAX_CHANNELS} channels; group them first"
            ));
        }
        let number = self.channels.len() as u16;
        self.channels.push(channel.to_owned());
        numbers.insert(channel, number);
        Ok(number)
    }

    /// The channels, in the order of their first appearance.
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// The paths that were walked.
    pub fn walked(&self) -> impl Iterator<Item = Walk<'_>> {
        let (mut from, mut timed) = (0, 0);
        self.rows.iter().map(move |row| {
            let steps = &self.steps[from..row.end];
            from = row.end;
            let count = if row.timed { steps.len() } else { 0 };
            timed += count;
            Walk {
                steps,
                ages: &self.ages[timed - count..timed],
                conversions: row.conversions,
                value: row.value,
                nulls: row.nulls,
            }
        })
    }

    /// How many walks there were, converted or not.
    pub fn walks(&self) -> f64 {
        self.rows
            .iter()
            .map(|row| row.conversions + row.nulls)
            .sum()
    }

    /// Whether the time of every touch is known, where a path has more than one.
    pub fn all_timed(&self) -> bool {
        self.untimed == 0
    }

    /// What the paths add up to.
    pub fn totals(&self) -> Totals {
        let sum = |of: fn(&Row) -> f64| self.rows.iter().map(of).sum::<f64>();
        let conversions = sum(|row| row.conversions);
        let walks = self.walks();
        Totals {
            paths: self.given as u64,
            conversions,
            nulls: sum(|row| row.nulls),
            value: sum(|row| row.value),
            conversion_rate: if walks > 0.0 {
                (conversions / walks).clamp(0.0, 1.0)
            } else {
                0.0
            },
        }
    }
}

fn check(path: &Path) -> Result<(), (&'static str, String)> {
    let counts = [
        (".conversions", path.conversions),
        (".value", path.value),
        (".nulls", path.nulls),
    ];
    for (field, count) in counts {
        if !(0.0..=MAX_COUNT).contains(&count) {
            return Err((
                field,
                format!("must lie between 0 and {MAX_COUNT:e}, got {count}"),
            ));
        }
    }
    if path.value > 0.0 && path.conversions <= 0.0 {
        return Err((
            ".value",
            "is the conversions' value, and there are none".to_owned(),
        ));
    }
    match (path.steps.len(), path.touches.len()) {
        (0, 0) => Err(("", "has neither steps nor touches".to_owned())),
        (1.., 1..) => Err((
            "",
            "has both steps and touches; give one of them".to_owned(),
        )),
        (steps, touches) if steps + touches > MAX_STEPS => {
            Err(("", format!("has more than {MAX_STEPS} touches")))
        }
        _ => Ok(()),
    }
}
