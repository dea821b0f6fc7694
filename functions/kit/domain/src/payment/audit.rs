//! The audit trail of payments: one entry for each change, appended with it and never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Account, Ledger, PaymentEvent, PurchaseState, Rail};
use crate::{Money, PurchaseId};

/// One entry. It holds no token and nothing signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// What happened: `quoted`, `reserved`, `payment_began`, `paid`, `topped_up`, ….
    pub event: String,
    /// To which purchase; nothing where it happened to the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_id: Option<PurchaseId>,
    /// The source of the purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// How the purchase stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<PurchaseState>,
    /// How it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rail: Option<Rail>,
    /// The price, the cost once it is paid, or the amount by which the budget changed.
    pub amount: Money,
    /// What the run has spent now.
    pub spent: Money,
    /// What is held for the run now.
    pub reserved: Money,
    /// The transaction, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// What was heard, or why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The person that wanted it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl AuditEntry {
    /// What a change of a purchase says; `after` is how it stands then.
    pub fn of_purchase(event: &PaymentEvent, after: &Ledger, by: Option<&str>) -> Self {
        let purchase = &after.purchase;
        Self {
            at: purchase.updated_at,
            event: event.name().to_owned(),
            purchase_id: Some(purchase.purchase_id),
            source_id: Some(purchase.source_id.clone()),
            state: Some(purchase.state),
            rail: Some(purchase.rail),
            amount: purchase.cost.unwrap_or(purchase.price),
            spent: after.task.spent(),
            reserved: after.task.reserved(),
            transaction: purchase.transaction.clone(),
            note: event.note().map(str::to_owned),
            by: by.map(str::to_owned),
        }
    }

    /// What a change of the run's account says.
    pub fn of_account(
        event: &str,
        at: Timestamp,
        amount: Money,
        after: &Account,
        by: Option<&str>,
    ) -> Self {
        Self {
            at,
            event: event.to_owned(),
            purchase_id: None,
            source_id: None,
            state: None,
            rail: None,
            amount,
            spent: after.spent(),
            reserved: after.reserved(),
            transaction: None,
            note: None,
            by: by.map(str::to_owned),
        }
    }
}
