//! Logs the requests of a batch that ended before they were answered: every request that was accepted
//! leaves one entry in the log, whatever becomes of its batch.

use baton_domain::item::{Condition, Key, Table};
use baton_domain::run::RunState;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use crate::keep_answers::results;
use crate::load_run::readable;
use crate::received::Received;
use crate::start_batch::PlaceOfPart;
use crate::submit_request::failed;
use crate::{App, AppError};

/// How many entries are written at the same time.
const AT_ONCE: usize = 16;

/// What of a batch's input says where its requests are.
#[derive(Debug, Deserialize)]
struct Asked {
    parts: Vec<PlaceOfPart>,
}

/// What of a request that was kept says who asked.
#[derive(Debug, Deserialize)]
struct KeptRequest {
    received: Received,
}

impl App {
    /// Logs, as failed, the requests of those parts whose answers were not kept. What a request's own
    /// workflow wrote stays; one that still goes on, or is asked for again by a redrive, replaces the
    /// entry. At most [`crate::MAX_REQUESTS`] writes, which may be done again.
    ///
    /// # Errors
    /// When the store does not answer, or does not know what was asked for.
    pub(crate) async fn log_unanswered(&self, run: &RunState) -> Result<(), AppError> {
        let Asked { parts } = self.kept_input(run).await?;
        let lost = |place: &PlaceOfPart| !run.artifacts.contains_key(&results(place.part));
        for place in parts.into_iter().filter(lost) {
            let requests = self.requests_at(&place.key).await?;
            let puts = stream::iter(requests).map(|KeptRequest { received }| async move {
                let entry = received.entry(&failed(), false, run.updated_at);
                let tenant = &run.tenant_id;
                self.log_request(tenant, &entry, &Condition::Absent).await
            });
            puts.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Ok(())
    }

    async fn requests_at(&self, key: &Key) -> Result<Vec<KeptRequest>, AppError> {
        let item = self.ports.items.get(Table::Runs, key).await?;
        readable(&item.ok_or(AppError::NotFound("requests of this batch"))?)
    }
}

#[cfg(test)]
mod tests;
