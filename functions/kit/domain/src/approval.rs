//! Approvals: where a run waits for a person, and what the person may decide.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::run::{ArtifactRef, Subject};
use crate::{ApprovalId, FieldError, Money, RunId, TenantId};

/// Where a run waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The calendar of the month.
    Strategy,
    /// The mails.
    Content,
    /// What goes out, to whom, when.
    Deployment,
    /// The run has cost what it may: its next stage costs more.
    Budget,
    /// Data that is dear, or of which nobody knows whether it was paid.
    Purchase,
}

impl Gate {
    /// The gate as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strategy => "strategy",
            Self::Content => "content",
            Self::Deployment => "deployment",
            Self::Budget => "budget",
            Self::Purchase => "purchase",
        }
    }

    /// What may be decided there. What was planned and written can be done again; what is about
    /// to go out can be mended or stopped; a budget can be raised (`approve`) or not.
    pub const fn decisions(self) -> &'static [Decision] {
        match self {
            Self::Strategy | Self::Content => &[
                Decision::Approve,
                Decision::Reject,
                Decision::RequestChanges,
                Decision::ApproveWithFixes,
            ],
            Self::Deployment => &[
                Decision::Approve,
                Decision::Reject,
                Decision::ApproveWithFixes,
            ],
            Self::Budget | Self::Purchase => &[Decision::Approve, Decision::Reject],
        }
    }
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// As it is.
    Approve,
    /// Not at all.
    Reject,
    /// Do it again, with the notes.
    RequestChanges,
    /// With these edits.
    ApproveWithFixes,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 4] = [
        Self::Approve,
        Self::Reject,
        Self::RequestChanges,
        Self::ApproveWithFixes,
    ];

    /// The decision as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::RequestChanges => "request_changes",
            Self::ApproveWithFixes => "approve_with_fixes",
        }
    }
}

/// How an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// It waits.
    Pending,
    /// A person decided.
    Decided,
    /// Nobody decided in time: the gate's default action was taken.
    Expired,
    /// The run ended before anybody decided.
    Withdrawn,
}

impl ApprovalStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Decided, Self::Expired, Self::Withdrawn];

    /// The status as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Decided => "decided",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One gate that waits for a person, or waited. The task token that goes on is stored beside it,
/// never in it: whoever may read an approval may not move the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    /// Its id; callers know it as `request_id` too.
    pub approval_id: ApprovalId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The run that waits.
    pub run_id: RunId,
    /// What the run is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// The execution of the run that waits, counting from 1.
    pub attempt: u32,
    /// The gate.
    pub gate: Gate,
    /// How often the execution came to this gate, counting from 1.
    pub round: u32,
    /// What is to be approved.
    pub artifact: ArtifactRef,
    /// What is to be approved, in a few lines.
    pub summary: Vec<String>,
    /// How it stands.
    pub status: ApprovalStatus,
    /// When it opened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub requested_at: Timestamp,
    /// When approvers are reminded.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub due_at: Timestamp,
    /// When the default action is taken.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// What is done when nobody decides: `reject` unless configured.
    pub default_decision: Decision,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ApprovalOutcome>,
}

impl Approval {
    /// What it is about, for people: `the strategy of acme for 2024-11`.
    pub fn title(&self) -> String {
        let gate = self.gate.name();
        let Subject {
            brand_id,
            month,
            theme,
            ..
        } = &self.subject;
        match (brand_id, month, theme) {
            (Some(brand), Some(month), _) => format!("the {gate} of {brand} for {month}"),
            (_, _, Some(theme)) => format!("the {gate} of research on {theme}"),
            _ => format!("the {gate} of {}", self.run_id),
        }
    }

    /// What there is to look at: what was to be approved, or, once it is decided, what goes on.
    pub fn stands_for(&self) -> &ArtifactRef {
        let outcome = self.outcome.as_ref();
        outcome.map_or(&self.artifact, |outcome| &outcome.artifact)
    }
}

/// What was decided: what the workflow is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalOutcome {
    /// The decision.
    pub decision: Decision,
    /// By whom; nobody when it expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// What the approver said.
    #[serde(default)]
    pub notes: String,
    /// The edits of `approve_with_fixes`, as JSON Patch (RFC 6902).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Object>>))]
    pub edits: Option<Value>,
    /// What goes on: what was to be approved, or the version that the edits made.
    pub artifact: ArtifactRef,
    /// What the run may cost from now on, where the decision raised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Money>,
    /// Whether nobody decided: it expired, or development approves by itself.
    pub automatic: bool,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub decided_at: Timestamp,
}

/// What an approver submits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The approval.
    pub request_id: ApprovalId,
    /// The decision.
    pub decision: Decision,
    /// Who decides.
    pub approver: String,
    /// What the approver says; needed for `request_changes`.
    #[serde(default)]
    pub notes: String,
    /// Edits as JSON Patch (RFC 6902); with `approve_with_fixes`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Object>>))]
    pub edits: Option<Value>,
    /// What the run may cost from now on; with `approve` at the gate `budget`, and only there.
    /// Without it the run goes on this once, and its limit stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Money>,
    /// The hash of the artifact that the approver saw: another one is then not decided upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_hash: Option<String>,
}

/// The longest notes, in characters: they travel with the workflow's state.
pub const MAX_NOTES: usize = 4_000;

/// The most edits, in bytes of JSON: they are kept with the approval.
pub const MAX_EDITS: usize = 64 * 1024;

impl Submission {
    /// Checks what needs no approval to be known.
    ///
    /// # Errors
    /// The first field that breaks a rule.
    pub fn validate(&self) -> Result<(), FieldError> {
        if self.max_cost_usd.is_some() && self.decision != Decision::Approve {
            let message = "goes with the decision `approve` only";
            return Err(FieldError::new("max_cost_usd", message));
        }
        let approver = self.approver.trim();
        if approver.is_empty() || approver.chars().count() > 256 {
            return Err(FieldError::new("approver", "must be 1 to 256 characters"));
        }
        if self.notes.chars().count() > MAX_NOTES {
            let message = format!("must be at most {MAX_NOTES} characters");
            return Err(FieldError::new("notes", message));
        }
        if self.decision == Decision::RequestChanges && self.notes.trim().is_empty() {
            let message = "must say what to change when the decision is `request_changes`";
            return Err(FieldError::new("notes", message));
        }
        let has_edits = self.edits.as_ref().and_then(Value::as_array);
        let size = self
            .edits
            .as_ref()
            .map_or(0, |edits| edits.to_string().len());
        if size > MAX_EDITS {
            let message = format!("must be at most {MAX_EDITS} bytes of JSON, not {size}");
            return Err(FieldError::new("edits", message));
        }
        match (self.decision, &self.edits, has_edits) {
            (Decision::ApproveWithFixes, _, Some(edits)) if !edits.is_empty() => Ok(()),
            (Decision::ApproveWithFixes, _, _) => {
                let message = "must be a JSON Patch with at least one operation";
                Err(FieldError::new("edits", message))
            }
            (_, Some(_), _) => {
                let message = "go with the decision `approve_with_fixes` only";
                Err(FieldError::new("edits", message))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a second submission says the same as what was decided: it is answered, not refused.
pub fn says_the_same(submission: &Submission, outcome: &ApprovalOutcome) -> bool {
    submission.decision == outcome.decision
        && Some(submission.approver.trim()) == outcome.approver.as_deref()
        && submission.notes == outcome.notes
        && submission.edits == outcome.edits
        && submission.max_cost_usd == outcome.max_cost_usd
}
