//! Series as callers write them, and the even grid that the methods read.

use baton_domain::{FieldError, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use crate::frequency::Frequency;
use crate::frequency::days;

/// One observation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// When: a moment (`2026-10-01T08:00:00Z`, counted in UTC), a day or a month (`2026-10`).
    pub at: String,
    /// What was observed, at most [`MAX_VALUE`] in size.
    pub value: f64,
}

/// What several observations of one period become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Their sum.
    #[default]
    Sum,
    /// Their mean.
    Mean,
    /// The last of them.
    Last,
}

/// What a period without an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Unknown: the model goes on without it.
    #[default]
    Skip,
    /// Zero: nothing was sold.
    Zero,
}

/// The largest value: beyond it an input is a mistake.
pub const MAX_VALUE: f64 = 1e12;

/// The most observations, and the most periods from the first to the last.
pub const MAX_PERIODS: usize = 20_000;

/// Observations on an even grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// How far apart the periods are.
    pub frequency: Frequency,
    /// One value for each period, NaN where there is none.
    pub values: Vec<f64>,
    /// How many observations shared their period with another.
    pub combined: usize,
    first: i64,
    anchor: i64,
}

impl Series {
    /// Puts observations on a grid; where no frequency is given, on the one that their median
    /// distance suggests. None where there is no observation.
    ///
    /// # Errors
    /// The first field that cannot be read or is out of range.
    pub fn of(
        points: &[Point],
        frequency: Option<Frequency>,
        combine: Combine,
        missing: Missing,
    ) -> Result<Option<Self>, FieldError> {
        let mut seen = Vec::with_capacity(points.len());
        for (i, point) in points.iter().enumerate() {
            seen.push(read(point).map_err(|(field, message)| {
                FieldError::new(format!("series[{i}].{field}"), message)
            })?);
        }
        seen.sort_by_key(|(at, _)| *at);
        let Some((start, _)) = seen.first() else {
            return Ok(None);
        };
        let months = points.iter().all(|point| month(point.at.trim()).is_some());
        let frequency = frequency.unwrap_or_else(|| match suggested(&seen) {
            // One month alone has no neighbour, and is no day.
            Frequency::Day if months => Frequency::Month,
            suggested => suggested,
        });
        let anchor = days(start.date()).rem_euclid(7);
        let first = frequency.period(*start, anchor);
        let last = seen
            .last()
            .map_or(first, |(at, _)| frequency.period(*at, anchor));
        let periods = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        if periods.max(points.len()) > MAX_PERIODS {
            let message = format!(
                "spans {periods} periods with {} observations; {MAX_PERIODS} at most",
                points.len()
            );
            return Err(FieldError::new("series", message));
        }
        let mut values = vec![f64::NAN; periods];
        let mut counts = vec![0_usize; periods];
        for (at, value) in seen {
            let period = (frequency.period(at, anchor) - first) as usize;
            counts[period] += 1;
            let known = if counts[period] == 1 {
                0.0
            } else {
                values[period]
            };
            values[period] = match combine {
                Combine::Sum => known + value,
                Combine::Mean => known + (value - known) / counts[period] as f64,
                Combine::Last => value,
            };
        }
        if missing == Missing::Zero {
            values
                .iter_mut()
                .filter(|y| y.is_nan())
                .for_each(|y| *y = 0.0);
        }
        Ok(Some(Self {
            frequency,
            values,
            combined: counts.iter().map(|count| count.saturating_sub(1)).sum(),
            first,
            anchor,
        }))
    }

    /// When period `index` begins, counted from the first one: a day, or a moment of hours.
    pub fn at(&self, index: usize) -> String {
        let period = self
            .first
            .saturating_add(i64::try_from(index).unwrap_or(i64::MAX));
        self.frequency.start(period, self.anchor)
    }

    /// How many periods have no observation.
    pub fn missing(&self) -> usize {
        self.values.iter().filter(|y| y.is_nan()).count()
    }
}

fn read(point: &Point) -> Result<(DateTime, f64), (&'static str, String)> {
    if !(-MAX_VALUE..=MAX_VALUE).contains(&point.value) {
        let message = format!("must be {MAX_VALUE:e} at most in size, got {}", point.value);
        return Err(("value", message));
    }
    let text = point.at.trim();
    let moment = text.parse::<Timestamp>().ok();
    let utc = moment.map(|moment| moment.to_zoned(TimeZone::UTC).datetime());
    let day = || text.parse::<DateTime>().ok();
    let at = utc.or_else(day).or_else(|| month(text));
    at.filter(|at| (1..=9_000).contains(&at.year()))
        .map(|at| (at, point.value))
        .ok_or_else(|| {
            let message = "must be a moment, a day such as 2026-10-01 or a month such as 2026-10";
            ("at", message.to_owned())
        })
}

/// The first day of a month that is written as one, such as `2026-10`.
fn month(text: &str) -> Option<DateTime> {
    format!("{text}-01").parse().ok()
}

/// The frequency that the median distance of neighbours suggests; days where there is one moment.
fn suggested(ascending: &[(DateTime, f64)]) -> Frequency {
    let hours = |at: &DateTime| days(at.date()) * 24 + i64::from(at.hour());
    let gaps = ascending
        .windows(2)
        .map(|pair| hours(&pair[1].0) - hours(&pair[0].0));
    let mut gaps: Vec<i64> = gaps.filter(|gap| *gap > 0).collect();
    gaps.sort_unstable();
    match gaps.get(gaps.len() / 2) {
        Some(..12) => Frequency::Hour,
        None | Some(..120) => Frequency::Day,
        Some(..480) => Frequency::Week,
        Some(..1_440) => Frequency::Month,
        Some(..4_800) => Frequency::Quarter,
        Some(_) => Frequency::Year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(&str, f64)], missing: Missing) -> Series {
        let point = |(at, value): &(&str, f64)| Point {
            at: (*at).to_owned(),
            value: *value,
        };
        let points: Vec<Point> = points.iter().map(point).collect();
        Series::of(&points, None, Combine::Sum, missing)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn periods_are_told_from_their_distance() {
        let days = [
            ("2026-02-27", 1.0),
            ("2026-02-28", 2.0),
            ("2026-03-01", 3.0),
        ];
        let found = series(&days, Missing::Skip);
        assert_eq!(
            (found.frequency, found.at(2)),
            (Frequency::Day, "2026-03-01".to_owned())
        );
        let weeks = [
            ("2026-10-07", 1.0),
            ("2026-10-14", 1.0),
            ("2026-10-21", 1.0),
        ];
        let found = series(&weeks, Missing::Skip);
        assert_eq!(
            (found.frequency, found.at(3)),
            (Frequency::Week, "2026-10-28".to_owned())
        );
        let quarters = [
            ("2025-10-01", 1.0),
            ("2026-01-01", 1.0),
            ("2026-04-01", 1.0),
        ];
        let found = series(&quarters, Missing::Skip);
        assert_eq!(
            (found.frequency, found.at(3)),
            (Frequency::Quarter, "2026-07-01".to_owned())
        );
        let hours = [
            ("2026-10-01T23:10:00Z", 1.0),
            ("2026-10-02T02:30:00+02:00", 1.0),
        ];
        let found = series(&hours, Missing::Skip);
        let next = "2026-10-02T01:00:00Z".to_owned();
        assert_eq!((found.frequency, found.at(2)), (Frequency::Hour, next));
    }

    #[test]
    fn a_month_alone_is_a_month() {
        let found = series(&[("2024-01", 1.0)], Missing::Skip);
        assert_eq!(
            (found.frequency, found.at(1)),
            (Frequency::Month, "2024-02-01".to_owned())
        );
        let day = series(&[("2024-01-31", 1.0)], Missing::Skip);
        assert_eq!(day.frequency, Frequency::Day);
    }

    #[test]
    fn gaps_and_doubles_are_seen() {
        let points = [
            ("2026-04", 4.0),
            ("2026-01", 1.0),
            ("2026-02", 2.0),
            ("2026-02-20", 2.0),
        ];
        let at = |missing| {
            let points: Vec<Point> = points
                .iter()
                .map(|(at, value)| Point {
                    at: (*at).to_owned(),
                    value: *value,
                })
                .collect();
            let month = Some(Frequency::Month);
            Series::of(&points, month, Combine::Sum, missing)
                .unwrap()
                .unwrap()
        };
        let skipped = at(Missing::Skip);
        assert_eq!((skipped.missing(), skipped.combined), (1, 1));
        assert_eq!(at(Missing::Zero).values, [1.0, 4.0, 0.0, 4.0]);
    }
}
