//! Lists the orchestration log of a tenant, a UTC day at a time, newest entries first.

use baton_domain::item::{Item, Key, Table};
use baton_domain::log::LogEntry;
use baton_domain::{LogId, TenantId, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::{App, AppError};

/// The most entries of one page.
pub const MAX_PAGE: usize = 100;

/// One page of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogPage {
    /// The entries, newest first.
    pub entries: Vec<LogEntry>,
    /// What to pass as `before` for the next page; absent when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<LogId>,
}

impl App {
    /// The entries of the UTC day of `day` (today when it is not given) that are older than
    /// `before`, at most `limit` of them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_log(
        &self,
        tenant: &TenantId,
        day: Option<Timestamp>,
        before: Option<LogId>,
        limit: usize,
    ) -> Result<LogPage, AppError> {
        let day = day.unwrap_or_else(|| self.ports.clock.now());
        let partition = Key::log_partition(tenant, day);
        let before = before.map(|id| id.to_string());
        let limit = limit.clamp(1, MAX_PAGE);
        let items = self.ports.items.newest(
            Table::OrchestrationLog,
            &partition,
            before.as_deref(),
            limit + 1,
        );
        let mut entries: Vec<LogEntry> = items.await?.into_iter().filter_map(parse).collect();
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|entry| entry.id);
        Ok(LogPage { entries, next })
    }
}

/// An entry that a workflow or a use case wrote; one that is not an entry is left out, and said.
fn parse(item: Item) -> Option<LogEntry> {
    let sk = item.key.sk;
    serde_json::from_value(Value::Object(item.attributes))
        .inspect_err(|error| tracing::error!(%sk, %error, "a log entry cannot be read"))
        .ok()
}
