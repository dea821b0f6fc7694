//! A run's account: opened, topped up, shown and closed.

use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::payment::{Account, AuditEntry, Purchase, PurchaseState};
use baton_domain::ports::StoreError;
use baton_domain::{Money, RunId, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{PaymentTotals, ShownPurchase};
use super::buy::ended_run;
use super::items::put_audit;
use super::token::put_token;
use super::{PaymentError, Place, conflict, invalid};
use crate::load_run::readable;
use crate::{App, AppError, FunctionError};

/// The payload of `open`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    tenant_id: TenantId,
    run_id: RunId,
    budget: Money,
    voice_id: String,
}

/// The payload of `top_up`: a sum to add, or a budget to have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopUp {
    tenant_id: TenantId,
    run_id: RunId,
    event_id: String,
    #[serde(default)]
    amount: Option<Money>,
    #[serde(default)]
    budget: Option<Money>,
    #[serde(default)]
    by: Option<String>,
}

/// The payload of what needs no more than the run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfRun {
    pub(super) tenant_id: TenantId,
    pub(super) run_id: RunId,
}

const DOLLAR: u64 = 1_000_000;

/// The longest name of an event.
const MAX_EVENT_ID: usize = 256;

impl App {
    /// Opens the run's account, once: the voice is checked, and the token is kept. One that was
    /// closed is open again.
    pub(super) async fn open_account(&self, open: &Open) -> Result<Value, FunctionError> {
        let (tenant, run) = (&open.tenant_id, open.run_id);
        let state = self.load_run(tenant, run).await?;
        if state.status.is_over() {
            return Err(ended_run(&state));
        }
        if open.budget == Money::ZERO || !open.budget.micro_usd().is_multiple_of(DOLLAR) {
            return Err(invalid("budget", "must be whole US dollars, at least 1"));
        }
        for attempt in 0..10 {
            let there = self.account_of(tenant, run).await?;
            let opened = match there {
                Some(there) if !there.is_closed() => return Ok(self.opened(&there)),
                Some(there) => self.reopen(open, &there).await?,
                None => self.open_new(open).await?,
            };
            if let Some(account) = opened {
                return Ok(self.opened(&account));
            }
            self.wait_a_little(attempt).await;
        }
        Err(conflict("the account is changed by many at once"))
    }

    async fn open_new(&self, open: &Open) -> Result<Option<Account>, FunctionError> {
        let place = (&open.tenant_id, open.run_id);
        let none = Account::new(Some(open.budget));
        let mut others = Vec::new();
        let account = if self.market.payment_manager.is_some() || self.market.wallet.is_none() {
            let kept = self.new_token(&none, None, &open.voice_id).await?;
            let account = none.with_next_token().unwrap_or_default();
            others.push(put_token(place, account.token(), &kept));
            account
        } else {
            none.with_closed(false)
        };
        others.push(self.audited(place, "opened", open.budget, &account, None));
        let written = self.change_account(place, &none, &account, others).await?;
        Ok((written == Written::Yes).then_some(account))
    }

    async fn reopen(&self, open: &Open, there: &Account) -> Result<Option<Account>, FunctionError> {
        let place = (&open.tenant_id, open.run_id);
        let account = there.with_closed(false);
        let audit = self.audited(place, "reopened", Money::ZERO, &account, None);
        let change = self.change_account(place, there, &account, vec![audit]);
        Ok((change.await? == Written::Yes).then_some(account))
    }

    fn opened(&self, account: &Account) -> Value {
        let token = (account.token() > 0).then_some("token");
        let x402 = self.market.wallet.as_ref().map(|_| "x402");
        let rails: Vec<&str> = token.into_iter().chain(x402).collect();
        json!({
            "budget": account.budget(),
            "spent": account.spent(),
            "reserved": account.reserved(),
            "rails": rails,
        })
    }

    /// Lets the run spend more, once for each `event_id`.
    pub(super) async fn top_up(&self, top_up: &TopUp) -> Result<Value, FunctionError> {
        let (tenant, run) = (&top_up.tenant_id, top_up.run_id);
        let id = &top_up.event_id;
        if !(1..=MAX_EVENT_ID).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(invalid(
                "event_id",
                "must be 1 to 256 visible ASCII characters",
            ));
        }
        if top_up.amount.is_some() == top_up.budget.is_some() {
            return Err(invalid(
                "amount",
                "must be there, or `budget`, and not both",
            ));
        }
        let heard = Key::topped_up(tenant, run, id);
        for attempt in 0..10 {
            let account = self.open_account_of(tenant, run).await?;
            if self.payment_document::<Value>(&heard).await?.is_some() {
                return Ok(self.opened(&account));
            }
            let amount = more(top_up, &account);
            let raised = account.topped_up(amount);
            let by = top_up.by.as_deref();
            let said = Item::document(heard.clone(), &json!({ "amount": amount }));
            let others = vec![
                Write::put(Table::Payments, said, Condition::Absent),
                self.audited((tenant, run), "topped_up", amount, &raised, by),
            ];
            let change = self.change_account((tenant, run), &account, &raised, others);
            if change.await? == Written::Yes {
                return Ok(self.opened(&raised));
            }
            self.wait_a_little(attempt).await;
        }
        Err(conflict("the account is changed by many at once"))
    }

    /// The account and its purchases.
    pub(super) async fn account_status(&self, of: &OfRun) -> Result<Value, FunctionError> {
        let totals = self.payment_totals(&of.tenant_id, of.run_id).await?;
        Ok(serde_json::to_value(totals).unwrap_or_default())
    }

    /// Sees to an end of everything that is under way, and lets the run buy nothing more. What is
    /// reserved is released; what may have been paid is looked into.
    pub(super) async fn close_account(&self, of: &OfRun) -> Result<Value, FunctionError> {
        let (tenant, run) = (&of.tenant_id, of.run_id);
        // Closed first: nobody reserves what would be looked for in vain.
        self.mark_closed(tenant, run).await?;
        self.settle_all(of).await?;
        // Worth knowing; a Payment Manager that does not answer keeps nothing open.
        if let Err(error) = self.look_at_last_token(tenant, run).await {
            tracing::warn!(run_id = %run, code = error.code, "the token was not read once more");
        }
        self.account_status(of).await
    }

    async fn settle_all(&self, of: &OfRun) -> Result<(), FunctionError> {
        let (tenant, run) = (&of.tenant_id, of.run_id);
        let mut failed = None;
        for purchase in self.purchases_of(tenant, run).await? {
            if purchase.state().is_under_way() {
                let source = purchase.source_id().to_owned();
                let at = Place::new(tenant.clone(), run, source)?;
                if let Err(error) = self.settle(&at).await {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Lets a run that is over buy nothing more, and gives back what is reserved and was not asked
    /// to be paid. What may have been paid is looked into by a sweep.
    ///
    /// # Errors
    /// When the store does not answer, or others change the account all the while.
    pub(crate) async fn stop_buying(&self, tenant: &TenantId, run: RunId) -> Result<(), AppError> {
        let stopped = async {
            self.mark_closed(tenant, run).await?;
            for purchase in self.purchases_of(tenant, run).await? {
                if purchase.state() == PurchaseState::Reserved {
                    let source = purchase.source_id().to_owned();
                    let at = Place::new(tenant.clone(), run, source)?;
                    self.give_up(&at, "the run ended", None).await?;
                }
            }
            Ok::<_, FunctionError>(())
        };
        stopped.await.map_err(|error| match error.code {
            PaymentError::CONFLICT => AppError::Contended,
            _ => StoreError(error.message).into(),
        })
    }

    async fn mark_closed(&self, tenant: &TenantId, run: RunId) -> Result<(), FunctionError> {
        for attempt in 0..20 {
            let Some(account) = self.account_of(tenant, run).await? else {
                return Ok(());
            };
            if account.is_closed() {
                return Ok(());
            }
            let closed = account.with_closed(true);
            let audit = self.audited((tenant, run), "closed", Money::ZERO, &closed, None);
            let change = self.change_account((tenant, run), &account, &closed, vec![audit]);
            if change.await? == Written::Yes {
                return Ok(());
            }
            self.wait_a_little(attempt).await;
        }
        Err(conflict("the account is changed by many at once"))
    }

    /// What a run may spend and has spent, and everything that it bought or wanted to.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn payment_totals(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<PaymentTotals, AppError> {
        let account = self.account_of(tenant, run).await?;
        let purchases = self.purchases_of(tenant, run).await?;
        let purchases: &[Purchase] = &purchases;
        let account = account.unwrap_or_default();
        Ok(PaymentTotals {
            budget: account.budget().unwrap_or(Money::ZERO),
            spent: account.spent(),
            reserved: account.reserved(),
            overcharged: account.overcharged(),
            closed: account.is_closed(),
            purchases: purchases.iter().map(ShownPurchase::from).collect(),
        })
    }

    /// The audit trail of a run's payments, oldest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn payment_audit(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<Vec<AuditEntry>, AppError> {
        let mut items = self.all_payments(&Key::audit_trail(tenant, run)).await?;
        items.reverse();
        items.iter().map(readable).collect()
    }

    pub(super) fn audited(
        &self,
        place: (&TenantId, RunId),
        event: &str,
        amount: Money,
        after: &Account,
        by: Option<&str>,
    ) -> Write {
        let now = self.ports.clock.now();
        let entry = AuditEntry::of_account(event, now, amount, after, by);
        put_audit(place, &entry, "account", after.version())
    }
}

/// By how much a budget rises: one that is named is had, and never lowered.
fn more(top_up: &TopUp, account: &Account) -> Money {
    let has = account.budget().unwrap_or(Money::ZERO).micro_usd();
    let wanted = top_up.budget.map_or(0, Money::micro_usd);
    let missing = Money::from_micro_usd(wanted.saturating_sub(has));
    top_up.amount.unwrap_or(missing)
}
