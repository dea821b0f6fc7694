//! Lists a tenant's runs, newest first: all, those that stand so, or those of a brand.

use baton_domain::item::{Item, Key, Table};
use baton_domain::run::{RunStatus, RunSummary};
use baton_domain::{BrandId, RunId, TenantId};
use serde::Serialize;

use crate::{App, AppError, MAX_PAGE};

/// How many entries are looked at for one page where a status and a brand are asked for, or a
/// workflow: a list is kept for each status and each brand, and none for both.
const MOST_LOOKED_AT: usize = 1_000;

/// One page of runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunPage {
    /// The runs, newest first.
    pub runs: Vec<RunSummary>,
    /// What to pass as `before` for the next page; absent when this is the last. A page may hold
    /// fewer than asked for, and still not be the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<RunId>,
}

impl App {
    /// Runs that are older than `before`, at most `limit` of them (1 to [`MAX_PAGE`]).
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_runs(
        &self,
        tenant: &TenantId,
        status: Option<RunStatus>,
        brand: Option<&BrandId>,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<RunPage, AppError> {
        let partition = match (brand, status) {
            (Some(brand), _) => Key::runs_by_brand(tenant, brand),
            (None, Some(status)) => Key::runs_by_status(tenant, status),
            (None, None) => Key::runs(tenant),
        };
        let fits = |run: &RunSummary| status.is_none_or(|status| status == run.status);
        self.runs_that(&partition, fits, before, limit).await
    }

    /// The runs of a list that fit, older than `before`, at most `limit` of them (1 to [`MAX_PAGE`]).
    pub(crate) async fn runs_that(
        &self,
        partition: &str,
        fits: impl Fn(&RunSummary) -> bool,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<RunPage, AppError> {
        let limit = limit.clamp(1, MAX_PAGE);
        let mut runs: Vec<RunSummary> = Vec::new();
        let mut before = before.map(|run| run.to_string());
        let (mut looked_at, mut at_end) = (0, false);
        // One more than is answered tells whether there is a next page.
        while runs.len() <= limit && looked_at < MOST_LOOKED_AT && !at_end {
            let items = &self.ports.items;
            let found = items.newest(Table::Runs, partition, before.as_deref(), limit + 1);
            let found = found.await?;
            at_end = found.len() <= limit;
            looked_at += found.len();
            before = found.last().map(|item| item.key.sk.clone()).or(before);
            runs.extend(found.iter().filter_map(parse).filter(&fits));
        }
        let more = runs.len() > limit;
        runs.truncate(limit);
        let next = match (more, at_end) {
            (true, _) => runs.last().map(|run| run.run_id),
            (false, true) => None,
            (false, false) => before.and_then(|sk| sk.parse().ok()),
        };
        Ok(RunPage { runs, next })
    }
}

/// A run that cannot be read is left out, and said: the others are still a list.
fn parse(item: &Item) -> Option<RunSummary> {
    let run = item.parse();
    if run.is_none() {
        tracing::error!(pk = %item.key.pk, sk = %item.key.sk, "a listed run cannot be read");
    }
    run
}

#[cfg(test)]
mod tests {
    use baton_domain::run::Event;

    use super::*;
    use crate::testing::{TestWorld, tenant};

    #[tokio::test]
    async fn pages_meet_and_lose_nothing() {
        let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
        let (app, acme) = (world.app(), tenant("acme"));
        let brand: BrandId = "northwind".parse().unwrap();
        let mut all = Vec::new();
        for n in 0..7 {
            world.clock.advance(jiff::SignedDuration::from_secs(1));
            let run = app.begin_test_run(&acme, n).await;
            if n % 3 == 0 {
                let ended = Event::Ended {
                    status: RunStatus::Failed,
                    error: None,
                    cause: None,
                };
                app.append(&acme, run, "end", vec![ended]).await.unwrap();
            }
            all.insert(0, run);
        }
        let failed: Vec<RunId> = [0, 3, 6].map(|n| all[n]).to_vec();
        let (some, none) = (Some(RunStatus::Failed), None);
        for (status, brand, expected) in [
            (none, None, &all),
            (none, Some(&brand), &all),
            (some, None, &failed),
            (some, Some(&brand), &failed),
        ] {
            for limit in 1..9 {
                let (mut found, mut before) = (Vec::new(), None);
                loop {
                    let page = app.list_runs(&acme, status, brand, before, limit).await;
                    let page = page.unwrap();
                    assert!(page.runs.len() <= limit);
                    found.extend(page.runs.iter().map(|run| run.run_id));
                    before = page.next;
                    if before.is_none() {
                        break;
                    }
                }
                assert_eq!(&found, expected, "{status:?} {brand:?} by {limit}");
            }
        }
        let nobody = tenant("other");
        let page = app.list_runs(&nobody, None, None, None, 5).await.unwrap();
        assert_eq!(page.runs, []);
    }
}
