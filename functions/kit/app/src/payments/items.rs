//! Purchases and accounts as they are stored, and the one transaction by which they change.

use std::time::Duration;

use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::payment::{Account, AuditEntry, Ledger, PaymentEvent, Purchase, Refused};
use baton_domain::{Money, RunId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PaymentError, Place, conflict};
use crate::load_run::readable;
use crate::{App, AppError, FunctionError};

const TABLE: Table = Table::Payments;

/// The attribute by which writers notice each other.
const VERSION: &str = "version";

/// How often a change looks again after somebody else came first, and the first pause.
const ATTEMPTS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(3);

/// That a purchase is under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) tenant_id: TenantId,
    pub(super) run_id: RunId,
    pub(super) source_id: String,
    pub(super) since: Timestamp,
}

impl App {
    /// The purchase of a source, if there is one.
    pub(super) async fn purchase(&self, at: &Place) -> Result<Option<Purchase>, AppError> {
        let key = Key::purchase(&at.tenant, at.run, &at.source);
        self.payment_document(&key).await
    }

    /// Every purchase of a run, by the ids of the sources.
    pub(super) async fn purchases_of(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<Vec<Purchase>, AppError> {
        let mut items = self.all_payments(&Key::purchases(tenant, run)).await?;
        items.reverse();
        items.iter().map(readable).collect()
    }

    /// The account of a run, if it was opened.
    pub(super) async fn account_of(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<Option<Account>, AppError> {
        self.payment_document(&Key::account(tenant, run)).await
    }

    /// The same.
    ///
    /// # Errors
    /// [`PaymentError::NOT_OPEN`] where it was not.
    pub(super) async fn open_account_of(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<Account, FunctionError> {
        let account = self.account_of(tenant, run).await?;
        account.ok_or_else(|| {
            let message = "the run has no account: `open` comes first";
            FunctionError::new(PaymentError::NOT_OPEN, message)
        })
    }

    /// A purchase with its accounts.
    pub(super) async fn ledger(&self, at: &Place) -> Result<Ledger, FunctionError> {
        let purchase = self.purchase(at).await?.ok_or_else(|| {
            let message = format!("the run has no purchase of `{}`", at.source);
            FunctionError::new(PaymentError::NOT_FOUND, message)
        })?;
        let task = self.open_account_of(&at.tenant, at.run).await?;
        let key = Key::tenant_account(&at.tenant);
        let tenant: Option<Account> = self.payment_document(&key).await?;
        let limit = self.settings.payments.tenant_budget;
        let tenant = tenant.unwrap_or_else(|| Account::new(limit));
        Ok(Ledger {
            purchase,
            task,
            tenant: tenant.with_limit(limit),
        })
    }

    /// Stores a new purchase. Answers the one that is there, which may be another's.
    pub(super) async fn begin_purchase(
        &self,
        at: &Place,
        new: Purchase,
    ) -> Result<Purchase, FunctionError> {
        let task = self.open_account_of(&at.tenant, at.run).await?;
        let event = PaymentEvent::Quoted {
            price: new.price(),
            rail: new.rail(),
        };
        let ledger = Ledger {
            purchase: new,
            task,
            tenant: Account::default(),
        };
        let writes = [
            put_purchase(None, &ledger.purchase),
            put_audit_of(&event, &ledger, None),
        ];
        if self.transact(&writes).await? == Written::Yes {
            return Ok(ledger.purchase);
        }
        let there = self.purchase(at).await?;
        there.ok_or_else(|| conflict("the purchase was there and is not"))
    }

    /// Lets this happen to a purchase, and answers how it stands then; also where it has happened
    /// before. `seen` is the version on which the speaker's conclusion rests.
    ///
    /// # Errors
    /// When the store does not answer, or others change the accounts all the while. Inside, why it
    /// cannot happen.
    pub(super) async fn happen(
        &self,
        at: &Place,
        event: &PaymentEvent,
        seen: u64,
        by: Option<&str>,
    ) -> Result<Result<Ledger, Refused>, FunctionError> {
        for attempt in 0..ATTEMPTS {
            let before = self.ledger(at).await?;
            let after = match before.after(event, seen, self.ports.clock.now()) {
                Ok(Some(after)) => after,
                Ok(None) => return Ok(Ok(before)),
                Err(refused) => return Ok(Err(refused)),
            };
            let writes = written(at, &before, &after, event, by);
            if self.transact(&writes).await? == Written::Yes {
                let (was, is) = (before.task.overcharged(), after.task.overcharged());
                if is > was {
                    tracing::error!(severity = "critical", run_id = %at.run,
                        purchase_id = %after.purchase.purchase_id(), "more was taken than was agreed");
                }
                tracing::info!(run_id = %at.run, purchase_id = %after.purchase.purchase_id(),
                    event = event.name(), state = after.purchase.state().name(), "payment");
                return Ok(Ok(after));
            }
            self.wait_a_little(attempt).await;
        }
        Err(conflict("the accounts are changed by many at once"))
    }

    /// Changes a run's account alone, and does these writes with it. Answers the account; nothing
    /// where the condition of another write does not hold.
    pub(super) async fn change_account(
        &self,
        (tenant, run): (&TenantId, RunId),
        before: &Account,
        after: &Account,
        others: Vec<Write>,
    ) -> Result<Written, FunctionError> {
        let mut writes = vec![put_account(Key::account(tenant, run), before, after)];
        writes.extend(others);
        self.transact(&writes).await
    }

    /// What says on the tenant's account that so much was taken unasked.
    pub(super) async fn tenant_overcharged(
        &self,
        tenant: &TenantId,
        more: Money,
    ) -> Result<Write, FunctionError> {
        let key = Key::tenant_account(tenant);
        let there: Option<Account> = self.payment_document(&key).await?;
        let limit = self.settings.payments.tenant_budget;
        let before = there
            .unwrap_or_else(|| Account::new(limit))
            .with_limit(limit);
        Ok(put_account(key, &before, &before.with_overcharged(more)))
    }

    /// The document under a key of this table.
    pub(super) async fn payment_document<T: serde::de::DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<Option<T>, AppError> {
        let item = self.ports.items.get(TABLE, key).await?;
        item.as_ref().map(readable).transpose()
    }

    /// Every item of a partition, newest first.
    pub(super) async fn all_payments(&self, pk: &str) -> Result<Vec<Item>, AppError> {
        const PAGE: usize = 100;
        let mut found: Vec<Item> = Vec::new();
        loop {
            let before = found.last().map(|item| item.key.sk.clone());
            let page = self.ports.items.newest(TABLE, pk, before.as_deref(), PAGE);
            let page = page.await?;
            let is_last = page.len() < PAGE;
            found.extend(page);
            if is_last {
                return Ok(found);
            }
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, FunctionError> {
        let written = self.ports.items.transact(writes).await;
        Ok(written.map_err(AppError::from)?)
    }

    /// Waits for longer each time, and not as long as another that waits now.
    pub(super) async fn wait_a_little(&self, attempt: u32) {
        let longest = PAUSE * 2_u32.pow(attempt.min(6));
        let share = (self.ports.clock.entropy() % 1_000) as u32;
        tokio::time::sleep(longest * share / 1_000).await;
    }
}

/// Everything that one change of a purchase writes.
fn written(
    at: &Place,
    before: &Ledger,
    after: &Ledger,
    event: &PaymentEvent,
    by: Option<&str>,
) -> Vec<Write> {
    let mut writes = vec![
        put_purchase(Some(&before.purchase), &after.purchase),
        put_audit_of(event, after, by),
        mark(at, after),
    ];
    if after.task != before.task {
        let key = Key::account(&at.tenant, at.run);
        writes.push(put_account(key, &before.task, &after.task));
    }
    if after.tenant != before.tenant {
        let key = Key::tenant_account(&at.tenant);
        writes.push(put_account(key, &before.tenant, &after.tenant));
    }
    writes
}

fn put_purchase(before: Option<&Purchase>, after: &Purchase) -> Write {
    let key = Key::purchase(after.tenant_id(), after.run_id(), after.source_id());
    let version = before.map_or(0, Purchase::version);
    put_version(Item::document(key, after), version, after.version())
}

pub(super) fn put_account(key: Key, before: &Account, after: &Account) -> Write {
    put_version(
        Item::document(key, after),
        before.version(),
        after.version(),
    )
}

/// Stores an item that is at version `before` now; 0 is none.
fn put_version(mut item: Item, before: u64, after: u64) -> Write {
    let version = (VERSION.to_owned(), Value::from(after));
    item.attributes.extend([version]);
    let condition = match before {
        0 => Condition::Absent,
        before => Condition::AttributeIs {
            name: VERSION,
            value: Value::from(before),
        },
    };
    Write::put(TABLE, item, condition)
}

fn put_audit_of(event: &PaymentEvent, after: &Ledger, by: Option<&str>) -> Write {
    let entry = AuditEntry::of_purchase(event, after, by);
    let purchase = &after.purchase;
    let place = (purchase.tenant_id(), purchase.run_id());
    let what = purchase.purchase_id().to_string();
    put_audit(place, &entry, &what, purchase.version())
}

pub(super) fn put_audit(
    (tenant, run): (&TenantId, RunId),
    entry: &AuditEntry,
    what: &str,
    version: u64,
) -> Write {
    let key = Key::audit_entry(tenant, run, entry.at, what, version);
    Write::put(TABLE, Item::document(key, entry), Condition::Absent)
}

/// The sweeper's mark: there while the purchase is under way.
fn mark(at: &Place, after: &Ledger) -> Write {
    let key = Key::open_purchase(&at.tenant, at.run, &at.source);
    if !after.purchase.state().is_under_way() {
        return Write::Delete { table: TABLE, key };
    }
    let mark = Mark {
        tenant_id: at.tenant.clone(),
        run_id: at.run,
        source_id: at.source.clone(),
        since: after.purchase.updated_at(),
    };
    Write::put(TABLE, Item::document(key, &mark), Condition::Always)
}
