//! Periods of the calendar as numbers.

use jiff::civil::{Date, DateTime, date};
use serde::{Deserialize, Serialize};

/// How far apart periods are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from the weekday of the first observation.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a calendar year.
    Quarter,
    /// A calendar year.
    Year,
}

const EPOCH: Date = date(1970, 1, 1);

pub(crate) fn days(of: Date) -> i64 {
    i64::from(of.duration_since(EPOCH).as_hours() as i32) / 24
}

impl Frequency {
    /// How many periods a season has where nothing is said; 1 for years.
    pub const fn season(self) -> usize {
        match self {
            Self::Hour => 24,
            Self::Day => 7,
            Self::Week => 52,
            Self::Month => 12,
            Self::Quarter => 4,
            Self::Year => 1,
        }
    }

    /// The name of a period.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The number of the period that holds a moment; weeks begin `anchor` days after a Thursday.
    pub(crate) fn period(self, at: DateTime, anchor: i64) -> i64 {
        let month = i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
        match self {
            Self::Hour => days(at.date()) * 24 + i64::from(at.hour()),
            Self::Day => days(at.date()),
            Self::Week => (days(at.date()) - anchor).div_euclid(7),
            Self::Month => month,
            Self::Quarter => month.div_euclid(3),
            Self::Year => i64::from(at.year()),
        }
    }

    /// When a period begins.
    pub(crate) fn start(self, period: i64, anchor: i64) -> String {
        let day = |days: i64| {
            let hours = jiff::SignedDuration::from_hours(days.saturating_mul(24));
            EPOCH.saturating_add(hours)
        };
        let month = |month: i64| {
            let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
            let year = i16::try_from(year).unwrap_or(9_999).min(9_999);
            date(year, month as i8 + 1, 1)
        };
        match self {
            Self::Hour => {
                let (of, hour) = (day(period.div_euclid(24)), period.rem_euclid(24));
                format!("{of}T{hour:02}:00:00Z")
            }
            Self::Day => day(period).to_string(),
            Self::Week => day(period * 7 + anchor).to_string(),
            Self::Month => month(period).to_string(),
            Self::Quarter => month(period * 3).to_string(),
            Self::Year => month(period * 12).to_string(),
        }
    }
}
