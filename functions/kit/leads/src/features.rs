//! What a lead's profile says, as numbers.

use std::collections::BTreeMap;

use baton_domain::Timestamp;
use baton_domain::profile::{Event, EventKind, Order};

/// Numbers of one lead by name.
pub type Features = BTreeMap<String, f64>;

/// The features of a profile. Counts are of the last 30 days, except orders, and enter as ln(1 + n),
/// since the tenth view says less than the first.
pub const NAMES: [&str; 7] = [
    "abandoned_checkouts",
    "carts",
    "clicks",
    "dismissals",
    "orders",
    "recency",
    "views",
];

/// The days that count as recent.
const RECENT_DAYS: f64 = 30.0;

/// The days since the last sign of a lead of whom there is none.
const NO_SIGN_DAYS: f64 = 365.0;

/// The features of a profile as of a moment; what lies after it is not seen. `recency` is ln(1 + days)
/// since the last event or order.
pub fn of_profile(orders: &[Order], events: &[Event], as_of: Timestamp) -> Features {
    let days = |at: Timestamp| (as_of.as_second() - at.as_second()) as f64 / 86_400.0;
    let seen: Vec<(EventKind, f64)> = events
        .iter()
        .filter(|event| event.at <= as_of)
        .map(|event| (event.kind, days(event.at)))
        .collect();
    let recent = |kind: EventKind| {
        let of_kind = |(k, age): &&(EventKind, f64)| *k == kind && *age <= RECENT_DAYS;
        (seen.iter().filter(of_kind).count() as f64).ln_1p()
    };
    let placed = orders.iter().filter(|order| order.at <= as_of);
    let bought = seen
        .iter()
        .filter(|(kind, _)| *kind == EventKind::Purchase)
        .count();
    let signs = seen
        .iter()
        .map(|(_, age)| *age)
        .chain(placed.clone().map(|o| days(o.at)));
    let values = [
        recent(EventKind::AbandonCheckout),
        recent(EventKind::AddToCart),
        recent(EventKind::Click),
        recent(EventKind::Dismiss),
        // A purchase may be told as an order, as events of its items, or both.
        (placed.count().max(bought) as f64).ln_1p(),
        signs.fold(NO_SIGN_DAYS, f64::min).max(0.0).ln_1p(),
        recent(EventKind::View),
    ];
    NAMES
        .iter()
        .map(|name| (*name).to_owned())
        .zip(values)
        .collect()
}
