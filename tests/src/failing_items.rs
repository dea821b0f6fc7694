//! A store that fails at one transaction: before it was done, or after, so that nobody knows.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::ports::{Items, StoreError};
use baton_embedded::SqliteItems;

/// When a transaction fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    /// Nothing was written.
    Before,
    /// Everything was, and the answer was lost.
    After,
}

/// A store that counts its transactions and fails at one of them.
pub struct FailingItems {
    inner: SqliteItems,
    transactions: AtomicUsize,
    at: Mutex<Option<(usize, Fails)>>,
}

impl FailingItems {
    /// What a store holds, and no failure yet.
    pub fn over(inner: SqliteItems) -> Self {
        Self {
            inner,
            transactions: AtomicUsize::new(0),
            at: Mutex::default(),
        }
    }

    /// Fails at the transaction with this number, counted from 0 from now on.
    pub fn fail_at(&self, number: usize, fails: Fails) {
        self.transactions.store(0, Ordering::SeqCst);
        *self.at.lock().expect("no thread panics") = Some((number, fails));
    }

    /// How many transactions there were since the last [`FailingItems::fail_at`], or ever.
    pub fn transactions(&self) -> usize {
        self.transactions.load(Ordering::SeqCst)
    }

    fn next(&self) -> Option<Fails> {
        let number = self.transactions.fetch_add(1, Ordering::SeqCst);
        let at = *self.at.lock().expect("no thread panics");
        at.filter(|(at, _)| *at == number).map(|(_, fails)| fails)
    }
}

#[async_trait]
impl Items for FailingItems {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        self.inner.get(table, key).await
    }

    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, StoreError> {
        self.inner.put(table, item, condition).await
    }

    async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        self.inner.delete(table, key).await
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let failed = Err(StoreError("by the test".to_owned()));
        match self.next() {
            Some(Fails::Before) => failed,
            Some(Fails::After) => self.inner.transact(writes).await.and(failed),
            None => self.inner.transact(writes).await,
        }
    }

    async fn newest(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.inner.newest(table, pk, before, limit).await
    }
}
