//! What a schedule does for approvals: tells workflows what they were not told, and withdraws what
//! nobody waits for any more. All of it may be done at any time and by several at once.

use baton_domain::approval::{Approval, ApprovalStatus};
use baton_domain::item::{Item, Key, Table};
use baton_domain::run::RunState;
use jiff::SignedDuration;
use serde::Serialize;

use crate::approval_items::Mark;
use crate::tell_workflow::waits_for;
use crate::{App, AppError};

/// How long whoever decided has to tell the workflow before the sweeper does.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Swept {
    /// Decisions that workflows were told.
    pub told: usize,
    /// Approvals that were withdrawn, since their runs are over.
    pub withdrawn: usize,
    /// What could not be done; the next sweep tries again.
    pub failed: usize,
}

impl App {
    /// Sweeps once, over all tenants.
    ///
    /// # Errors
    /// When the store does not say what there is to do. One approval that fails is counted, and
    /// does not keep the others waiting.
    pub async fn sweep_approvals(&self) -> Result<Swept, AppError> {
        let mut swept = self.tell_older(GRACE).await?;
        for mark in self.marks(&Key::all_undecided()).await? {
            let result = self.withdraw_if_over(&mark).await;
            swept.count(&mark, result, |swept| &mut swept.withdrawn);
        }
        Ok(swept)
    }

    /// Tells workflows every decision that they were not told, however young: for a process that
    /// begins and is alone, so that whoever decided is gone.
    ///
    /// # Errors
    /// When the store does not say what there is to tell.
    pub async fn tell_untold(&self) -> Result<Swept, AppError> {
        self.tell_older(SignedDuration::ZERO).await
    }

    async fn tell_older(&self, than: SignedDuration) -> Result<Swept, AppError> {
        let mut swept = Swept::default();
        let now = self.ports.clock.now();
        for mark in self.marks(&Key::all_untold()).await? {
            if now.duration_since(mark.since) >= than {
                let result = self.tell_again(&mark).await;
                swept.count(&mark, result.map(|()| true), |swept| &mut swept.told);
            }
        }
        Ok(swept)
    }

    /// Withdraws every approval that waits of a run that ended; answers how many. Those of a later
    /// attempt, which may have begun meanwhile, are not its business.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn withdraw_approvals(&self, ended: &RunState) -> Result<usize, AppError> {
        let mut withdrawn = 0;
        let approvals = self.approvals_of_run(&ended.tenant_id, ended.run_id);
        for approval in approvals.await? {
            let ours = approval.attempt <= ended.attempt;
            if ours && approval.status == ApprovalStatus::Pending {
                let now = self.withdraw_approval(&approval).await?;
                withdrawn += usize::from(now.status == ApprovalStatus::Withdrawn);
            }
        }
        Ok(withdrawn)
    }

    /// Withdraws an approval unless it was closed meanwhile; answers how it stands.
    pub(crate) async fn withdraw_approval(&self, pending: &Approval) -> Result<Approval, AppError> {
        let closed = self.close(pending, ApprovalStatus::Withdrawn, None).await?;
        Ok(closed.0)
    }

    async fn tell_again(&self, mark: &Mark) -> Result<(), AppError> {
        match self.approval(&mark.tenant_id, mark.approval_id).await {
            Ok(approval) => self.tell_workflow(&approval).await,
            Err(AppError::NotFound(_)) => {
                let untold = Key::untold(&mark.tenant_id, mark.approval_id);
                Ok(self.ports.items.delete(Table::Approvals, &untold).await?)
            }
            Err(error) => Err(error),
        }
    }

    async fn withdraw_if_over(&self, mark: &Mark) -> Result<bool, AppError> {
        let approval = self.approval(&mark.tenant_id, mark.approval_id).await?;
        if approval.status != ApprovalStatus::Pending {
            return Ok(false);
        }
        let run = self.load_run(&mark.tenant_id, approval.run_id).await?;
        if waits_for(&run, &approval) {
            return Ok(false);
        }
        let now = self.withdraw_approval(&approval).await?;
        Ok(now.status == ApprovalStatus::Withdrawn)
    }

    async fn marks(&self, pk: &str) -> Result<Vec<Mark>, AppError> {
        let items = self.all_of(pk).await?;
        Ok(items.iter().filter_map(Item::parse).collect())
    }
}

impl Swept {
    fn count(
        &mut self,
        mark: &Mark,
        result: Result<bool, AppError>,
        done: impl Fn(&mut Self) -> &mut usize,
    ) {
        match result {
            Ok(true) => *done(self) += 1,
            Ok(false) => {}
            Err(error) => {
                let approval_id = mark.approval_id;
                tracing::error!(%approval_id, %error, "an approval could not be swept");
                self.failed += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests;
