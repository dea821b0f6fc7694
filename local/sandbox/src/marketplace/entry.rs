//! What stands in the books, and how they are shown.

use baton_domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};

/// One line of the books.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Counts from 1.
    pub(super) seq: u64,
    /// When, by the sandbox's clock.
    pub(super) at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub(super) event: Event,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    /// A token was given out.
    Issued {
        /// The token.
        token_id: String,
        /// Whole dollars that it can be charged.
        budget: u64,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// A token was charged.
    Charged {
        /// The charge's name.
        transaction_id: String,
        /// The token.
        token_id: String,
        /// Whole dollars.
        amount: u64,
        /// The idempotency key that it was asked with.
        key: Option<String>,
    },
    /// A token's credit opened a source.
    Unlocked {
        /// The token.
        token_id: String,
        /// The source.
        source_id: String,
        /// The credit that it took, in whole dollars.
        price: u64,
    },
    /// An x402 payment was made.
    Settled {
        /// Its transaction.
        transaction: String,
        /// Who paid.
        from: String,
        /// What makes the payment the only one of its kind.
        nonce: String,
        /// The source that it was for.
        source_id: String,
        /// Millionths of a dollar.
        amount: u64,
        /// The identifier that it brought.
        payment_id: Option<String>,
        /// The hash of the header that brought it.
        digest: String,
        /// Whether it was said to be on its way.
        pending: bool,
    },
    /// A payment that was on its way has arrived.
    Confirmed {
        /// Its transaction.
        transaction: String,
    },
}

/// A charge, as books show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeEntry {
    /// The charge's name.
    pub transaction_id: String,
    /// The idempotency key that it was asked with: the purchase.
    pub key: Option<String>,
    /// Whole dollars.
    pub amount: u64,
    /// When.
    pub at: Timestamp,
}

/// A source that a token opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlockEntry {
    /// The source.
    pub source_id: String,
    /// Whole dollars.
    pub price: u64,
    /// When.
    pub at: Timestamp,
}

/// A token, as it follows from the entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAccount {
    /// The token.
    pub token_id: String,
    /// Whole dollars that it can be charged in all.
    pub budget: u64,
    /// What was charged.
    pub charged: u64,
    /// What is left.
    pub balance: u64,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Its charges, oldest first.
    pub charges: Vec<ChargeEntry>,
    /// What was charged and opened nothing yet, each in whole dollars.
    pub credits: Vec<u64>,
    /// What it opened.
    pub unlocked: Vec<UnlockEntry>,
}

/// An x402 payment, as books show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettlementEntry {
    /// Its transaction.
    pub transaction: String,
    /// The source that it was for.
    pub source_id: String,
    /// What was paid.
    pub amount: Money,
    /// What makes it the only one of its kind.
    pub nonce: String,
    /// The identifier that it brought.
    pub payment_id: Option<String>,
    /// Whether it was said to be on its way, and nobody asked since.
    pub pending: bool,
    /// When.
    pub at: Timestamp,
    /// The hash of the header that brought it.
    #[serde(skip)]
    pub(super) digest: String,
}

/// A wallet that paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WalletAccount {
    /// The account.
    pub address: String,
    /// Its payments, oldest first.
    pub settlements: Vec<SettlementEntry>,
}

/// The books as they are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The sandbox's clock.
    pub now: Timestamp,
    /// Every token, oldest first.
    pub tokens: Vec<TokenAccount>,
    /// Every wallet that paid.
    pub wallets: Vec<WalletAccount>,
    /// Everything that was charged and settled.
    pub total: Money,
}
