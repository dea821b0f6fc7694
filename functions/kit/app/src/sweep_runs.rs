//! What a schedule does for runs: starts the workflows of those that were queued and not heard of,
//! and takes back the mails that those which ended left behind. It may be done at any time and by
//! several at once.

use baton_domain::item::{Item, Key, Table};
use baton_domain::run::RunStatus;
use baton_domain::{RunId, TenantId, Timestamp};
use jiff::SignedDuration;
use serde_json::Value;

use crate::{App, AppError};

/// How long a run may be queued before the sweeper starts its workflow.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// The most runs of one sweep: the next takes up the rest.
const MOST: usize = 100;

impl App {
    /// Starts what was not started and takes back what was left behind; answers how many runs were
    /// looked after.
    ///
    /// # Errors
    /// When the store does not say what there is to do. A run that cannot be started now stays
    /// queued, and the next sweep tries again.
    pub async fn sweep_runs(&self) -> Result<usize, AppError> {
        let mut looked_after = 0;
        for (tenant, run_id) in self.due(&Key::all_unstarted()).await? {
            let started = self.restart_queued(&tenant, run_id).await;
            let started = started.map(|state| state.status == RunStatus::Queued);
            looked_after += usize::from(swept(run_id, started)?);
        }
        for (tenant, run_id) in self.due(&Key::all_left_behind()).await? {
            let taken_back = self.take_back_left_behind(&tenant, run_id).await;
            looked_after += usize::from(swept(run_id, taken_back)?);
        }
        Ok(looked_after)
    }

    /// The runs of a partition of marks that have stood there for long enough.
    async fn due(&self, partition: &str) -> Result<Vec<(TenantId, RunId)>, AppError> {
        let items = &self.ports.items;
        let marks = items.newest(Table::Runs, partition, None, MOST).await?;
        let now = self.ports.clock.now();
        let is_due =
            |mark: &&Item| since(mark).is_none_or(|since| now.duration_since(since) >= GRACE);
        Ok(marks.iter().filter(is_due).filter_map(marked).collect())
    }

    async fn take_back_left_behind(
        &self,
        tenant: &TenantId,
        run_id: RunId,
    ) -> Result<bool, AppError> {
        let state = self.load_run(tenant, run_id).await?;
        if !state.leaves_mails_behind() {
            return Ok(false);
        }
        self.take_back(state).await?;
        Ok(true)
    }
}

/// What became of one run: only a store that does not answer ends the sweep.
fn swept(run_id: RunId, result: Result<bool, AppError>) -> Result<bool, AppError> {
    match result {
        Ok(done) => Ok(done),
        Err(AppError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::error!(%run_id, %error, "a run cannot be swept: the next sweep tries again");
            Ok(false)
        }
    }
}

fn marked(mark: &Item) -> Option<(TenantId, RunId)> {
    let of = |name| mark.attributes.get(name).and_then(Value::as_str);
    let tenant = of("tenant_id").and_then(|tenant| tenant.parse().ok());
    let run = of("run_id").and_then(|run| run.parse().ok());
    if tenant.is_none() || run.is_none() {
        tracing::error!(sk = %mark.key.sk, "a mark of a run cannot be read");
    }
    tenant.zip(run)
}

fn since(mark: &Item) -> Option<Timestamp> {
    mark.attributes.get("since")?.as_str()?.parse().ok()
}
