//! Tells people that something waits for them, and delivers what they are told.

use std::sync::Arc;

use async_trait::async_trait;
use baton_domain::approval::Approval;
use baton_domain::ports::{Deliveries, DeliveryError, Notice, Notices, StoreError};
use baton_domain::text::{capitalized, moment};

use crate::App;

impl App {
    /// Delivers a notice. Without a place to deliver to it is only logged, without its text.
    ///
    /// # Errors
    /// When it did not arrive; whoever hands notices over sends it again when that is `transient`.
    pub async fn notify(&self, notice: &Notice) -> Result<(), DeliveryError> {
        let (notice_id, run_id) = (&notice.notice_id, notice.run_id);
        let Some(deliveries) = &self.deliveries else {
            tracing::info!(%notice_id, %run_id, kind = %notice.kind, "a notice goes nowhere: no webhook is set");
            return Ok(());
        };
        deliveries.deliver(notice).await?;
        tracing::info!(%notice_id, %run_id, kind = %notice.kind, "a notice was delivered");
        Ok(())
    }

    /// Hands over a notice for each approver, with a link that is theirs. That it cannot be handed
    /// over stops no gate: the approval is in the list of what waits.
    pub(crate) async fn tell_approvers(&self, approval: &Approval, is_reminder: bool) {
        for notice in self.notices_of(approval, is_reminder) {
            if let Err(error) = self.ports.notices.send(&notice).await {
                let (approval_id, run_id) = (approval.approval_id, approval.run_id);
                tracing::error!(%approval_id, %run_id, %error, "an approver was not told");
            }
        }
    }

    fn notices_of(&self, approval: &Approval, is_reminder: bool) -> Vec<Notice> {
        let approvers = &self.approving.approvers;
        if approvers.is_empty() {
            return vec![self.notice(approval, is_reminder, None, 0)];
        }
        let numbered = (1..).zip(approvers);
        numbered
            .map(|(n, approver)| self.notice(approval, is_reminder, Some(approver), n))
            .collect()
    }

    fn notice(&self, approval: &Approval, is_reminder: bool, to: Option<&str>, n: u32) -> Notice {
        let id = approval.approval_id;
        let (kind, word) = if is_reminder {
            ("approval_reminder", "still waits")
        } else {
            ("approval_requested", "waits")
        };
        let makes_links = self.approving.links.as_ref();
        let mut lines = approval.summary.clone();
        let default = approval.default_decision.name();
        lines.push(format!(
            "Without a decision by {}: {default}.",
            moment(approval.expires_at)
        ));
        Notice {
            notice_id: format!("{id}/{kind}/{n}"),
            tenant_id: approval.tenant_id.clone(),
            kind: kind.to_owned(),
            to: to.map(str::to_owned),
            run_id: approval.run_id,
            title: capitalized(&format!(
                "{} in {} {word} for approval ({id})",
                approval.title(),
                approval.run_id
            )),
            lines,
            link: makes_links
                .zip(to)
                .map(|(links, to)| links.link(approval, to)),
        }
    }
}

/// Delivers notices as they come, for a Baton without a queue: what does not arrive is logged.
pub struct DirectNotices(pub Arc<dyn Deliveries>);

#[async_trait]
impl Notices for DirectNotices {
    async fn send(&self, notice: &Notice) -> Result<(), StoreError> {
        let sent = self.0.deliver(notice).await;
        sent.map_err(|error| StoreError(error.to_string()))
    }
}

/// Notices that nobody gets: each leaves a line in the log, without its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoggedNotices;

#[async_trait]
impl Notices for LoggedNotices {
    async fn send(&self, notice: &Notice) -> Result<(), StoreError> {
        let (notice_id, run_id) = (&notice.notice_id, notice.run_id);
        tracing::info!(%notice_id, %run_id, kind = %notice.kind, "notice");
        Ok(())
    }
}
