//! What was bought: booked in the run's journal, fetched, and kept as an artifact.

use std::time::Duration;

use baton_domain::Money;
use baton_domain::marketplace::{Access, Fetched, MarketError};
use baton_domain::payment::{PaymentEvent, Purchase, Rail};
use baton_domain::research::SourceFacts;
use baton_domain::run::{ArtifactRef, Event, PaidFor};
use serde_json::Value;

use super::Place;
use crate::digest::digest;
use crate::{App, AppError, FunctionError};

/// How often what is paid is fetched in vain: refused, or not answered, before a person must look.
const MAX_REFUSED: u32 = 5;
const MAX_UNANSWERED: u32 = 12;

/// The first pause before it is fetched again.
const PAUSE: Duration = Duration::from_millis(40);

/// Who made the artifact.
const BY: &str = "payments";

impl App {
    /// Fetches what is paid.
    pub(super) async fn deliver(&self, at: &Place, paid: &Purchase) -> Result<(), FunctionError> {
        self.record_purchase(at, paid).await?;
        let kept = self.kept_token(&at.tenant, at.run, paid.token()).await?;
        let access = match (paid.rail(), paid.signed(), &kept) {
            (Rail::X402, Some(signed), _) => Access::Signed(signed),
            (_, _, Some(kept)) => Access::Token(&kept.token.token_id),
            _ => Access::None,
        };
        let note = match self.fetch(at, access).await {
            Ok(Fetched::PaymentRequired { .. }) => "it is asked to be paid again".to_owned(),
            Ok(Fetched::Nothing) => "there is nothing".to_owned(),
            Ok(Fetched::Pending { .. }) => "it is being settled".to_owned(),
            // It is paid, and there: what is said besides matters no more.
            Ok(
                Fetched::Data { data, .. }
                | Fetched::NotSettled {
                    data: Some(data), ..
                },
            ) => return self.keep_bought(at, paid, data).await,
            Ok(Fetched::NotSettled { reason, .. }) => {
                format!("it is said not to be paid: {reason}")
            }
            Err(error) if MarketError::TRANSIENT.contains(&error.code) => {
                return self.not_answered(at, paid, error).await;
            }
            Err(error) => error.message,
        };
        if paid.deliveries() + 1 >= MAX_REFUSED {
            let reason = format!("it is paid and not given: {note}");
            return self.dispute(at, paid, reason).await;
        }
        self.undelivered(at, paid, note).await?;
        tokio::time::sleep(PAUSE * 2_u32.pow(paid.deliveries().min(6))).await;
        Ok(())
    }

    async fn not_answered(
        &self,
        at: &Place,
        paid: &Purchase,
        error: FunctionError,
    ) -> Result<(), FunctionError> {
        if paid.deliveries() + 1 >= MAX_UNANSWERED {
            let reason = format!("it is paid and not given: {}", error.message);
            return self.dispute(at, paid, reason).await;
        }
        self.undelivered(at, paid, error.message.clone()).await?;
        Err(error)
    }

    async fn undelivered(
        &self,
        at: &Place,
        paid: &Purchase,
        note: String,
    ) -> Result<(), FunctionError> {
        let until = self.ports.clock.now();
        let event = PaymentEvent::Undelivered { note, until };
        let _ = self.happen(at, &event, paid.version(), None).await?;
        Ok(())
    }

    /// Books what was paid in the run's journal, once.
    pub(super) async fn record_purchase(
        &self,
        at: &Place,
        paid: &Purchase,
    ) -> Result<(), FunctionError> {
        let bought = Event::Purchased(PaidFor {
            source_id: at.source.clone(),
            name: paid.name().to_owned(),
            cost: paid.cost().unwrap_or(Money::ZERO),
            rail: paid.rail().name().to_owned(),
            transaction: paid.transaction().map(str::to_owned),
        });
        let event_id = format!("paid/{}", paid.purchase_id());
        let events = vec![bought];
        self.append(&at.tenant, at.run, &event_id, events).await?;
        Ok(())
    }

    /// Keeps what was bought, and says that it is there.
    pub(super) async fn keep_bought(
        &self,
        at: &Place,
        paid: &Purchase,
        data: Value,
    ) -> Result<(), FunctionError> {
        self.record_purchase(at, paid).await?;
        match self.keep_source(at, paid, data).await? {
            Ok(artifact) => {
                let event = PaymentEvent::Delivered { artifact };
                let _ = self.happen(at, &event, paid.version(), None).await?;
                Ok(())
            }
            Err(reason) => self.dispute(at, paid, reason).await,
        }
    }

    /// Keeps what the marketplace gives without being paid.
    pub(super) async fn grant(
        &self,
        at: &Place,
        purchase: &Purchase,
        data: Value,
    ) -> Result<Purchase, FunctionError> {
        let event = match self.keep_source(at, purchase, data).await? {
            Ok(artifact) => PaymentEvent::Granted { artifact },
            Err(reason) => {
                let decided = false;
                PaymentEvent::Released { reason, decided }
            }
        };
        match self.happen(at, &event, purchase.version(), None).await? {
            Ok(ledger) => Ok(ledger.purchase),
            Err(_) => Ok(self.ledger(at).await?.purchase),
        }
    }

    /// Stores a source's data with what it cost; inside, why it cannot be.
    async fn keep_source(
        &self,
        at: &Place,
        purchase: &Purchase,
        data: Value,
    ) -> Result<Result<ArtifactRef, String>, FunctionError> {
        let rail = purchase.cost().map_or(Rail::Free, |_| purchase.rail());
        let facts = SourceFacts {
            source_id: at.source.clone(),
            name: purchase.name().to_owned(),
            cost: purchase.cost().unwrap_or(Money::ZERO),
            rail: rail.name().to_owned(),
            transaction: purchase.transaction().map(str::to_owned),
            data,
        };
        let content = serde_json::to_value(facts).unwrap_or_default();
        let name = artifact_name(&at.source);
        let event_id = format!("source/{}", purchase.purchase_id());
        let named = (name.as_str(), &content);
        let kept = self.keep_artifact(&at.tenant, at.run, &event_id, named, BY);
        match kept.await {
            Ok(artifact) => Ok(Ok(artifact)),
            Err(error @ (AppError::Invalid(_) | AppError::TooLarge { .. })) => {
                Ok(Err(format!("the data cannot be kept: {error}")))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The name of a source's artifact. Names of artifacts have fewer characters than ids of sources:
/// where one cannot be the other, a digest tells them apart.
pub(super) fn artifact_name(source_id: &str) -> String {
    const LONGEST: usize = 40;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if source_id.len() <= LONGEST && source_id.chars().all(allowed) {
        return format!("source.{source_id}");
    }
    let lower = source_id.to_ascii_lowercase();
    let plain = lower.chars().map(|c| if allowed(c) { c } else { '-' });
    let plain: String = plain.take(LONGEST).collect();
    let digest = digest(&source_id);
    format!("source.{plain}-{}", &digest[..8])
}
