//! What became of a payment whose answer nobody got.
//!
//! First it is looked whether the source is open now: before the payment it was not. Then what is on
//! the token. A call that was lost may be done late: only where the token shows twice, apart, a
//! minute after the call, that nothing was charged is the same call made again. Where nothing shows
//! anything, a person must look.

use baton_domain::marketplace::{Access, Fetched, MarketError};
use baton_domain::payment::{APART, PaymentEvent, Purchase, Rail, Refused, SETTLES};

use super::charge::MAX_ATTEMPTS;
use super::offers::quiet;
use super::pay::LEASE;
use super::token::Kept;
use super::{Place, conflict};
use crate::{App, FunctionError};

/// How often it is looked into a payment before a person must.
const MAX_PROBES: u32 = 4;

/// What can be told of a token.
pub(super) enum Charged {
    Yes,
    No,
    /// It is not to be told, for this reason; it may be later.
    Unclear(String),
    /// It never will be.
    Never(String),
}

impl App {
    /// Looks what became of a payment, if nobody is at work on it. `pay_again` says whether it is
    /// made again where it was not; else what was reserved for it is free to be released.
    pub(super) async fn look_into(
        &self,
        at: &Place,
        paying: &Purchase,
        pay_again: bool,
    ) -> Result<(), FunctionError> {
        let until = self.ports.clock.now() + LEASE;
        let event = PaymentEvent::Resumed { until };
        let mine = match self.happen(at, &event, paying.version(), None).await? {
            Ok(ledger) => ledger.purchase,
            Err(Refused::AtWork { .. }) => {
                return Err(conflict("what became of the payment is not known yet"));
            }
            // It went on meanwhile.
            Err(_) => return Ok(()),
        };
        match mine.rail() {
            Rail::X402 => self.send_again(at, &mine).await,
            Rail::Token | Rail::Free => self.look_at_token(at, &mine, pay_again).await,
        }
    }

    async fn look_at_token(
        &self,
        at: &Place,
        mine: &Purchase,
        pay_again: bool,
    ) -> Result<(), FunctionError> {
        if !mine.is_weighed() {
            return self.not_charged(at, mine, "nobody charged it").await;
        }
        let kept = self.kept_token(&at.tenant, at.run, mine.token()).await?;
        let Some(kept) = kept else {
            let reason = "the token that it was paid with is gone".to_owned();
            return self.dispute(at, mine, reason).await;
        };
        let access = Access::Token(&kept.token.token_id);
        if let Ok(Fetched::Data { receipt, .. }) = self.fetch(at, access).await {
            self.paid(at, mine, mine.price(), receipt).await?;
            return Ok(());
        }
        match self.was_charged(mine, &kept).await? {
            Charged::Yes => self.paid(at, mine, mine.price(), None).await.map(drop),
            Charged::No if !mine.was_unpaid_before(self.ports.clock.now()) => {
                self.not_seen(at, mine).await
            }
            Charged::No if pay_again && mine.attempts() < MAX_ATTEMPTS => {
                self.charge_again(at, mine, &kept).await
            }
            Charged::No => self.not_charged(at, mine, "nothing was charged").await,
            Charged::Unclear(note) if mine.probes() < MAX_PROBES => {
                let until = self.ports.clock.now() + SETTLES;
                self.unknown(at, mine, note, until).await?;
                Err(conflict("what became of the payment is not known yet"))
            }
            Charged::Unclear(note) | Charged::Never(note) => {
                let reason = format!("nobody knows whether it was paid: {note}");
                self.dispute(at, mine, reason).await
            }
        }
    }

    /// Writes down that nothing is gone from the token yet, where it is late enough to say so.
    async fn not_seen(&self, at: &Place, mine: &Purchase) -> Result<(), FunctionError> {
        let now = self.ports.clock.now();
        let note = "nothing is gone from the token".to_owned();
        match mine.readable_from() {
            Some(from) if now < from => self.unknown(at, mine, note, from).await?,
            _ => {
                let until = now + APART;
                let event = PaymentEvent::Unpaid { note, until };
                let _ = self.happen(at, &event, mine.version(), None).await?;
            }
        }
        Err(conflict("what became of the payment is not known yet"))
    }

    /// Gives the token back: it was not charged for this.
    pub(super) async fn not_charged(
        &self,
        at: &Place,
        mine: &Purchase,
        note: &str,
    ) -> Result<(), FunctionError> {
        let note = note.to_owned();
        let event = PaymentEvent::NotCharged {
            note,
            refused: false,
        };
        let _ = self.happen(at, &event, mine.version(), None).await?;
        Ok(())
    }

    async fn charge_again(
        &self,
        at: &Place,
        mine: &Purchase,
        kept: &Kept,
    ) -> Result<(), FunctionError> {
        let until = self.ports.clock.now() + LEASE;
        let event = PaymentEvent::Retried { until };
        match self.happen(at, &event, mine.version(), None).await? {
            Ok(ledger) => self.charge(at, kept, &ledger.purchase).await,
            Err(Refused::Closed) => self.not_charged(at, mine, "nothing was charged").await,
            // It went on meanwhile.
            Err(_) => Ok(()),
        }
    }

    /// What the balance of a token says. No other payment used it since this one began.
    pub(super) async fn was_charged(
        &self,
        mine: &Purchase,
        kept: &Kept,
    ) -> Result<Charged, FunctionError> {
        let untold = || Charged::Unclear("the balance is not told".to_owned());
        let Some(before) = mine.balance_before() else {
            return Ok(untold());
        };
        let token = kept.token.token_id.as_str();
        let now = match self.payment_manager()?.balance(token).await {
            Ok(Some(now)) => now,
            Ok(None) => return Ok(untold()),
            Err(MarketError::Authentication(_)) => {
                let note = "the token is no longer known".to_owned();
                return Ok(Charged::Never(note));
            }
            Err(error) => return Ok(Charged::Unclear(quiet(&error.to_string(), &[token]))),
        };
        let gone = before.micro_usd().checked_sub(now.micro_usd());
        Ok(match gone {
            Some(0) => Charged::No,
            Some(gone) if gone == mine.price().micro_usd() => Charged::Yes,
            _ => Charged::Never(format!("the balance went from {before} to {now}")),
        })
    }

    /// Gives a purchase to a person.
    pub(super) async fn dispute(
        &self,
        at: &Place,
        mine: &Purchase,
        reason: String,
    ) -> Result<(), FunctionError> {
        let (run_id, purchase_id) = (at.run, mine.purchase_id());
        tracing::warn!(%run_id, %purchase_id, "a purchase needs a person");
        let reason = quiet(&reason, &[]);
        let event = PaymentEvent::Disputed { reason };
        let _ = self.happen(at, &event, mine.version(), None).await?;
        Ok(())
    }
}
