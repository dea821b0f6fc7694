//! A run in a list.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RunState, RunStatus, Subject, Workflow};
use crate::{Money, RunId};

/// A run as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSummary {
    /// The run.
    pub run_id: RunId,
    /// What runs.
    pub workflow: Workflow,
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// How it stands.
    pub status: RunStatus,
    /// The stage that it is in, or ended in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// How many events made it.
    pub version: u64,
    /// What it cost so far.
    pub total_cost: Money,
    /// The error that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was accepted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

impl From<&RunState> for RunSummary {
    fn from(state: &RunState) -> Self {
        Self {
            run_id: state.run_id,
            workflow: state.workflow,
            subject: state.subject.clone(),
            status: state.status,
            stage: state.stage.clone(),
            version: state.version,
            total_cost: state.total_cost,
            error: state.error.clone(),
            created_at: state.created_at,
            updated_at: state.updated_at,
        }
    }
}
