//! What is known of the fields of the data.

use crate::text::markdown;

/// How values of a field are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A sum of money, in the currency that the data names, if it names one.
    Amount,
    /// A number of people or things.
    Count,
    /// A share, or its hundredfold.
    Rate,
    /// A year.
    Year,
    /// A sentence or more: two of them may differ without contradicting each other.
    Prose,
    /// Anything else.
    Other,
}

/// The fields that marketplaces of company data have, in the order of the report.
const KNOWN: [(&str, &str, Kind); 10] = [
    ("industry", "industry", Kind::Other),
    ("revenue", "revenue", Kind::Amount),
    (
        "financial_data.annual_revenue",
        "annual revenue",
        Kind::Amount,
    ),
    ("financial_data.growth_rate", "growth rate", Kind::Rate),
    ("financial_data.profit_margin", "profit margin", Kind::Rate),
    ("employees", "number of employees", Kind::Count),
    ("founded", "founding year", Kind::Year),
    ("headquarters", "location of headquarters", Kind::Other),
    ("website", "website", Kind::Other),
    ("description", "description", Kind::Prose),
];

/// What a field is called in sentences, as Markdown.
pub fn label(field: &str) -> String {
    let known = KNOWN.iter().find(|(name, ..)| *name == field);
    known.map_or_else(
        || format!("field “{}”", markdown(field, 80)),
        |(_, label, _)| (*label).to_owned(),
    )
}

/// What a field is called above its values, as Markdown.
pub fn heading(field: &str) -> String {
    let label = label(field);
    let mut rest = label.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + rest.as_str()
}

/// How values of a field are read.
pub fn kind(field: &str) -> Kind {
    if let Some((.., kind)) = KNOWN.iter().find(|(name, ..)| *name == field) {
        return *kind;
    }
    let last = field.rsplit('.').next().unwrap_or(field);
    let ends = |ends: &[&str]| ends.iter().any(|end| last.ends_with(end));
    match () {
        () if ends(&["rate", "margin", "share"]) => Kind::Rate,
        () if ends(&["year"]) => Kind::Year,
        () if ends(&["revenue", "income", "profit", "assets"]) => Kind::Amount,
        () => Kind::Other,
    }
}

/// Where a field stands in the report: known ones first.
pub fn place(field: &str) -> usize {
    KNOWN
        .iter()
        .position(|(name, ..)| *name == field)
        .unwrap_or(KNOWN.len())
}

/// Whether it is a field that the report has a word for.
pub fn is_known(field: &str) -> bool {
    place(field) < KNOWN.len()
}

/// Whether a field is asked for by an aspect: by its own name or that of what it stands in.
pub fn answers(field: &str, aspect: &str) -> bool {
    field == aspect
        || field
            .strip_prefix(aspect)
            .is_some_and(|rest| rest.starts_with('.'))
}
