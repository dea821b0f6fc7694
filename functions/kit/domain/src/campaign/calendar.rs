//! What every calendar must keep to, whoever drew it up: an agent, a model, or a person who edited
//! it.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};

use super::{Brand, FrequencyCaps, Month, PlannedEmail, Strategy};
use crate::FieldError;

/// The most mails that one calendar may hold: so many that the content of all of them is still one
/// artifact.
pub const MAX_EMAILS: usize = 60;

/// The longest text of a calendar, in characters.
pub const MAX_TEXT: usize = 2_000;

impl Brand {
    /// Its time zone, from the IANA database that is linked in: the same on every machine.
    ///
    /// # Errors
    /// When the database has no zone of that name; the field is `time_zone`.
    pub fn zone(&self) -> Result<TimeZone, FieldError> {
        TimeZoneDatabase::bundled()
            .get(&self.time_zone)
            .map_err(|_| {
                let message = format!("there is no time zone `{}`", self.time_zone);
                FieldError::new("time_zone", message)
            })
    }
}

impl FrequencyCaps {
    /// Why mails to one segment on these days, in order, are too many or too close together; none
    /// where they are not. The number of mails in the month is not looked at.
    pub fn breach(&self, days: &[Date]) -> Option<String> {
        let allowed = self.per_segment_per_week as usize;
        let crowded = days.iter().enumerate().find_map(|(first, day)| {
            let last = days.get(first + allowed)?;
            (days_between(*day, *last) < 7).then(|| {
                format!("more than {allowed} mails to one segment in the seven days from {day}")
            })
        });
        crowded.or_else(|| {
            let close =
                |pair: &&[Date]| days_between(pair[0], pair[1]) < i64::from(self.min_days_between);
            days.windows(2).find(close).map(|pair| {
                let least = self.min_days_between;
                format!(
                    "{} and {} are less than {least} days apart",
                    pair[0], pair[1]
                )
            })
        })
    }
}

impl Strategy {
    /// Checks the calendar's own rules: there are mails, their names are unique and count by time,
    /// their days lie in the month, their moments on these days (somewhere on Earth, where no brand
    /// is given), no text is empty or endless, and no expectation is impossible. With a brand also:
    /// its segments, their sizes, its themes, its time zone, its blackout days and its caps.
    ///
    /// # Errors
    /// The first field that breaks a rule, such as `emails[2].day`.
    pub fn validate(&self, brand: Option<&Brand>) -> Result<(), FieldError> {
        text("summary", &self.summary)?;
        for (n, assumption) in self.assumptions.iter().enumerate() {
            text(&format!("assumptions[{n}]"), assumption)?;
        }
        if self.emails.is_empty() || self.emails.len() > MAX_EMAILS {
            let message = format!("must hold 1 to {MAX_EMAILS} mails");
            return Err(FieldError::new("emails", message));
        }
        for (n, email) in self.emails.iter().enumerate() {
            let wrong = email.validate(self.month).err();
            let wrong = wrong.or_else(|| after(email, self.emails.get(n.wrapping_sub(1))?).err());
            if let Some(wrong) = wrong {
                return Err(within(n, wrong));
            }
        }
        brand.map_or(Ok(()), |brand| self.suits(brand))
    }

    /// Whether the calendar is one that this brand may send.
    fn suits(&self, brand: &Brand) -> Result<(), FieldError> {
        if self.brand_id != brand.brand_id {
            let message = format!("must be `{}`", brand.brand_id);
            return Err(FieldError::new("brand_id", message));
        }
        let zone = brand.zone()?;
        for (n, email) in self.emails.iter().enumerate() {
            email
                .suits(brand, &zone)
                .map_err(|wrong| within(n, wrong))?;
        }
        if self.emails.len() > brand.frequency.per_month as usize {
            let most = brand.frequency.per_month;
            let message = format!("the brand allows {most} mails in a month");
            return Err(FieldError::new("emails", message));
        }
        for segment in &brand.segments {
            let to = self
                .emails
                .iter()
                .filter(|mail| mail.segment == segment.name);
            let mut days: Vec<Date> = to.map(|mail| mail.day).collect();
            days.sort_unstable();
            if let Some(breach) = brand.frequency.breach(&days) {
                let message = format!("to {}: {breach}", segment.name);
                return Err(FieldError::new("emails", message));
            }
        }
        Ok(())
    }
}

impl PlannedEmail {
    fn validate(&self, month: Month) -> Result<(), FieldError> {
        if number(&self.email_id).is_none() {
            let message = "must be `email-` and two or more digits, such as `email-01`";
            return Err(FieldError::new("email_id", message));
        }
        if Month::of(self.day) != month {
            let message = format!("must lie in {month}");
            return Err(FieldError::new("day", message));
        }
        if !somewhere(self.send_at, self.day) {
            let message = format!("is not on {} in any time zone", self.day);
            return Err(FieldError::new("send_at", message));
        }
        for (field, value) in [
            ("segment", &self.segment),
            ("theme", &self.theme),
            ("rationale", &self.rationale),
            ("hypothesis", &self.hypothesis),
        ] {
            text(field, value)?;
        }
        let expected = &self.expected;
        for (field, value) in [
            ("expected.opens", expected.opens),
            ("expected.clicks", expected.clicks),
            ("expected.conversions", expected.conversions),
        ] {
            if !(0.0..=self.audience_size as f64).contains(&value) {
                let message = format!("must lie between 0 and the audience, got {value}");
                return Err(FieldError::new(field, message));
            }
        }
        Ok(())
    }

    fn suits(&self, brand: &Brand, zone: &TimeZone) -> Result<(), FieldError> {
        let segments = &brand.segments;
        let segment = segments.iter().find(|segment| segment.name == self.segment);
        let Some(segment) = segment else {
            let message = format!("the brand has no segment `{}`", self.segment);
            return Err(FieldError::new("segment", message));
        };
        if self.audience_size > segment.size {
            let message = format!("{} has {} recipients", segment.name, segment.size);
            return Err(FieldError::new("audience_size", message));
        }
        if !brand.themes.iter().any(|theme| theme.name == self.theme) {
            let message = format!("the brand has no theme `{}`", self.theme);
            return Err(FieldError::new("theme", message));
        }
        let local = self.send_at.to_zoned(zone.clone());
        if local.date() != self.day {
            let message = format!("is {local}, which is not on {}", self.day);
            return Err(FieldError::new("send_at", message));
        }
        if brand.frequency.blackout_days.contains(&self.day) {
            let message = format!("nothing is sent on {}", self.day);
            return Err(FieldError::new("day", message));
        }
        Ok(())
    }
}

/// Whether `email` comes after the one before it, by name and by time.
fn after(email: &PlannedEmail, before: &PlannedEmail) -> Result<(), FieldError> {
    if number(&email.email_id) <= number(&before.email_id) {
        let message = format!("must count on from `{}`", before.email_id);
        return Err(FieldError::new("email_id", message));
    }
    if email.send_at < before.send_at {
        let message = format!("is before {}, the mail before it", before.send_at);
        return Err(FieldError::new("send_at", message));
    }
    Ok(())
}

/// The number in `email-01`.
fn number(email_id: &str) -> Option<u32> {
    let digits = email_id.strip_prefix("email-")?;
    let shaped = (2..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| shaped)
}

/// Whether `moment` lies on `day` in some time zone: these reach from 12 hours behind UTC to 14
/// hours ahead of it.
fn somewhere(moment: Timestamp, day: Date) -> bool {
    let utc = |day: Date| day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let from = utc(day).and_then(|start| start.checked_sub(14.hours()));
    let to = utc(day).and_then(|start| start.checked_add(36.hours()));
    matches!((from, to), (Ok(from), Ok(to)) if from <= moment && moment < to)
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn text(field: &str, value: &str) -> Result<(), FieldError> {
    let length = value.chars().count();
    if value.trim().is_empty() || length > MAX_TEXT {
        let message = format!("must have 1 to {MAX_TEXT} characters, has {length}");
        return Err(FieldError::new(field, message));
    }
    Ok(())
}

fn within(n: usize, wrong: FieldError) -> FieldError {
    FieldError::new(format!("emails[{n}].{}", wrong.field), wrong.message)
}

#[cfg(test)]
mod tests;
