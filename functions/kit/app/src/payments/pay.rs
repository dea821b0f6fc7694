//! The payment with a token: written down, done once, and its answer written down.
//!
//! A token is charged by one payment at a time. Before one begins it was seen, with that very token,
//! that the source is closed, and what is on the token; so what is found afterwards says whether it
//! was charged.

use std::time::Duration;

use baton_domain::Money;
use baton_domain::marketplace::{Access, Fetched, MarketError, Offer};
use baton_domain::payment::{Ledger, Means, PaymentEvent, Purchase, PurchaseState, Rail, Refused};
use jiff::SignedDuration;
use serde_json::Value;

use super::buy::{Drive, closed};
use super::charge::MAX_ATTEMPTS;
use super::offers::no_offer;
use super::token::Kept;
use super::{Place, conflict};
use crate::{App, FunctionError};

/// For how long nobody else acts on a payment that began: longer than the call can take, and than
/// it takes the other side to notice that nobody waits for it any more.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(25);

/// How often one waits for another payment with the same token, and for how long.
const MAX_WAITS: u32 = 20;
const WAIT: Duration = Duration::from_millis(150);

/// What was seen of a source with a token.
enum Seen {
    /// It is closed; this is on the token, where that is said.
    Closed(Option<Money>),
    /// It is open.
    Open(Value),
    /// It is not to be had at the price that is reserved: this happens then.
    Changed(PaymentEvent),
}

impl App {
    /// Begins the payment of what is reserved.
    pub(super) async fn begin_payment(
        &self,
        at: &Place,
        drive: &mut Drive,
        ledger: &Ledger,
    ) -> Result<(), FunctionError> {
        if ledger.task.is_closed() {
            return Err(closed());
        }
        let purchase = &ledger.purchase;
        if purchase.attempts() >= MAX_ATTEMPTS {
            let last = purchase.refusals().last().map_or("", String::as_str);
            let reason = format!("the payment fails: {last}");
            return self.give_up(at, &reason, None).await;
        }
        match (purchase.rail(), ledger.task.paying()) {
            (Rail::X402, _) => self.begin_signed(at, drive, purchase).await,
            (_, Some(other)) => self.wait_for(at, drive, other.to_owned()).await,
            (_, None) => self.begin_with_token(at, drive, purchase).await,
        }
    }

    async fn begin_with_token(
        &self,
        at: &Place,
        drive: &mut Drive,
        purchase: &Purchase,
    ) -> Result<(), FunctionError> {
        let present = self.present_token(&at.tenant, at.run).await;
        if let Err(error) = &present
            && error.code == MarketError::INSUFFICIENT
        {
            return self.give_up(at, &error.message, None).await;
        }
        let (account, kept) = present?;
        let Some(kept) = kept else {
            return self.give_up(at, "the run has no token", None).await;
        };
        let number = account.token();
        let means = Means::Token { number };
        let Some(begun) = self.begin(at, drive, purchase, means).await? else {
            return Ok(());
        };
        match self.see(at, &kept, &begun).await {
            Ok(Seen::Closed(balance)) => self.weigh_and_charge(at, &kept, &begun, balance).await,
            Ok(Seen::Open(data)) => {
                // It is open to this token: there is nothing to pay. Unless it was to be paid
                // before: then it was, however late.
                if begun.attempts() > 0 {
                    let paid = self.paid(at, &begun, begun.price(), None).await?;
                    return self.keep_bought(at, &paid, data).await;
                }
                self.not_charged(at, &begun, "it is open").await?;
                let purchase = self.ledger(at).await?.purchase;
                self.grant(at, &purchase, data).await.map(drop)
            }
            Ok(Seen::Changed(event)) => {
                self.not_charged(at, &begun, "its price changed").await?;
                let _ = self.happen(at, &event, 0, None).await?;
                Ok(())
            }
            Err(error) => {
                self.not_charged(at, &begun, &error.message).await?;
                if error.code != MarketError::AUTHENTICATION || drive.renewed {
                    return Err(error);
                }
                drive.renewed = true;
                self.distrust_token(&at.tenant, at.run, number).await
            }
        }
    }

    /// Looks, with the token, whether the source is closed at the price that is reserved, and what
    /// is on the token.
    async fn see(
        &self,
        at: &Place,
        kept: &Kept,
        purchase: &Purchase,
    ) -> Result<Seen, FunctionError> {
        let token = kept.token.token_id.as_str();
        match self.fetch(at, Access::Token(token)).await? {
            Fetched::Data { data, .. } => {
                self.read_token(at, token).await?;
                return Ok(Seen::Open(data));
            }
            Fetched::Nothing => {
                let reason = "not found".to_owned();
                let decided = false;
                let event = PaymentEvent::Released { reason, decided };
                return Ok(Seen::Changed(event));
            }
            Fetched::Pending { .. } | Fetched::NotSettled { .. } => {
                return Err(conflict("the marketplace is not ready"));
            }
            Fetched::PaymentRequired { offers, refusals } => {
                if let Some(event) = changed_price(purchase, &offers, &refusals) {
                    return Ok(Seen::Changed(event));
                }
            }
        }
        Ok(Seen::Closed(self.read_token(at, token).await?))
    }

    async fn weigh_and_charge(
        &self,
        at: &Place,
        kept: &Kept,
        begun: &Purchase,
        balance: Option<Money>,
    ) -> Result<(), FunctionError> {
        let until = self.ports.clock.now() + LEASE;
        let event = PaymentEvent::Weighed { until, balance };
        match self.happen(at, &event, begun.version(), None).await? {
            Ok(ledger) => self.charge(at, kept, &ledger.purchase).await,
            Err(Refused::Closed) => {
                self.not_charged(at, begun, "the account was closed")
                    .await?;
                Err(closed())
            }
            // One that was held up: somebody gave the token back.
            Err(_) => Ok(()),
        }
    }

    /// Waits for another payment with the token; looks into it where nobody is at work on it.
    async fn wait_for(
        &self,
        at: &Place,
        drive: &mut Drive,
        other: String,
    ) -> Result<(), FunctionError> {
        let other = Place::new(at.tenant.clone(), at.run, other)?;
        let purchase = self.ledger(&other).await?.purchase;
        if !purchase.is_at_work(self.ports.clock.now()) {
            return match purchase.state() {
                PurchaseState::Paid => self.deliver(&other, &purchase).await,
                _ => self.look_into(&other, &purchase, false).await,
            };
        }
        drive.wait()?;
        tokio::time::sleep(WAIT).await;
        Ok(())
    }

    /// Writes the intent down; nothing where somebody else came first.
    pub(super) async fn begin(
        &self,
        at: &Place,
        drive: &mut Drive,
        purchase: &Purchase,
        means: Means,
    ) -> Result<Option<Purchase>, FunctionError> {
        let until = self.ports.clock.now() + LEASE;
        let event = PaymentEvent::Began { until, means };
        match self.happen(at, &event, purchase.version(), None).await? {
            Ok(ledger) => Ok(Some(ledger.purchase)),
            Err(Refused::Closed) => Err(closed()),
            Err(refused @ Refused::OverBudget { .. }) => {
                self.give_up(at, &refused.to_string(), None).await?;
                Ok(None)
            }
            Err(_) => {
                drive.wait()?;
                self.wait_a_little(drive.waits).await;
                Ok(None)
            }
        }
    }
}

impl Drive {
    /// Counts a wait.
    fn wait(&mut self) -> Result<(), FunctionError> {
        self.waits += 1;
        if self.waits > MAX_WAITS {
            return Err(conflict("another source is paid for now"));
        }
        Ok(())
    }
}

/// What happens to what is reserved where the marketplace takes another price now.
fn changed_price(
    purchase: &Purchase,
    offers: &[Offer],
    refusals: &[String],
) -> Option<PaymentEvent> {
    let on_token = offers.iter();
    let on_token = on_token.filter(|offer| Rail::from(*offer) == Rail::Token);
    let prices: Vec<Money> = on_token.map(Offer::price).collect();
    if prices.contains(&purchase.price()) {
        return None;
    }
    let prices = prices.into_iter().filter(|price| *price > Money::ZERO);
    let (reason, rail) = (no_offer(refusals), Rail::Token);
    Some(match prices.min() {
        Some(price) => PaymentEvent::Quoted { price, rail },
        None => PaymentEvent::Released {
            reason,
            decided: false,
        },
    })
}
