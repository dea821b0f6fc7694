//! The payment that the wallet signs: once for a purchase, stored before it is sent, and sent again
//! as it is until somebody says what became of it. The other side settles one payload once.

use baton_domain::marketplace::{Access, Fetched, MarketError, Offer};
use baton_domain::payment::{Means, Purchase};
use serde_json::Value;

use super::buy::Drive;
use super::charge::{CALL, SETTLED};
use super::offers::no_offer;
use super::{Place, conflict};
use crate::{App, FunctionError};

/// How often what was signed is sent before a person must look; and how often while the marketplace
/// says that it is being settled.
const MAX_SENT: u32 = 4;
const MAX_SETTLING: u32 = 20;

/// What is noted while it is being settled.
const SETTLING: &str = "it is being settled";

impl App {
    pub(super) async fn begin_signed(
        &self,
        at: &Place,
        drive: &mut Drive,
        purchase: &Purchase,
    ) -> Result<(), FunctionError> {
        let Some(offer) = purchase.offer() else {
            return self.give_up(at, "the offer is gone", None).await;
        };
        let signed = match self.sign(offer, &purchase.purchase_id().to_string()) {
            Ok(signed) => signed,
            Err(error) => return self.give_up(at, &error.to_string(), None).await,
        };
        let means = Means::Signed(signed);
        match self.begin(at, drive, purchase, means).await? {
            Some(begun) => self.send_signed(at, &begun).await,
            None => Ok(()),
        }
    }

    fn sign(&self, offer: &Offer, id: &str) -> Result<Value, MarketError> {
        let wallet = self.market.wallet.as_deref().ok_or_else(|| {
            let message = "no wallet is configured";
            MarketError::NotAllowed(message.to_owned())
        })?;
        let clock = &self.ports.clock;
        let mut nonce = [0; 32];
        let (high, low) = nonce.split_at_mut(16);
        high.copy_from_slice(&clock.entropy().to_be_bytes());
        low.copy_from_slice(&clock.entropy().to_be_bytes());
        wallet.sign(offer, id, clock.now(), nonce)
    }

    /// Sends what was signed.
    async fn send_signed(&self, at: &Place, begun: &Purchase) -> Result<(), FunctionError> {
        let signed = begun.signed().unwrap_or(&Value::Null);
        let call = self.fetch(at, Access::Signed(signed));
        let answer = tokio::time::timeout(CALL, call).await;
        let now = self.ports.clock.now();
        let later = now + SETTLED;
        let (note, until) = match answer {
            Ok(Ok(Fetched::Data { data, receipt })) => {
                let paid = self.paid(at, begun, begun.price(), receipt).await?;
                return self.keep_bought(at, &paid, data).await;
            }
            Ok(Ok(Fetched::Pending { .. })) => (SETTLING.to_owned(), later),
            Ok(Ok(Fetched::Nothing)) => ("not found".to_owned(), now),
            Ok(Ok(Fetched::PaymentRequired { refusals, .. })) => (no_offer(&refusals), now),
            Ok(Err(error)) if MarketError::TRANSIENT.contains(&error.code) => {
                (error.message, later)
            }
            Ok(Err(error)) => (error.message, now),
            Err(_) => ("no answer in time".to_owned(), later),
        };
        self.unknown(at, begun, note, until).await?;
        if until > now {
            return Err(conflict("the payment is not settled yet"));
        }
        Ok(())
    }

    /// Sends it again, or gives it to a person where that was tried often enough.
    pub(super) async fn send_again(
        &self,
        at: &Place,
        mine: &Purchase,
    ) -> Result<(), FunctionError> {
        let last = mine.refusals().last().map_or("", String::as_str);
        let most = if last == SETTLING {
            MAX_SETTLING
        } else {
            MAX_SENT
        };
        if mine.probes() >= most {
            let reason = format!("it was signed, and nobody says that it is settled: {last}");
            return self.dispute(at, mine, reason).await;
        }
        self.send_signed(at, mine).await
    }
}
