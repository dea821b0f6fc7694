//! The table of what may happen to a purchase, and what it does to the accounts.

use jiff::Timestamp;

use super::{Account, Limit, Means, PaymentEvent, Purchase, PurchaseState, Rail, Refused};
use crate::Money;
use crate::marketplace::Offer;

/// A purchase and the two accounts that hold its money.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// The purchase.
    pub purchase: Purchase,
    /// The run's account.
    pub task: Account,
    /// The tenant's account.
    pub tenant: Account,
}

impl Ledger {
    /// How all three stand once this has happened; nothing where it has happened before, or comes
    /// after the end. `seen` is the version of the purchase that the speaker saw: a conclusion that
    /// was drawn from an older one is refused.
    ///
    /// # Errors
    /// Why it cannot happen. Nothing changes then.
    pub fn after(
        &self,
        event: &PaymentEvent,
        seen: u64,
        now: Timestamp,
    ) -> Result<Option<Self>, Refused> {
        let state = self.purchase.state;
        if state.is_over() && !event.is_intent() {
            return Ok(None);
        }
        if self.has_happened(event) {
            return Ok(None);
        }
        if event.is_conclusion() && seen != self.purchase.version {
            return Err(Refused::Stale);
        }
        let mut next = self.clone();
        next.take_in(event, now)?;
        next.purchase.version += 1;
        next.purchase.updated_at = now;
        next.task.changed_from(&self.task);
        next.tenant.changed_from(&self.tenant);
        Ok(Some(next))
    }

    fn has_happened(&self, event: &PaymentEvent) -> bool {
        let purchase = &self.purchase;
        match event {
            PaymentEvent::Paid { .. } => purchase.state == PurchaseState::Paid,
            PaymentEvent::Quoted { price, rail } => {
                purchase.state == PurchaseState::Quoted
                    && (purchase.price, purchase.rail) == (*price, *rail)
            }
            _ => false,
        }
    }

    fn take_in(&mut self, event: &PaymentEvent, now: Timestamp) -> Result<(), Refused> {
        use PaymentEvent as E;
        use PurchaseState as S;

        let state = self.purchase.state;
        match (state, event) {
            (S::Quoted | S::Reserved, E::Quoted { price, rail }) => {
                self.free();
                self.purchase.price = *price;
                self.purchase.rail = *rail;
                self.enter(S::Quoted);
            }
            (S::Quoted | S::Reserved, E::Granted { artifact }) => {
                self.free();
                self.purchase.artifact = Some(artifact.clone());
                self.purchase.cost = Some(Money::ZERO);
                self.purchase.rail = Rail::Free;
                self.enter(S::Delivered);
            }
            (S::Quoted | S::Reserved, E::Released { reason }) => {
                self.free();
                self.purchase.reason = Some(reason.clone());
                self.enter(S::Released);
            }
            (S::Quoted, E::Reserved { offer }) => self.reserve(offer)?,
            (S::Reserved, E::Began { until, means }) => self.begin(*until, means)?,
            (S::Paying, E::Weighed { until, balance }) if self.is_unweighed_token() => {
                self.purchase.weighed = true;
                self.purchase.balance_before = *balance;
                self.purchase.attempts += 1;
                self.purchase.until = Some(*until);
            }
            (S::Paying, E::Resumed { until }) => {
                self.check_nobody_works(now)?;
                self.purchase.probes += 1;
                self.purchase.until = Some(*until);
            }
            (S::Paying, E::Retried { until }) => {
                self.purchase.attempts += 1;
                self.purchase.until = Some(*until);
            }
            (S::Paying, E::Unknown { note, until }) => {
                self.purchase.note(note);
                self.purchase.until = Some(*until);
            }
            // What was signed and sent may be settled later: only a token can be known not to be
            // charged.
            (S::Paying, E::NotCharged { note }) if self.purchase.rail == Rail::Token => {
                self.purchase.note(note);
                self.purchase.weighed = false;
                self.purchase.balance_before = None;
                self.enter(S::Reserved);
            }
            // An answer may come after somebody else concluded that there was no charge.
            (
                S::Reserved | S::Paying,
                E::Paid {
                    cost,
                    transaction,
                    until,
                },
            ) => {
                self.settle(*cost, transaction.as_deref());
                self.purchase.until = Some(*until);
            }
            (S::Paid, E::Undelivered { note, until }) => {
                self.purchase.note(note);
                self.purchase.deliveries += 1;
                self.purchase.until = Some(*until);
            }
            (S::Paid, E::Delivered { artifact }) => {
                self.purchase.artifact = Some(artifact.clone());
                self.enter(S::Delivered);
            }
            (S::Paying | S::Paid, E::Disputed { reason }) => self.dispute(reason),
            (state, event) => {
                let event = event.name();
                return Err(Refused::NotInTable { event, state });
            }
        }
        Ok(())
    }

    fn reserve(&mut self, offer: &Offer) -> Result<(), Refused> {
        if self.task.is_closed() {
            return Err(Refused::Closed);
        }
        let price = offer.price();
        let over = |limit| {
            move |error: super::BudgetTooSmall| {
                let short = error.short;
                Refused::OverBudget { limit, short }
            }
        };
        self.task.reserve(price).map_err(over(Limit::Task))?;
        self.tenant.reserve(price).map_err(over(Limit::Tenant))?;
        self.purchase.price = price;
        self.purchase.rail = offer.into();
        self.purchase.offer = Some(offer.clone());
        self.enter(PurchaseState::Reserved);
        Ok(())
    }

    fn begin(&mut self, until: Timestamp, means: &Means) -> Result<(), Refused> {
        if self.task.is_closed() {
            return Err(Refused::Closed);
        }
        let rail = self.purchase.rail;
        match means {
            Means::Token { number } if rail == Rail::Token => {
                if let Some(source) = self.task.paying() {
                    let source_id = source.to_owned();
                    return Err(Refused::Busy { source_id });
                }
                if self.task.token() != *number || self.task.token_is_stale() {
                    return Err(Refused::Stale);
                }
                self.task.lock(&self.purchase.source_id);
                self.purchase.token = *number;
            }
            Means::Signed(payload) if rail == Rail::X402 => {
                self.purchase.signed = Some(payload.clone());
                self.purchase.attempts += 1;
            }
            _ => return Err(Refused::Stale),
        }
        self.enter(PurchaseState::Paying);
        self.purchase.until = Some(until);
        Ok(())
    }

    fn settle(&mut self, cost: Money, transaction: Option<&str>) {
        let price = self.purchase.price;
        let cost = cost.min(price);
        self.task.settle(price, cost);
        self.tenant.settle(price, cost);
        self.purchase.cost = Some(cost);
        self.purchase.transaction = transaction.map(str::to_owned);
        self.enter(PurchaseState::Paid);
    }

    fn dispute(&mut self, reason: &str) {
        if self.purchase.state == PurchaseState::Paying {
            let price = self.purchase.price;
            self.task.dispute(price);
            self.tenant.dispute(price);
        }
        // Nobody knows what is on the token, or what it opens: the next source gets a new one.
        if self.purchase.rail == Rail::Token {
            self.task.distrust_token();
        }
        self.purchase.reason = Some(reason.to_owned());
        self.enter(PurchaseState::Disputed);
    }

    fn free(&mut self) {
        if self.purchase.state == PurchaseState::Reserved {
            let price = self.purchase.price;
            self.task.release(price);
            self.tenant.release(price);
        }
    }

    fn is_unweighed_token(&self) -> bool {
        self.purchase.rail == Rail::Token && !self.purchase.weighed
    }

    fn check_nobody_works(&self, now: Timestamp) -> Result<(), Refused> {
        match self.purchase.until {
            Some(until) if now < until => Err(Refused::AtWork { until }),
            _ => Ok(()),
        }
    }

    fn enter(&mut self, state: PurchaseState) {
        // What is paid for with a token is fetched before another source is: a marketplace that is
        // not told what is paid for gives what is asked for first.
        if !matches!(state, PurchaseState::Paying | PurchaseState::Paid) {
            self.task.unlock(&self.purchase.source_id);
        }
        self.purchase.state = state;
        self.purchase.until = None;
    }
}
