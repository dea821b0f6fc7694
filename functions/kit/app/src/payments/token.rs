//! The run's token of the Payment Manager: got once, kept, and replaced when it is no longer good.
//!
//! A token is an item of its own and in no type that is answered. Each has a number, so that a
//! purchase is fetched with the one that paid for it.

use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::marketplace::Token;
use baton_domain::payment::Account;
use baton_domain::{Money, RunId, TenantId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::conflict;
use crate::{App, AppError, FunctionError};

/// A token that ends sooner than this is replaced before a payment.
const SPARE: SignedDuration = SignedDuration::from_secs(120);

/// A token as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) token: Token,
    /// In whose voice it was asked for: a new one is asked for in the same.
    pub(super) voice_id: String,
}

impl App {
    /// Asks the Payment Manager for a token over what an account may still be charged.
    pub(super) async fn new_token(
        &self,
        account: &Account,
        voice_id: &str,
    ) -> Result<Kept, FunctionError> {
        const DOLLAR: u64 = 1_000_000;
        let amount = account.for_a_token().unwrap_or(Money::ZERO).micro_usd();
        let whole = Money::from_micro_usd(amount / DOLLAR * DOLLAR);
        let token = self.payment_manager()?.token(whole, voice_id).await?;
        let voice_id = voice_id.to_owned();
        Ok(Kept { token, voice_id })
    }

    /// The token of this number, if it is there.
    pub(super) async fn kept_token(
        &self,
        tenant: &TenantId,
        run: RunId,
        number: u32,
    ) -> Result<Option<Kept>, AppError> {
        let key = Key::payment_token(tenant, run, number);
        self.payment_document(&key).await
    }

    /// The run's present token, replaced where it is no longer good; nothing where it has none.
    /// Answers the account that goes with it.
    pub(super) async fn present_token(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<(Account, Option<Kept>), FunctionError> {
        let account = self.open_account_of(tenant, run).await?;
        let kept = self.kept_token(tenant, run, account.token()).await?;
        let Some(kept) = kept else {
            return Ok((account, None));
        };
        let soon = self.ports.clock.now() + SPARE;
        let ends = kept.token.expires_at.is_some_and(|at| at <= soon);
        if !ends && !account.token_is_stale() {
            return Ok((account, Some(kept)));
        }
        let next = account.with_next_token();
        // A payment that is on its way is followed up with the token that it was made with.
        let next = next.ok_or_else(|| conflict("another source is paid for now"))?;
        let kept = self.new_token(&account, &kept.voice_id).await?;
        let put = put_token((tenant, run), next.token(), &kept);
        let change = self.change_account((tenant, run), &account, &next, vec![put]);
        match change.await? {
            Written::Yes => Ok((next, Some(kept))),
            Written::No => Err(conflict("the account changed meanwhile")),
        }
    }

    /// Remembers that the token of this number is not accepted.
    pub(super) async fn distrust_token(
        &self,
        tenant: &TenantId,
        run: RunId,
        number: u32,
    ) -> Result<(), FunctionError> {
        for attempt in 0..10 {
            let account = self.open_account_of(tenant, run).await?;
            if account.token() != number || account.token_is_stale() {
                return Ok(());
            }
            let stale = account.with_stale_token();
            let change = self.change_account((tenant, run), &account, &stale, Vec::new());
            if change.await? == Written::Yes {
                return Ok(());
            }
            self.wait_a_little(attempt).await;
        }
        Err(conflict("the account is changed by many at once"))
    }
}

/// Stores a token, for good.
pub(super) fn put_token((tenant, run): (&TenantId, RunId), number: u32, kept: &Kept) -> Write {
    let key = Key::payment_token(tenant, run, number);
    let item = Item::document(key, kept);
    Write::put(Table::Payments, item, Condition::Absent)
}
