//! Reviewers' notes, as far as they are understood without a model.
//!
//! A note is one or more clauses, divided by lines, semicolons, commas and full stops. Upper and
//! lower case, politeness and articles do not matter; segments and themes go by name or label.
//!
//! | clause | does |
//! |---|---|
//! | `at most N mails`, `no more than N mails`, `max N` | N mails in the month |
//! | `at most N mails to SEGMENT` | N mails to the segment |
//! | `fewer mails` | three quarters of the mails of the calendar before, one less at least |
//! | `more SEGMENT`, `more THEME`; `less`, `fewer` | that counts three times, or a third; of a segment, one mail more than in the calendar before |
//! | `no SEGMENT`, `no THEME`; `skip`, `drop`, `without`, `avoid`, `remove` | not at all |
//! | `only SEGMENT`, `only THEME` | none of the others |
//! | `not on WEEKDAYS`, `no weekends`, `not on DATE`, `no evenings` | not then; dates as `2024-11-05` |
//! | `nothing before DATE`, `start on DATE` | not earlier |
//!
//! `and` and `or` join several of one kind: `not on Mondays and Fridays`. What is not understood is
//! reported, never guessed.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use baton_domain::campaign::{Brand, DayPart, Strategy};
use jiff::civil::{Date, Weekday};

use names::{Object, after, counted, objects, plain};

/// What the notes ask for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Orders {
    /// Mails in the month, at most.
    pub most: Option<usize>,
    /// Mails to a segment, at most.
    pub segment_most: BTreeMap<usize, usize>,
    /// Mails to a segment, at least, while there is room.
    pub segment_least: BTreeMap<usize, usize>,
    /// Segments that get none.
    pub no_segments: BTreeSet<usize>,
    /// Themes that none is about.
    pub no_themes: BTreeSet<usize>,
    /// Weekdays on which none goes out.
    pub no_weekdays: Vec<Weekday>,
    /// Days on which none goes out.
    pub no_days: BTreeSet<Date>,
    /// Parts of the day at which none goes out.
    pub no_parts: BTreeSet<DayPart>,
    /// The first day on which one goes out.
    pub first_day: Option<Date>,
    /// What was understood, in the reviewer's words.
    pub applied: Vec<String>,
    /// What was not.
    pub ignored: Vec<String>,
    segment_weights: BTreeMap<usize, f64>,
    theme_weights: BTreeMap<usize, f64>,
}

/// How much more counts of what there should be more.
const MORE: f64 = 3.0;

/// Clauses that ask for nothing.
const POLITE: [&str; 4] = ["", "please", "thanks", "thank you"];

/// How much of an ignored clause is repeated, in characters.
const SHOWN: usize = 200;

/// The most clauses that are looked at.
const MAX_CLAUSES: usize = 50;

const LIMITS: [&str; 6] = [
    "at most ",
    "no more than ",
    "not more than ",
    "maximum ",
    "max ",
    "only ",
];
const NEVER: [&str; 14] = [
    "nothing ",
    "not ",
    "no ",
    "never ",
    "skip ",
    "drop ",
    "without ",
    "avoid ",
    "remove ",
    "leave out ",
    "exclude ",
    "don't ",
    "do not ",
    "don’t ",
];
const FIRST: [&str; 5] = [
    "nothing before ",
    "not before ",
    "start on ",
    "start from ",
    "begin on ",
];
const MAILS: [&str; 7] = [
    "mails", "emails", "e-mails", "mail", "email", "sends", "messages",
];

impl Orders {
    /// Reads the notes.
    pub fn read(notes: &[String], brand: &Brand, previous: Option<&Strategy>) -> Self {
        let mut orders = Self::default();
        let clauses = notes
            .iter()
            .flat_map(|note| note.split(['\n', ';', ',', '.']));
        let clauses = clauses
            .map(str::trim)
            .filter(|clause| !POLITE.contains(&&*plain(clause)));
        for (n, clause) in clauses.enumerate() {
            let known = n < MAX_CLAUSES && orders.follow(&plain(clause), brand, previous).is_some();
            let list = if known {
                &mut orders.applied
            } else {
                &mut orders.ignored
            };
            if list.len() < MAX_CLAUSES {
                list.push(clause.chars().take(SHOWN).collect());
            }
        }
        orders
    }

    /// No orders: all that was understood is reported as not applied.
    #[must_use]
    pub fn set_aside(self) -> Self {
        let ignored = [self.ignored, self.applied].concat();
        Self {
            ignored,
            ..Self::default()
        }
    }

    /// By how much a segment counts more.
    pub fn segment_weight(&self, segment: usize) -> f64 {
        self.segment_weights.get(&segment).copied().unwrap_or(1.0)
    }

    /// By how much a theme counts more.
    pub fn theme_weight(&self, theme: usize) -> f64 {
        self.theme_weights.get(&theme).copied().unwrap_or(1.0)
    }

    /// Follows one clause; none where it is not understood, and nothing is changed then.
    fn follow(&mut self, clause: &str, brand: &Brand, previous: Option<&Strategy>) -> Option<()> {
        if let Some(date) = after(clause, &FIRST) {
            self.first_day = Some(self.first_day.max(Some(date.parse().ok()?))?);
            return Some(());
        }
        if let Some((number, rest)) = after(clause, &LIMITS).and_then(counted) {
            return self.limit(number, rest, brand);
        }
        if after(clause, &["fewer ", "less "]).is_some_and(|rest| MAILS.contains(&rest)) {
            let planned = previous?.emails.len();
            self.cap((planned * 3 / 4).max(1));
            return Some(());
        }
        for (words, weight) in [
            (["more ", "increase "], MORE),
            (["less ", "fewer "], 1.0 / MORE),
        ] {
            if let Some(rest) = after(clause, &words) {
                let objects = objects(rest, brand)?;
                self.weigh(&objects, weight)?;
                if weight > 1.0 {
                    self.raise(&objects, brand, previous);
                }
                return Some(());
            }
        }
        if let Some(rest) = after(clause, &["only "]) {
            return self.keep(&objects(rest, brand)?, brand);
        }
        let rest = after(clause, &NEVER)?;
        for object in objects(rest, brand)? {
            self.refuse(object);
        }
        Some(())
    }

    fn cap(&mut self, most: usize) {
        self.most = Some(self.most.map_or(most, |before| before.min(most)));
    }

    /// `at most N` of all, or to one segment.
    fn limit(&mut self, number: usize, rest: &str, brand: &Brand) -> Option<()> {
        let rest = MAILS
            .iter()
            .find_map(|mails| rest.strip_prefix(mails))
            .unwrap_or(rest)
            .trim();
        if matches!(
            rest,
            "" | "in the month" | "a month" | "per month" | "in total" | "this month"
        ) {
            self.cap(number);
            return Some(());
        }
        match objects(rest, brand)?[..] {
            [Object::Segment(segment)] => {
                self.segment_most.insert(segment, number);
                Some(())
            }
            _ => None,
        }
    }

    fn weigh(&mut self, objects: &[Object], weight: f64) -> Option<()> {
        let weighed = |object: &Object| matches!(object, Object::Segment(_) | Object::Theme(_));
        if !objects.iter().all(weighed) {
            return None;
        }
        for object in objects {
            match object {
                Object::Segment(n) => self.segment_weights.insert(*n, weight),
                Object::Theme(n) => self.theme_weights.insert(*n, weight),
                _ => None,
            };
        }
        Some(())
    }

    /// One mail more to these segments than before.
    fn raise(&mut self, objects: &[Object], brand: &Brand, previous: Option<&Strategy>) {
        for object in objects {
            if let (Object::Segment(segment), Some(previous)) = (object, previous) {
                let name = &brand.segments[*segment].name;
                let before = previous
                    .emails
                    .iter()
                    .filter(|email| email.segment == *name);
                self.segment_least.insert(*segment, before.count() + 1);
            }
        }
    }

    /// `only` these segments, or these themes.
    fn keep(&mut self, objects: &[Object], brand: &Brand) -> Option<()> {
        if objects
            .iter()
            .all(|object| matches!(object, Object::Segment(_)))
        {
            let others =
                (0..brand.segments.len()).filter(|n| !objects.contains(&Object::Segment(*n)));
            self.no_segments.extend(others);
            return Some(());
        }
        if objects
            .iter()
            .all(|object| matches!(object, Object::Theme(_)))
        {
            let others = (0..brand.themes.len()).filter(|n| !objects.contains(&Object::Theme(*n)));
            self.no_themes.extend(others);
            return Some(());
        }
        None
    }

    fn refuse(&mut self, object: Object) {
        match object {
            Object::Segment(n) => _ = self.no_segments.insert(n),
            Object::Theme(n) => _ = self.no_themes.insert(n),
            Object::Weekday(day) => self.no_weekdays.push(day),
            Object::Day(day) => _ = self.no_days.insert(day),
            Object::Part(part) => _ = self.no_parts.insert(part),
        }
    }
}

#[cfg(test)]
mod tests;
