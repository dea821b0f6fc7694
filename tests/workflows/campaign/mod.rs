//! The campaign workflow: golden traces, loops over every task, and a partner who cannot be relied
//! on.

mod golden;
mod loops;
