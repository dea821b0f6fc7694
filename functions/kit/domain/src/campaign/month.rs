//! A month of the calendar.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A month, spelt `2024-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2024-11")
)]
#[serde(try_from = "String", into = "String")]
pub struct Month(Date);

/// A text is not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a month such as 2024-11, from 2000-01 to 2199-12")]
pub struct MonthError;

impl Month {
    /// The month that a day lies in.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Its first day.
    pub const fn first(self) -> Date {
        self.0
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.0.last_of_month()
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        // No month that can be made is the last that a calendar knows.
        Self::of(self.last().tomorrow().unwrap_or(self.0))
    }

    /// Every day of it, in order.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let last = self.last();
        let next = move |day: &Date| day.tomorrow().ok().filter(|day| *day <= last);
        std::iter::successors(Some(self.0), next)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let shaped = text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let first = format!("{text}-01").parse::<Date>().ok();
        let first = first.filter(|day| shaped && (2000..2200).contains(&day.year()));
        first.map(Self::of).ok_or(MonthError)
    }
}

impl TryFrom<String> for Month {
    type Error = MonthError;

    fn try_from(text: String) -> Result<Self, MonthError> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_spelt_one_way() {
        let month: Month = "2024-11".parse().unwrap();
        assert_eq!(month.to_string(), "2024-11");
        assert_eq!(month.days().count(), 30);
        assert_eq!(
            "2024-12".parse::<Month>().unwrap().next().to_string(),
            "2025-01"
        );
        for bad in [
            "",
            "2024-13",
            "2024-1",
            "24-11",
            "2024-11-01",
            "1999-12",
            "２024-11",
            "-024-11",
        ] {
            assert_eq!(bad.parse::<Month>(), Err(MonthError), "{bad}");
        }
    }
}
