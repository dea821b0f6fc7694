//! Weekday and part of the day: what send times are compared by.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// A part of the day, in the brand's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayPart {
    /// 5:00 to 11:59.
    Morning,
    /// 12:00 to 16:59.
    Afternoon,
    /// 17:00 to 21:59.
    Evening,
    /// 22:00 to 4:59; what follows midnight belongs to the new day.
    Night,
}

impl DayPart {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Morning, Self::Afternoon, Self::Evening, Self::Night];

    /// The part that an hour of the day (0 to 23) lies in.
    pub const fn of(hour: i8) -> Self {
        match hour {
            5..=11 => Self::Morning,
            12..=16 => Self::Afternoon,
            17..=21 => Self::Evening,
            _ => Self::Night,
        }
    }

    /// The hour at which to send in this part: well inside, and never one that a change to summer
    /// time skips.
    pub const fn hour(self) -> i8 {
        match self {
            Self::Morning => 10,
            Self::Afternoon => 14,
            Self::Evening => 18,
            Self::Night => 22,
        }
    }

    /// Its name, such as `morning`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
            Self::Night => "night",
        }
    }
}

/// When a mail was or will be sent, as far as comparisons go; spelt `tue-morning`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SendTime {
    /// The day of the week.
    pub weekday: Weekday,
    /// The part of the day.
    pub part: DayPart,
}

/// A text is not a send time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a weekday and a part of the day, such as tue-morning")]
pub struct SendTimeError;

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

impl SendTime {
    /// What a moment is in this zone.
    pub fn of(moment: Timestamp, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(moment);
        Self {
            weekday: local.weekday(),
            part: DayPart::of(local.hour()),
        }
    }

    /// The moment at which to send on `day` in `part`; none where the zone left that day out, as
    /// some did when they crossed the date line.
    pub fn moment(day: Date, part: DayPart, zone: &TimeZone) -> Option<Timestamp> {
        let local = day.at(part.hour(), 0, 0, 0);
        let moment = local.to_zoned(zone.clone()).ok()?;
        (moment.date() == day).then(|| moment.timestamp())
    }
}

impl fmt::Display for SendTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = WEEKDAYS.iter().find(|(day, _)| *day == self.weekday);
        let day = day.map_or("", |(_, name)| name);
        write!(f, "{day}-{}", self.part.name())
    }
}

impl FromStr for SendTime {
    type Err = SendTimeError;

    fn from_str(text: &str) -> Result<Self, SendTimeError> {
        let (day, part) = text.split_once('-').ok_or(SendTimeError)?;
        let weekday = WEEKDAYS.iter().find(|(_, name)| *name == day);
        let part = DayPart::ALL.into_iter().find(|p| p.name() == part);
        match (weekday, part) {
            (Some((weekday, _)), Some(part)) => Ok(Self {
                weekday: *weekday,
                part,
            }),
            _ => Err(SendTimeError),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZoneDatabase::bundled().get(name).unwrap()
    }

    #[test]
    fn every_send_time_is_spelt_one_way() {
        for (weekday, _) in WEEKDAYS {
            for part in DayPart::ALL {
                let time = SendTime { weekday, part };
                assert_eq!(time.to_string().parse(), Ok(time));
                assert_eq!(DayPart::of(part.hour()), part);
            }
        }
        for bad in ["", "tue", "tue-noon", "tuesday-morning", "Tue-morning"] {
            assert_eq!(bad.parse::<SendTime>(), Err(SendTimeError), "{bad}");
        }
    }

    #[test]
    fn a_moment_is_read_where_the_audience_lives() {
        let moment = "2024-11-05T23:30:00Z".parse().unwrap();
        let read = |name| SendTime::of(moment, &zone(name)).to_string();
        assert_eq!(read("America/New_York"), "tue-evening");
        assert_eq!(read("Asia/Tokyo"), "wed-morning");
    }

    #[test]
    fn summer_time_moves_the_moment_and_not_the_hour() {
        let zone = zone("America/New_York");
        let moment = |day: &str| {
            let day = day.parse().unwrap();
            SendTime::moment(day, DayPart::Morning, &zone)
                .unwrap()
                .to_string()
        };
        assert_eq!(moment("2024-11-02"), "2024-11-02T14:00:00Z");
        assert_eq!(moment("2024-11-03"), "2024-11-03T15:00:00Z");
        assert_eq!(moment("2025-03-09"), "2025-03-09T14:00:00Z");
    }

    #[test]
    fn a_day_that_never_was_has_no_moment() {
        let skipped = "2011-12-30".parse().unwrap();
        let apia = zone("Pacific/Apia");
        assert_eq!(SendTime::moment(skipped, DayPart::Morning, &apia), None);
    }
}
