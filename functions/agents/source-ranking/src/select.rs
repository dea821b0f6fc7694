//! What is chosen from, and the choice by price alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use baton_domain::research::{RankedSource, Ranking, Search, Source};
use baton_domain::{FieldError, Money};

use crate::{Error, MAX_SOURCES, reasons, value};

/// The sources, each once: of those that several keywords found, the one of the best keyword.
///
/// # Errors
/// [`Error::InvalidSource`] with the first that contradicts itself or another one.
pub fn distinct(sources: &[Source], search: &Search) -> Result<Vec<Source>, Error> {
    let wrong =
        |field: String, message: &str| Err(Error::InvalidSource(FieldError::new(field, message)));
    if sources.len() > MAX_SOURCES {
        let message = format!("are {}; at most {MAX_SOURCES} are looked at", sources.len());
        return wrong("sources".to_owned(), &message);
    }
    let mut distinct: BTreeMap<&str, &Source> = BTreeMap::new();
    for (i, source) in sources.iter().enumerate() {
        if let Some((field, message)) = contradiction(source) {
            return wrong(format!("sources[{i}].{field}"), message);
        }
        match distinct.entry(&source.source_id) {
            Entry::Vacant(entry) => {
                entry.insert(source);
            }
            Entry::Occupied(mut entry) => {
                let known = *entry.get();
                if (known.price, &known.rail) != (source.price, &source.rail) {
                    let message = "the same source has another price or rail above";
                    return wrong(format!("sources[{i}].price"), message);
                }
                let key = |s: &Source| (value::position(&s.found_by, search), s.name.clone());
                if key(source) < key(known) {
                    entry.insert(source);
                }
            }
        }
    }
    Ok(distinct.into_values().cloned().collect())
}

fn contradiction(source: &Source) -> Option<(&'static str, &'static str)> {
    let length = source.source_id.chars().count();
    if !(1..=128).contains(&length) {
        return Some(("source_id", "has 1 to 128 characters"));
    }
    match source.rail.as_str() {
        "free" if source.price > Money::ZERO => Some(("price", "is not zero on the rail `free`")),
        "free" | "token" | "x402" => None,
        _ => Some(("rail", "is one of `free`, `token`, `x402`")),
    }
}

/// The cheapest first, as far as the money goes. What contradicts itself is left out, and so is
/// what is beyond the first 500.
pub fn cheapest_first(sources: Vec<Source>, left: Money) -> Ranking {
    let sound = sources
        .into_iter()
        .filter(|source| contradiction(source).is_none());
    let mut sources: Vec<Source> = sound.take(MAX_SOURCES).collect();
    sources.sort_by(|a, b| (a.price, &a.source_id).cmp(&(b.price, &b.source_id)));
    let mut seen = std::collections::BTreeSet::new();
    sources.retain(|source| seen.insert(source.source_id.clone()));
    let mut cost = Money::ZERO;
    let ranked = sources.into_iter().map(|source| {
        let buy = source.price == Money::ZERO || cost + source.price <= left;
        if buy {
            cost = cost + source.price;
        }
        let reason = reasons::by_price(&source, buy, left);
        RankedSource {
            source,
            value: 0.5,
            buy,
            reason,
        }
    });
    Ranking {
        sources: ranked.collect(),
        cost,
    }
}
