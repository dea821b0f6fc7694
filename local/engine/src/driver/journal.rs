//! Where executions are kept, so that they survive the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::execution::{Entry, Outcome, Record};

/// A journal could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Nothing was kept, or it is unknown whether it was.
    #[error("the journal is unavailable: {0}")]
    Unavailable(String),
    /// Someone else wrote in between, or the name is taken.
    #[error("the journal of {0} was written by someone else")]
    Conflict(String),
}

/// Keeps executions, each under its name. What it answered is durable.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Keeps a new execution; a name that is taken is a conflict.
    async fn begin(&self, record: &Record) -> Result<(), JournalError>;

    /// Keeps what happened to an execution after its first `after` entries: all of it or
    /// nothing. It is a conflict when there are not as many.
    async fn append(
        &self,
        execution: &str,
        after: usize,
        entries: &[Entry],
    ) -> Result<(), JournalError>;

    /// Everything that is known of an execution.
    async fn load(&self, execution: &str) -> Result<Option<Record>, JournalError>;

    /// Notes how an execution ended. Its entries say so as well: this makes it found faster.
    async fn close(
        &self,
        execution: &str,
        outcome: &Outcome,
        at: Timestamp,
    ) -> Result<(), JournalError>;
}

/// A journal that is gone with the process, for tests and measurements.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<BTreeMap<String, Record>>);

impl MemoryJournal {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Record>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn begin(&self, record: &Record) -> Result<(), JournalError> {
        let name = record.begun.info.name.clone();
        self.with(|records| {
            if records.contains_key(&name) {
                return Err(JournalError::Conflict(name));
            }
            records.insert(name, record.clone());
            Ok(())
        })
    }

    async fn append(
        &self,
        execution: &str,
        after: usize,
        entries: &[Entry],
    ) -> Result<(), JournalError> {
        self.with(|records| {
            let record = records.get_mut(execution);
            let record = record.filter(|record| record.entries.len() == after);
            let conflict = || JournalError::Conflict(execution.to_owned());
            record
                .ok_or_else(conflict)?
                .entries
                .extend_from_slice(entries);
            Ok(())
        })
    }

    async fn load(&self, execution: &str) -> Result<Option<Record>, JournalError> {
        Ok(self.with(|records| records.get(execution).cloned()))
    }

    async fn close(&self, _: &str, _: &Outcome, _: Timestamp) -> Result<(), JournalError> {
        Ok(())
    }
}
