//! Lists approvals, newest first, and shows one with what is to be approved.

use baton_domain::approval::{Approval, ApprovalStatus};
use baton_domain::item::{Item, Key, Table};
use baton_domain::{ApprovalId, TenantId};
use serde::Serialize;
use serde_json::Value;

use crate::{App, AppError, MAX_PAGE};

/// One page of approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalPage {
    /// The approvals, newest first; edits are left out here.
    pub approvals: Vec<Approval>,
    /// What to pass as `before` for the next page; absent when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<ApprovalId>,
}

/// An approval with what is to be approved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownApproval {
    /// The approval.
    pub approval: Approval,
    /// The artifact, whole.
    pub content: Value,
}

impl App {
    /// The approvals that stand so (all of them when no status is given) and are older than
    /// `before`, at most `limit` of them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_approvals(
        &self,
        tenant: &TenantId,
        status: Option<ApprovalStatus>,
        before: Option<ApprovalId>,
        limit: usize,
    ) -> Result<ApprovalPage, AppError> {
        let limit = limit.clamp(1, MAX_PAGE);
        let before = before.map(|id| id.to_string());
        let statuses = status.map_or(ApprovalStatus::ALL.to_vec(), |status| vec![status]);
        let mut approvals: Vec<Approval> = Vec::new();
        for status in statuses {
            let pk = Key::approvals_by_status(tenant, status);
            let page = self
                .ports
                .items
                .newest(Table::Approvals, &pk, before.as_deref(), limit + 1);
            approvals.extend(page.await?.iter().filter_map(Item::parse::<Approval>));
        }
        approvals.sort_by_key(|approval| std::cmp::Reverse(approval.approval_id));
        // One that was decided between two reads is in both lists.
        approvals.dedup_by_key(|approval| approval.approval_id);
        let more = approvals.len() > limit;
        approvals.truncate(limit);
        let next = approvals.last().filter(|_| more);
        let next = next.map(|approval| approval.approval_id);
        Ok(ApprovalPage { approvals, next })
    }

    /// An approval and the version of the artifact that it is about; once it is decided, the
    /// version that goes on, which has the approver's fixes.
    ///
    /// # Errors
    /// When there is none, or the store does not answer.
    pub async fn show_approval(
        &self,
        tenant: &TenantId,
        id: ApprovalId,
    ) -> Result<ShownApproval, AppError> {
        let approval = self.approval(tenant, id).await?;
        let content = self.content_of(&approval, approval.stands_for()).await?;
        Ok(ShownApproval { approval, content })
    }
}

#[cfg(test)]
mod tests;
