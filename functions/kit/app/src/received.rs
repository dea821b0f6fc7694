//! What is known of a request when it arrives, as far as its log entry tells of it.

use baton_domain::log::LogEntry;
use baton_domain::request::{Findings, RequestType};
use baton_domain::{LogId, RequestId, RunId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::arrival::elapsed_ms;

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Received {
    pub(crate) log_id: LogId,
    pub(crate) request_id: RequestId,
    pub(crate) run_id: RunId,
    pub(crate) user_id: UserId,
    pub(crate) request_type: RequestType,
    pub(crate) at: Timestamp,
}

impl Received {
    /// Its log entry, once it ended.
    pub(crate) fn entry(&self, findings: &Findings, cached: bool, now: Timestamp) -> LogEntry {
        LogEntry {
            id: self.log_id,
            request_id: self.request_id,
            user_id: self.user_id.clone(),
            request_type: self.request_type,
            agents_called: findings.agents_called.clone(),
            execution_time_ms: elapsed_ms(self.at, now),
            total_cost: findings.total_cost,
            status: findings.status,
            cached,
            timestamp: self.at,
        }
    }
}
