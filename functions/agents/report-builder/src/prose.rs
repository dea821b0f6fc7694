//! The sentences of the report by rule: each says what stands in fields of the data, and where.

use std::collections::BTreeSet;

use baton_domain::research::{Claim, Conflict, Search};

use crate::facts::{Company, Fact, Material, Read};
use crate::fields::{self, Kind, answers, label};
use crate::text::{markdown, references};
use crate::values::is_same;

/// How many findings there are, how many companies each names, and how many the summary does.
const MAX_SECTIONS: usize = 12;
const MAX_COMPANIES: usize = 12;
const MAX_NAMED: usize = 8;

/// How many findings the summary repeats.
const IN_SUMMARY: usize = 4;

/// One finding: what the sources say about a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The field, or the aspect that no source answers.
    pub field: String,
    /// The sentences.
    pub claims: Vec<Claim>,
}

/// What the findings are about: the fields that answer the aspects, in their order, and the aspects
/// that no source answers; then what sources say that answer none of them: they were chosen and paid
/// for too. All known fields where nothing is asked for.
pub fn topics(material: &Material, search: &Search) -> Vec<String> {
    let present = material.fields();
    let mut topics: Vec<String> = Vec::new();
    let mut add = |field: &str| {
        if !topics.iter().any(|known| known == field) {
            topics.push(field.to_owned());
        }
    };
    for aspect in &search.aspects {
        let found: Vec<&String> = present
            .iter()
            .filter(|field| answers(field, aspect))
            .collect();
        if found.is_empty() {
            add(aspect);
        }
        for field in found {
            add(field);
        }
    }
    if !topics.is_empty() {
        let beside = beside(material, &topics);
        topics.extend(beside);
    }
    if topics.is_empty() {
        topics = present
            .iter()
            .filter(|field| fields::is_known(field))
            .cloned()
            .collect();
    }
    if topics.is_empty() {
        topics = present;
    }
    topics.truncate(MAX_SECTIONS);
    topics
}

/// The fields of sources that say nothing about the topics, but for what only names a source.
fn beside(material: &Material, topics: &[String]) -> Vec<String> {
    let asked = |field: &String| topics.contains(field);
    let others = material
        .sources
        .iter()
        .filter(|source| !source.facts.iter().any(|fact| asked(&fact.field)));
    let fields: BTreeSet<&String> = others
        .flat_map(|source| &source.facts)
        .map(|fact| &fact.field)
        .filter(|field| {
            !["website", "description", "industry", "fiscal_year"].contains(&field.as_str())
        })
        .collect();
    fields.into_iter().cloned().collect()
}

/// The finding about each topic.
pub fn sections(material: &Material, topics: &[String]) -> Vec<Section> {
    if material.companies.is_empty() {
        return Vec::new();
    }
    let section = |field: &String| Section {
        field: field.clone(),
        claims: claims(material, field),
    };
    topics.iter().map(section).collect()
}

/// What the report is about, and the findings that compare.
pub fn summary(material: &Material, sections: &[Section]) -> Vec<Claim> {
    let all: Vec<&Read> = material.sources.iter().collect();
    if all.is_empty() {
        return Vec::new();
    }
    let said: Vec<&Read> = all
        .iter()
        .copied()
        .filter(|read| !read.facts.is_empty())
        .collect();
    if said.is_empty() {
        let text = format!(
            "{} held no data that could be read",
            counted(all.len(), "source", "sources")
        );
        return vec![claim(&text, &all, &[])];
    }
    let companies = &material.companies;
    let named: Vec<String> = companies.iter().take(MAX_NAMED).map(subject).collect();
    let more = match companies.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "{} about {} were read: {}{more}",
        counted(said.len(), "source", "sources"),
        counted(companies.len(), "company", "companies"),
        named.join(", "),
    );
    let text = if said.len() == 1 {
        text.replace(" were read", " was read")
    } else {
        text
    };
    let mut summary = vec![claim(&text, &said, &["name"])];
    // Where companies are compared, the comparison is the finding's last sentence.
    let telling = sections.iter().filter(|section| {
        fields::kind(&section.field) != Kind::Prose && !is_silent(material, &section.field)
    });
    summary.extend(
        telling
            .take(IN_SUMMARY)
            .filter_map(|section| section.claims.last().cloned()),
    );
    summary
}

fn is_silent(material: &Material, field: &str) -> bool {
    material
        .companies
        .iter()
        .all(|company| material.said(company, field).is_empty())
}

/// What the sources say about one field, company by company, and how the companies compare.
fn claims(material: &Material, field: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut silent = Vec::new();
    for company in &material.companies {
        let said = material.said(company, field);
        match said.as_slice() {
            [] => silent.push(company),
            _ if claims.len() < MAX_COMPANIES => {
                claims.push(of_company(material, company, field, &said));
            }
            _ => {}
        }
    }
    if claims.is_empty() {
        let read: Vec<&Read> = material.sources.iter().collect();
        let text = format!("No source says anything about the {}", label(field));
        return vec![claim(&text, &read, &[field])];
    }
    claims.extend(comparison(material, field));
    claims
}

fn of_company(
    material: &Material,
    company: &Company,
    field: &str,
    said: &[(&Read, &Fact)],
) -> Claim {
    let reads: Vec<&Read> = said.iter().map(|(read, _)| *read).collect();
    if let Some(conflict) = differing(field, said) {
        let text = difference(material, company, field, &conflict);
        return claim(&text, &reads, &[field]);
    }
    let name = subject(company);
    if varying(field, said) {
        let text = format!("The {} of {name} is {}", label(field), each(said));
        return claim(&text, &reads, &[field]);
    }
    let value = markdown(&said[0].1.shown, 320);
    let text = match fields::kind(field) {
        Kind::Prose => format!("The {} of {name} reads “{value}”", label(field)),
        _ => format!("The {} of {name} is {value}", label(field)),
    };
    claim(&text, &reads, &[field])
}

/// The highest and the lowest, where two companies or more have numbers that nobody contradicts.
fn comparison(material: &Material, field: &str) -> Option<Claim> {
    let kind = fields::kind(field);
    let mut values: Vec<(&Company, &Read, &Fact, f64)> = Vec::new();
    for company in &material.companies {
        let said = material.said(company, field);
        if !varying(field, &said)
            && let Some((read, fact)) = said.first()
            && let Some(number) = fact.number
        {
            values.push((company, read, fact, comparable(number, kind)));
        }
    }
    // Of equal ones the first stays first.
    values.sort_by(|a, b| b.3.total_cmp(&a.3));
    let (high, low) = (values.first()?, values.last()?);
    if values.len() < 2 || high.3 <= low.3 {
        return None;
    }
    let (most, least) = match kind {
        Kind::Year => ("latest", "earliest"),
        _ => ("highest", "lowest"),
    };
    let text = format!(
        "Of {}, {} has the {most} {} ({}) and {} the {least} ({})",
        counted(values.len(), "company", "companies"),
        subject(high.0),
        label(field),
        markdown(&high.2.brief, 80),
        subject(low.0),
        markdown(&low.2.brief, 80),
    );
    let reads: Vec<&Read> = values.iter().map(|value| value.1).collect();
    Some(claim(&text, &reads, &[field]))
}

/// A share and a rate in percent are compared in percent.
fn comparable(number: f64, kind: Kind) -> f64 {
    if kind == Kind::Rate && number.abs() < 1.0 {
        number * 100.0
    } else {
        number
    }
}

/// Where sources about one company say different things.
pub fn conflicts(material: &Material) -> Vec<(Conflict, Claim)> {
    let mut conflicts = Vec::new();
    for company in material
        .companies
        .iter()
        .filter(|company| company.sources.len() > 1)
    {
        for field in material.fields() {
            let said = material.said(company, &field);
            let Some(values) = differing(&field, &said) else {
                continue;
            };
            let reads: Vec<&Read> = said.iter().map(|(read, _)| *read).collect();
            let sentence = difference(material, company, &field, &values);
            let sentence = claim(&sentence, &reads, &[&field]);
            let conflict = Conflict {
                subject: company.name.clone(),
                field: field.clone(),
                values: values
                    .iter()
                    .map(|(read, fact)| (read.source_id.clone(), fact.shown.clone()))
                    .collect(),
            };
            conflicts.push((conflict, sentence));
        }
    }
    conflicts
}

/// Fields that say what a source is rather than what is so: sources may have each its own.
const OF_SOURCES: [&str; 2] = ["website", FISCAL_YEAR];

/// The year that the figures of a source are of.
const FISCAL_YEAR: &str = "fiscal_year";

/// What each source says, if they contradict each other.
pub fn differing<'a>(
    field: &str,
    said: &[(&'a Read, &'a Fact)],
) -> Option<Vec<(&'a Read, &'a Fact)>> {
    let last = field.rsplit('.').next().unwrap_or(field);
    (varying(field, said) && !OF_SOURCES.contains(&last)).then(|| said.to_vec())
}

/// Whether sources say different things. Prose may differ.
pub fn varying(field: &str, said: &[(&Read, &Fact)]) -> bool {
    let Some((_, first)) = said.first() else {
        return false;
    };
    let differs = said.iter().any(|(_, fact)| !is_same(first, fact));
    let is_long = said
        .iter()
        .any(|(_, fact)| fact.shown.chars().count() > 120);
    differs && !is_long && fields::kind(field) != Kind::Prose
}

/// What each source says, with its number.
fn each(said: &[(&Read, &Fact)]) -> String {
    let each = said.iter().map(|(read, fact)| {
        let shown = markdown(&fact.shown, 140);
        format!("{shown} in {}", references(&[read.number]))
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Figures of two years may differ and both be right: where the years do, each value has its own.
fn difference(
    material: &Material,
    company: &Company,
    field: &str,
    values: &[(&Read, &Fact)],
) -> String {
    let year = |read: &Read| {
        let mut facts = read.facts.iter();
        let is_year = |fact: &&Fact| fact.field.rsplit('.').next() == Some(FISCAL_YEAR);
        facts.find(is_year).map(|fact| fact.shown.clone())
    };
    let read = company
        .sources
        .iter()
        .map(|place| &material.sources[*place]);
    let years: BTreeSet<String> = read.filter_map(year).collect();
    let each = values.iter().map(|(read, fact)| {
        let of = year(read).filter(|_| years.len() > 1);
        let of = of.map_or_else(String::new, |year| {
            format!(" (fiscal year {})", markdown(&year, 20))
        });
        let shown = markdown(&fact.shown, 140);
        format!("{shown}{of} in {}", references(&[read.number]))
    });
    format!(
        "Sources differ on the {} of {}: {}",
        label(field),
        subject(company),
        each.collect::<Vec<_>>().join(", ")
    )
}

/// A company's name as Markdown.
fn subject(company: &Company) -> String {
    markdown(&company.name, 120)
}

fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// A sentence with its references.
pub fn claim(text: &str, reads: &[&Read], fields: &[&str]) -> Claim {
    let mut numbers: Vec<usize> = reads.iter().map(|read| read.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut ids: Vec<String> = reads.iter().map(|read| read.source_id.clone()).collect();
    ids.dedup();
    Claim {
        text: format!("{text} {}.", references(&numbers)),
        source_ids: ids,
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
    }
}
