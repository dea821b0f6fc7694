//! What happens to a run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RunStatus, Workflow};
use crate::approval::{Decision, Gate};
use crate::campaign::{Delivery, Month};
use crate::envelope::AgentStatus;
use crate::request::RequestType;
use crate::{ApprovalId, BrandId, Method, Money, RunId, UserId};

/// One entry of a run's journal. Entries are appended, never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JournalEntry {
    /// Counts from 1 without gaps: the run's version once this has happened.
    pub version: u64,
    /// When it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Names what happened, so that who says it twice is heard once.
    pub event_id: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The run was accepted. Always the first, and only the first.
    Queued {
        /// What runs.
        workflow: Workflow,
        /// What it is about.
        subject: Subject,
        /// The run that it was forked from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
        /// What it may cost; nothing for no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_cost_usd: Option<Money>,
        /// Whether gates approve by themselves; in development only.
        #[serde(default)]
        auto_approve: bool,
    },
    /// Its workflow came to a stage.
    StageEntered {
        /// The stage, such as `strategy`.
        stage: String,
    },
    /// An agent answered, or failed.
    AgentCalled(Call),
    /// An artifact was stored.
    ArtifactStored {
        /// Which.
        artifact: ArtifactRef,
        /// Who made it: an agent, or an approver.
        by: String,
    },
    /// The workflow stopped at a gate.
    ApprovalRequested {
        /// The approval.
        approval_id: ApprovalId,
        /// The gate.
        gate: Gate,
        /// What is to be approved.
        artifact: ArtifactRef,
        /// When approvers are reminded.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        due_at: Timestamp,
        /// When the gate's default action is taken.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        expires_at: Timestamp,
    },
    /// Approvers were reminded.
    ApproversReminded {
        /// The approval.
        approval_id: ApprovalId,
    },
    /// A gate was decided.
    ApprovalDecided {
        /// The approval.
        approval_id: ApprovalId,
        /// What was decided.
        decision: Decision,
        /// By whom; nobody when it expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approver: Option<String>,
    },
    /// EmailPilot did something for the run.
    Delivered {
        /// What became of which mail.
        delivery: Delivery,
    },
    /// A source was paid for.
    Purchased(PaidFor),
    /// More may be spent.
    CostLimitRaised {
        /// What the run may cost now.
        max_cost_usd: Money,
        /// Who said so.
        by: String,
    },
    /// A person runs it on after it failed, from a stage.
    Redriven {
        /// The stage.
        from: String,
        /// Which execution of the run is the next, counting from 1.
        attempt: u32,
    },
    /// The artifacts are again those of an earlier version.
    RolledBack {
        /// That version.
        to_version: u64,
        /// Its artifacts.
        artifacts: Vec<ArtifactRef>,
    },
    /// It is over.
    Ended {
        /// How.
        status: RunStatus,
        /// The error's name, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// What to know about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
}

/// A source that was paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaidFor {
    /// The source's id in the marketplace.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// What was paid.
    pub cost: Money,
    /// The rail: `token` or `x402`.
    pub rail: String,
    /// The transaction, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
}

/// What a run is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    /// The brand, of a campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand_id: Option<BrandId>,
    /// The month, of a campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// The theme, of research.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// The user, of an avatar's video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What is asked for, of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_type: Option<RequestType>,
    /// How many requests, of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
}

/// Where a forked run comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    /// The run.
    pub run_id: RunId,
    /// The stage from which the new run goes its own way.
    pub from: String,
}

/// One call of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Call {
    /// The agent.
    pub agent: String,
    /// About which part of the run, such as `email-01`; empty for all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// How it went.
    pub status: CallStatus,
    /// What produced the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// What it cost.
    #[serde(default)]
    pub cost_usd: Money,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub duration_ms: f64,
    /// The error's code, where it failed or was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a call of an agent went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// The agent's best answer.
    Ok,
    /// Its fallback's.
    Degraded,
    /// None.
    Failed,
}

impl From<AgentStatus> for CallStatus {
    fn from(status: AgentStatus) -> Self {
        match status {
            AgentStatus::Ok => Self::Ok,
            AgentStatus::Degraded => Self::Degraded,
        }
    }
}

/// One version of an artifact of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArtifactRef {
    /// Its name within the run: `strategy`, `content`, `content.email-01`, ….
    pub name: String,
    /// Counts from 1.
    pub version: u64,
    /// SHA-256 of its canonical JSON, in hexadecimal.
    pub hash: String,
}
