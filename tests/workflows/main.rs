//! The workflows on the engine: golden paths, and loops that fail, hang and repeat every task.

mod avatar;
mod batch;
mod campaign;
mod golden;
mod loops;
mod personalize;
mod requests;
mod research;
