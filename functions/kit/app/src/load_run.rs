//! Reads how a run stands, what happened to it, and how it stood at an earlier version.

use baton_domain::item::{Item, Key, Table};
use baton_domain::ports::StoreError;
use baton_domain::run::{JournalEntry, Refusal, RunState};
use baton_domain::{FieldError, RunId, TenantId};
use serde::de::DeserializeOwned;

use crate::{App, AppError, MAX_PAGE};

/// What is not found when a run is not.
pub(crate) const RUN: &str = "such run";

impl App {
    /// How a run stands.
    ///
    /// # Errors
    /// When there is none or the store does not answer.
    pub async fn load_run(&self, tenant: &TenantId, run_id: RunId) -> Result<RunState, AppError> {
        let key = Key::run(tenant, run_id);
        let head = self.ports.items.get(Table::Runs, &key).await?;
        readable(&head.ok_or(AppError::NotFound(RUN))?)
    }

    /// What happened to a run after version `after`, oldest first, at most `limit` entries (1 to
    /// [`MAX_PAGE`]).
    ///
    /// # Errors
    /// When there is no such run or the store does not answer.
    pub async fn run_events(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, AppError> {
        let head = self.load_run(tenant, run_id).await?;
        let limit = limit.clamp(1, MAX_PAGE) as u64;
        let last = head.version.min(after.saturating_add(limit));
        self.entries(tenant, run_id, after, last).await
    }

    /// The run as its events make it: from the nearest snapshot, and the entries since. At its
    /// present version, or at `to_version`.
    ///
    /// # Errors
    /// When there is no such run or version, or the store does not answer.
    pub async fn rebuild(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        to_version: Option<u64>,
    ) -> Result<RunState, AppError> {
        let head = self.load_run(tenant, run_id).await?;
        let version = to_version.unwrap_or(head.version);
        if !(1..=head.version).contains(&version) {
            let message = format!("must be a version of the run, 1 to {}", head.version);
            return Err(FieldError::new("to_version", message).into());
        }
        let mut state = match self.snapshot(tenant, run_id, version).await? {
            Some(snapshot) => snapshot,
            None => self.beginning(tenant, run_id).await?,
        };
        while state.version < version {
            let last = version.min(state.version + MAX_PAGE as u64);
            let entries = self.entries(tenant, run_id, state.version, last).await?;
            for entry in &entries {
                state.apply(entry).map_err(|refusal| broken(&refusal))?;
            }
        }
        Ok(state)
    }

    async fn beginning(&self, tenant: &TenantId, run_id: RunId) -> Result<RunState, AppError> {
        let entries = self.entries(tenant, run_id, 0, 1).await?;
        let first = entries.first().ok_or_else(gap)?;
        RunState::begin(run_id, tenant.clone(), first).map_err(|refusal| broken(&refusal))
    }

    /// The newest snapshot that is not newer than `version`.
    async fn snapshot(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        version: u64,
    ) -> Result<Option<RunState>, AppError> {
        let partition = Key::run_snapshots(tenant, run_id);
        let before = Key::run_snapshot(tenant, run_id, version + 1).sk;
        let items = &self.ports.items;
        let found = items.newest(Table::Runs, &partition, Some(&before), 1);
        found.await?.first().map(readable).transpose()
    }

    /// The entries of the versions after `after` up to `last`, oldest first; an error where one is
    /// missing.
    pub(crate) async fn entries(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        after: u64,
        last: u64,
    ) -> Result<Vec<JournalEntry>, AppError> {
        let wanted = usize::try_from(last.saturating_sub(after)).unwrap_or(usize::MAX);
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let partition = Key::run_events(tenant, run_id);
        let before = Key::run_event(tenant, run_id, last + 1).sk;
        let items = &self.ports.items;
        let found = items.newest(Table::Runs, &partition, Some(&before), wanted);
        let found = found.await?;
        let entries: Result<Vec<JournalEntry>, _> = found.iter().rev().map(readable).collect();
        let entries = entries?;
        let complete = entries.len() == wanted && entries[0].version == after + 1;
        if complete { Ok(entries) } else { Err(gap()) }
    }
}

/// The document of an item that Baton wrote. One that cannot be read was written by another
/// version: that is no absence, and must not be answered as one.
pub(crate) fn readable<T: DeserializeOwned>(item: &Item) -> Result<T, AppError> {
    item.parse().ok_or_else(|| {
        tracing::error!(severity = "critical", pk = %item.key.pk, sk = %item.key.sk, "an item cannot be read");
        StoreError("an item cannot be read by this version of Baton".to_owned()).into()
    })
}

fn gap() -> AppError {
    StoreError("the journal of the run has a gap".to_owned()).into()
}

fn broken(refusal: &Refusal) -> AppError {
    StoreError(format!("the journal of the run is broken: {refusal}")).into()
}
