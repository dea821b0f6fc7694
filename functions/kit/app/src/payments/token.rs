//! The run's token of the Payment Manager: got once, kept, and replaced when it is no longer good.
//!
//! A token is an item of its own and in no type that is answered. Each has a number, so that a
//! purchase is fetched with the one that paid for it.

use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::marketplace::{MarketError, Token};
use baton_domain::payment::Account;
use baton_domain::{Money, RunId, TenantId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::offers::heard;
use super::{Place, conflict};
use crate::{App, AppError, FunctionError, PaymentError};

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
    /// Asks the Payment Manager for a token over what an account may still be charged; `left` is
    /// what is on the present one, where that is told.
    pub(super) async fn new_token(
        &self,
        account: &Account,
        left: Option<Money>,
        voice_id: &str,
    ) -> Result<Kept, FunctionError> {
        const DOLLAR: u64 = 1_000_000;
        let amount = account.for_a_token(left).unwrap_or(Money::ZERO);
        let amount = amount.micro_usd();
        let whole = Money::from_micro_usd(amount / DOLLAR * DOLLAR);
        if whole == Money::ZERO {
            let message = "nothing is left that a token could be charged";
            return Err(FunctionError::new(MarketError::INSUFFICIENT, message));
        }
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
        // A payment that is on its way is followed up with the token that it was made with.
        if account.paying().is_some() {
            return Err(conflict("another source is paid for now"));
        }
        let left = self.balance(&kept.token.token_id).await?;
        let account = self.book_token((tenant, run), account, left).await?;
        let next = account.with_next_token();
        let next = next.ok_or_else(|| conflict("another source is paid for now"))?;
        let kept = self.new_token(&account, left, &kept.voice_id).await?;
        let put = put_token((tenant, run), next.token(), &kept);
        let change = self.change_account((tenant, run), &account, &next, vec![put]);
        match change.await? {
            Written::Yes => Ok((next, Some(kept))),
            Written::No => Err(conflict("the account changed meanwhile")),
        }
    }

    /// What is on a token; nothing where that is not told, or the token is not known any more.
    async fn balance(&self, token: &str) -> Result<Option<Money>, FunctionError> {
        match self.payment_manager()?.balance(token).await {
            Ok(left) => Ok(left),
            Err(MarketError::Authentication(_)) => Ok(None),
            Err(error) => Err(heard(&error, &[token])),
        }
    }

    /// Reads what is on the present token, which the caller alone uses now, and books what is gone
    /// from it unasked.
    pub(super) async fn read_token(
        &self,
        at: &Place,
        token: &str,
    ) -> Result<Option<Money>, FunctionError> {
        let left = self.payment_manager()?.balance(token).await;
        let left = left.map_err(|error| heard(&error, &[token]))?;
        let place = (&at.tenant, at.run);
        for attempt in 0..10 {
            let account = self.open_account_of(place.0, place.1).await?;
            if account.paying() != Some(&at.source) {
                return Err(conflict("another source is paid for now"));
            }
            match self.book_token(place, account, left).await {
                Err(error) if error.code == PaymentError::CONFLICT => {
                    self.wait_a_little(attempt).await;
                }
                booked => return booked.map(|_| left),
            }
        }
        Err(conflict("the account is changed by many at once"))
    }

    /// Books what is gone from the present token beyond what was charged to it: a call that was
    /// given up was done late, or more was taken than was asked. Answers the account then.
    pub(super) async fn book_token(
        &self,
        place: (&TenantId, RunId),
        account: Account,
        left: Option<Money>,
    ) -> Result<Account, FunctionError> {
        let Some((booked, gone)) = left.map(|left| account.with_token_left(left)) else {
            return Ok(account);
        };
        if booked == account {
            return Ok(account);
        }
        let mut others = Vec::new();
        if gone > Money::ZERO {
            let run_id = place.1;
            tracing::error!(severity = "critical", %run_id, %gone, "a token was charged unasked");
            others.push(self.audited(place, "charged_unasked", gone, &booked, None));
            others.push(self.tenant_overcharged(place.0, gone).await?);
        }
        match self
            .change_account(place, &account, &booked, others)
            .await?
        {
            Written::Yes => Ok(booked),
            Written::No => Err(conflict("the account changed meanwhile")),
        }
    }

    /// Reads the present token once more, if it was ever paid with and nobody uses it.
    pub(super) async fn look_at_last_token(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<(), FunctionError> {
        let account = self.account_of(tenant, run).await?;
        let idle = |account: &Account| account.paying().is_none() && account.token_left().is_some();
        let Some(account) = account.filter(idle) else {
            return Ok(());
        };
        let kept = self.kept_token(tenant, run, account.token()).await?;
        if let Some(kept) = kept {
            let left = self.balance(&kept.token.token_id).await?;
            self.book_token((tenant, run), account, left).await?;
        }
        Ok(())
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
