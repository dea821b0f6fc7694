//! What a file holds, told by its header.

use super::fitted::Fitted;
use crate::failure::Failure;
use crate::rows::Rows;
use crate::show::plain;

/// What the rows of a file are, and in which column what stands.
pub(super) enum Kind {
    /// One row for each order.
    Orders(Orders),
    /// One row for each customer, summarised.
    Summaries(Summaries),
    /// One row for each contract.
    Contracts(Contracts),
    /// One row for each lead.
    Leads(Leads),
}

/// The columns of orders.
pub(super) struct Orders {
    pub(super) id: usize,
    pub(super) at: usize,
    pub(super) amount: usize,
}

/// The columns of summaries.
pub(super) struct Summaries {
    pub(super) id: usize,
    pub(super) repeats: usize,
    pub(super) recency: usize,
    pub(super) age: usize,
    pub(super) spend: Option<usize>,
}

/// The columns of contracts.
pub(super) struct Contracts {
    pub(super) id: usize,
    pub(super) tenure: usize,
    pub(super) churned: Option<usize>,
}

/// The columns of leads.
pub(super) struct Leads {
    pub(super) id: usize,
    pub(super) converted: Option<usize>,
    /// Every other column, with its name.
    pub(super) features: Vec<(usize, String)>,
}

const ID: &[&str] = &["customer_id", "lead_id", "user_id", "customer", "id"];
const AT: &[&str] = &[
    "at",
    "date",
    "order_date",
    "ordered_at",
    "datetime",
    "timestamp",
];
const AMOUNT: &[&str] = &["amount", "total", "order_total", "revenue", "price"];
const REPEATS: &[&str] = &["frequency", "x"];
const RECENCY: &[&str] = &["recency", "t_x"];
const AGE: &[&str] = &["t", "age"];
const SPEND: &[&str] = &["monetary_value", "mean_spend", "monetary"];
const TENURE: &[&str] = &["tenure", "renewals", "periods"];
const CHURNED: &[&str] = &["churned", "ended"];
const CONVERTED: &[&str] = &["converted"];

/// What is said where a header tells nothing.
const KINDS: &str =
    "  orders     customer_id, at, amount                        one row for each order
  summaries  customer_id, frequency, recency, T[, monetary_value]
  contracts  customer_id, tenure, churned                   renewals so far, and 1 if it ended
  leads      customer_id, features …, converted             1, 0, or empty where it is not known";

impl Kind {
    /// What the header tells; what was fitted before stands in for a column that only a fit needs.
    pub(super) fn of(
        rows: &Rows,
        fitted: Option<&Fitted>,
        ignored: &[String],
    ) -> Result<Self, Failure> {
        let columns = Columns::of(rows, ignored)?;
        let find = |names| columns.find(names);
        let id = find(ID);
        let known = id.and_then(|id| {
            if let Some(converted) = find(CONVERTED) {
                return Some(Self::Leads(columns.leads(id, Some(converted))));
            }
            let churned = find(CHURNED);
            let stored = matches!(fitted, Some(Fitted::Customers(p)) if p.sbg.is_some());
            if let Some(tenure) = find(TENURE).filter(|_| churned.is_some() || stored) {
                return Some(Self::Contracts(Contracts {
                    id,
                    tenure,
                    churned,
                }));
            }
            if let (Some(repeats), Some(recency), Some(age)) =
                (find(REPEATS), find(RECENCY), find(AGE))
            {
                return Some(Self::Summaries(Summaries {
                    id,
                    repeats,
                    recency,
                    age,
                    spend: find(SPEND),
                }));
            }
            if let (Some(at), Some(amount)) = (find(AT), find(AMOUNT)) {
                return Some(Self::Orders(Orders { id, at, amount }));
            }
            let leads = matches!(fitted, Some(Fitted::Leads(_)));
            leads.then(|| Self::Leads(columns.leads(id, None)))
        });
        known.ok_or_else(|| {
            let header = plain(&rows.header().join(", "));
            let lacks = if id.is_some() {
                "tells of nothing that can be scored"
            } else {
                "has no column `customer_id`"
            };
            let name = rows.name();
            Failure::wrong(&format!(
                "{name}, line 1: the header `{header}` {lacks}. There are:\n{KINDS}"
            ))
        })
    }

    /// What it is called.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Orders(_) => "orders",
            Self::Summaries(_) => "summaries",
            Self::Contracts(_) => "contracts",
            Self::Leads(_) => "leads",
        }
    }
}

/// The names of a header's columns in lower case; none for those that are ignored.
struct Columns {
    names: Vec<Option<String>>,
    shown: Vec<String>,
}

impl Columns {
    fn of(rows: &Rows, ignored: &[String]) -> Result<Self, Failure> {
        let shown = rows.header().to_vec();
        let lower = |name: &String| name.trim().to_lowercase();
        for column in ignored {
            if !shown.iter().any(|name| lower(name) == lower(column)) {
                let message = format!("--ignore: {} has no column `{column}`", rows.name());
                return Err(Failure::wrong(&message));
            }
        }
        let named: Vec<Option<String>> = shown
            .iter()
            .map(|name| Some(lower(name)).filter(|name| !ignored.iter().any(|i| lower(i) == *name)))
            .collect();
        for (i, name) in named.iter().enumerate() {
            if name.is_some() && named[..i].contains(name) {
                let message = format!(
                    "{}, line 1: the column `{}` is there twice",
                    rows.name(),
                    plain(&shown[i])
                );
                return Err(Failure::wrong(&message));
            }
        }
        Ok(Self {
            names: named,
            shown,
        })
    }

    /// The column of the first of these names that is there.
    fn find(&self, names: &[&str]) -> Option<usize> {
        let place = |name: &&str| {
            let is = |column: &Option<String>| column.as_deref() == Some(*name);
            self.names.iter().position(is)
        };
        names.iter().find_map(place)
    }

    fn leads(&self, id: usize, converted: Option<usize>) -> Leads {
        let others = (0..self.names.len())
            .filter(|i| self.names[*i].is_some() && *i != id && Some(*i) != converted);
        Leads {
            id,
            converted,
            features: others.map(|i| (i, self.shown[i].clone())).collect(),
        }
    }
}
