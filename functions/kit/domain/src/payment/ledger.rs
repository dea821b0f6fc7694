//! The table of what may happen to a purchase, and what it does to the accounts.

use jiff::Timestamp;

use super::{Account, PaymentEvent, Purchase, PurchaseState, Rail, Refused};
use crate::Money;

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
        if state.is_over() && !event.is_intent() && !self.goes_on(event) {
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

    /// Whether this changes what is over.
    fn goes_on(&self, event: &PaymentEvent) -> bool {
        let purchase = &self.purchase;
        match event {
            // What was paid is booked, however late that is heard.
            PaymentEvent::Paid { .. } => purchase.cost.is_none_or(|cost| cost == Money::ZERO),
            PaymentEvent::Resolved { .. } => purchase.state == PurchaseState::Disputed,
            PaymentEvent::Quoted { .. } => purchase.may_be_bought_again() && !self.task.is_closed(),
            _ => false,
        }
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
            (S::Quoted | S::Reserved | S::Released, E::Quoted { price, rail }) => {
                self.free();
                self.purchase.reason = None;
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
            (S::Quoted | S::Reserved, E::Released { reason, decided }) => {
                self.let_go(reason, *decided);
            }
            // What was signed may be settled as long as it is valid.
            (S::Paying, E::Released { reason, decided }) if self.purchase.is_never_settled(now) => {
                self.let_go(reason, *decided);
            }
            (S::Quoted, E::Reserved { offer, limit }) => self.reserve(offer, *limit)?,
            (S::Reserved, E::Began { until, means }) => self.begin(*until, means)?,
            (S::Paying, E::Weighed { until, balance }) if self.is_unweighed_token() => {
                self.check_open()?;
                self.purchase.weighed = true;
                self.purchase.balance_before = *balance;
                self.called(now, *until);
            }
            (S::Paying, E::Resumed { until }) => {
                self.check_nobody_works(now)?;
                self.purchase.probes += 1;
                self.purchase.doubtful |= self.purchase.unheard;
                self.purchase.unheard = self.purchase.rail == Rail::X402;
                self.purchase.until = Some(*until);
            }
            (S::Paying, E::Unpaid { note, until }) if self.is_readable(now) => {
                self.purchase.note(note);
                self.purchase.unpaid_at.get_or_insert(now);
                self.purchase.unheard = false;
                self.purchase.until = Some(*until);
            }
            (S::Paying, E::Retried { until })
                if self.purchase.weighed && self.purchase.was_unpaid_before(now) =>
            {
                self.check_open()?;
                self.called(now, *until);
            }
            (S::Paying, E::Unknown { note, until }) => {
                self.purchase.note(note);
                self.purchase.doubtful = true;
                self.purchase.unheard = false;
                self.purchase.until = Some(*until);
            }
            // What was signed and sent may be settled later: only a token can be known not to be
            // charged.
            (S::Paying, E::NotCharged { note, refused })
                if self.is_uncharged_token(*refused, now) =>
            {
                self.purchase.note(note);
                self.purchase.weighed = false;
                self.purchase.balance_before = None;
                self.enter(S::Reserved);
            }
            (_, E::Paid { .. } | E::Resolved { .. }) => return self.take_in_late(event),
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

    /// What may be heard at any time: that it is paid, or what a person found out.
    fn take_in_late(&mut self, event: &PaymentEvent) -> Result<(), Refused> {
        use PaymentEvent as E;
        use PurchaseState as S;

        match (self.purchase.state, event) {
            // An answer may come after somebody else concluded that there was no charge, or that
            // nobody knows.
            (
                S::Reserved | S::Paying | S::Disputed,
                E::Paid {
                    cost,
                    transaction,
                    until,
                },
            ) => {
                self.settle(*cost, transaction.as_deref());
                self.purchase.until = Some(*until);
            }
            (
                S::Quoted | S::Released | S::Delivered,
                E::Paid {
                    cost, transaction, ..
                },
            ) => self.settle_late(*cost, transaction.as_deref()),
            (S::Disputed, E::Resolved { paid: true }) => {
                self.purchase.deliveries = 0;
                self.purchase.reason = None;
                if self.purchase.cost.is_none() {
                    self.settle(self.purchase.price, None);
                } else {
                    self.enter(S::Paid);
                }
            }
            (S::Disputed, E::Resolved { paid: false }) if self.purchase.is_held() => {
                let reason = "somebody found that it was not paid";
                self.let_go(reason, true);
            }
            (state, event) => {
                let event = event.name();
                return Err(Refused::NotInTable { event, state });
            }
        }
        Ok(())
    }
}
