//! What the events of a run add up to: its read model.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ArtifactRef, Call, CallStatus, Event, JournalEntry, Origin, PaidFor, RunStatus, Subject,
    Workflow,
};
use crate::approval::{Decision, Gate};
use crate::campaign::Delivery;
use crate::{ApprovalId, Money, RunId, TenantId};

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunState {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What runs.
    pub workflow: Workflow,
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// How it stands.
    pub status: RunStatus,
    /// How many events made it: the version that a change must know.
    pub version: u64,
    /// The stage that it is in, or ended in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The stages that it went through, in order.
    pub stages: Vec<StageRecord>,
    /// What each agent did.
    pub agents: BTreeMap<String, AgentTotal>,
    /// What it cost so far.
    pub total_cost: Money,
    /// What it may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Money>,
    /// The newest version of each artifact.
    pub artifacts: BTreeMap<String, ArtifactRef>,
    /// Its gates, in the order in which they opened.
    pub approvals: Vec<GateRecord>,
    /// What became of its mails, by their names.
    pub deliveries: BTreeMap<String, Delivery>,
    /// The sources that were paid for, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub purchases: BTreeMap<String, PaidFor>,
    /// Which execution of the run is at work, counting from 1.
    pub attempt: u32,
    /// Whether gates approve by themselves.
    pub auto_approve: bool,
    /// The run that it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The error that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to know about the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// When it was accepted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// A stage that a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageRecord {
    /// The stage.
    pub stage: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub entered_at: Timestamp,
}

/// What an agent did for a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentTotal {
    /// How often it was called.
    pub calls: u32,
    /// How often its fallback answered.
    pub degraded: u32,
    /// How often nothing answered.
    pub failed: u32,
    /// What it cost.
    pub cost_usd: Money,
}

/// A gate that a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateRecord {
    /// The approval.
    pub approval_id: ApprovalId,
    /// The gate.
    pub gate: Gate,
    /// When it opened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub requested_at: Timestamp,
    /// What was decided; nothing while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// By whom; nobody when it expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
}

/// Why an event cannot follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The first event is no `queued`, or a later one is.
    #[error("a run begins with `queued`, once")]
    NotTheBeginning,
    /// Versions have no gaps.
    #[error("version {found} cannot follow version {after}")]
    Gap {
        /// The version there is.
        after: u64,
        /// The version that came.
        found: u64,
    },
    /// The table of allowed changes forbids it.
    #[error("a run that is {} cannot become {}", .0.name(), .1.name())]
    Transition(RunStatus, RunStatus),
}

impl RunState {
    /// The run that begins with this entry.
    ///
    /// # Errors
    /// When the entry is not a run's first.
    pub fn begin(
        run_id: RunId,
        tenant_id: TenantId,
        first: &JournalEntry,
    ) -> Result<Self, Refusal> {
        let (
            Event::Queued {
                workflow,
                subject,
                origin,
                max_cost_usd,
                auto_approve,
            },
            1,
        ) = (&first.event, first.version)
        else {
            return Err(Refusal::NotTheBeginning);
        };
        Ok(Self {
            run_id,
            tenant_id,
            workflow: *workflow,
            subject: subject.clone(),
            status: RunStatus::Queued,
            version: 1,
            stage: None,
            stages: Vec::new(),
            agents: BTreeMap::new(),
            total_cost: Money::ZERO,
            max_cost_usd: *max_cost_usd,
            artifacts: BTreeMap::new(),
            approvals: Vec::new(),
            deliveries: BTreeMap::new(),
            purchases: BTreeMap::new(),
            attempt: 1,
            auto_approve: *auto_approve,
            origin: origin.clone(),
            error: None,
            cause: None,
            created_at: first.at,
            updated_at: first.at,
        })
    }

    /// Takes in the next entry. Nothing changes when it is refused.
    ///
    /// Facts that come late (what a call cost, what EmailPilot did, an artifact) are taken in after
    /// the end too, and change no status.
    ///
    /// # Errors
    /// When the entry cannot follow.
    pub fn apply(&mut self, entry: &JournalEntry) -> Result<(), Refusal> {
        if entry.version != self.version + 1 {
            let (after, found) = (self.version, entry.version);
            return Err(Refusal::Gap { after, found });
        }
        self.status = self.status_after(&entry.event)?;
        self.take_in(entry);
        self.version = entry.version;
        self.updated_at = entry.at;
        Ok(())
    }

    /// The status once this has happened.
    ///
    /// # Errors
    /// When the table of allowed changes forbids it.
    pub fn status_after(&self, event: &Event) -> Result<RunStatus, Refusal> {
        let next = match event {
            Event::Queued { .. } => return Err(Refusal::NotTheBeginning),
            Event::StageEntered { .. } | Event::ApprovalDecided { .. } => RunStatus::Running,
            Event::ApprovalRequested { .. } => RunStatus::WaitingApproval,
            Event::Redriven { .. } => RunStatus::Queued,
            Event::Ended { status, .. } => *status,
            Event::AgentCalled(_)
            | Event::ArtifactStored { .. }
            | Event::ApproversReminded { .. }
            | Event::Delivered { .. }
            | Event::Purchased(_)
            | Event::CostLimitRaised { .. }
            | Event::RolledBack { .. } => self.status,
        };
        if next == self.status && !(next.is_over() && matches!(event, Event::Ended { .. })) {
            return Ok(next);
        }
        let allowed = self.status.may_become(next);
        allowed
            .then_some(next)
            .ok_or(Refusal::Transition(self.status, next))
    }

    /// Whether it has cost more than it may.
    pub fn is_over_limit(&self) -> bool {
        self.max_cost_usd
            .is_some_and(|limit| self.total_cost > limit)
    }

    /// Whether the run ended without having done what was asked, and mails of it may still go out.
    pub fn leaves_mails_behind(&self) -> bool {
        let mut mails = self.deliveries.values();
        self.status.is_redrivable() && mails.any(|mail| mail.state.is_open())
    }

    fn take_in(&mut self, entry: &JournalEntry) {
        match &entry.event {
            Event::StageEntered { stage } => {
                self.stage = Some(stage.clone());
                let (stage, entered_at) = (stage.clone(), entry.at);
                self.stages.push(StageRecord { stage, entered_at });
            }
            Event::AgentCalled(call) => self.add(call),
            Event::ArtifactStored { artifact, .. } => self.keep(artifact),
            Event::ApprovalRequested {
                approval_id, gate, ..
            } => {
                // A gate that is opened again, after a lost answer, is the same gate.
                if !self
                    .approvals
                    .iter()
                    .any(|known| known.approval_id == *approval_id)
                {
                    self.approvals.push(GateRecord {
                        approval_id: *approval_id,
                        gate: *gate,
                        requested_at: entry.at,
                        decision: None,
                        approver: None,
                    });
                }
            }
            Event::ApprovalDecided {
                approval_id,
                decision,
                approver,
            } => {
                let gates = self.approvals.iter_mut();
                for gate in gates.filter(|gate| gate.approval_id == *approval_id) {
                    gate.decision = Some(*decision);
                    gate.approver.clone_from(approver);
                }
            }
            Event::Delivered { delivery } => {
                self.deliveries
                    .insert(delivery.email_id.clone(), delivery.clone());
            }
            Event::Purchased(bought) => self.buy(bought),
            Event::CostLimitRaised { max_cost_usd, .. } => self.max_cost_usd = Some(*max_cost_usd),
            Event::Redriven { attempt, .. } => {
                self.attempt = *attempt;
                (self.error, self.cause) = (None, None);
            }
            Event::RolledBack { artifacts, .. } => {
                let named = |artifact: &ArtifactRef| (artifact.name.clone(), artifact.clone());
                self.artifacts = artifacts.iter().map(named).collect();
            }
            Event::Ended { error, cause, .. } => {
                self.error.clone_from(error);
                self.cause.clone_from(cause);
            }
            Event::Queued { .. } | Event::ApproversReminded { .. } => {}
        }
    }

    fn add(&mut self, call: &Call) {
        let total = self.agents.entry(call.agent.clone()).or_default();
        total.calls += 1;
        total.degraded += u32::from(call.status == CallStatus::Degraded);
        total.failed += u32::from(call.status == CallStatus::Failed);
        total.cost_usd = total.cost_usd + call.cost_usd;
        self.total_cost = self.total_cost + call.cost_usd;
    }

    /// A source is paid for once, however often it is said.
    fn buy(&mut self, bought: &PaidFor) {
        let source_id = bought.source_id.clone();
        if let Entry::Vacant(vacant) = self.purchases.entry(source_id) {
            vacant.insert(bought.clone());
            self.total_cost = self.total_cost + bought.cost;
        }
    }

    fn keep(&mut self, artifact: &ArtifactRef) {
        self.artifacts
            .insert(artifact.name.clone(), artifact.clone());
    }
}
