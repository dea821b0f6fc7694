//! What happens to a purchase, and why it may not.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::{PurchaseState, Rail};
use crate::Money;
use crate::marketplace::Offer;
use crate::run::ArtifactRef;

/// What a payment is made with.
#[derive(Clone, PartialEq)]
pub enum Means {
    /// A token of the run.
    Token {
        /// Its number.
        number: u32,
    },
    /// What the wallet signed.
    Signed(Value),
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token { number } => write!(f, "Token({number})"),
            Self::Signed(_) => f.write_str("Signed(…)"),
        }
    }
}

/// What happens to a purchase.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentEvent {
    /// It has this price now. What was reserved for it is free again.
    Quoted {
        /// The price.
        price: Money,
        /// How it would be paid.
        rail: Rail,
    },
    /// The marketplace gave it without being paid for it.
    Granted {
        /// What it gave.
        artifact: ArtifactRef,
    },
    /// The price of this offer is held.
    Reserved {
        /// The offer.
        offer: Offer,
        /// What all purchases of the run may come to besides its budget; nothing for no such limit.
        limit: Option<Money>,
    },
    /// It is about to be paid. A token is this purchase's alone until it is over or given back.
    Began {
        /// Until when nobody else acts.
        until: Timestamp,
        /// With what.
        means: Means,
    },
    /// The token is about to be charged. With that token the source was closed.
    Weighed {
        /// Until when nobody else acts.
        until: Timestamp,
        /// What is on the token, where the Payment Manager says it.
        balance: Option<Money>,
    },
    /// Nobody is at work on it any more, and somebody looks what became of it.
    Resumed {
        /// Until when nobody else acts.
        until: Timestamp,
    },
    /// Nothing was paid, as far as is to be seen: nothing is gone from the token, or the
    /// marketplace says so of what was signed. It may still be on its way.
    Unpaid {
        /// What was heard.
        note: String,
        /// When it may be looked again.
        until: Timestamp,
    },
    /// It was not charged, and is about to be, by the same call. It was read [`APART`] apart that
    /// nothing was.
    ///
    /// [`APART`]: super::APART
    Retried {
        /// Until when nobody else acts.
        until: Timestamp,
    },
    /// Nobody knows whether it is paid.
    Unknown {
        /// What was heard.
        note: String,
        /// When it may be looked again.
        until: Timestamp,
    },
    /// It is certain that the token was not charged: nobody did, or it was refused and nothing is
    /// gone from it, or it was read [`APART`] apart that nothing is.
    ///
    /// [`APART`]: super::APART
    NotCharged {
        /// What was heard.
        note: String,
        /// Whether the charge was refused.
        refused: bool,
    },
    /// It is paid.
    Paid {
        /// What was charged. What is more than the price is booked apart, as overcharged; so is
        /// what the budgets have no room for, where nothing was held for it any more.
        cost: Money,
        /// The transaction, where it is known.
        transaction: Option<String>,
        /// Until when nobody else need fetch it.
        until: Timestamp,
    },
    /// It is paid and was not given.
    Undelivered {
        /// What was heard.
        note: String,
        /// When it may be fetched again.
        until: Timestamp,
    },
    /// It is there.
    Delivered {
        /// What came.
        artifact: ArtifactRef,
    },
    /// It is not bought.
    Released {
        /// Why.
        reason: String,
        /// Whether somebody decided so: it is not bought later either.
        decided: bool,
    },
    /// A person must look.
    Disputed {
        /// Why.
        reason: String,
    },
    /// A person looked.
    Resolved {
        /// Whether it was paid. Then it is fetched; else what is held for it is free.
        paid: bool,
    },
}

impl PaymentEvent {
    /// The event as the audit trail spells it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Quoted { .. } => "quoted",
            Self::Granted { .. } => "granted",
            Self::Reserved { .. } => "reserved",
            Self::Began { .. } => "payment_began",
            Self::Weighed { .. } => "payment_made",
            Self::Resumed { .. } => "payment_looked_into",
            Self::Unpaid { .. } => "payment_not_seen",
            Self::Retried { .. } => "payment_retried",
            Self::Unknown { .. } => "payment_unknown",
            Self::NotCharged { .. } => "not_charged",
            Self::Paid { .. } => "paid",
            Self::Undelivered { .. } => "not_delivered",
            Self::Delivered { .. } => "delivered",
            Self::Released { .. } => "released",
            Self::Disputed { .. } => "disputed",
            Self::Resolved { paid: true } => "resolved_as_paid",
            Self::Resolved { paid: false } => "resolved_as_not_paid",
        }
    }

    /// What it says in words.
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::Unknown { note, .. }
            | Self::Unpaid { note, .. }
            | Self::NotCharged { note, .. }
            | Self::Undelivered { note, .. } => Some(note),
            Self::Released { reason, .. } | Self::Disputed { reason } => Some(reason),
            _ => None,
        }
    }

    /// Whether only one may do it, who then acts outside.
    pub(super) const fn is_intent(&self) -> bool {
        matches!(
            self,
            Self::Reserved { .. }
                | Self::Began { .. }
                | Self::Weighed { .. }
                | Self::Resumed { .. }
                | Self::Retried { .. }
        )
    }

    /// Whether it is only true of the version that its speaker saw.
    pub(super) const fn is_conclusion(&self) -> bool {
        matches!(
            self,
            Self::Weighed { .. }
                | Self::Retried { .. }
                | Self::Unknown { .. }
                | Self::Unpaid { .. }
                | Self::NotCharged { .. }
                | Self::Undelivered { .. }
                | Self::Disputed { .. }
        )
    }
}

/// What limits spending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The run's budget for sources.
    Task,
    /// What the run may cost altogether.
    Run,
    /// The tenant's budget.
    Tenant,
}

impl Limit {
    /// The limit as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Run => "run",
            Self::Tenant => "tenant",
        }
    }
}

/// Why something cannot happen to a purchase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The budget does not suffice.
    #[error("the budget of the {} is too small by {short}", .limit.name())]
    OverBudget {
        /// Which.
        limit: Limit,
        /// By how much.
        short: Money,
    },
    /// The run buys nothing more.
    #[error("the account of the run is closed")]
    Closed,
    /// Another source is paid for with the token now.
    #[error("`{source_id}` is paid for now")]
    Busy {
        /// Which.
        source_id: String,
    },
    /// Somebody may be at work on it.
    #[error("somebody is at work on it until {until}")]
    AtWork {
        /// Until when.
        until: Timestamp,
    },
    /// It changed since it was looked at.
    #[error("it changed meanwhile")]
    Stale,
    /// The table does not have it.
    #[error("`{event}` cannot happen to what is {}", .state.name())]
    NotInTable {
        /// What was to happen.
        event: &'static str,
        /// How the purchase stands.
        state: PurchaseState,
    },
}
