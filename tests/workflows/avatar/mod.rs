//! The avatar workflow: golden traces, and loops over every task, with a provider of videos and
//! without.

mod golden;
mod loops;
