//! Payments: what a purchase and an account are, and the one table of how they change.
//!
//! A purchase is one source for one run. It goes `quoted → reserved → paying → paid → delivered`,
//! or ends `released` (nothing was paid) or `disputed` (something was, or nobody knows). Its money
//! is held on two accounts, the run's and the tenant's, from `reserved` on. What is spent and what
//! is held never exceed a budget: accounts change only by [`Ledger::after`]. What the other side
//! takes beyond that is booked apart. A payment that is heard of late is booked, however its
//! purchase stands.
//!
//! Nothing here does I/O. Whoever acts outside writes down first that it will
//! ([`PaymentEvent::Began`], [`PaymentEvent::Retried`]), under the version that it saw.

mod account;
mod audit;
mod booking;
mod event;
mod ledger;
mod purchase;
mod state;

pub use account::{Account, BudgetTooSmall};
pub use audit::AuditEntry;
pub use event::{Limit, Means, PaymentEvent, Refused};
pub use ledger::Ledger;
pub use purchase::{APART, EXPIRED, NewPurchase, Purchase, SETTLES};
pub use state::{PurchaseState, Rail};

#[cfg(test)]
mod tests;
