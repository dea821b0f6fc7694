//! The reference distribution: upper bounds of the first four quintiles of each RFM value.
//!
//! They are the quintiles of the customers of the sample shop, 200 samples of
//! `baton_sandbox::sample::generate` (seeds 1 to 200). `baton_sandbox::quintiles` computes them, and
//! the test `the_reference_of_user_segmentation_is_current` there says so when they are out of
//! date. A shop whose customers buy far more often, or in another currency, needs its own.

/// Days since the last order.
pub const RECENCY_DAYS: [f64; 4] = [7.0, 32.0, 58.0, 200.0];

/// Number of orders.
pub const FREQUENCY: [f64; 4] = [1.0, 2.0, 5.0, 11.0];

/// Sum of all orders, in the catalogue's currency.
pub const MONETARY: [f64; 4] = [75.0, 154.0, 640.0, 1_864.0];
