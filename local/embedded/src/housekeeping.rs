//! What has to be done now and then: on AWS by schedules and rules, here by these loops.

use std::time::Duration;

use baton_app::{App, AppError, ExecutionEnd};
use baton_domain::run::Workflow;
use baton_domain::{BrandId, TenantId, Timestamp};
use baton_engine::Outcome;
use tokio::time::{MissedTickBehavior, interval};

use crate::executions::{ExecutionError, Unsettled};
use crate::{Embedded, Executions};

/// How often queued runs are started again and lost callbacks are sent again: sooner than on AWS,
/// since it costs nothing here.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// How often it is looked whether a month's campaigns are to be started.
const SCHEDULE_EVERY: Duration = Duration::from_hours(1);

/// How often items that have expired are deleted.
const PURGE_EVERY: Duration = Duration::from_mins(10);

/// How often ended executions are looked for when no bell rang.
const SETTLE_EVERY: Duration = Duration::from_secs(1);

impl Embedded {
    /// Keeps house until it is dropped: ends runs whose executions ended without a word, starts
    /// queued runs again, tells decisions again, starts the campaigns of these brands month by
    /// month, and deletes what has expired.
    pub async fn keep_house(&self, brands: &[(TenantId, BrandId)]) {
        let (app, executions) = (&self.app(), self.executions());
        // Each for itself: a partner that is slow when a mail is taken back holds up that alone.
        let settling = async {
            loop {
                executions.ended_within(SETTLE_EVERY).await;
                settle(app, executions).await;
            }
        };
        let sweeping = async {
            // Whoever decided before this process began tells nobody any more.
            if let Err(error) = app.tell_untold().await {
                tracing::warn!(%error, "decisions are told later");
            }
            every(SWEEP_EVERY, || sweep_all(app)).await;
        };
        let scheduling = every(SCHEDULE_EVERY, || {
            start_campaigns(app, brands, self.clock.now())
        });
        let purging = every(PURGE_EVERY, || self.purge());
        tokio::join!(settling, sweeping, scheduling, purging);
    }

    async fn purge(&self) {
        match self.items.purge(self.clock.now()).await {
            Ok(purged) => tracing::debug!(purged, "deleted what had expired"),
            Err(error) => tracing::warn!(%error, "what has expired was not deleted"),
        }
    }
}

/// Does something now and in every period from then on; never returns.
async fn every<F: Future<Output = ()>>(period: Duration, work: impl Fn() -> F) {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        work().await;
    }
}

/// Writes the ends of runs whose executions ended; what cannot be written now is tried again.
async fn settle(app: &App, executions: &Executions) {
    let standard = [
        Workflow::Avatar,
        Workflow::Campaign,
        Workflow::Research,
        Workflow::Batch,
    ];
    for workflow in standard {
        let ended = match executions.unsettled(workflow.name()).await {
            Ok(ended) => ended,
            Err(error) => return tracing::warn!(%error, "ended executions are looked for later"),
        };
        for execution in ended {
            let name = execution.name.clone();
            if let Err(error) = settle_one(app, executions, execution).await {
                tracing::warn!(execution = %name, %error, "its run is ended later");
            }
        }
    }
}

async fn settle_one(
    app: &App,
    executions: &Executions,
    execution: Unsettled,
) -> Result<(), SettleError> {
    let Unsettled {
        name,
        input,
        outcome,
    } = execution;
    let tenant = input["tenant_id"].as_str().and_then(|id| id.parse().ok());
    let (end, error, cause) = match outcome {
        Outcome::Succeeded { output } => (ExecutionEnd::with_output(&output), None, None),
        Outcome::Failed { error, cause } => (ExecutionEnd::Failed, error, cause),
        Outcome::TimedOut => (ExecutionEnd::TimedOut, None, None),
        Outcome::Aborted { error, cause } => (ExecutionEnd::Aborted, error, cause),
    };
    if let Some(tenant) = tenant {
        let (error, cause) = (error.as_deref(), cause.as_deref());
        match app
            .end_of_execution(&tenant, &name, end, error, cause)
            .await
        {
            // Somebody played the definition by itself: it is no run's.
            Ok(_) | Err(AppError::NotFound(_) | AppError::Invalid(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(executions.settled(&name).await?)
}

#[derive(Debug, thiserror::Error)]
enum SettleError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Execution(#[from] ExecutionError),
}

async fn sweep_all(app: &App) {
    if let Err(error) = app.sweep_runs().await {
        tracing::warn!(%error, "queued runs are looked after later");
    }
    if let Err(error) = app.sweep_approvals().await {
        tracing::warn!(%error, "decisions are told later");
    }
    if let Err(error) = app.sweep_payments().await {
        tracing::warn!(%error, "purchases are looked after later");
    }
}

async fn start_campaigns(app: &App, brands: &[(TenantId, BrandId)], now: Timestamp) {
    match app.schedule_campaigns(brands, now).await {
        Ok(scheduled) => {
            for started in scheduled.iter().filter(|brand| brand.run_id.is_some()) {
                let (brand, month) = (&started.brand_id, started.month);
                tracing::info!(tenant = %started.tenant_id, %brand, %month, "a campaign was started");
            }
        }
        Err(error) => tracing::warn!(%error, "campaigns are started later"),
    }
}
