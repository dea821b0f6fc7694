//! What a source is worth by itself.

use std::collections::BTreeSet;

use baton_domain::research::{Search, Source};

use crate::gain::{Candidate, ONE};
use crate::names;

/// How likely a marketplace's data is to have a field. Listings say no more than names, so these
/// are priors: what every record has, what most have, what is nested and optional, and what nobody
/// promised.
const FIELDS: [(&str, f64); 12] = [
    ("name", 1.0),
    ("description", 1.0),
    ("industry", 0.9),
    ("founded", 0.9),
    ("employees", 0.9),
    ("revenue", 0.9),
    ("headquarters", 0.9),
    ("website", 0.9),
    ("financial_data", 0.8),
    ("financial_data.annual_revenue", 0.8),
    ("financial_data.growth_rate", 0.8),
    ("financial_data.profit_margin", 0.8),
];
const UNPROMISED: f64 = 0.1;

/// What the first keyword is worth, how much less each further one, the first wider one, each
/// further one of them, and a keyword that nobody searched for.
const FIRST: f64 = 1.0;
const STEP: f64 = 0.05;
const FIRST_WIDER: f64 = 0.5;
const STEP_WIDER: f64 = 0.02;
const FOREIGN: f64 = 0.3;

/// The share of relevance that the keyword alone makes; the rest is how alike the names are.
const BY_KEYWORD: f64 = 0.3;

/// What a name that is like a keyword is worth beside another source that bears exactly that name:
/// where there is Tesla, Tesla Energy is hardly meant.
const NAMESAKE: f64 = 0.7;

/// The sources with what each is worth, in the order of [`crate::gain`].
pub fn candidates(sources: Vec<Source>, search: &Search) -> Vec<Candidate> {
    let coverage = coverage(&search.aspects);
    let borne = borne(&sources);
    let valued = sources.into_iter().map(|source| {
        let relevance = relevance(&source, search, &borne);
        Candidate {
            company: names::words(&source.name).join(" "),
            base: (relevance * coverage * ONE as f64).round() as u64,
            price: source.price.micro_usd(),
            relevance,
            coverage,
            source,
        }
    });
    crate::gain::in_order(valued.collect())
}

/// The share of the aspects that a source is expected to answer; of all fields, where none is asked
/// for.
pub fn coverage(aspects: &[String]) -> f64 {
    let expected = |field: &str| {
        let known = FIELDS.iter().find(|(name, _)| *name == field);
        known.map_or(UNPROMISED, |(_, share)| *share)
    };
    if aspects.is_empty() {
        return FIELDS.iter().map(|(_, share)| share).sum::<f64>() / FIELDS.len() as f64;
    }
    aspects.iter().map(|aspect| expected(aspect)).sum::<f64>() / aspects.len() as f64
}

/// The words of every source's name.
pub fn borne(sources: &[Source]) -> BTreeSet<Vec<String>> {
    sources
        .iter()
        .map(|source| names::words(&source.name))
        .collect()
}

/// How much a source has to do with what is looked for, 0 to 1: the best of the keyword that found
/// it and of those that its name is like. `borne` are the names of all sources.
pub fn relevance(source: &Source, search: &Search, borne: &BTreeSet<Vec<String>>) -> f64 {
    let name = names::words(&source.name);
    let of = |keyword: &str, rank: f64, found: bool| {
        let words = names::words(keyword);
        let alike = names::alike(&words, &name);
        let namesake = if words != name && borne.contains(&words) {
            NAMESAKE
        } else {
            1.0
        };
        let by_name = (1.0 - BY_KEYWORD) * alike;
        if found || alike > 0.0 {
            rank * namesake * (BY_KEYWORD + by_name)
        } else {
            0.0
        }
    };
    let ranked = |keywords: &[String], first: f64, step: f64| -> f64 {
        let each = keywords.iter().enumerate().map(|(i, keyword)| {
            let rank = (first - step * i as f64).max(FOREIGN);
            of(keyword, rank, is_same(keyword, &source.found_by))
        });
        each.fold(0.0, f64::max)
    };
    let best =
        ranked(&search.keywords, FIRST, STEP).max(ranked(&search.wider, FIRST_WIDER, STEP_WIDER));
    if best > 0.0 {
        best.min(1.0)
    } else {
        of(&source.found_by, FOREIGN, true)
    }
}

/// Where a keyword stands: keywords before wider ones, foreign ones last.
pub fn position(found_by: &str, search: &Search) -> usize {
    let mut all = search.keywords.iter().chain(&search.wider);
    all.position(|keyword| is_same(keyword, found_by))
        .unwrap_or(usize::MAX)
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use baton_domain::Money;

    use super::*;

    fn source(name: &str, found_by: &str) -> Source {
        Source {
            source_id: "1".to_owned(),
            name: name.to_owned(),
            found_by: found_by.to_owned(),
            price: Money::ZERO,
            rail: "free".to_owned(),
        }
    }

    #[test]
    fn names_that_are_meant_are_worth_more() {
        let search = Search {
            keywords: vec!["Tesla Inc".to_owned(), "Tesla".to_owned()],
            wider: vec!["motor".to_owned()],
            aspects: Vec::new(),
        };
        let of = |name: &str, found_by: &str| {
            relevance(&source(name, found_by), &search, &BTreeSet::new())
        };
        assert!((of("Tesla Inc.", "Tesla") - 1.0).abs() < 1e-9);
        let falling = [
            of("Tesla", "tesla inc"),
            of("Tesla Energy", "Tesla"),
            of("Teslarossa Spa", "Tesla"),
            of("Motor House", "motor"),
            of("Chair", "hair"),
        ];
        assert!(falling.is_sorted_by(|a, b| a > b), "{falling:?}");
        assert!(falling[4] > 0.0);
        let energy = source("Tesla Energy", "Tesla");
        let beside = relevance(&energy, &search, &borne(&[source("Tesla", "Tesla")]));
        assert!((beside - 0.7 * of("Tesla Energy", "Tesla")).abs() < 1e-9);
    }

    #[test]
    fn fields_that_nobody_promised_are_hardly_expected() {
        let of =
            |aspects: &[&str]| coverage(&aspects.iter().map(|&a| a.to_owned()).collect::<Vec<_>>());
        assert!((of(&["revenue", "founded"]) - 0.9).abs() < 1e-9);
        assert!((of(&["revenue", "patents"]) - 0.5).abs() < 1e-9);
        assert!(of(&[]) > 0.8);
    }
}
