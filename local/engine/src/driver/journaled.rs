//! Runs an execution whose journal outlives the process.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::backlog::Backlog;
use super::journal::{Journal, JournalError};
use super::remote::Receipt;
use super::underway::{Next, Underway};
use super::{Finished, RunOptions};
use crate::execution::{Entry, Execution, Record, Stimulus};
use crate::model::Machine;

/// How many answers are kept with one write at most.
const AT_ONCE: usize = 256;

/// An execution that is kept.
pub struct Journaled {
    /// Everything that is known of it. It must have begun in the journal.
    pub record: Record,
    /// Where it is kept.
    pub journal: Arc<dyn Journal>,
    /// How long to stay with an execution that only waits for timers and tokens; without it
    /// until the end.
    pub patience: Option<Duration>,
}

/// Why a run returned.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// The execution is over.
    Finished(Finished),
    /// It waits for a token, or for this moment: to be run again then.
    Waiting(Option<Timestamp>),
}

/// Runs an execution on from what its record says, up to its end or a long wait.
///
/// What happens is kept before it is used, so a process that dies at any point leaves a
/// record to go on from: completed tasks are not called again, a task that was at work is,
/// and deadlines stay what they were.
///
/// # Errors
/// When the journal fails: then nothing was used that is not kept.
pub async fn run_journaled(
    machine: Arc<Machine>,
    kept: Journaled,
    options: RunOptions,
) -> Result<Ended, JournalError> {
    let mut run = Run::take_up(machine, kept, options);
    loop {
        if let Some(outcome) = run.underway.outcome.take() {
            let now = run.underway.clock.now();
            run.journal.close(&run.name, &outcome, now).await?;
            return Ok(Ended::Finished(Finished::of(&run.execution, outcome)));
        }
        match run.underway.next(run.patience).await {
            Next::Idle(until) => return Ok(Ended::Waiting(until)),
            Next::Happened(stimulus, receipt) => run.take(stimulus, receipt).await?,
        }
    }
}

struct Run {
    execution: Execution,
    underway: Underway,
    journal: Arc<dyn Journal>,
    patience: Option<Duration>,
    name: String,
    kept: usize,
}

impl Run {
    fn take_up(machine: Arc<Machine>, kept: Journaled, options: RunOptions) -> Self {
        let record = &kept.record;
        let mut underway = Underway::new(options);
        if let Some(last) = record.entries.last() {
            underway.clock.advance(last.at);
        }
        let mut backlog = Backlog::default();
        let told = underway.is_observed();
        let execution = Execution::replay(machine, record, told, |stimulus, effects| {
            backlog.note(stimulus, effects);
        });
        underway.outcome = execution.outcome().cloned();
        if underway.outcome.is_none() {
            underway.take_up(backlog);
        }
        Self {
            execution,
            underway,
            journal: kept.journal,
            patience: kept.patience,
            name: record.begun.info.name.clone(),
            kept: record.entries.len(),
        }
    }

    /// Keeps what happened, then uses it.
    async fn take(&mut self, first: Stimulus, receipt: Receipt) -> Result<(), JournalError> {
        let at = self.underway.clock.now();
        let mut entries = vec![Entry {
            at,
            stimulus: first,
        }];
        while entries.len() < AT_ONCE
            && let Some(stimulus) = self.underway.also()
        {
            entries.push(Entry { at, stimulus });
        }
        self.journal.append(&self.name, self.kept, &entries).await?;
        self.kept += entries.len();
        for entry in entries {
            let effects = self.execution.apply(entry.stimulus, entry.at);
            self.underway.perform(effects);
        }
        receipt.give(true);
        Ok(())
    }
}
