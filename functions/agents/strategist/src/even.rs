//! A calendar from the brand alone: mails spread evenly over the month, segments and themes in turn.

use baton_domain::campaign::{DayPart, Expectation, SendTime, Strategy};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::plan::Slot;
use crate::{Error, FallbackInput, calendar, rules};

/// The most mails of an even calendar.
const MOST: usize = 8;

/// The calendar.
///
/// # Errors
/// When no mail can be sent.
pub fn calendar(input: &FallbackInput, zone: &TimeZone) -> Result<Strategy, Error> {
    let brand = &input.brand;
    let no_slot = |reason| Error::NoSlot {
        month: input.month,
        reason,
    };
    let open = |day: &Date| {
        let at = SendTime::moment(*day, DayPart::Morning, zone);
        let late = at.is_some_and(|at| input.not_before.is_none_or(|first| at >= first));
        late && !brand.frequency.blackout_days.contains(day)
    };
    let days: Vec<Date> = input.month.days().filter(open).collect();
    let themes: Vec<usize> = (0..brand.themes.len())
        .filter(|t| rules::in_season(&brand.themes[*t], input.month))
        .collect();
    let segments: Vec<usize> = (0..brand.segments.len())
        .filter(|s| brand.segments[*s].size > 0)
        .collect();
    if themes.is_empty() {
        return Err(no_slot("no theme fits the month"));
    }
    let most = MOST.min(brand.frequency.per_month as usize);
    let mut slots: Vec<Slot> = Vec::new();
    for n in 0..most {
        let segment = segments[n % segments.len()];
        let to: Vec<Date> = slots
            .iter()
            .filter(|s| s.segment == segment)
            .map(|s| s.day)
            .collect();
        // The middle of the n-th of as many parts of the month, or the next day that is allowed.
        let wanted = (2 * n + 1) * days.len() / (2 * most);
        let allowed = |day: &&Date| {
            let mut days = [&to[..], &[**day]].concat();
            days.sort_unstable();
            !to.contains(*day) && brand.frequency.breach(&days).is_none()
        };
        let day = days
            .iter()
            .skip(wanted)
            .chain(days.iter().take(wanted))
            .find(allowed);
        let theme = themes[n % themes.len()];
        slots.extend(day.map(|day| Slot {
            segment,
            theme,
            day: *day,
            part: DayPart::Morning,
            explores: false,
        }));
    }
    if slots.is_empty() {
        return Err(no_slot(
            "caps, blackout days and the earliest moment leave no day",
        ));
    }
    Ok(strategy(input, zone, &slots))
}

fn strategy(input: &FallbackInput, zone: &TimeZone, slots: &[Slot]) -> Strategy {
    let brand = &input.brand;
    let text = |slot: &Slot| calendar::Text {
        slot: *slot,
        objective: brand.objectives[0].kind,
        rationale:
            "Segments and themes in turn, spread evenly over the month: no history was looked at."
                .to_owned(),
        hypothesis: "A benefit in the subject line is opened more often than a question."
            .to_owned(),
    };
    let none = |_: &Slot| Expectation {
        opens: 0.0,
        clicks: 0.0,
        conversions: 0.0,
        revenue: baton_domain::Amount::default(),
    };
    let emails = calendar::emails(brand, zone, slots.iter().map(text).collect(), none);
    Strategy {
        brand_id: brand.brand_id.clone(),
        month: input.month,
        summary: format!(
            "{} mails, spread evenly over {}.",
            emails.len(),
            input.month
        ),
        emails,
        assumptions: vec![
            "No rates are known, so that nothing is said of what the mails may bring.".to_owned(),
            "Reviewers' notes were not read.".to_owned(),
        ],
    }
}
