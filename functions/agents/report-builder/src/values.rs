//! Single values: how they are read, written, and compared.

use serde_json::Value;

use crate::facts::Fact;
use crate::fields::{self, Kind};
use crate::numbers::{Token, grouped, in_words, tokens};
use crate::text::clean;

/// How long a value is at most, in characters.
const MAX_VALUE: usize = 300;

/// A value as a fact; nothing where it says nothing.
pub fn fact(field: &str, value: &Value, currency: Option<&str>) -> Option<Fact> {
    let text = match value {
        Value::Null | Value::Object(_) => return None,
        Value::Number(number) => return number.as_f64().map(|n| of_number(field, n, currency)),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::String(text) => clean(text, MAX_VALUE),
        Value::Array(items) => list(items)?,
    };
    if text.is_empty() {
        return None;
    }
    let brief = clean(&text, 60);
    Some(Fact {
        field: field.to_owned(),
        number: None,
        shown: text,
        brief,
    })
}

/// A list of plain values as text; others by their number.
fn list(items: &[Value]) -> Option<String> {
    let plain = |item: &Value| match item {
        Value::String(text) => Some(clean(text, 60)),
        Value::Number(number) => number.as_f64().map(grouped),
        _ => None,
    };
    let texts: Option<Vec<String>> = items.iter().take(10).map(plain).collect();
    match texts {
        Some(texts) if texts.is_empty() => None,
        Some(texts) if items.len() > texts.len() => Some(format!(
            "{} and {} more",
            texts.join(", "),
            items.len() - texts.len()
        )),
        Some(texts) => Some(texts.join(", ")),
        None => Some(format!("{} entries", items.len())),
    }
}

fn of_number(field: &str, number: f64, currency: Option<&str>) -> Fact {
    let unit = currency
        .map(|currency| format!(" {currency}"))
        .unwrap_or_default();
    let (shown, brief) = match fields::kind(field) {
        Kind::Year if number.fract() == 0.0 && number.abs() < 1e4 => {
            (format!("{number}"), format!("{number}"))
        }
        // Below 1 a rate is a share; from 1 on it is in percent.
        Kind::Rate if number.abs() < 1.0 && number != 0.0 => {
            let percent = format!("{} %", grouped((number * 1e4).round() / 1e2));
            (format!("{percent} (given as {number})"), percent)
        }
        Kind::Rate => (
            format!("{} %", grouped(number)),
            format!("{} %", grouped(number)),
        ),
        Kind::Amount => with_words(number, &unit),
        _ => with_words(number, ""),
    };
    Fact {
        field: field.to_owned(),
        number: Some(number),
        shown,
        brief,
    }
}

fn with_words(number: f64, unit: &str) -> (String, String) {
    let exact = grouped(number);
    match in_words(number) {
        Some(words) => (format!("{exact}{unit} ({words})"), format!("{words}{unit}")),
        None => (format!("{exact}{unit}"), format!("{exact}{unit}")),
    }
}

/// Whether two sources say the same.
pub fn is_same(one: &Fact, other: &Fact) -> bool {
    match (value(one), value(other)) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        _ => one.shown.to_lowercase() == other.shown.to_lowercase(),
    }
}

/// The number that a fact is, also where it came as text.
fn value(fact: &Fact) -> Option<f64> {
    fact.number
        .or_else(|| match tokens(&fact.shown).as_slice() {
            [
                Token::Number {
                    value,
                    percent: false,
                },
            ] => Some(*value),
            _ => None,
        })
}
