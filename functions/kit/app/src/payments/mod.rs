//! The platform function `payments`: what a run buys, within its budget, once each.
//!
//! - `open`: the run's account and its token of the Payment Manager.
//! - `search`: sources by keywords. `quote`: what one costs; what is free is kept at once.
//! - `buy`: one source, from its price to its data.
//! - `top_up`, `decline`: what a person decided. `resolve`: what a person found out about a payment
//!   of which nobody knows whether it was made.
//! - `facts`: what was bought, for a report. `status`: the account and its purchases.
//! - `close`: the same, once nothing is under way any more.
//!
//! Every change is one transaction of the purchase, the accounts and the audit trail
//! ([`baton_domain::payment`]). What is done outside is written down first, so that whoever comes
//! after a crash finds what may have happened and looks before anything is done again. A token and
//! what a wallet signed are in no answer and in no log line.

mod account;
mod answer;
mod buy;
mod charge;
mod deliver;
mod discover;
mod facts;
mod items;
mod offers;
mod pay;
mod probe;
mod resolve;
mod settings;
mod signed;
mod sweep;
mod token;

use std::sync::Arc;

use baton_domain::marketplace::{MarketError, Marketplace, PaymentManager, Wallet};
use baton_domain::{FieldError, RunId, TenantId};
use serde_json::Value;

use crate::function::Operation;
use crate::{App, FunctionError};

pub use answer::{PaymentTotals, ShownPurchase};
pub use settings::PaymentSettings;
pub use sweep::SweptPurchases;

/// The codes that `payments` fails with beside those of [`FunctionError`] and [`MarketError`].
#[derive(Debug, Clone, Copy)]
pub struct PaymentError;

impl PaymentError {
    /// Somebody else is at work on it, or it is too early to know what became of a payment. Trying
    /// again in some seconds helps.
    pub const CONFLICT: &'static str = "PaymentConflict";
    /// The run has no account: `open` comes first.
    pub const NOT_OPEN: &'static str = "PaymentsNotOpen";
    /// The run's account is closed: it buys nothing more.
    pub const CLOSED: &'static str = "PaymentsClosed";
    /// The run has no purchase of this source.
    pub const NOT_FOUND: &'static str = "PurchaseNotFound";
    /// The purchase is not disputed: there is nothing to resolve.
    pub const NOT_DISPUTED: &'static str = "PurchaseNotDisputed";

    /// Every code.
    pub const CODES: [&'static str; 5] = [
        Self::CONFLICT,
        Self::NOT_OPEN,
        Self::CLOSED,
        Self::NOT_FOUND,
        Self::NOT_DISPUTED,
    ];

    /// The codes of what may pass by itself; with [`FunctionError::TRANSIENT`] and
    /// [`MarketError::TRANSIENT`] what a workflow's `Retry` names.
    pub const TRANSIENT: [&'static str; 1] = [Self::CONFLICT];
}

/// The services that are bought from.
#[derive(Clone, Default)]
pub(crate) struct Market {
    marketplace: Option<Arc<dyn Marketplace>>,
    payment_manager: Option<Arc<dyn PaymentManager>>,
    wallet: Option<Arc<dyn Wallet>>,
}

/// A source, for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    tenant: TenantId,
    run: RunId,
    source: String,
}

const OPERATIONS: &str = "`open`, `search`, `quote`, `buy`, `top_up`, `decline`, `resolve`, \
                          `facts`, `status`, `close`";

impl App {
    /// The same, buying there.
    #[must_use]
    pub fn with_marketplace(mut self, marketplace: Arc<dyn Marketplace>) -> Self {
        self.market.marketplace = Some(marketplace);
        self
    }

    /// The same, with tokens from there.
    #[must_use]
    pub fn with_payment_manager(mut self, manager: Arc<dyn PaymentManager>) -> Self {
        self.market.payment_manager = Some(manager);
        self
    }

    /// The same, signing payments of the other rail with this, if there is one.
    #[must_use]
    pub fn with_wallet(mut self, wallet: Option<Arc<dyn Wallet>>) -> Self {
        self.market.wallet = wallet;
        self
    }

    /// Does one operation of the function.
    ///
    /// # Errors
    /// One of [`FunctionError::CODES`], [`MarketError::CODES`] or [`PaymentError::CODES`].
    pub async fn payments(&self, payload: Value) -> Result<Value, FunctionError> {
        let operation = Operation::of(payload)?;
        match operation.op.as_str() {
            "open" => self.open_account(&operation.fields()?).await,
            "search" => self.search_sources(&operation.fields()?).await,
            // What drives purchases is large, and seldom: it lies on the heap.
            "quote" => Box::pin(self.quote_source(operation.fields()?)).await,
            "buy" => Box::pin(self.buy_source(operation.fields()?)).await,
            "top_up" => self.top_up(&operation.fields()?).await,
            "decline" => Box::pin(self.decline_source(operation.fields()?)).await,
            "resolve" => Box::pin(self.resolve_disputed(operation.fields()?)).await,
            "facts" => self.collect_facts(&operation.fields()?).await,
            "status" => self.account_status(&operation.fields()?).await,
            "close" => Box::pin(self.close_account(&operation.fields()?)).await,
            _ => Err(operation.unknown(OPERATIONS)),
        }
    }

    fn marketplace(&self) -> Result<&dyn Marketplace, FunctionError> {
        self.market
            .marketplace
            .as_deref()
            .ok_or_else(|| not_configured("marketplace", "MARKETPLACE_URL"))
    }

    fn payment_manager(&self) -> Result<&dyn PaymentManager, FunctionError> {
        self.market
            .payment_manager
            .as_deref()
            .ok_or_else(|| not_configured("Payment Manager", "PAYMENT_MANAGER_URL"))
    }
}

impl Place {
    /// # Errors
    /// An id that no source has.
    fn new(tenant: TenantId, run: RunId, source: String) -> Result<Self, FunctionError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        if (1..=128).contains(&source.len()) && source.bytes().all(allowed) {
            return Ok(Self {
                tenant,
                run,
                source,
            });
        }
        Err(invalid(
            "source_id",
            "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -",
        ))
    }
}

impl From<MarketError> for FunctionError {
    fn from(error: MarketError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

fn invalid(field: &str, message: &str) -> FunctionError {
    FunctionError::invalid(&FieldError::new(field, message))
}

fn not_configured(what: &str, variable: &str) -> FunctionError {
    let message = format!("no {what} is configured: set {variable}");
    FunctionError::new(MarketError::NOT_ALLOWED, message)
}

fn conflict(message: &str) -> FunctionError {
    FunctionError::new(PaymentError::CONFLICT, message)
}

#[cfg(test)]
mod tests;
