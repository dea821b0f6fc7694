//! A store whose process dies at one of its writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use async_trait::async_trait;
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::ports::{Items, StoreError};

/// A store whose process dies at one of its writes: before it, or after it and before the answer.
/// Until it is revived nothing is answered.
pub(crate) struct DyingItems {
    inner: Arc<dyn Items>,
    left: AtomicI64,
    after: AtomicBool,
    dead: AtomicBool,
}

impl DyingItems {
    pub(crate) fn over(inner: Arc<dyn Items>) -> Self {
        Self {
            inner,
            left: AtomicI64::new(i64::MAX),
            after: AtomicBool::new(false),
            dead: AtomicBool::new(false),
        }
    }

    /// Dies at the `n`th write from now, counting from 1.
    pub(crate) fn die_at(&self, n: i64, after: bool) {
        self.left.store(n, Ordering::SeqCst);
        self.after.store(after, Ordering::SeqCst);
    }

    /// Lives on. Answers whether it had died: it does so once.
    pub(crate) fn revive(&self) -> bool {
        self.dead.swap(false, Ordering::SeqCst)
    }

    /// Whether there was such a write.
    pub(crate) fn has_died(&self) -> bool {
        self.left.load(Ordering::SeqCst) <= 0
    }

    fn check(&self) -> Result<(), StoreError> {
        let dead = self.dead.load(Ordering::SeqCst);
        if dead {
            Err(StoreError("it died".to_owned()))
        } else {
            Ok(())
        }
    }

    /// Whether this write is the one; its effect stays where it dies after it.
    fn dies(&self) -> Result<(), StoreError> {
        self.check()?;
        let last = self.left.fetch_sub(1, Ordering::SeqCst) == 1;
        if last {
            self.dead.store(true, Ordering::SeqCst);
            if !self.after.load(Ordering::SeqCst) {
                self.check()?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Items for DyingItems {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        self.check()?;
        self.inner.get(table, key).await
    }

    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, StoreError> {
        self.dies()?;
        let written = self.inner.put(table, item, condition).await;
        self.check()?;
        written
    }

    async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        self.dies()?;
        self.inner.delete(table, key).await?;
        self.check()
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, StoreError> {
        self.dies()?;
        let written = self.inner.transact(writes).await;
        self.check()?;
        written
    }

    async fn newest(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.check()?;
        self.inner.newest(table, pk, before, limit).await
    }
}
