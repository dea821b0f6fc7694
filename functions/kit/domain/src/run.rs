//! One execution of a workflow.

use serde_json::Value;

use crate::{RunId, TenantId};

/// A workflow that ships with Baton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Workflow {
    /// `infra/workflows/personalize.asl.json`.
    Personalize,
}

impl Workflow {
    /// Every workflow.
    pub const ALL: [Self; 1] = [Self::Personalize];

    /// The workflow's name, which is also its file's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Personalize => "personalize",
        }
    }
}

/// What is asked of [`crate::ports::Workflows`].
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The run's id, which is also the execution's name.
    pub run_id: RunId,
    /// For whom it runs.
    pub tenant_id: TenantId,
    /// What runs.
    pub workflow: Workflow,
    /// The execution's input.
    pub input: Value,
}
