//! What is done: tokens are given out, charged, and open sources.

use std::time::Duration;

use baton_domain::Timestamp;

use super::State;
use super::entry::{ChargeEntry, Event};
use super::quote::Price;
use crate::journal::BooksError;

/// How long a token lives, in seconds.
pub(crate) const TOKEN_LIFE: u64 = 3_600;

/// A charge that is made when nobody waits for it any more.
pub(crate) struct LateCharge {
    pub(super) due: Timestamp,
    pub(super) token_id: String,
    pub(super) amount: u64,
    pub(super) key: Option<String>,
    pub(super) honours_keys: bool,
}

/// Why a token is not charged.
pub(super) enum Declined {
    InvalidToken,
    Insufficient { available: u64 },
    Books(BooksError),
}

impl From<BooksError> for Declined {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

/// What a token opens.
pub(super) enum Opened {
    Yes,
    /// It must pay first.
    NotPaid,
    InvalidToken,
}

impl State {
    /// Gives out a token that can be charged up to `budget` whole dollars.
    pub(crate) fn issue(&mut self, budget: u64) -> Result<String, BooksError> {
        let token_id = self.books.next_token();
        let now = self.now();
        let event = Event::Issued {
            token_id: token_id.clone(),
            budget,
            expires_at: now
                .saturating_add(Duration::from_secs(TOKEN_LIFE))
                .unwrap_or(now),
        };
        self.books.append(now, event)?;
        Ok(token_id)
    }

    /// Makes the charges whose time has come. One that is declined by now is forgotten: nobody would
    /// hear of it.
    pub(super) fn charge_late(&mut self) {
        let now = self.now();
        let due: Vec<LateCharge> = self.late.extract_if(.., |late| late.due <= now).collect();
        for late in due {
            let key = late.key.as_deref();
            let _ = self.charge(&late.token_id, late.amount, key, late.honours_keys);
        }
    }

    /// What is left on a token; none for one that is not known.
    pub(crate) fn balance(&self, token_id: &str) -> Option<u64> {
        self.books.token(token_id).map(|account| account.balance)
    }

    /// Charges a token, once more for every call, unless keys are honoured.
    pub(super) fn charge(
        &mut self,
        token_id: &str,
        amount: u64,
        key: Option<&str>,
        honours_keys: bool,
    ) -> Result<ChargeEntry, Declined> {
        let now = self.now();
        let account = self.books.token(token_id).filter(|a| now < a.expires_at);
        let account = account.ok_or(Declined::InvalidToken)?;
        let mut before = account.charges.iter().filter(|_| honours_keys);
        let same = |charge: &&ChargeEntry| charge.key.is_some() && charge.key.as_deref() == key;
        if let Some(charge) = before.find(same) {
            return Ok(charge.clone());
        }
        let available = account.balance;
        if amount > available {
            return Err(Declined::Insufficient { available });
        }
        let charge = ChargeEntry {
            transaction_id: self.books.next_charge(),
            key: key.map(str::to_owned),
            amount,
            at: now,
        };
        let event = Event::Charged {
            transaction_id: charge.transaction_id.clone(),
            token_id: token_id.to_owned(),
            amount,
            key: charge.key.clone(),
        };
        self.books.append(now, event)?;
        Ok(charge)
    }

    /// Opens a source with a token: it opened it before, or has a credit of exactly its price,
    /// which that takes.
    pub(super) fn open(
        &mut self,
        token_id: &str,
        price: Price,
        unlocks_all: bool,
    ) -> Result<Opened, BooksError> {
        let now = self.now();
        let Some(account) = self.books.token(token_id) else {
            return Ok(Opened::InvalidToken);
        };
        let source_id = &price.source.id;
        let before = account.unlocked.iter().any(|u| u.source_id == *source_id);
        if before || (unlocks_all && !account.charges.is_empty()) {
            return Ok(Opened::Yes);
        }
        if now >= account.expires_at {
            return Ok(Opened::InvalidToken);
        }
        let Some(price) = price.token().filter(|p| account.credits.contains(p)) else {
            return Ok(Opened::NotPaid);
        };
        let event = Event::Unlocked {
            token_id: token_id.to_owned(),
            source_id: source_id.clone(),
            price,
        };
        self.books.append(now, event)?;
        Ok(Opened::Yes)
    }
}
