//! An account: what a run, or a tenant, may spend, has spent, and has promised.

use serde::{Deserialize, Serialize};

use crate::Money;

/// An account of a run or of a tenant. What is spent and what is reserved are never more than the
/// budget: no function that changes them lets it happen, and none that breaks it can be read. What
/// the other side took beyond what was promised it is booked apart, and nothing is promised out of
/// it any more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Account {
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Money>,
    spent: Money,
    reserved: Money,
    disputed: Money,
    overcharged: Money,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    paying: Option<String>,
    token: u32,
    token_stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_left: Option<Money>,
    token_added: Money,
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
    #[serde(default)]
    overcharged: Money,
    version: u64,
    #[serde(default)]
    paying: Option<String>,
    token: u32,
    token_stale: bool,
    #[serde(default)]
    token_left: Option<Money>,
    #[serde(default)]
    token_added: Money,
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
            overcharged: stored.overcharged,
            version: stored.version,
            paying: stored.paying,
            token: stored.token,
            token_stale: stored.token_stale,
            token_left: stored.token_left,
            token_added: stored.token_added,
            closed: stored.closed,
        };
        Self::within(account.budget, account.spent + account.reserved)?;
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

    /// What was taken beyond what was promised: more than a price, or what nobody asked for. It is
    /// neither in what is spent nor in what is reserved, and leaves less to be reserved.
    pub const fn overcharged(&self) -> Money {
        self.overcharged
    }

    /// What of the budget is gone or promised.
    fn committed(&self) -> Money {
        self.spent + self.reserved + self.overcharged
    }

    /// What a new token may be charged: all of which it is certain that it was not charged, and no
    /// more than is left on the present one and was added to the budget since. `left` is what the
    /// Payment Manager says is on it, where it says that.
    pub fn for_a_token(&self, left: Option<Money>) -> Option<Money> {
        let gone = self.spent + self.disputed + self.overcharged;
        let most = self.budget.map(|budget| minus(budget, gone))?;
        let left = left.or(self.token_left);
        Some(left.map_or(most, |left| most.min(left + self.token_added)))
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
        self.budget.map(|budget| minus(budget, self.committed()))
    }

    /// What must be on the present token, by what was read of it and charged since; nothing where
    /// it was never read.
    pub const fn token_left(&self) -> Option<Money> {
        self.token_left
    }

    /// The same once this was read of the present token, and what is gone from it that nobody
    /// booked: somebody was charged late, or not asked.
    pub fn with_token_left(&self, left: Money) -> (Self, Money) {
        let expected = self.token_left.unwrap_or(left);
        let gone = minus(expected, left);
        let read = Self {
            token_left: Some(left),
            overcharged: self.overcharged + gone,
            ..self.clone()
        };
        let changed = read != *self;
        let version = self.version + u64::from(changed);
        (Self { version, ..read }, gone)
    }

    /// The same once so much more was taken than was promised.
    #[must_use]
    pub fn with_overcharged(&self, more: Money) -> Self {
        Self {
            overcharged: self.overcharged + more,
            version: self.version + 1,
            ..self.clone()
        }
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
            token_added: self.token_added + amount,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// The same with its next token; nothing while a payment with the present one is on its way.
    pub fn with_next_token(&self) -> Option<Self> {
        self.paying.is_none().then(|| Self {
            token: self.token + 1,
            token_stale: false,
            token_left: None,
            token_added: Money::ZERO,
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
        self.keeps(self.budget, price)?;
        self.reserved = self.reserved + price;
        Ok(())
    }

    /// Whether this limit is kept with so much more.
    pub(super) fn keeps(&self, limit: Option<Money>, more: Money) -> Result<(), BudgetTooSmall> {
        Self::within(limit, self.committed() + more)
    }

    /// Whether what is promised can be paid still.
    pub(super) fn is_sound(&self) -> Result<(), BudgetTooSmall> {
        self.keeps(self.budget, Money::ZERO)
    }

    /// Takes a promise back.
    pub(super) fn release(&mut self, price: Money) {
        self.reserved = minus(self.reserved, price);
    }

    /// Makes an expense of what was promised, or is free; what is more than that was taken without
    /// a promise.
    pub(super) fn spend(&mut self, cost: Money, more: Money) {
        self.spent = self.spent + cost;
        self.overcharged = self.overcharged + more;
    }

    /// So much was charged to the present token.
    pub(super) fn charge_token(&mut self, sum: Money) {
        self.token_left = self.token_left.map(|left| minus(left, sum));
    }

    /// It is known now that this was not charged: the next token has it again.
    pub(super) fn add_to_token(&mut self, sum: Money) {
        if self.token > 0 {
            self.token_added = self.token_added + sum;
            self.token_stale = true;
        }
    }

    pub(super) fn dispute(&mut self, price: Money) {
        self.disputed = self.disputed + price;
    }

    /// It is known now what became of it.
    pub(super) fn resolve(&mut self, price: Money) {
        self.disputed = minus(self.disputed, price);
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

    fn within(limit: Option<Money>, wanted: Money) -> Result<(), BudgetTooSmall> {
        match limit {
            Some(limit) if wanted > limit => {
                let short = minus(wanted, limit);
                Err(BudgetTooSmall { short })
            }
            _ => Ok(()),
        }
    }
}

/// The difference, nothing where it would be less.
pub(super) fn minus(sum: Money, part: Money) -> Money {
    Money::from_micro_usd(sum.micro_usd().saturating_sub(part.micro_usd()))
}
