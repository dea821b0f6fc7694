//! One source, from its price to its data.
//!
//! A purchase is driven step by step; each step reads how it stands, so that whoever comes after a
//! crash goes on where it was.

use baton_domain::marketplace::Offer;
use baton_domain::payment::{
    Limit, NewPurchase, PaymentEvent, Purchase, PurchaseState, Rail, Refused,
};
use baton_domain::run::RunState;
use baton_domain::{Money, RunId, TenantId};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{ended, stopped};
use super::discover::checked_name;
use super::offers::Asked;
use super::{PaymentError, Place, conflict};
use crate::{App, FunctionError};

/// The payload of `buy`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Buy {
    tenant_id: TenantId,
    run_id: RunId,
    source_id: String,
    name: String,
    /// What it may cost: what was quoted, or approved.
    price: Money,
    /// Whether a person approved the price.
    #[serde(default)]
    approved: bool,
    /// Whether a person, `by`, was asked about a purchase that is disputed and says that it was paid.
    #[serde(default)]
    resolves: bool,
    #[serde(default)]
    by: Option<String>,
}

/// The payload of `decline`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decline {
    tenant_id: TenantId,
    run_id: RunId,
    source_id: String,
    reason: String,
    /// Whether a person, `by`, was asked about a purchase that is disputed and says that it was not
    /// paid.
    #[serde(default)]
    resolves: bool,
    #[serde(default)]
    by: Option<String>,
}

/// Whoever drives a purchase on.
#[derive(Debug)]
pub(super) struct Drive {
    /// Whether it is still to be bought; else it is only seen to an end.
    pub(super) buying: bool,
    /// Whether the token was replaced on the way.
    pub(super) renewed: bool,
    /// How often another payment was waited for.
    pub(super) waits: u32,
}

/// How many steps one call takes at most, and how often a price may change meanwhile.
const MAX_STEPS: u32 = 80;
const MAX_PRICES: u32 = 4;

/// The longest reason, in characters.
const MAX_REASON: usize = 300;

impl App {
    /// Buys a source: to its data, or to where somebody must decide.
    pub(super) async fn buy_source(&self, buy: Buy) -> Result<Value, FunctionError> {
        checked_name(&buy.name)?;
        let at = Place::new(buy.tenant_id.clone(), buy.run_id, buy.source_id.clone())?;
        let run = self.load_run(&at.tenant, at.run).await?;
        let mut purchase = self.begun(&at, &buy).await?;
        if let Some(by) = buy.by.as_deref().filter(|_| buy.resolves) {
            purchase = self.resolved(&at, true, by).await?.purchase;
        }
        for _ in 0..MAX_PRICES {
            let is_to_buy = purchase.state() == PurchaseState::Quoted
                || purchase.state() == PurchaseState::Reserved
                || purchase.may_be_bought_again();
            if is_to_buy && run.status.is_over() {
                return Err(ended_run(&run));
            }
            let is_to_decide = is_to_buy && purchase.state() != PurchaseState::Reserved;
            if is_to_decide && let Some(answer) = self.decide(&at, &buy, &run, &purchase).await? {
                return Ok(answer);
            }
            let mut drive = Drive::new(true);
            purchase = self.drive(&at, &mut drive).await?;
            if purchase.state().is_over() {
                return Ok(ended(&purchase));
            }
        }
        Err(conflict("the price changes all the while"))
    }

    async fn begun(&self, at: &Place, buy: &Buy) -> Result<Purchase, FunctionError> {
        if let Some(there) = self.purchase(at).await? {
            return Ok(there);
        }
        let new = NewPurchase {
            purchase_id: self.new_purchase_id(),
            tenant_id: at.tenant.clone(),
            run_id: at.run,
            source_id: at.source.clone(),
            name: buy.name.clone(),
            found_by: String::new(),
            price: buy.price,
            rail: Rail::Token,
        };
        let purchase = Purchase::new(new, self.ports.clock.now());
        self.begin_purchase(at, purchase).await
    }

    /// Asks for the price again, and reserves it; or answers why not.
    async fn decide(
        &self,
        at: &Place,
        buy: &Buy,
        run: &RunState,
        purchase: &Purchase,
    ) -> Result<Option<Value>, FunctionError> {
        let account = self.open_account_of(&at.tenant, at.run).await?;
        if purchase.state() == PurchaseState::Released && account.is_closed() {
            return Ok(Some(ended(purchase)));
        }
        let offer = match self.ask(at, &account).await? {
            Asked::Offer(offer) => offer,
            Asked::Data(data) => {
                let quoted = self.quoted_free(at, purchase).await?;
                self.grant(at, &quoted, data).await?;
                return Ok(None);
            }
            // It stays released, for that reason.
            Asked::Refused(_) if purchase.state() == PurchaseState::Released => {
                return Ok(Some(ended(purchase)));
            }
            Asked::Refused(reason) => {
                self.give_up(at, &reason, None).await?;
                return Ok(None);
            }
        };
        let (price, rail) = (offer.price(), Rail::from(&offer));
        let quoted = PaymentEvent::Quoted { price, rail };
        let quoted = match self.happen(at, &quoted, purchase.version(), None).await? {
            Ok(ledger) if ledger.purchase.state() == PurchaseState::Quoted => ledger.purchase,
            // Somebody else drives it on.
            _ => return Ok(None),
        };
        if let Some(answer) = self.ask_person(buy, &quoted) {
            return Ok(Some(answer));
        }
        self.reserve(at, buy, run, &quoted, offer).await
    }

    /// What was released, quoted again: it is free now.
    async fn quoted_free(
        &self,
        at: &Place,
        purchase: &Purchase,
    ) -> Result<Purchase, FunctionError> {
        if purchase.state() != PurchaseState::Released {
            return Ok(purchase.clone());
        }
        let (price, rail) = (Money::ZERO, Rail::Free);
        let event = PaymentEvent::Quoted { price, rail };
        let happened = self.happen(at, &event, purchase.version(), None).await?;
        Ok(happened.map_or_else(|_| purchase.clone(), |ledger| ledger.purchase))
    }

    /// Why a person must be asked before this price is paid, if so.
    fn ask_person(&self, buy: &Buy, quoted: &Purchase) -> Option<Value> {
        let price = quoted.price();
        if price > buy.price {
            let (now, then) = (dollars(price), dollars(buy.price));
            let reason = format!("it costs {now} now, not {then}");
            return Some(stopped(quoted, "price_changed", &reason));
        }
        let limit = self.settings.payments.auto_approve_price;
        if price > limit && !buy.approved {
            let reason = format!("it costs more than {}", dollars(limit));
            return Some(stopped(quoted, "needs_approval", &reason));
        }
        None
    }

    async fn reserve(
        &self,
        at: &Place,
        buy: &Buy,
        run: &RunState,
        quoted: &Purchase,
        offer: Offer,
    ) -> Result<Option<Value>, FunctionError> {
        let limit = limit_of_purchases(run);
        let event = PaymentEvent::Reserved { offer, limit };
        let by = buy.by.as_deref().filter(|_| buy.approved);
        match self.happen(at, &event, quoted.version(), by).await? {
            Err(Refused::OverBudget {
                limit: Limit::Run, ..
            }) => {
                let max = run.max_cost_usd.unwrap_or(Money::ZERO);
                let reason = format!("the run may cost {}", dollars(max));
                Ok(Some(stopped(quoted, "over_budget", &reason)))
            }
            Err(Refused::OverBudget { limit, short }) => {
                let (limit, short) = (limit.name(), dollars(short));
                let reason = format!("the budget of the {limit} is too small by {short}");
                Ok(Some(stopped(quoted, "over_budget", &reason)))
            }
            Err(Refused::Closed) => Err(closed()),
            // Somebody else drives it on.
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// Takes a purchase on until it is over, or until its price is another.
    pub(super) async fn drive(
        &self,
        at: &Place,
        drive: &mut Drive,
    ) -> Result<Purchase, FunctionError> {
        for _ in 0..MAX_STEPS {
            let ledger = self.ledger(at).await?;
            let purchase = &ledger.purchase;
            match purchase.state() {
                PurchaseState::Reserved if drive.buying => {
                    self.begin_payment(at, drive, &ledger).await?;
                }
                PurchaseState::Reserved => self.give_up(at, "not bought in time", None).await?,
                PurchaseState::Paying => self.look_into(at, purchase, drive.buying).await?,
                PurchaseState::Paid => self.deliver(at, purchase).await?,
                PurchaseState::Quoted
                | PurchaseState::Delivered
                | PurchaseState::Released
                | PurchaseState::Disputed => return Ok(ledger.purchase),
            }
        }
        Err(conflict("the purchase is changed by many at once"))
    }

    /// Sees a purchase to an end without paying for it any more.
    pub(super) async fn settle(&self, at: &Place) -> Result<Purchase, FunctionError> {
        self.drive(at, &mut Drive::new(false)).await
    }

    /// Says that a source is not bought. What is paid already, or may be, stays as it is.
    pub(super) async fn decline_source(&self, decline: Decline) -> Result<Value, FunctionError> {
        let at = Place::new(decline.tenant_id, decline.run_id, decline.source_id)?;
        let (reason, by) = (&decline.reason, decline.by.as_deref());
        self.let_go(&at, reason, true, by).await?;
        let mut purchase = self.ledger(&at).await?.purchase;
        if let Some(by) = by.filter(|_| decline.resolves) {
            purchase = self.resolved(&at, false, by).await?.purchase;
        }
        Ok(ended(&purchase))
    }

    pub(super) async fn give_up(
        &self,
        at: &Place,
        reason: &str,
        by: Option<&str>,
    ) -> Result<(), FunctionError> {
        self.let_go(at, reason, false, by).await
    }

    async fn let_go(
        &self,
        at: &Place,
        reason: &str,
        decided: bool,
        by: Option<&str>,
    ) -> Result<(), FunctionError> {
        let reason = reason.chars().take(MAX_REASON).collect();
        let event = PaymentEvent::Released { reason, decided };
        // One that is paid for meanwhile is not released.
        let _ = self.happen(at, &event, 0, by).await?;
        Ok(())
    }
}

impl Drive {
    pub(super) fn new(buying: bool) -> Self {
        Self {
            buying,
            renewed: false,
            waits: 0,
        }
    }
}

/// What all purchases of a run may come to: what it may cost, but for what its agents did. What was
/// bought is in the account, from before it is in the journal.
fn limit_of_purchases(run: &RunState) -> Option<Money> {
    let bought: Money = run.purchases.values().map(|bought| bought.cost).sum();
    let others = run
        .total_cost
        .micro_usd()
        .saturating_sub(bought.micro_usd());
    let max = run.max_cost_usd?.micro_usd();
    Some(Money::from_micro_usd(max.saturating_sub(others)))
}

pub(super) fn ended_run(run: &RunState) -> FunctionError {
    let message = format!("the run is {}: nothing is bought", run.status.name());
    FunctionError::new(FunctionError::RUN_ENDED, message)
}

pub(super) fn closed() -> FunctionError {
    let message = "the account of the run is closed: it buys nothing more";
    FunctionError::new(PaymentError::CLOSED, message)
}

/// A sum as people read it: to the cent, where it has no smaller parts.
pub(super) fn dollars(sum: Money) -> String {
    let micro = sum.micro_usd();
    if micro.is_multiple_of(10_000) {
        format!("${}.{:02}", micro / 1_000_000, micro / 10_000 % 100)
    } else {
        sum.to_string()
    }
}
