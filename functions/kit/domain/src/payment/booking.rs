//! What the changes of a purchase do to the accounts that hold its money.

use jiff::Timestamp;

use super::account::minus;
use super::{Account, BudgetTooSmall, Ledger, Limit, Means, PurchaseState, Rail, Refused};
use crate::Money;
use crate::marketplace::Offer;

impl Ledger {
    pub(super) fn reserve(&mut self, offer: &Offer, limit: Option<Money>) -> Result<(), Refused> {
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

    pub(super) fn begin(&mut self, until: Timestamp, means: &Means) -> Result<(), Refused> {
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

    pub(super) fn settle(&mut self, cost: Money, transaction: Option<&str>) {
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
    pub(super) fn settle_late(&mut self, cost: Money, transaction: Option<&str>) {
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

    pub(super) fn paid(&mut self, cost: Money, more: Money, transaction: Option<&str>) {
        self.purchase.cost = Some(cost);
        self.purchase.overcharged = more;
        self.purchase.transaction = transaction.map(str::to_owned);
    }

    pub(super) fn dispute(&mut self, reason: &str) {
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
    pub(super) fn let_go(&mut self, reason: &str, decided: bool) {
        self.free();
        self.purchase.reason = Some(reason.to_owned());
        self.purchase.declined = decided;
        self.enter(PurchaseState::Released);
    }

    pub(super) fn free(&mut self) {
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
    pub(super) fn charge_token(&mut self, sum: Money) {
        let is_present = self.purchase.token == self.task.token();
        if self.purchase.rail == Rail::Token && is_present {
            self.task.charge_token(sum);
        }
    }

    /// The token is about to be charged.
    pub(super) fn called(&mut self, now: Timestamp, until: Timestamp) {
        self.purchase.attempts += 1;
        self.purchase.called_at = Some(now);
        self.purchase.unpaid_at = None;
        self.purchase.until = Some(until);
    }

    /// Whether what is read now says something about the payment.
    pub(super) fn is_readable(&self, now: Timestamp) -> bool {
        let purchase = &self.purchase;
        purchase.rail == Rail::X402 || purchase.readable_from().is_some_and(|at| now >= at)
    }

    pub(super) fn is_uncharged_token(&self, refused: bool, now: Timestamp) -> bool {
        let purchase = &self.purchase;
        let certain = !purchase.weighed || refused || purchase.was_unpaid_before(now);
        purchase.rail == Rail::Token && certain
    }

    pub(super) fn check_open(&self) -> Result<(), Refused> {
        if self.task.is_closed() {
            return Err(Refused::Closed);
        }
        Ok(())
    }

    pub(super) fn is_unweighed_token(&self) -> bool {
        self.purchase.rail == Rail::Token && !self.purchase.weighed
    }

    pub(super) fn check_nobody_works(&self, now: Timestamp) -> Result<(), Refused> {
        match self.purchase.until {
            Some(until) if now < until => Err(Refused::AtWork { until }),
            _ => Ok(()),
        }
    }

    pub(super) fn enter(&mut self, state: PurchaseState) {
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
