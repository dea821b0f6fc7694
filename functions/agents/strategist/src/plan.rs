//! The search for the calendar that brings most.
//!
//! Every mail has a value by the brand's objectives: what it brings of each, divided by what the
//! mean mail brings, times the objective's weight. Mails to one segment tire it, and so does a theme
//! that comes again. Mails are added one by one, the best first, while limits and value allow; then
//! single mails are exchanged (another day, theme or segment) until no exchange is better.

mod search;

use baton_domain::Timestamp;
use baton_domain::campaign::{DayPart, ObjectiveKind, SendTime};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::forecast::Forecast;
use crate::notes::Orders;
use crate::{Error, Input};
use search::Search;
#[cfg(test)]
pub(crate) use search::exhaustive::compared_with_the_best;

/// One mail of a plan: indexes into the brand's segments and themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The segment.
    pub segment: usize,
    /// The theme.
    pub theme: usize,
    /// The day in the brand's time zone.
    pub day: Date,
    /// The part of that day.
    pub part: DayPart,
    /// Whether the part of the day is one to learn about, not the best known.
    pub explores: bool,
}

/// From so many mails on, one goes out at a time that is not the best known.
const EXPLORE_FROM: usize = 4;

/// A day on which a mail can go out, at the part that is best on it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct OpenDay {
    day: Date,
    part: DayPart,
    factor: f64,
}

/// The best plan that was found, by time.
///
/// # Errors
/// When no mail can be sent.
pub fn best(
    input: &Input,
    zone: &TimeZone,
    forecast: &Forecast,
    orders: &Orders,
) -> Result<Vec<Slot>, Error> {
    let no_slot = |reason| Error::NoSlot {
        month: input.month,
        reason,
    };
    let search = Search::new(input, zone, forecast, orders);
    let caps = &input.brand.frequency;
    if caps.per_month == 0 || caps.per_segment_per_week == 0 || orders.most == Some(0) {
        return Err(no_slot("no mail is allowed in a month, or in a week"));
    }
    if search.segments.is_empty() {
        return Err(no_slot("no segment may be written to"));
    }
    if search.themes.is_empty() {
        return Err(no_slot("no theme fits the month"));
    }
    if search.days.is_empty() {
        return Err(no_slot(
            "no day is left by blackout days and the earliest moment",
        ));
    }
    let mut slots = search.fill();
    search.exchange(&mut slots);
    explore(&mut slots, input, zone, forecast, orders);
    slots.sort_by_key(|slot| (slot.day, slot.part, slot.segment));
    Ok(slots)
}

/// The days on which anything can be sent, each with its best part.
fn open_days(input: &Input, zone: &TimeZone, forecast: &Forecast, orders: &Orders) -> Vec<OpenDay> {
    let blackout = &input.brand.frequency.blackout_days;
    let days = input.month.days().filter(|day| {
        !blackout.contains(day)
            && !orders.no_days.contains(day)
            && !orders.no_weekdays.contains(&day.weekday())
    });
    let best = |day: Date| {
        let parts = parts(day, input.not_before, zone, orders);
        let open = parts.into_iter().map(|part| {
            let time = SendTime {
                weekday: day.weekday(),
                part,
            };
            OpenDay {
                day,
                part,
                factor: forecast.time_factor(time),
            }
        });
        open.reduce(|best, next| {
            if next.factor > best.factor {
                next
            } else {
                best
            }
        })
    };
    days.filter_map(best).collect()
}

/// The parts of a day at which anything can be sent; never at night.
fn parts(day: Date, not_before: Timestamp, zone: &TimeZone, orders: &Orders) -> Vec<DayPart> {
    let open = |part: &DayPart| {
        let moment = SendTime::moment(day, *part, zone);
        !orders.no_parts.contains(part)
            && moment.is_some_and(|at| {
                at >= not_before && orders.first_day.is_none_or(|first| day >= first)
            })
    };
    [DayPart::Morning, DayPart::Afternoon, DayPart::Evening]
        .into_iter()
        .filter(open)
        .collect()
}

/// What the first mail to each segment about each theme is worth; the mean is about 1.
fn values(input: &Input, forecast: &Forecast, orders: &Orders) -> Vec<Vec<f64>> {
    let brand = &input.brand;
    let (rows, columns) = (brand.segments.len(), brand.themes.len());
    let mut values = vec![vec![0.0; columns]; rows];
    let weights: f64 = brand
        .objectives
        .iter()
        .map(|objective| objective.weight)
        .sum();
    for objective in &brand.objectives {
        let gains = gains(input, forecast, objective.kind);
        let mean = gains.iter().flatten().sum::<f64>() / (rows * columns) as f64;
        for (values, gains) in values.iter_mut().zip(gains) {
            for (value, gain) in values.iter_mut().zip(gains) {
                // Where nothing is expected of any mail, all are worth the same.
                let index = if mean > 0.0 { gain / mean } else { 1.0 };
                *value += index * objective.weight / weights;
            }
        }
    }
    for (segment, values) in values.iter_mut().enumerate() {
        for (theme, value) in values.iter_mut().enumerate() {
            *value *= orders.segment_weight(segment) * orders.theme_weight(theme);
        }
    }
    values
}

/// What a mail to each segment about each theme brings of one objective: revenue; clicks; opens, for
/// who reads stays; and for those who should come back, recipients who usually do not open.
pub fn gains(input: &Input, forecast: &Forecast, kind: ObjectiveKind) -> Vec<Vec<f64>> {
    let brand = &input.brand;
    // A weekday's night has no part in any plan, so that its factor is no one's.
    let any = SendTime {
        weekday: jiff::civil::Weekday::Monday,
        part: DayPart::Night,
    };
    let time = forecast.time_factor(any).max(1e-3);
    let gain = |segment: usize, theme: usize| {
        let size = brand.segments[segment].size;
        let expected = forecast.expect(segment, theme, any, size);
        match kind {
            ObjectiveKind::Revenue => expected.revenue.value() / time,
            ObjectiveKind::Engagement => expected.clicks,
            ObjectiveKind::Retention => expected.opens,
            ObjectiveKind::Reactivation => size as f64 * forecast.asleep(segment, theme),
        }
    };
    let themes = |segment| {
        (0..brand.themes.len())
            .map(|theme| gain(segment, theme))
            .collect()
    };
    (0..brand.segments.len()).map(themes).collect()
}

/// Moves the mail of which least is expected to another part of its day, to learn whether that part
/// is better: the first one that the history knows least about.
fn explore(
    slots: &mut [Slot],
    input: &Input,
    zone: &TimeZone,
    forecast: &Forecast,
    orders: &Orders,
) {
    if slots.len() < EXPLORE_FROM {
        return;
    }
    let worth = |slot: &Slot| {
        let size = input.brand.segments[slot.segment].size;
        let time = SendTime {
            weekday: slot.day.weekday(),
            part: slot.part,
        };
        forecast
            .expect(slot.segment, slot.theme, time, size)
            .revenue
            .value()
    };
    let least = slots
        .iter_mut()
        .min_by(|a, b| worth(a).total_cmp(&worth(b)));
    let Some(slot) = least else { return };
    let tried = |part: &DayPart| {
        let name = SendTime {
            weekday: slot.day.weekday(),
            part: *part,
        }
        .to_string();
        let lift = input.insights.lifts.iter().find(|lift| lift.value == name);
        lift.map_or(0, |lift| lift.campaigns)
    };
    let parts = parts(slot.day, input.not_before, zone, orders);
    let others = parts.into_iter().filter(|part| *part != slot.part);
    if let Some(part) = others.min_by_key(tried) {
        (slot.part, slot.explores) = (part, true);
    }
}
