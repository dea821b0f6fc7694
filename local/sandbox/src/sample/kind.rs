//! The kinds of users in a sample, as ranges that histories are drawn from.

/// How users of one kind behave. Ranges include both ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// What the kind is called; user ids start with it.
    pub(super) name: &'static str,
    /// How many users of the kind there are.
    pub(super) users: u64,
    /// How many orders each placed.
    pub(super) orders: (u64, u64),
    /// Hours since the last of them.
    pub(super) last_order_hours: (u64, u64),
    /// Hours between two of them.
    pub(super) gap_hours: (u64, u64),
    /// How many items an order holds.
    pub(super) basket: (u64, u64),
    /// How many events there are beside those of the orders.
    pub(super) browsing: (u64, u64),
    /// Hours since such an event.
    pub(super) browsing_hours: (u64, u64),
    /// What each would pay for a membership, in cents.
    pub(super) worth: (u64, u64),
    /// Of 100 carts, how many are abandoned at the checkout.
    pub(super) abandons: u64,
    /// How many membership offers each has answered.
    pub(super) choices: (u64, u64),
    /// Of 100 users, how many answered the price survey.
    pub(super) surveyed: u64,
    /// Of 100 users, how many declared interests.
    pub(super) declared: u64,
}

const DAY: u64 = 24;

/// A kind that has done nothing; the others say only how they differ.
const NOBODY: Kind = Kind {
    name: "stranger",
    users: 2,
    orders: (0, 0),
    last_order_hours: (0, 0),
    gap_hours: (0, 0),
    basket: (1, 1),
    browsing: (0, 0),
    browsing_hours: (1, 60 * DAY),
    worth: (5_000, 9_000),
    abandons: 20,
    choices: (0, 0),
    surveyed: 0,
    declared: 0,
};

/// Every kind, 60 users in all.
#[rustfmt::skip] // A table.
pub(super) const KINDS: [Kind; 13] = [
    Kind { name: "champion", users: 6, orders: (10, 18), last_order_hours: (2, 8 * DAY), gap_hours: (7 * DAY, 35 * DAY),
           basket: (1, 4), browsing: (12, 30), worth: (8_500, 13_000), abandons: 5, choices: (2, 5), surveyed: 30, declared: 80, ..NOBODY },
    Kind { name: "regular", users: 6, orders: (7, 12), last_order_hours: (20 * DAY, 70 * DAY), gap_hours: (20 * DAY, 50 * DAY),
           basket: (1, 3), browsing: (8, 20), worth: (6_500, 10_500), abandons: 10, choices: (1, 4), surveyed: 20, declared: 60, ..NOBODY },
    Kind { name: "newcomer", users: 6, orders: (1, 1), last_order_hours: (1, 9 * DAY), browsing: (4, 14), browsing_hours: (1, 20 * DAY),
           basket: (1, 2), choices: (0, 1), declared: 50, ..NOBODY },
    Kind { name: "promising", users: 4, orders: (1, 3), last_order_hours: (10 * DAY, 32 * DAY), gap_hours: (10 * DAY, 40 * DAY),
           basket: (1, 2), browsing: (4, 12), choices: (0, 2), declared: 40, ..NOBODY },
    Kind { name: "drifter", users: 4, orders: (3, 6), last_order_hours: (45 * DAY, 90 * DAY), gap_hours: (30 * DAY, 70 * DAY),
           basket: (1, 2), browsing: (2, 8), browsing_hours: (20 * DAY, 120 * DAY), choices: (0, 3), declared: 40, ..NOBODY },
    Kind { name: "occasional", users: 5, orders: (1, 2), last_order_hours: (36 * DAY, 66 * DAY), gap_hours: (60 * DAY, 150 * DAY),
           browsing: (1, 5), browsing_hours: (30 * DAY, 150 * DAY), worth: (4_500, 7_500), declared: 20, ..NOBODY },
    Kind { name: "lapsed", users: 6, orders: (4, 8), last_order_hours: (120 * DAY, 260 * DAY), gap_hours: (25 * DAY, 60 * DAY),
           basket: (1, 3), browsing: (2, 8), browsing_hours: (90 * DAY, 300 * DAY), worth: (5_500, 9_500), choices: (0, 3), declared: 40, ..NOBODY },
    Kind { name: "missed", users: 3, orders: (12, 20), last_order_hours: (150 * DAY, 380 * DAY), gap_hours: (8 * DAY, 30 * DAY),
           basket: (2, 4), browsing: (4, 10), browsing_hours: (140 * DAY, 400 * DAY), worth: (8_000, 12_500), choices: (1, 4), surveyed: 50, declared: 60, ..NOBODY },
    Kind { name: "lost", users: 5, orders: (1, 2), last_order_hours: (280 * DAY, 600 * DAY), gap_hours: (20 * DAY, 90 * DAY),
           browsing: (0, 3), browsing_hours: (280 * DAY, 620 * DAY), worth: (3_500, 6_500), declared: 10, ..NOBODY },
    Kind { name: "browser", users: 6, browsing: (6, 25), browsing_hours: (1, 40 * DAY), abandons: 40, declared: 50, ..NOBODY },
    Kind { name: "bargain", users: 4, orders: (2, 5), last_order_hours: (5 * DAY, 60 * DAY), gap_hours: (25 * DAY, 60 * DAY),
           browsing: (15, 35), worth: (3_600, 5_200), abandons: 85, choices: (5, 9), surveyed: 50, declared: 40, ..NOBODY },
    Kind { name: "surveyed", users: 3, browsing: (1, 4), choices: (1, 3), surveyed: 100, declared: 100, ..NOBODY },
    NOBODY,
];
