//! Plans and their values: adding the best mail, and exchanging single ones.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{OpenDay, Slot, open_days, values};
use crate::forecast::Forecast;
use crate::notes::Orders;
use crate::{Input, rules};

/// The most mails that are planned for a month.
const MAX_PLANNED: usize = 40;

/// The most mails to one segment: what follows is worth less than a tenth of the first.
const MAX_PER_SEGMENT: usize = 5;

/// What each mail to the same segment is worth, against the one before it.
const FATIGUE: f64 = 0.6;

/// What each mail about the same theme is worth, against the one before it, and what one to the
/// same segment about the same theme again.
const REPEATED: f64 = 0.8;
const REPEATED_TO_SEGMENT: f64 = 0.6;

/// What a mail loses that follows at once on another to its segment; after a week a third of that.
const TOO_SOON: f64 = 0.3;

/// What a mail is worth on a day that has another.
const CROWDED: f64 = 0.97;

/// What a mail gains that was in the calendar before: what nobody objected to, stays.
const KEPT: f64 = 1.15;

/// Rounds of exchanges, at most.
const ROUNDS: usize = 6;

/// All that a plan is judged by.
pub(super) struct Search<'a> {
    input: &'a Input,
    orders: &'a Orders,
    pub(super) days: Vec<OpenDay>,
    pub(super) segments: Vec<usize>,
    pub(super) themes: Vec<usize>,
    values: Vec<Vec<f64>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        input: &'a Input,
        zone: &TimeZone,
        forecast: &Forecast,
        orders: &'a Orders,
    ) -> Self {
        let brand = &input.brand;
        let segments = (0..brand.segments.len())
            .filter(|s| brand.segments[*s].size > 0 && !orders.no_segments.contains(s));
        let themes = (0..brand.themes.len()).filter(|t| {
            rules::in_season(&brand.themes[*t], input.month) && !orders.no_themes.contains(t)
        });
        Self {
            input,
            orders,
            days: open_days(input, zone, forecast, orders),
            segments: segments.collect(),
            themes: themes.collect(),
            values: values(input, forecast, orders),
        }
    }

    /// The value of a plan in order of time.
    fn value(&self, slots: &[Slot]) -> f64 {
        let mut sorted = slots.to_vec();
        sorted.sort_by_key(|slot| (slot.day, slot.segment, slot.theme));
        (0..sorted.len())
            .map(|n| self.own(&sorted[n], &sorted[..n]))
            .sum()
    }

    /// What a mail is worth after the `others`.
    fn own(&self, slot: &Slot, others: &[Slot]) -> f64 {
        let day = self.days.iter().find(|open| open.day == slot.day);
        let mut value = self.values[slot.segment][slot.theme] * day.map_or(0.0, |open| open.factor);
        let mut gap = i64::MAX;
        for other in others {
            if other.theme == slot.theme {
                value *= REPEATED;
            }
            if other.day == slot.day {
                value *= CROWDED;
            }
            if other.segment == slot.segment {
                value *= FATIGUE;
                gap = gap.min(apart(other.day, slot.day));
                if other.theme == slot.theme {
                    value *= REPEATED_TO_SEGMENT;
                }
            }
        }
        if gap < i64::MAX {
            value *= 1.0 - TOO_SOON * (-(gap as f64) / 7.0).exp();
        }
        if self.was_planned(slot) {
            value * KEPT
        } else {
            value
        }
    }

    fn was_planned(&self, slot: &Slot) -> bool {
        let brand = &self.input.brand;
        self.input.previous.as_ref().is_some_and(|previous| {
            previous.emails.iter().any(|email| {
                email.day == slot.day
                    && email.segment == brand.segments[slot.segment].name
                    && email.theme == brand.themes[slot.theme].name
            })
        })
    }

    /// Whether a segment may get a mail on `day` besides those that it gets.
    fn allowed(&self, segment: usize, day: Date, others: &[Slot]) -> bool {
        let to = others.iter().filter(|slot| slot.segment == segment);
        let mut days: Vec<Date> = to.map(|slot| slot.day).collect();
        let most = self.orders.segment_most.get(&segment).copied();
        if days.contains(&day) || days.len() >= most.unwrap_or(MAX_PER_SEGMENT).min(MAX_PER_SEGMENT)
        {
            return false;
        }
        days.push(day);
        days.sort_unstable();
        self.input.brand.frequency.breach(&days).is_none()
    }

    /// Whether a segment should have more mails and can.
    fn is_behind(&self, segment: usize, slots: &[Slot]) -> bool {
        let Some(least) = self.orders.segment_least.get(&segment) else {
            return false;
        };
        let mails = slots.iter().filter(|slot| slot.segment == segment).count();
        let room = |open: &OpenDay| self.allowed(segment, open.day, slots);
        mails < *least && self.days.iter().any(room)
    }

    /// Adds the best mail until there is room for none.
    pub(super) fn fill(&self) -> Vec<Slot> {
        let cap = self.input.brand.frequency.per_month as usize;
        let most = self.orders.most.unwrap_or(usize::MAX);
        let most = most.min(cap).min(MAX_PLANNED);
        let mut slots: Vec<Slot> = Vec::new();
        while slots.len() < most {
            let Some(slot) = self.next(&slots) else { break };
            slots.push(slot);
        }
        slots
    }

    /// The best mail to add, to a segment that should have more where there is one.
    fn next(&self, slots: &[Slot]) -> Option<Slot> {
        let behind = |segment: &&usize| self.is_behind(**segment, slots);
        let any_behind = self.segments.iter().any(|segment| behind(&segment));
        let segments = self.segments.iter();
        let mut best: Option<(f64, Slot)> = None;
        for &segment in segments.filter(|segment| !any_behind || behind(segment)) {
            let days = self.days.iter();
            let days = days.filter(|open| self.allowed(segment, open.day, slots));
            for open in days {
                for theme in self.worth_trying(segment, open.day, slots) {
                    let slot = Slot {
                        segment,
                        theme,
                        day: open.day,
                        part: open.part,
                        explores: false,
                    };
                    let value = self.own(&slot, slots);
                    if best.is_none_or(|(most, _)| value > most) {
                        best = Some((value, slot));
                    }
                }
            }
        }
        best.map(|(_, slot)| slot)
    }

    /// The themes that can be best for a segment on a day: which one is, depends on the day only
    /// where the calendar before had a mail on it.
    fn worth_trying(&self, segment: usize, day: Date, slots: &[Slot]) -> Vec<usize> {
        let repeated = |theme: usize| {
            let same = slots.iter().filter(|slot| slot.theme == theme);
            same.fold(1.0, |worth, slot| {
                let again = slot.segment == segment;
                worth * REPEATED * if again { REPEATED_TO_SEGMENT } else { 1.0 }
            })
        };
        let worth = |theme: usize| self.values[segment][theme] * repeated(theme);
        let best = self
            .themes
            .iter()
            .copied()
            .map(|theme| (worth(theme), theme));
        let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let previous = self.input.previous.iter().flat_map(|plan| &plan.emails);
        let named = |name: &str| {
            let theme = |n: &usize| self.input.brand.themes[*n].name == name;
            self.themes.iter().copied().find(theme)
        };
        let kept = previous
            .filter(|email| email.day == day)
            .filter_map(|email| named(&email.theme));
        best.map(|(_, theme)| theme)
            .into_iter()
            .chain(kept)
            .collect()
    }

    /// Exchanges single mails while that makes the plan better.
    pub(super) fn exchange(&self, slots: &mut [Slot]) {
        let mut value = self.value(slots);
        for _ in 0..ROUNDS {
            let before = value;
            for n in 0..slots.len() {
                for other in self.neighbours(slots[n]) {
                    let old = slots[n];
                    let others: Vec<Slot> = [&slots[..n], &slots[n + 1..]].concat();
                    if !self.allowed(other.segment, other.day, &others) {
                        continue;
                    }
                    slots[n] = other;
                    let changed = self.value(slots);
                    if changed > value + 1e-9 {
                        value = changed;
                    } else {
                        slots[n] = old;
                    }
                }
            }
            if value <= before {
                return;
            }
        }
    }

    /// The same mail with another day, theme or segment.
    fn neighbours(&self, slot: Slot) -> Vec<Slot> {
        let days = self.days.iter().map(|open| Slot {
            day: open.day,
            part: open.part,
            ..slot
        });
        let themes = self.themes.iter().map(|&theme| Slot { theme, ..slot });
        let held = self.orders.segment_least.contains_key(&slot.segment);
        let segments = self
            .segments
            .iter()
            .filter(|_| !held)
            .map(|&segment| Slot { segment, ..slot });
        days.chain(themes)
            .chain(segments)
            .filter(|other| *other != slot)
            .collect()
    }
}

fn apart(a: Date, b: Date) -> i64 {
    (a.duration_until(b).as_hours() / 24).abs()
}

#[cfg(test)]
pub(super) mod exhaustive;
