//! Words of clauses, and what they name: segments and themes by name or label, days, and parts of the day.

use baton_domain::campaign::{Brand, DayPart};
use jiff::civil::{Date, Weekday};

/// What a clause may be about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Object {
    Segment(usize),
    Theme(usize),
    Weekday(Weekday),
    Day(Date),
    Part(DayPart),
}

const FILLERS: [&str; 17] = [
    "send ",
    "sending ",
    "mail ",
    "mails ",
    "emails ",
    "email ",
    "anything ",
    "any ",
    "to ",
    "for ",
    "about ",
    "on ",
    "in ",
    "at ",
    "the ",
    "theme ",
    "segment ",
];

/// What is named: one thing, or several of them joined by `and` or `or`.
pub(super) fn objects(text: &str, brand: &Brand) -> Option<Vec<Object>> {
    let whole = named(text, brand);
    if !whole.is_empty() {
        return Some(whole);
    }
    let text = text.replace(" or ", " and ");
    let parts: Vec<Vec<Object>> = text.split(" and ").map(|part| named(part, brand)).collect();
    let all = !parts.iter().any(Vec::is_empty);
    all.then(|| parts.concat())
}

/// What one name stands for; nothing where it is not known. Weekends are two days.
fn named(text: &str, brand: &Brand) -> Vec<Object> {
    let mut rest = text.trim();
    loop {
        if let Some(object) = exactly(rest, brand) {
            return object;
        }
        match FILLERS.iter().find_map(|filler| rest.strip_prefix(filler)) {
            Some(shorter) => rest = shorter.trim(),
            None => return Vec::new(),
        }
    }
}

fn exactly(name: &str, brand: &Brand) -> Option<Vec<Object>> {
    let same = |own: &str| {
        let own = plain(own);
        own == name || own.replace('-', " ") == name.replace('-', " ")
    };
    let segment = brand
        .segments
        .iter()
        .position(|s| same(&s.name) || same(&s.label));
    let theme = brand
        .themes
        .iter()
        .position(|t| same(&t.name) || same(&t.label));
    if segment.is_some() || theme.is_some() {
        return segment
            .map(Object::Segment)
            .or(theme.map(Object::Theme))
            .map(|object| vec![object]);
    }
    let singular = name.strip_suffix('s').unwrap_or(name);
    let part = DayPart::ALL
        .into_iter()
        .find(|part| part.name() == singular);
    match singular {
        "weekend" => Some(
            [Weekday::Saturday, Weekday::Sunday]
                .map(Object::Weekday)
                .to_vec(),
        ),
        _ => weekday(singular)
            .map(Object::Weekday)
            .or(part.map(Object::Part))
            .or(name.parse().ok().map(Object::Day))
            .map(|object| vec![object]),
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let number = NAMES
        .iter()
        .position(|day| *day == name || day[..3] == *name)?;
    Weekday::from_monday_zero_offset(i8::try_from(number).ok()?).ok()
}

/// A clause or a name without what does not matter: case, hyphens, marks, politeness.
pub(super) fn plain(text: &str) -> String {
    let text: String = text.to_lowercase().replace('_', " ");
    let text = text.trim_matches(|c: char| c.is_whitespace() || "!?:\"“”".contains(c));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let polite = [
        "please ",
        "could you ",
        "can we have ",
        "we want ",
        "use ",
        "have ",
    ];
    let rest = polite.iter().find_map(|words| text.strip_prefix(words));
    rest.unwrap_or(&text).trim_end_matches(" please").to_owned()
}

pub(super) fn after<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words
        .iter()
        .find_map(|words| text.strip_prefix(words))
        .map(str::trim)
}

/// A number in digits or words, and what follows it.
pub(super) fn counted(text: &str) -> Option<(usize, &str)> {
    const WORDS: [&str; 11] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let number = first
        .parse()
        .ok()
        .or_else(|| WORDS.iter().position(|word| *word == first));
    number.map(|number| (number, rest.trim()))
}
