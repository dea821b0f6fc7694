//! Where each cent of a task went, and what was not bought and why.

use std::collections::BTreeSet;

use baton_domain::Money;
use baton_domain::payment::{PurchaseState, Rail};
use baton_domain::research::Report;
use serde::{Deserialize, Serialize};

use crate::show::{dollars, plain};
use crate::table::{table, wrap_only};

/// A purchase, as a Baton answers it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Purchase {
    source_id: String,
    name: String,
    price: Money,
    #[serde(default)]
    cost: Option<Money>,
    state: PurchaseState,
    rail: Rail,
    #[serde(default)]
    reason: Option<String>,
}

/// A source that a task found, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Line {
    source_id: String,
    source: String,
    /// How it is paid; none where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    rail: Option<Rail>,
    /// What it was to cost; none where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    /// What it did cost; none where it was not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Money>,
    /// How its purchase stands; none where none began.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<PurchaseState>,
    came_of_it: String,
}

/// Everything that was found: what was bought first, then what was wanted, then the rest.
pub(super) fn lines(purchases: &[Purchase], report: Option<&Report>) -> Vec<Line> {
    let mut lines: Vec<Line> = purchases.iter().map(|p| Line::of(p, report)).collect();
    let known: BTreeSet<&str> = purchases.iter().map(|p| p.source_id.as_str()).collect();
    let missing = report.into_iter().flat_map(|report| &report.missing);
    let missing = missing.filter(|missing| !known.contains(missing.source_id.as_str()));
    lines.extend(missing.map(|missing| Line {
        source_id: missing.source_id.clone(),
        source: missing.name.clone(),
        rail: None,
        price: missing.price,
        cost: None,
        state: None,
        came_of_it: not_bought(Some(&missing.reason)),
    }));
    lines.sort_by_key(|line| match line.state {
        Some(PurchaseState::Delivered) => 0,
        Some(PurchaseState::Paid | PurchaseState::Paying | PurchaseState::Disputed) => 1,
        _ => 2,
    });
    lines
}

impl Line {
    fn of(purchase: &Purchase, report: Option<&Report>) -> Self {
        Self {
            source_id: purchase.source_id.clone(),
            source: purchase.name.clone(),
            rail: Some(purchase.rail),
            price: Some(purchase.price),
            cost: purchase.cost,
            state: Some(purchase.state),
            came_of_it: came_of(purchase, report),
        }
    }

    fn cells(&self) -> [String; 6] {
        let sum = |sum: Option<Money>| sum.map_or_else(|| "-".to_owned(), dollars);
        [
            plain(&self.source),
            self.rail.map_or("-", Rail::name).to_owned(),
            sum(self.price),
            sum(self.cost),
            self.state.map_or("-", PurchaseState::name).to_owned(),
            plain(&self.came_of_it),
        ]
    }
}

/// What came of a purchase, in a few words.
fn came_of(purchase: &Purchase, report: Option<&Report>) -> String {
    let id = &purchase.source_id;
    let missing = report.into_iter().flat_map(|report| &report.missing);
    let mut missing = missing.filter(|missing| &missing.source_id == id);
    // The report knows why nobody wanted it; the ledger, why it could not be had.
    let why = missing.next().map(|missing| missing.reason.as_str());
    let why = why.or(purchase.reason.as_deref());
    let because = why.map_or_else(String::new, |why| format!(": {why}"));
    match purchase.state {
        PurchaseState::Delivered => report.map_or_else(
            || "delivered, and there is no report".to_owned(),
            |report| used(id, report).unwrap_or_else(|| format!("of no use{because}")),
        ),
        PurchaseState::Quoted | PurchaseState::Released => not_bought(why),
        PurchaseState::Disputed => format!("a person must look{because}"),
        PurchaseState::Reserved | PurchaseState::Paying | PurchaseState::Paid => {
            format!("under way{because}")
        }
    }
}

/// That it was not bought and why, said once: some reasons begin with it.
fn not_bought(why: Option<&str>) -> String {
    const SAID: &str = "not bought";
    let begins = |why: &str| {
        why.get(..SAID.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(SAID))
    };
    match why {
        None => SAID.to_owned(),
        Some(why) if begins(why) => format!("{SAID}{}", &why[SAID.len()..]),
        Some(why) => format!("{SAID}: {why}"),
    }
}

/// How much of the report rests on a source; none if it is not in it.
fn used(id: &str, report: &Report) -> Option<String> {
    let paid = report.sources.iter().map(|source| &source.source_id);
    let place = paid.into_iter().position(|source| source == id)?;
    let claims = report.claims.iter();
    let claims = claims.filter(|claim| claim.source_ids.iter().any(|source| source == id));
    let differs = report.conflicts.iter();
    let differs = differs.filter(|conflict| conflict.values.iter().any(|(source, _)| source == id));
    let of = match claims.count() {
        1 => "1 statement rests".to_owned(),
        number => format!("{number} statements rest"),
    };
    let differs = match differs.count() {
        0 => String::new(),
        1 => ", 1 figure differs from others'".to_owned(),
        number => format!(", {number} figures differ from others'"),
    };
    Some(format!("[{}]: {of} on it{differs}", place + 1))
}

/// The lines as a table.
pub(super) fn shown(lines: &[Line]) -> String {
    let mut shown = table(&[
        "source",
        "rail",
        "price",
        "paid",
        "state",
        "what came of it",
    ]);
    for line in lines {
        shown.add_row(line.cells());
    }
    wrap_only(&mut shown, &[0, 5]);
    shown.to_string()
}

#[cfg(test)]
mod tests;
