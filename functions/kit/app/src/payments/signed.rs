//! The payment that the wallet signs: once for a purchase, stored before it is sent, and sent again
//! as it is, later each time, until somebody says what became of it. The other side settles one
//! payload once. When it is no longer valid it is released, if every answer said that nothing was
//! settled; a marketplace that merely asks to be paid again may have been.

use baton_domain::Timestamp;
use baton_domain::marketplace::{Access, Fetched, MarketError, Offer};
use baton_domain::payment::{EXPIRED, Means, PaymentEvent, Purchase, PurchaseState};
use jiff::SignedDuration;
use serde_json::Value;

use super::buy::Drive;
use super::charge::CALL;
use super::offers::no_offer;
use super::{Place, conflict};
use crate::{App, FunctionError};

/// How often what was signed is sent at the least before a person must look; and how often while the
/// marketplace says that it is being settled.
const MAX_SENT: u32 = 4;
const MAX_SETTLING: u32 = 20;

/// After how many seconds it is sent again: twice that each time, up to the longest.
const PAUSE: i64 = 5;
const LONGEST: i64 = 60;

/// What is noted while it is being settled.
const SETTLING: &str = "it is being settled";

/// What sending what was signed came to.
enum Sent {
    Data(Value, Option<String>),
    /// The marketplace says that nothing is settled.
    Unpaid(String),
    /// Nobody knows.
    Unknown(String),
}

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
        let (is_unpaid, note) = match self.send(at, begun).await {
            Sent::Data(data, receipt) => {
                let paid = self.paid(at, begun, begun.price(), receipt).await?;
                return self.keep_bought(at, &paid, data).await;
            }
            Sent::Unpaid(note) => (true, note),
            Sent::Unknown(note) => (false, note),
        };
        let now = self.ports.clock.now();
        let pause = (PAUSE << begun.probes().min(6)).min(LONGEST);
        let until = now + SignedDuration::from_secs(pause);
        if is_unpaid {
            let event = PaymentEvent::Unpaid { note, until };
            let _ = self.happen(at, &event, begun.version(), None).await?;
        } else {
            self.unknown(at, begun, note, until).await?;
        }
        let purchase = self.ledger(at).await?.purchase;
        if purchase.state() == PurchaseState::Paying && is_last(&purchase, now) {
            return self.end_unsettled(at, &purchase, now).await;
        }
        Err(conflict("the payment is not settled yet"))
    }

    async fn send(&self, at: &Place, begun: &Purchase) -> Sent {
        let signed = begun.signed().unwrap_or(&Value::Null);
        let call = self.fetch(at, Access::Signed(signed));
        match tokio::time::timeout(CALL, call).await {
            Ok(Ok(Fetched::Data { data, receipt })) => Sent::Data(data, receipt),
            Ok(Ok(Fetched::NotSettled {
                reason,
                certain: true,
                ..
            })) => Sent::Unpaid(reason),
            Ok(Ok(Fetched::NotSettled { reason, .. })) => Sent::Unknown(reason),
            Ok(Ok(Fetched::Pending { .. })) => Sent::Unknown(SETTLING.to_owned()),
            Ok(Ok(Fetched::Nothing)) => Sent::Unknown("not found".to_owned()),
            // It asks to be paid, and does not say that it was not.
            Ok(Ok(Fetched::PaymentRequired { refusals, .. })) => Sent::Unknown(no_offer(&refusals)),
            Ok(Err(error)) => Sent::Unknown(error.message),
            Err(_) => Sent::Unknown("no answer in time".to_owned()),
        }
    }

    /// Releases what nobody can settle any more; a person must look at everything else.
    async fn end_unsettled(
        &self,
        at: &Place,
        purchase: &Purchase,
        now: Timestamp,
    ) -> Result<(), FunctionError> {
        let last = purchase.refusals().last().map_or("", String::as_str);
        if purchase.is_never_settled(now) {
            let reason = format!("the payment was not settled: {last}");
            return self.give_up(at, &reason, None).await;
        }
        let reason = format!("it was signed, and nobody says that it is settled: {last}");
        self.dispute(at, purchase, reason).await
    }

    /// Sends it again.
    pub(super) async fn send_again(
        &self,
        at: &Place,
        mine: &Purchase,
    ) -> Result<(), FunctionError> {
        self.send_signed(at, mine).await
    }
}

/// Whether sending it again says no more: it is no longer valid, and was sent often enough.
fn is_last(purchase: &Purchase, now: Timestamp) -> bool {
    let until = purchase.signed_until();
    let expired = until.is_none_or(|until| now >= until + EXPIRED);
    let last = purchase.refusals().last().map_or("", String::as_str);
    let most = if last == SETTLING {
        MAX_SETTLING
    } else {
        MAX_SENT
    };
    expired && (purchase.is_never_settled(now) || purchase.probes() >= most)
}
