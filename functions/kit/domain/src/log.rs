//! The orchestration log: one entry for every request, cached and failed ones included (O11).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::request::{AnswerStatus, RequestType};
use crate::{LogId, Money, RequestId, UserId};

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEntry {
    /// The entry's id.
    pub id: LogId,
    /// The request.
    pub request_id: RequestId,
    /// Whom it was about.
    pub user_id: UserId,
    /// What was asked for.
    pub request_type: RequestType,
    /// The agents that were called.
    pub agents_called: Vec<String>,
    /// From arrival to answer, in milliseconds.
    pub execution_time_ms: u64,
    /// What all agents cost together.
    pub total_cost: Money,
    /// How it ended.
    pub status: AnswerStatus,
    /// Whether the answer came from the cache.
    #[serde(default)]
    pub cached: bool,
    /// When the request arrived.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
}

/// How long entries are kept, in days.
pub const RETENTION_DAYS: i64 = 90;
