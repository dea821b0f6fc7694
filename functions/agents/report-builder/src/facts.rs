//! What sources say, as fields with values, whatever the shape of their data.

use std::collections::BTreeSet;

use baton_domain::research::SourceFacts;
use serde_json::Value;

use crate::fields;
use crate::text::clean;
use crate::values::fact;

/// How deep data is looked into, how many fields are taken from one source, and how long a field's
/// name is at most, in characters.
const MAX_DEPTH: usize = 4;
const MAX_FIELDS: usize = 64;
const MAX_FIELD: usize = 80;

/// One field of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The field, such as `financial_data.growth_rate`.
    pub field: String,
    /// The value where it is a number.
    pub number: Option<f64>,
    /// The value as it is written in sentences; data, not yet Markdown.
    pub shown: String,
    /// The value as it is written in tables.
    pub brief: String,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its number in the report, from 1.
    pub number: usize,
    /// Its id in the marketplace.
    pub source_id: String,
    /// Whom it is about.
    pub subject: String,
    /// Its fields, in the order of the report.
    pub facts: Vec<Fact>,
}

/// One company, and the sources about it by their places.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// The places of its sources in [`Material::sources`].
    pub sources: Vec<usize>,
}

/// All that was got.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Material {
    /// The sources, in the order that they came in.
    pub sources: Vec<Read>,
    /// Whom those that say something are about, in the same order.
    pub companies: Vec<Company>,
}

impl Material {
    /// What these sources say. Each stands there once.
    pub fn of(facts: &[SourceFacts]) -> Self {
        let numbered = facts.iter().enumerate();
        let mut sources: Vec<Read> = numbered.map(|(i, source)| read(i + 1, source)).collect();
        name_companies(&mut sources);
        let mut companies: Vec<Company> = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        for (place, source) in sources.iter().enumerate() {
            if source.facts.is_empty() {
                continue;
            }
            let key = key(&source.subject);
            if let Some(known) = keys.iter().position(|other| *other == key) {
                companies[known].sources.push(place);
            } else {
                keys.push(key);
                let name = source.subject.clone();
                companies.push(Company {
                    name,
                    sources: vec![place],
                });
            }
        }
        Self { sources, companies }
    }

    /// What the sources of a company say about a field: each with its source.
    pub fn said<'a>(&'a self, company: &'a Company, field: &str) -> Vec<(&'a Read, &'a Fact)> {
        let read = company.sources.iter().map(|place| &self.sources[*place]);
        let found = read.filter_map(|source| {
            let fact = source.facts.iter().find(|fact| fact.field == field)?;
            Some((source, fact))
        });
        found.collect()
    }

    /// Every field that some source has, in the order of the report.
    pub fn fields(&self) -> Vec<String> {
        let all = self.sources.iter().flat_map(|source| &source.facts);
        let distinct: BTreeSet<(usize, &str)> = all
            .map(|fact| (fields::place(&fact.field), fact.field.as_str()))
            .collect();
        distinct
            .into_iter()
            .map(|(_, field)| field.to_owned())
            .collect()
    }
}

/// Legal forms, which do not tell companies apart.
const LEGAL: [&str; 16] = [
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "plc",
    "gmbh",
    "ag",
    "sa",
    "se",
    "nv",
    "the",
];

/// Sources are often named after their company and, behind a comma, what they are: "Acme Inc, annual
/// filing 2023". Where several names begin alike, that is whom they are about.
fn name_companies(sources: &mut [Read]) {
    let heads = |source: &Read| {
        let (head, _) = source.subject.split_once(',')?;
        Some((key(head), head.trim().to_owned()))
    };
    let whole = |source: &Read| (key(&source.subject), source.subject.clone());
    let all: Vec<_> = sources
        .iter()
        .map(|s| heads(s).unwrap_or_else(|| whole(s)))
        .collect();
    for (source, (key, head)) in sources.iter_mut().zip(&all) {
        if all.iter().filter(|(other, _)| other == key).count() > 1 {
            source.subject.clone_from(head);
        }
    }
}

/// What is the same for all ways to write one company's name.
fn key(name: &str) -> String {
    let lower = name.to_lowercase().replace(['.', '\'', '’'], "");
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let telling: Vec<&str> = words.filter(|word| !LEGAL.contains(word)).collect();
    if telling.is_empty() {
        lower
    } else {
        telling.join(" ")
    }
}

fn read(number: usize, source: &SourceFacts) -> Read {
    let data = unwrapped(&source.data);
    let currency = currency(data);
    let mut facts = Vec::new();
    match data {
        Value::Object(_) | Value::Array(_) => collect("", data, 0, currency, &mut facts),
        Value::Null => {}
        value => facts.extend(fact("value", value, currency)),
    }
    facts.sort_by(|a, b| {
        let key = |fact: &Fact| (fields::place(&fact.field), fact.field.clone());
        key(a).cmp(&key(b))
    });
    facts.dedup_by(|a, b| a.field == b.field);
    let own = data
        .get("name")
        .and_then(Value::as_str)
        .map(|name| clean(name, 120));
    let named = own
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| clean(&source.name, 120));
    Read {
        number,
        source_id: source.source_id.clone(),
        subject: if named.is_empty() {
            clean(&source.source_id, 120)
        } else {
            named
        },
        facts,
    }
}

/// The data itself, where it is wrapped: alone in a list, or under `data` alone.
fn unwrapped(data: &Value) -> &Value {
    match data {
        Value::Array(items) if items.len() == 1 => &items[0],
        Value::Object(fields) if fields.len() == 1 => fields.get("data").unwrap_or(data),
        _ => data,
    }
}

/// The currency that the data names.
fn currency(data: &Value) -> Option<&str> {
    let places = [
        data.get("currency"),
        data.pointer("/financial_data/currency"),
    ];
    let named = places.into_iter().flatten().find_map(Value::as_str)?;
    (named.len() == 3 && named.bytes().all(|b| b.is_ascii_uppercase())).then_some(named)
}

fn collect(path: &str, value: &Value, depth: usize, currency: Option<&str>, facts: &mut Vec<Fact>) {
    let mut children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) if depth == 0 => items
            .iter()
            .enumerate()
            .map(|(i, value)| (i.to_string(), value))
            .collect(),
        _ => return,
    };
    // Where there are more fields than are taken, these are the same whatever order they came in.
    children.sort_by(|a, b| (fields::place(&a.0), &a.0).cmp(&(fields::place(&b.0), &b.0)));
    for (key, value) in children {
        let key = clean(&key, MAX_FIELD);
        let field = if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        };
        if facts.len() >= MAX_FIELDS || field.chars().count() > MAX_FIELD {
            continue;
        }
        // The name and the id say who is meant, not what is known.
        if matches!(
            field.as_str(),
            "" | "id" | "name" | "currency" | "financial_data.currency"
        ) {
            continue;
        }
        if value.is_object() && depth < MAX_DEPTH {
            collect(&field, value, depth + 1, currency, facts);
        } else {
            facts.extend(fact(&field, value, currency));
        }
    }
}
