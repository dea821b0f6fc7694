//! What is answered about purchases: nothing that could be spent.

use baton_domain::Money;
use baton_domain::payment::{Purchase, PurchaseState, Rail};
use serde::Serialize;
use serde_json::{Value, json};

/// A run's account and its purchases.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentTotals {
    /// What may be spent.
    pub budget: Money,
    /// What was paid.
    pub spent: Money,
    /// What is held: for what is under way, and for what nobody knows whether it was paid.
    pub reserved: Money,
    /// What was taken beyond what was promised: more than a price, or unasked. It is in neither of
    /// the two.
    pub overcharged: Money,
    /// Whether the run buys nothing more.
    pub closed: bool,
    /// What was bought or wanted, by the ids of the sources.
    pub purchases: Vec<ShownPurchase>,
}

/// A purchase, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownPurchase {
    /// The source's id in the marketplace.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// What it was to cost.
    pub price: Money,
    /// What was paid; nothing while it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// What was taken beyond that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overcharged: Option<Money>,
    /// How it stands.
    pub state: PurchaseState,
    /// How it is paid.
    pub rail: Rail,
    /// The transaction, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// Why it was released or is disputed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<&Purchase> for ShownPurchase {
    fn from(purchase: &Purchase) -> Self {
        Self {
            source_id: purchase.source_id().to_owned(),
            name: purchase.name().to_owned(),
            price: purchase.price(),
            cost: purchase.cost(),
            overcharged: Some(purchase.overcharged()).filter(|more| *more > Money::ZERO),
            state: purchase.state(),
            rail: purchase.rail(),
            transaction: purchase.transaction().map(str::to_owned),
            reason: purchase.reason().map(str::to_owned),
        }
    }
}

/// What `buy` and `decline` answer about a purchase that is over.
pub(super) fn ended(purchase: &Purchase) -> Value {
    let status = match purchase.state() {
        PurchaseState::Disputed => "needs_person",
        state => state.name(),
    };
    answer(purchase, status, purchase.reason().unwrap_or_default())
}

/// What `buy` answers where it stops before anything is paid.
pub(super) fn stopped(purchase: &Purchase, status: &str, reason: &str) -> Value {
    answer(purchase, status, reason)
}

fn answer(purchase: &Purchase, status: &str, reason: &str) -> Value {
    json!({
        "status": status,
        "source_id": purchase.source_id(),
        "name": purchase.name(),
        "price": purchase.price(),
        "cost": purchase.cost().unwrap_or(Money::ZERO),
        "rail": purchase.rail(),
        "transaction": purchase.transaction(),
        "artifact": purchase.artifact(),
        "reason": reason,
    })
}
