//! Takes a run's artifacts back to those of an earlier version. Nothing is deleted: the journal
//! says that they are again those.

use baton_domain::run::{Event, RunState};
use baton_domain::{RunId, TenantId};

use crate::journal::Change;
use crate::{App, AppError};

impl App {
    /// Rolls a run that is over back to `to_version`; redriven from a stage, it goes on from there.
    /// `if_match` is the version that the caller knows.
    ///
    /// # Errors
    /// [`AppError::Stale`] when the run is at another version than `if_match`; when it is not over,
    /// has no such version, or the store does not answer.
    pub async fn roll_back_run(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        to_version: u64,
        if_match: Option<u64>,
    ) -> Result<RunState, AppError> {
        let head = self.load_run(tenant, run_id).await?;
        let known = if_match.unwrap_or(head.version);
        let then = self.rebuild(tenant, run_id, Some(to_version)).await?;
        let artifacts: Vec<_> = then.artifacts.into_values().collect();
        let event_id = format!("roll-back-{known}-to-{to_version}");
        let change = |state: &RunState| {
            check_version(state, Some(known))?;
            if !state.status.is_over() {
                let message = "a run at work cannot be rolled back: cancel it first";
                return Err(AppError::RunConflict(message.to_owned()));
            }
            let artifacts = artifacts.clone();
            let event = Event::RolledBack {
                to_version,
                artifacts,
            };
            Ok(Change::from(vec![event]))
        };
        let done = self.append_from(tenant, run_id, &event_id, change).await?;
        Ok(done.state)
    }
}

/// Refuses a caller that knows another version of the run.
pub(crate) fn check_version(state: &RunState, if_match: Option<u64>) -> Result<(), AppError> {
    let version = state.version;
    if if_match.is_some_and(|known| known != version) {
        return Err(AppError::Stale { version });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use baton_domain::run::RunStatus;
    use serde_json::json;

    use super::*;
    use crate::testing::TestWorld;

    #[tokio::test]
    async fn artifacts_are_again_those_of_then() {
        let (app, acme, run) = TestWorld::with_run().await;
        for n in 1..=3 {
            let artifact = app.store_artifact(&acme, run, "notes", &json!(n)).await;
            let stored = Event::ArtifactStored {
                artifact: artifact.unwrap(),
                by: "test".to_owned(),
            };
            app.append(&acme, run, &format!("a{n}"), vec![stored])
                .await
                .unwrap();
        }
        let at_work = app.roll_back_run(&acme, run, 2, None).await;
        assert!(
            matches!(at_work, Err(AppError::RunConflict(_))),
            "{at_work:?}"
        );
        let ended = Event::Ended {
            status: RunStatus::Cancelled,
            error: None,
            cause: None,
        };
        let over = app.append(&acme, run, "end", vec![ended]).await.unwrap();
        let stale = app
            .roll_back_run(&acme, run, 2, Some(over.version - 1))
            .await;
        assert_eq!(
            stale,
            Err(AppError::Stale {
                version: over.version
            })
        );
        let back = app
            .roll_back_run(&acme, run, 2, Some(over.version))
            .await
            .unwrap();
        assert_eq!(
            (back.artifacts["notes"].version, back.version),
            (1, over.version + 1)
        );
        let again = app.roll_back_run(&acme, run, 2, Some(over.version)).await;
        assert_eq!(
            again.unwrap(),
            back,
            "an answer that was lost is answered again"
        );
        let (_, content) = app.load_artifact(&acme, run, "notes", None).await.unwrap();
        assert_eq!(content, json!(1));
        assert_eq!(app.rebuild(&acme, run, None).await.unwrap(), back);
        for bad in [0, back.version + 1] {
            let refused = app.roll_back_run(&acme, run, bad, None).await;
            assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
        }
    }
}
