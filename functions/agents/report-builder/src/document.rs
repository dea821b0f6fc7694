//! The report as a document.

use std::fmt::Write as _;

use baton_domain::Money;
use baton_domain::research::{Claim, MissingSource, SourceFacts};

use crate::facts::{Company, Material};
use crate::fields::{self, Kind, heading};
use crate::prose::{Section, differing, varying};
use crate::text::{markdown, references};

/// How many fields are compared in the table.
const MAX_COLUMNS: usize = 7;

/// What the document is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The title, not yet Markdown.
    pub title: &'a str,
    /// The sentences of the summary.
    pub summary: &'a [Claim],
    /// The findings.
    pub sections: &'a [Section],
    /// The sentences on what sources disagree on.
    pub conflicts: &'a [Claim],
    /// What sources say.
    pub material: &'a Material,
    /// What was got.
    pub facts: &'a [SourceFacts],
    /// What was not got.
    pub missing: &'a [MissingSource],
    /// What might be spent.
    pub budget: Option<Money>,
    /// What was spent.
    pub spent: Money,
    /// How the report was written: sentences of the program's own.
    pub method: &'a [String],
}

/// The whole report in Markdown.
pub fn markdown_of(parts: &Parts<'_>) -> String {
    let mut out = format!("# {}\n", markdown(parts.title, 200));
    heading_and(&mut out, "Summary", &paragraph(parts.summary));
    if parts.summary.is_empty() {
        out.push_str("\nNo source was delivered: there is nothing to report.\n");
    }
    if !parts.sections.is_empty() {
        out.push_str("\n## Findings\n");
    }
    for section in parts.sections {
        let _ = write!(
            out,
            "\n### {}\n\n{}\n",
            heading(&section.field),
            paragraph(&section.claims)
        );
    }
    heading_and(
        &mut out,
        "Comparison",
        &comparison(parts.material, parts.sections),
    );
    let conflicts = parts
        .conflicts
        .iter()
        .map(|claim| format!("- {}", claim.text));
    heading_and(
        &mut out,
        "Where sources differ",
        &conflicts.collect::<Vec<_>>().join("\n"),
    );
    heading_and(&mut out, "Sources and what they cost", &sources(parts));
    heading_and(&mut out, "Not bought", &missing(parts.missing));
    heading_and(&mut out, "Method", &parts.method.join(" "));
    out
}

fn heading_and(out: &mut String, heading: &str, body: &str) {
    if !body.is_empty() {
        let _ = write!(out, "\n## {heading}\n\n{body}\n");
    } else if heading == "Summary" {
        out.push_str("\n## Summary\n");
    }
}

fn paragraph(claims: &[Claim]) -> String {
    claims
        .iter()
        .map(|claim| claim.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The companies side by side, in the fields of the findings and then in others.
fn comparison(material: &Material, sections: &[Section]) -> String {
    let present = material.fields();
    let asked = sections.iter().map(|section| &section.field);
    let known = present.iter().filter(|field| fields::is_known(field));
    let mut columns: Vec<&String> = Vec::new();
    for field in asked.chain(known).filter(|field| present.contains(field)) {
        let fits = fields::kind(field) != Kind::Prose && *field != "website";
        if fits && !columns.contains(&field) && columns.len() < MAX_COLUMNS {
            columns.push(field);
        }
    }
    if columns.is_empty() || material.companies.is_empty() {
        return String::new();
    }
    let headings: Vec<String> = columns.iter().map(|field| heading(field)).collect();
    let mut rows = vec![
        format!("| Company | {} |", headings.join(" | ")),
        format!("| --- |{}", " --- |".repeat(columns.len())),
    ];
    for company in &material.companies {
        let cells: Vec<String> = columns
            .iter()
            .map(|field| cell(material, company, field))
            .collect();
        rows.push(format!(
            "| {} | {} |",
            markdown(&company.name, 120),
            cells.join(" | ")
        ));
    }
    rows.join("\n")
}

fn cell(material: &Material, company: &Company, field: &str) -> String {
    let said = material.said(company, field);
    let numbers: Vec<usize> = said.iter().map(|(read, _)| read.number).collect();
    match said.first() {
        None => "–".to_owned(),
        Some(_) if differing(field, &said).is_some() => format!("differs {}", references(&numbers)),
        Some(_) if varying(field, &said) => {
            let each = said.iter().map(|(read, fact)| {
                format!(
                    "{} {}",
                    markdown(&fact.brief, 80),
                    references(&[read.number])
                )
            });
            each.collect::<Vec<_>>().join(", ")
        }
        Some((_, fact)) => format!("{} {}", markdown(&fact.brief, 80), references(&numbers)),
    }
}

fn sources(parts: &Parts<'_>) -> String {
    let paid: Money = parts.facts.iter().map(|source| source.cost).sum();
    let of_budget = parts
        .budget
        .map(|budget| format!(" of a budget of {}", usd(budget)));
    let mut text = format!(
        "{} was spent{}.",
        usd(parts.spent),
        of_budget.unwrap_or_default()
    );
    if paid != parts.spent {
        let _ = write!(text, " The sources below cost {} together.", usd(paid));
    }
    if parts.facts.is_empty() {
        return text;
    }
    text.push_str("\n\n| # | Source | Id | Cost | Paid by | Transaction |\n| --- | --- | --- | --- | --- | --- |");
    for (i, source) in parts.facts.iter().enumerate() {
        let transaction = source.transaction.as_deref().unwrap_or("–");
        let _ = write!(
            text,
            "\n| {} | {} | {} | {} | {} | {} |",
            i + 1,
            markdown(&source.name, 120),
            markdown(&source.source_id, 128),
            usd(source.cost),
            markdown(&source.rail, 20),
            markdown(transaction, 128),
        );
    }
    text
}

fn missing(missing: &[MissingSource]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let mut text = "| Source | Id | Price | Why not |\n| --- | --- | --- | --- |".to_owned();
    for source in missing {
        let price = source.price.map_or_else(|| "–".to_owned(), usd);
        let _ = write!(
            text,
            "\n| {} | {} | {price} | {} |",
            markdown(&source.name, 120),
            markdown(&source.source_id, 128),
            markdown(&source.reason, 300),
        );
    }
    text
}

/// A sum as people read it: to the cent, or to the millionth where cents do not tell.
pub fn usd(sum: Money) -> String {
    if sum.micro_usd().is_multiple_of(10_000) {
        format!("{:.2} USD", sum.usd())
    } else {
        format!("{:.6} USD", sum.usd())
    }
}
