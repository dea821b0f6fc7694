//! Runs: one execution of a workflow for a tenant, event sourced. The journal of a run is the list of
//! its [`Event`]s; [`RunState`] is what they add up to.

mod event;
mod state;
mod status;
mod summary;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{RunId, TenantId};

pub use event::{ArtifactRef, Call, CallStatus, Event, JournalEntry, Origin, PaidFor, Subject};
pub use state::{AgentTotal, GateRecord, Refusal, RunState, StageRecord};
pub use status::RunStatus;
pub use summary::RunSummary;

/// A workflow that ships with Baton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Workflow {
    /// `infra/workflows/personalize.asl.json`.
    Personalize,
    /// `infra/workflows/score.asl.json`.
    Score,
    /// `infra/workflows/analyze.asl.json`.
    Analyze,
    /// `infra/workflows/creative.asl.json`.
    Creative,
    /// `infra/workflows/avatar.asl.json`.
    Avatar,
    /// `infra/workflows/campaign.asl.json`.
    Campaign,
    /// `infra/workflows/research.asl.json`.
    Research,
    /// `infra/workflows/batch.asl.json`.
    Batch,
}

impl Workflow {
    /// Every workflow.
    pub const ALL: [Self; 8] = [
        Self::Personalize,
        Self::Score,
        Self::Analyze,
        Self::Creative,
        Self::Avatar,
        Self::Campaign,
        Self::Research,
        Self::Batch,
    ];

    /// The workflow's name, which is also its file's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Personalize => "personalize",
            Self::Score => "score",
            Self::Analyze => "analyze",
            Self::Creative => "creative",
            Self::Avatar => "avatar",
            Self::Campaign => "campaign",
            Self::Research => "research",
            Self::Batch => "batch",
        }
    }
}

/// What is asked of [`crate::ports::Workflows`].
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The run's id.
    pub run_id: RunId,
    /// Which execution of the run this is, counting from 1: a run that is redriven has several.
    pub attempt: u32,
    /// For whom it runs.
    pub tenant_id: TenantId,
    /// What runs.
    pub workflow: Workflow,
    /// The execution's input.
    pub input: Value,
}

impl Run {
    /// The execution's name: the run's id, and the attempt where it is not the first.
    pub fn execution_name(&self) -> String {
        match self.attempt {
            0 | 1 => self.run_id.to_string(),
            attempt => format!("{}-{attempt}", self.run_id),
        }
    }
}
