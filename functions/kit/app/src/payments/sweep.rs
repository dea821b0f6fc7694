//! What a schedule does for payments: purchases on which nobody works any more are seen to an end.
//! It may be done at any time and by several at once.

use baton_domain::item::{Item, Key};
use baton_domain::payment::PurchaseState;
use baton_domain::ports::StoreError;
use jiff::SignedDuration;
use serde::Serialize;

use super::Place;
use super::items::Mark;
use crate::{App, AppError, FunctionError};

/// The most purchases of one sweep: the next takes up the rest.
const MOST: usize = 100;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SweptPurchases {
    /// Purchases that came to an end.
    pub ended: usize,
    /// Those of them that a person must look at.
    pub disputed: usize,
    /// Purchases that did not: the next sweep tries again.
    pub left: usize,
}

impl App {
    /// Sees purchases to an end that were under way for longer than is usual: what is reserved is
    /// released, what may have been paid is looked into, what is paid is fetched.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sweep_payments(&self) -> Result<SweptPurchases, AppError> {
        // All of them are looked at: what cannot be ended for now must not hide what can.
        let marks = self.all_payments(&Key::all_open_purchases()).await?;
        let minutes = i64::from(self.settings.payments.stuck_minutes);
        let (now, longest) = (self.ports.clock.now(), SignedDuration::from_mins(minutes));
        let mut due = Vec::new();
        for item in marks {
            match place(&item) {
                Some(marked) if now.duration_since(marked.1.since) >= longest => due.push(marked),
                Some(_) => {}
                None => {
                    tracing::error!(sk = %item.key.sk, "a mark of a purchase cannot be read");
                }
            }
        }
        // What was left longest comes first.
        due.sort_by_key(|(_, mark)| mark.since);
        let mut swept = SweptPurchases::default();
        for (at, _) in due.into_iter().take(MOST) {
            self.sweep_purchase(&at, &mut swept).await?;
        }
        Ok(swept)
    }

    async fn sweep_purchase(&self, at: &Place, swept: &mut SweptPurchases) -> Result<(), AppError> {
        match Box::pin(self.settle(at)).await {
            Ok(purchase) => {
                swept.ended += 1;
                swept.disputed += usize::from(purchase.state() == PurchaseState::Disputed);
            }
            Err(error) if error.code == FunctionError::STORE_UNAVAILABLE => {
                return Err(StoreError(error.message).into());
            }
            Err(error) => {
                swept.left += 1;
                tracing::warn!(run_id = %at.run, code = error.code, "a purchase is left");
            }
        }
        Ok(())
    }
}

fn place(item: &Item) -> Option<(Place, Mark)> {
    let mark: Mark = item.parse()?;
    let (tenant, source) = (mark.tenant_id.clone(), mark.source_id.clone());
    let at = Place::new(tenant, mark.run_id, source).ok()?;
    Some((at, mark))
}
