//! What a schedule does for runs: starts the workflows of those that were queued and not heard of.
//! It may be done at any time and by several at once.

use baton_domain::Timestamp;
use baton_domain::item::{Item, Key, Table};
use baton_domain::run::RunStatus;
use jiff::SignedDuration;
use serde_json::Value;

use crate::{App, AppError};

/// How long a run may be queued before the sweeper starts its workflow.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// The most runs of one sweep: the next takes up the rest.
const MOST: usize = 100;

impl App {
    /// Starts what was not started; answers how many runs were looked after.
    ///
    /// # Errors
    /// When the store does not say what there is to do. A run that cannot be started now stays
    /// queued, and the next sweep tries again.
    pub async fn sweep_runs(&self) -> Result<usize, AppError> {
        let partition = Key::all_unstarted();
        let items = &self.ports.items;
        let marks = items.newest(Table::Runs, &partition, None, MOST).await?;
        let now = self.ports.clock.now();
        let mut started = 0;
        for mark in marks {
            let is_due = since(&mark).is_none_or(|since| now.duration_since(since) >= GRACE);
            if is_due && self.sweep_run(&mark).await? {
                started += 1;
            }
        }
        Ok(started)
    }

    async fn sweep_run(&self, mark: &Item) -> Result<bool, AppError> {
        let of = |name| mark.attributes.get(name).and_then(Value::as_str);
        let tenant = of("tenant_id").and_then(|tenant| tenant.parse().ok());
        let run = of("run_id").and_then(|run| run.parse().ok());
        let Some((tenant, run_id)) = tenant.zip(run) else {
            tracing::error!(sk = %mark.key.sk, "a mark of a queued run cannot be read");
            return Ok(false);
        };
        match self.restart_queued(&tenant, run_id).await {
            Ok(state) => Ok(state.status == RunStatus::Queued),
            Err(AppError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!(%run_id, %error, "a queued run cannot be started");
                Ok(false)
            }
        }
    }
}

fn since(mark: &Item) -> Option<Timestamp> {
    mark.attributes.get("since")?.as_str()?.parse().ok()
}
