//! Orders, brought together by customer.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use baton_domain::Timestamp;
use baton_lifetime::{Summary, summary};

use crate::failure::Failure;
use crate::rows::Rows;
use crate::score::ids::{Ids, Met};
use crate::score::kind::Orders;
use crate::score::tomorrow;

/// Orders by customer.
pub(super) struct Book {
    pub(super) ids: Ids,
    /// Customer, day and amount.
    pub(super) orders: Vec<(u32, i32, f64)>,
    pub(super) latest: Option<Timestamp>,
    /// A keyed hash of each row, to tell rows that are the same.
    rows: Vec<u64>,
    /// How many orders lie after the end of observation.
    unseen: u64,
}

impl Book {
    /// Reads all orders by `as_of`; a customer with none of them, or with empty cells, is kept as one
    /// without orders.
    pub(super) fn read(
        rows: &mut Rows,
        columns: &Orders,
        as_of: Option<Timestamp>,
    ) -> Result<Self, Failure> {
        let (mut ids, mut met) = (Ids::default(), Met::default());
        let (mut orders, mut latest) = (Vec::new(), None);
        let (key, mut same, mut unseen) = (RandomState::new(), Vec::new(), 0);
        let tomorrow = tomorrow();
        while rows.next()? {
            let id = rows.raw(columns.id);
            if id.trim().is_empty() {
                return Err(rows.refuse(columns.id, "is empty"));
            }
            let next = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let customer = met.meet(id, next).unwrap_or_else(|| {
                ids.push(id);
                next
            });
            let (at, amount) = (columns.at, columns.amount);
            if rows.text(at).is_empty() && rows.text(amount).is_empty() {
                continue;
            }
            let (at, amount) = (rows.moment(at)?, rows.amount(amount)?);
            if as_of.is_none() && at > tomorrow {
                let message =
                    "lies in the future: mend it, or say by --as-of until when is observed";
                return Err(rows.refuse(columns.at, message));
            }
            let mut row = key.build_hasher();
            rows.cells().iter().for_each(|cell| cell.hash(&mut row));
            same.push(row.finish());
            if as_of.is_some_and(|as_of| at > as_of) {
                unseen += 1;
            } else {
                latest = latest.max(Some(at));
                orders.push((customer, summary::day(at) as i32, amount));
            }
        }
        Ok(Self {
            ids,
            orders,
            latest,
            rows: same,
            unseen,
        })
    }

    /// What a reader should know of the file.
    pub(super) fn notes(&mut self) -> Vec<String> {
        self.rows.sort_unstable();
        let again = self
            .rows
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .count();
        self.rows = Vec::new();
        let mut notes = Vec::new();
        if again > 0 {
            notes.push(format!(
                "rows that are the same as another in every cell, and add up as orders of their own: \
                 {again}; leave them out if they are copies"
            ));
        }
        if self.unseen > 0 {
            let unseen = self.unseen;
            notes.push(format!(
                "orders after --as-of, which were not seen: {unseen}"
            ));
        }
        notes
    }

    /// The customers in the order in which they came.
    pub(super) fn summarised(mut self, as_of: Timestamp) -> (Ids, Vec<Option<Summary>>) {
        // Stable, so that sums do not depend on anything but the file.
        self.orders
            .sort_by_key(|(customer, day, _)| (*customer, *day));
        let mut customers = vec![None; self.ids.len()];
        for orders in self.orders.chunk_by(|a, b| a.0 == b.0) {
            let days = orders
                .iter()
                .map(|(_, day, amount)| (i64::from(*day), *amount));
            customers[orders[0].0 as usize] = summary::summarise_days(days, summary::day(as_of));
        }
        (self.ids, customers)
    }
}
