//! What a person found out about a purchase that is disputed.

use baton_domain::payment::{Ledger, PaymentEvent, PurchaseState};
use baton_domain::ports::StoreError;
use baton_domain::{FieldError, RunId, TenantId};
use serde::Deserialize;
use serde_json::Value;

use super::answer::ended;
use super::{PaymentError, Place, ShownPurchase, invalid};
use crate::{App, AppError, FunctionError};

/// The payload of `resolve`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolve {
    tenant_id: TenantId,
    run_id: RunId,
    source_id: String,
    /// Whether it was paid.
    paid: bool,
    /// Who says so.
    by: String,
}

/// The longest name of a person, in characters.
const MAX_NAME: usize = 200;

impl App {
    /// Takes a person's word: what was paid is fetched, what was not is free again.
    pub(super) async fn resolve_disputed(&self, resolve: Resolve) -> Result<Value, FunctionError> {
        let at = Place::new(resolve.tenant_id, resolve.run_id, resolve.source_id)?;
        let ledger = self.resolved(&at, resolve.paid, &resolve.by).await?;
        if ledger.purchase.state().is_over() {
            return Ok(ended(&ledger.purchase));
        }
        Ok(ended(&self.settle(&at).await?))
    }

    /// The same for whoever speaks to the API. What was paid is fetched at once where this process
    /// buys, and by the next sweep elsewhere.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where the task has no such purchase, [`AppError::RunConflict`] where
    /// it is not disputed, or was seen to be paid; when the store does not answer.
    pub async fn resolve_purchase(
        &self,
        tenant: &TenantId,
        task_id: RunId,
        source_id: &str,
        paid: bool,
        approver: &str,
    ) -> Result<ShownPurchase, AppError> {
        self.load_task(tenant, task_id).await?;
        let at = Place::new(tenant.clone(), task_id, source_id.to_owned());
        let at = at.map_err(|_| AppError::NotFound(PURCHASE))?;
        let ledger = self.resolved(&at, paid, approver).await.map_err(refused)?;
        let mut purchase = ledger.purchase;
        if !purchase.state().is_over()
            && self.market.marketplace.is_some()
            && let Ok(settled) = Box::pin(self.settle(&at)).await
        {
            purchase = settled;
        }
        Ok(ShownPurchase::from(&purchase))
    }

    /// Writes down what a person says. Said again it changes nothing.
    pub(super) async fn resolved(
        &self,
        at: &Place,
        paid: bool,
        by: &str,
    ) -> Result<Ledger, FunctionError> {
        if by.trim().is_empty() || by.chars().count() > MAX_NAME || by.contains(char::is_control) {
            return Err(invalid("by", "must be 1 to 200 characters on one line"));
        }
        let before = self.ledger(at).await?.purchase;
        let event = PaymentEvent::Resolved { paid };
        let happened = match before.state() {
            PurchaseState::Disputed => self.happen(at, &event, before.version(), Some(by)).await?,
            _ => Ok(self.ledger(at).await?),
        };
        let ledger = match happened {
            Ok(ledger) => ledger,
            Err(_) => self.ledger(at).await?,
        };
        let purchase = &ledger.purchase;
        let is_so = match purchase.state() {
            PurchaseState::Paid | PurchaseState::Delivered => paid,
            PurchaseState::Released => !paid,
            PurchaseState::Disputed => paid && purchase.cost().is_some(),
            _ => false,
        };
        if !is_so {
            let known = match purchase.cost() {
                Some(_) => "paid".to_owned(),
                None => purchase.state().name().to_owned(),
            };
            let message = format!(
                "`{}` is {known}: there is nothing to say about it",
                at.source
            );
            return Err(FunctionError::new(PaymentError::NOT_DISPUTED, message));
        }
        if purchase.cost().is_some() {
            self.record_purchase(at, purchase).await?;
        }
        Ok(ledger)
    }
}

/// What is not found when a purchase is not.
const PURCHASE: &str = "such purchase of this task";

fn refused(error: FunctionError) -> AppError {
    match error.code {
        PaymentError::NOT_FOUND | PaymentError::NOT_OPEN => AppError::NotFound(PURCHASE),
        PaymentError::NOT_DISPUTED => AppError::RunConflict(error.message),
        PaymentError::CONFLICT => AppError::Contended,
        FunctionError::INVALID_INPUT => {
            FieldError::new("approver", "must be 1 to 200 characters on one line").into()
        }
        _ => StoreError(error.message).into(),
    }
}
