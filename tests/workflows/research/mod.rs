//! The research workflow: golden traces, loops over every task, and a marketplace that cannot be
//! relied on.

mod faults;
mod golden;
mod loops;

/// A theme for which the sandbox has free sources, and sources on both rails.
const THEME: &str = "Tesla Inc financial performance 2023";
