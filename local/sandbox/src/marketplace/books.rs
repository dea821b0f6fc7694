//! The books: an append-only record of tokens, charges, what they opened, and settlements. What
//! there is follows from it, so that a restart on the same file knows all of it again.

use std::collections::BTreeMap;
use std::path::Path;

use baton_domain::{Money, Timestamp};

use super::entry::{
    ChargeEntry, Entry, Event, Ledger, SettlementEntry, TokenAccount, UnlockEntry, WalletAccount,
};
use crate::journal::{BooksError, Journal};

/// Millionths in a dollar.
const MICRO: u64 = 1_000_000;

pub(super) struct Books {
    /// How many entries there are.
    entries: u64,
    /// By their ids, which count up.
    tokens: BTreeMap<String, TokenAccount>,
    /// By who paid.
    wallets: BTreeMap<String, Vec<SettlementEntry>>,
    charges: u64,
    journal: Journal,
}

impl Books {
    pub(super) fn in_memory() -> Self {
        Self {
            entries: 0,
            tokens: BTreeMap::new(),
            wallets: BTreeMap::new(),
            charges: 0,
            journal: Journal::in_memory(),
        }
    }

    pub(super) fn open(path: &Path) -> Result<Self, BooksError> {
        let (journal, entries) = Journal::open(path)?;
        let mut books = Self::in_memory();
        for entry in entries {
            books.enter(entry);
        }
        books.journal = journal;
        Ok(books)
    }

    pub(super) fn next_token(&self) -> String {
        format!("tok-{:06}", self.tokens.len() + 1)
    }

    pub(super) fn next_charge(&self) -> String {
        format!("txn-{:06}", self.charges + 1)
    }

    pub(super) fn token(&self, token_id: &str) -> Option<&TokenAccount> {
        self.tokens.get(token_id)
    }

    pub(super) fn settlements(&self, from: &str) -> &[SettlementEntry] {
        self.wallets.get(from).map_or(&[], Vec::as_slice)
    }

    pub(super) fn settlement_of(&self, payment_id: &str) -> Option<&SettlementEntry> {
        let mut all = self.wallets.values().flatten();
        all.find(|settled| settled.payment_id.as_deref() == Some(payment_id))
    }

    pub(super) fn append(&mut self, at: Timestamp, event: Event) -> Result<(), BooksError> {
        let seq = self.entries + 1;
        let entry = Entry { seq, at, event };
        self.journal.append(&entry)?;
        self.enter(entry);
        Ok(())
    }

    /// Draws the conclusions of an entry.
    fn enter(&mut self, Entry { at, event, .. }: Entry) {
        self.entries += 1;
        match event {
            Event::Issued {
                token_id,
                budget,
                expires_at,
            } => {
                let account = TokenAccount {
                    token_id: token_id.clone(),
                    budget,
                    charged: 0,
                    balance: budget,
                    expires_at,
                    charges: Vec::new(),
                    credits: Vec::new(),
                    unlocked: Vec::new(),
                };
                self.tokens.insert(token_id, account);
            }
            Event::Charged {
                transaction_id,
                token_id,
                amount,
                key,
            } => {
                self.charges += 1;
                if let Some(account) = self.tokens.get_mut(&token_id) {
                    account.charged += amount;
                    account.balance = account.budget.saturating_sub(account.charged);
                    account.credits.push(amount);
                    account.charges.push(ChargeEntry {
                        transaction_id,
                        key,
                        amount,
                        at,
                    });
                }
            }
            Event::Unlocked {
                token_id,
                source_id,
                price,
            } => {
                if let Some(account) = self.tokens.get_mut(&token_id) {
                    let credit = account.credits.iter().position(|credit| *credit == price);
                    credit.map(|credit| account.credits.remove(credit));
                    account.unlocked.push(UnlockEntry {
                        source_id,
                        price,
                        at,
                    });
                }
            }
            Event::Settled {
                transaction,
                from,
                nonce,
                source_id,
                amount,
                payment_id,
                digest,
                pending,
            } => self.wallets.entry(from).or_default().push(SettlementEntry {
                transaction,
                source_id,
                amount: Money::from_micro_usd(amount),
                nonce,
                payment_id,
                pending,
                at,
                digest,
            }),
            Event::Confirmed { transaction } => {
                let mut all = self.wallets.values_mut().flatten();
                if let Some(settled) = all.find(|settled| settled.transaction == transaction) {
                    settled.pending = false;
                }
            }
        }
    }

    pub(super) fn ledger(&self, now: Timestamp) -> Ledger {
        let wallets = self.wallets.iter().map(|(address, settlements)| {
            let (address, settlements) = (address.clone(), settlements.clone());
            WalletAccount {
                address,
                settlements,
            }
        });
        let charged: u64 = self.tokens.values().map(|account| account.charged).sum();
        let settled = self
            .wallets
            .values()
            .flatten()
            .map(|settled| settled.amount);
        Ledger {
            now,
            tokens: self.tokens.values().cloned().collect(),
            wallets: wallets.collect(),
            total: settled.sum::<Money>() + Money::from_micro_usd(charged.saturating_mul(MICRO)),
        }
    }
}
