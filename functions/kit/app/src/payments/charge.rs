//! The charge of a token: the one call that moves money on that rail, and what its answer comes to.

use std::time::Duration;

use baton_domain::marketplace::{Access, Charge, Fetched, MarketError};
use baton_domain::payment::{PaymentEvent, Purchase};
use baton_domain::payment::{PurchaseState, SETTLES};
use baton_domain::{Money, Timestamp};
use jiff::SignedDuration;

use super::buy::dollars;
use super::offers::quiet;
use super::pay::LEASE;
use super::probe::Charged;
use super::token::Kept;
use super::{Place, conflict};
use crate::{App, FunctionError};

/// How late after the intent was written the call may still be made.
const START_WITHIN: SignedDuration = SignedDuration::from_secs(5);

/// How long the call may take.
pub(super) const CALL: Duration = Duration::from_secs(12);

/// How often a payment is tried that is refused each time.
pub(super) const MAX_ATTEMPTS: u32 = 3;

impl App {
    /// Charges the token, once, for an intent that was just written.
    pub(super) async fn charge(
        &self,
        at: &Place,
        kept: &Kept,
        begun: &Purchase,
    ) -> Result<(), FunctionError> {
        self.check_start(begun)?;
        let token = kept.token.token_id.as_str();
        let key = begun.purchase_id().to_string();
        let marketplace = self.marketplace()?;
        let call = marketplace.pay(token, begun.price(), &key);
        let answer = tokio::time::timeout(CALL, call).await;
        match answer.unwrap_or(Err(MarketError::TimedOut)) {
            Ok(charge) => self.charged(at, begun, charge).await,
            Err(error) if error.is_decline() => self.charge_refused(at, kept, begun, &error).await,
            Err(error) => {
                let note = quiet(&error.to_string(), &[token]);
                self.charge_lost(at, kept, begun, note).await
            }
        }
    }

    async fn charged(
        &self,
        at: &Place,
        begun: &Purchase,
        charge: Charge,
    ) -> Result<(), FunctionError> {
        let said = charge.charged.unwrap_or(begun.price());
        let left = begun.balance_before().zip(charge.remaining);
        let gone = left.and_then(|(before, left)| {
            let gone = before.micro_usd().checked_sub(left.micro_usd());
            gone.map(Money::from_micro_usd)
        });
        let cost = gone.map_or(said, |gone| gone.max(said));
        let paid = self.paid(at, begun, cost, charge.transaction_id).await?;
        if cost > begun.price() && paid.state() == PurchaseState::Paid {
            let (cost, price) = (dollars(cost), dollars(begun.price()));
            let reason = format!("{cost} was charged instead of {price}");
            self.record_purchase(at, &paid).await?;
            return self.dispute(at, &paid, reason).await;
        }
        Ok(())
    }

    /// Nobody knows whether it was charged. If it is open now, it was; if not, it is looked into
    /// once an answer that is late has come.
    async fn charge_lost(
        &self,
        at: &Place,
        kept: &Kept,
        begun: &Purchase,
        note: String,
    ) -> Result<(), FunctionError> {
        let access = Access::Token(&kept.token.token_id);
        if let Ok(Fetched::Data { receipt, .. }) = self.fetch(at, access).await {
            self.paid(at, begun, begun.price(), receipt).await?;
            return Ok(());
        }
        let until = self.ports.clock.now() + SETTLES;
        self.unknown(at, begun, note, until).await?;
        Err(conflict("what became of the payment is not known yet"))
    }

    /// It says that it did not charge: believed where nothing is gone from the token.
    async fn charge_refused(
        &self,
        at: &Place,
        kept: &Kept,
        begun: &Purchase,
        error: &MarketError,
    ) -> Result<(), FunctionError> {
        let note = quiet(&error.to_string(), &[&kept.token.token_id]);
        match self.was_charged(begun, kept).await? {
            Charged::No => {}
            Charged::Yes => return self.paid(at, begun, begun.price(), None).await.map(drop),
            Charged::Unclear(_) | Charged::Never(_) => {
                return self.charge_lost(at, kept, begun, note).await;
            }
        }
        let event = PaymentEvent::NotCharged {
            note: note.clone(),
            refused: true,
        };
        let happened = self.happen(at, &event, begun.version(), None).await?;
        let Ok(ledger) = happened else {
            return Ok(());
        };
        match error {
            // A new token may do.
            MarketError::Authentication(_) | MarketError::InsufficientBalance { .. } => {
                let number = ledger.purchase.token();
                self.distrust_token(&at.tenant, at.run, number).await
            }
            _ => self.give_up(at, &note, None).await,
        }
    }

    pub(super) async fn paid(
        &self,
        at: &Place,
        begun: &Purchase,
        cost: Money,
        transaction: Option<String>,
    ) -> Result<Purchase, FunctionError> {
        let until = self.ports.clock.now() + LEASE;
        let event = PaymentEvent::Paid {
            cost,
            transaction,
            until,
        };
        match self.happen(at, &event, begun.version(), None).await? {
            Ok(ledger) if ledger.purchase.state() == PurchaseState::Paid => Ok(ledger.purchase),
            Ok(ledger) => {
                // It was over: money moved for what nobody held it for any more.
                let (run_id, purchase_id) = (at.run, begun.purchase_id());
                tracing::error!(severity = "critical", %run_id, %purchase_id, "a late payment");
                self.record_purchase(at, &ledger.purchase).await?;
                Ok(ledger.purchase)
            }
            Err(refused) => Err(conflict(&format!(
                "a payment that cannot be booked: {refused}"
            ))),
        }
    }

    pub(super) async fn unknown(
        &self,
        at: &Place,
        begun: &Purchase,
        note: String,
        until: Timestamp,
    ) -> Result<(), FunctionError> {
        let event = PaymentEvent::Unknown { note, until };
        let _ = self.happen(at, &event, begun.version(), None).await?;
        Ok(())
    }

    /// One that was held up since it wrote its intent must not act on it any more.
    fn check_start(&self, begun: &Purchase) -> Result<(), FunctionError> {
        let written = begun.updated_at();
        if self.ports.clock.now().duration_since(written) > START_WITHIN {
            return Err(conflict("the payment was held up before it began"));
        }
        Ok(())
    }
}
