//! An account: what a run, or a tenant, may spend, has spent, and has promised.

use serde::{Deserialize, Serialize};

use crate::Money;

/// An account of a run or of a tenant. What is spent and what is reserved are never more than the
/// budget: no function that changes them lets it happen, and none that breaks it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Account {
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Money>,
    spent: Money,
    reserved: Money,
    disputed: Money,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    paying: Option<String>,
    token: u32,
    token_stale: bool,
    closed: bool,
}

/// What is spent and what is reserved would be more than the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the budget is too small by {short}")]
pub struct BudgetTooSmall {
    /// By how much.
    pub short: Money,
}

/// An account as it is stored, before it is known that it keeps its budget.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    budget: Option<Money>,
    spent: Money,
    reserved: Money,
    disputed: Money,
    version: u64,
    #[serde(default)]
    paying: Option<String>,
    token: u32,
    token_stale: bool,
    closed: bool,
}

impl TryFrom<Stored> for Account {
    type Error = BudgetTooSmall;

    fn try_from(stored: Stored) -> Result<Self, BudgetTooSmall> {
        let account = Self {
            budget: stored.budget,
            spent: stored.spent,
            reserved: stored.reserved,
            disputed: stored.disputed,
            version: stored.version,
            paying: stored.paying,
            token: stored.token,
            token_stale: stored.token_stale,
            closed: stored.closed,
        };
        account.fits(Money::ZERO)?;
        Ok(account)
    }
}

impl Account {
    /// A new account, at version 0, which no store has.
    pub fn new(budget: Option<Money>) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    /// What may be spent; nothing where there is no limit.
    pub const fn budget(&self) -> Option<Money> {
        self.budget
    }

    /// What was paid.
    pub const fn spent(&self) -> Money {
        self.spent
    }

    /// What is promised, and what nobody knows whether it was paid.
    pub const fn reserved(&self) -> Money {
        self.reserved
    }

    /// What of the reserved nobody knows whether it was paid. It stays reserved.
    pub const fn disputed(&self) -> Money {
        self.disputed
    }

    /// What a new token may be charged: all that is neither spent nor in dispute.
    pub fn for_a_token(&self) -> Option<Money> {
        let gone = self.spent + self.disputed;
        self.budget.map(|budget| minus(budget, gone))
    }

    /// Counts the changes.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The source that has the token: it is paid for, or fetched, now. One at a time, so that what
    /// is on the token before and after says what became of a payment.
    pub fn paying(&self) -> Option<&str> {
        self.paying.as_deref()
    }

    /// Which token of the run is in use, counting from 1; 0 for none.
    pub const fn token(&self) -> u32 {
        self.token
    }

    /// Whether the token must be replaced before the next payment.
    pub const fn token_is_stale(&self) -> bool {
        self.token_stale
    }

    /// Whether nothing more may be reserved.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// What may still be reserved; nothing where there is no limit.
    pub fn free(&self) -> Option<Money> {
        let committed = self.spent + self.reserved;
        self.budget.map(|budget| minus(budget, committed))
    }

    /// The same with another limit. What was promised under the old one stays promised: the limit
    /// is never less than that.
    #[must_use]
    pub fn with_limit(&self, limit: Option<Money>) -> Self {
        let committed = self.spent + self.reserved;
        Self {
            budget: limit.map(|limit| limit.max(committed)),
            ..self.clone()
        }
    }

    /// The same with more to spend. The token knows nothing of it, so the next payment takes a new
    /// one.
    #[must_use]
    pub fn topped_up(&self, amount: Money) -> Self {
        Self {
            budget: self.budget.map(|budget| budget + amount),
            token_stale: self.token > 0,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// The same with its next token; nothing while a payment with the present one is on its way.
    pub fn with_next_token(&self) -> Option<Self> {
        self.paying.is_none().then(|| Self {
            token: self.token + 1,
            token_stale: false,
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// The same, whose present token is no longer accepted.
    #[must_use]
    pub fn with_stale_token(&self) -> Self {
        Self {
            token_stale: true,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// The same, closed or open.
    #[must_use]
    pub fn with_closed(&self, closed: bool) -> Self {
        Self {
            closed,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Promises a sum.
    pub(super) fn reserve(&mut self, price: Money) -> Result<(), BudgetTooSmall> {
        self.fits(price)?;
        self.reserved = self.reserved + price;
        Ok(())
    }

    /// Takes a promise back.
    pub(super) fn release(&mut self, price: Money) {
        self.reserved = minus(self.reserved, price);
    }

    /// Makes a promise of `price` an expense of `cost`, at most the promise.
    pub(super) fn settle(&mut self, price: Money, cost: Money) {
        self.release(price);
        self.spent = self.spent + cost.min(price);
    }

    pub(super) fn dispute(&mut self, price: Money) {
        self.disputed = self.disputed + price;
    }

    pub(super) fn lock(&mut self, source_id: &str) {
        self.paying = Some(source_id.to_owned());
    }

    pub(super) fn unlock(&mut self, source_id: &str) {
        if self.paying() == Some(source_id) {
            self.paying = None;
        }
    }

    pub(super) fn distrust_token(&mut self) {
        self.token_stale = true;
    }

    /// Counts a change, if there was one.
    pub(super) fn changed_from(&mut self, before: &Self) {
        if self != before {
            self.version = before.version + 1;
        }
    }

    fn fits(&self, more: Money) -> Result<(), BudgetTooSmall> {
        let wanted = self.spent + self.reserved + more;
        match self.budget {
            Some(budget) if wanted > budget => {
                let short = minus(wanted, budget);
                Err(BudgetTooSmall { short })
            }
            _ => Ok(()),
        }
    }
}

/// The difference, nothing where it would be less.
fn minus(sum: Money, part: Money) -> Money {
    Money::from_micro_usd(sum.micro_usd().saturating_sub(part.micro_usd()))
}
