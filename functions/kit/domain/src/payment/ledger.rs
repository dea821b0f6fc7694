//! The table of what may happen to a purchase, and what it does to the accounts.

use jiff::Timestamp;

use super::account::minus;
use super::{
    Account, BudgetTooSmall, Limit, Means, PaymentEvent, Purchase, PurchaseState, Rail, Refused,
};
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

    fn reserve(&mut self, offer: &Offer, limit: Option<Money>) -> Result<(), Refused> {
        self.check_open()?;
        let price = offer.price();
        self.task.keeps(limit, price).map_err(over(Limit::Run))?;
        self.task.reserve(price).map_err(over(Limit::Task))?;
        self.tenant.reserve(price).map_err(over(Limit::Tenant))?;
        self.purchase.price = price;
        self.purchase.rail = offer.into();
        self.purchase.offer = Some(offer.clone());
        self.enter(PurchaseState::Reserved);
        Ok(())
    }

    fn begin(&mut self, until: Timestamp, means: &Means) -> Result<(), Refused> {
        self.check_open()?;
        // More may have been taken since than was promised.
        self.task.is_sound().map_err(over(Limit::Task))?;
        self.tenant.is_sound().map_err(over(Limit::Tenant))?;
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
                self.purchase.unheard = true;
                self.purchase.attempts += 1;
            }
            _ => return Err(Refused::Stale),
        }
        self.enter(PurchaseState::Paying);
        self.purchase.until = Some(until);
        Ok(())
    }

    fn settle(&mut self, cost: Money, transaction: Option<&str>) {
        let held = self.purchase.price;
        let (booked, more) = (cost.min(held), minus(cost, held));
        let was_disputed = self.purchase.state == PurchaseState::Disputed;
        for account in [&mut self.task, &mut self.tenant] {
            account.release(held);
            if was_disputed {
                account.resolve(held);
            }
            account.spend(booked, more);
        }
        // A dispute took it for charged.
        if !was_disputed {
            self.charge_token(cost);
        }
        self.paid(booked, more, transaction);
        self.enter(PurchaseState::Paid);
    }

    /// Books what is heard to be paid when nothing is held for it any more. What the budgets have
    /// no room for was taken without a promise.
    fn settle_late(&mut self, cost: Money, transaction: Option<&str>) {
        let accounts = [&self.task, &self.tenant];
        let free = accounts.into_iter().filter_map(Account::free).min();
        let booked = free.map_or(cost, |free| free.min(cost));
        let more = minus(cost, booked);
        for account in [&mut self.task, &mut self.tenant] {
            account.spend(booked, more);
        }
        self.charge_token(cost);
        self.paid(booked, more, transaction);
        if self.purchase.state != PurchaseState::Delivered {
            self.purchase.reason = Some("it was paid after it was given up".to_owned());
            self.enter(PurchaseState::Disputed);
        }
    }

    fn paid(&mut self, cost: Money, more: Money, transaction: Option<&str>) {
        self.purchase.cost = Some(cost);
        self.purchase.overcharged = more;
        self.purchase.transaction = transaction.map(str::to_owned);
    }

    fn dispute(&mut self, reason: &str) {
        if self.purchase.state == PurchaseState::Paying {
            let price = self.purchase.price;
            self.task.dispute(price);
            self.tenant.dispute(price);
            self.charge_token(price);
        }
        // Nobody knows what is on the token, or what it opens: the next source gets a new one.
        if self.purchase.rail == Rail::Token {
            self.task.distrust_token();
        }
        self.purchase.reason = Some(reason.to_owned());
        self.enter(PurchaseState::Disputed);
    }

    /// Says that it is not bought.
    fn let_go(&mut self, reason: &str, decided: bool) {
        self.free();
        self.purchase.reason = Some(reason.to_owned());
        self.purchase.declined = decided;
        self.enter(PurchaseState::Released);
    }

    fn free(&mut self) {
        if !self.purchase.is_held() {
            return;
        }
        let price = self.purchase.price;
        let was_disputed = self.purchase.state == PurchaseState::Disputed;
        for account in [&mut self.task, &mut self.tenant] {
            account.release(price);
            if was_disputed {
                account.resolve(price);
            }
        }
        if was_disputed && self.purchase.rail == Rail::Token {
            self.task.add_to_token(price);
        }
    }

    /// The present token was charged for this, if it was the one.
    fn charge_token(&mut self, sum: Money) {
        let is_present = self.purchase.token == self.task.token();
        if self.purchase.rail == Rail::Token && is_present {
            self.task.charge_token(sum);
        }
    }

    /// The token is about to be charged.
    fn called(&mut self, now: Timestamp, until: Timestamp) {
        self.purchase.attempts += 1;
        self.purchase.called_at = Some(now);
        self.purchase.unpaid_at = None;
        self.purchase.until = Some(until);
    }

    /// Whether what is read now says something about the payment.
    fn is_readable(&self, now: Timestamp) -> bool {
        let purchase = &self.purchase;
        purchase.rail == Rail::X402 || purchase.readable_from().is_some_and(|at| now >= at)
    }

    fn is_uncharged_token(&self, refused: bool, now: Timestamp) -> bool {
        let purchase = &self.purchase;
        let certain = !purchase.weighed || refused || purchase.was_unpaid_before(now);
        purchase.rail == Rail::Token && certain
    }

    fn check_open(&self) -> Result<(), Refused> {
        if self.task.is_closed() {
            return Err(Refused::Closed);
        }
        Ok(())
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

fn over(limit: Limit) -> impl FnOnce(BudgetTooSmall) -> Refused {
    move |BudgetTooSmall { short }| Refused::OverBudget { limit, short }
}
