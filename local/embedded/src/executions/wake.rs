//! Driving executions: in memory while something happens, woken when something is due.

use std::sync::{Arc, Weak};
use std::time::Duration;

use baton_engine::{
    Clock, Ended, Inbox, JournalError, Journaled, Remote, RunOptions, run_journaled,
};
use jiff::Timestamp;

use super::nested::Nested;
use super::{ExecutionError, Executions, Inner};

/// How long to wait before an execution whose journal failed is taken up again.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Executions {
    /// The line to an execution, which is woken when it is not in memory.
    pub(super) fn wake(&self, name: &str) -> Remote {
        let mut live = self.0.live();
        if let Some(remote) = live.get(name) {
            return remote.clone();
        }
        let (remote, inbox) = baton_engine::remote();
        live.insert(name.to_owned(), remote.clone());
        tokio::spawn(drive(Arc::clone(&self.0), name.to_owned(), inbox));
        self.watch();
        remote
    }

    /// Wakes executions when they are due, as long as anyone holds them.
    fn watch(&self) {
        let inner = Arc::downgrade(&self.0);
        self.0.watched.call_once(|| {
            tokio::spawn(watch(inner));
        });
    }
}

/// Drives an execution until it ends or only waits.
async fn drive(inner: Arc<Inner>, name: String, inbox: Inbox) {
    let ended = run(&inner, &name, inbox).await;
    inner.live().remove(&name);
    let again = match ended {
        Ok(Ended::Finished(_)) => {
            inner.ended.notify_waiters();
            None
        }
        Ok(Ended::Waiting(until)) => until,
        Err(ExecutionError::Journal(JournalError::Conflict(_))) => {
            tracing::info!(execution = %name, "written elsewhere: read again");
            Some(Timestamp::now())
        }
        Err(ExecutionError::Journal(error)) => {
            tracing::error!(execution = %name, %error, "taken up again later");
            Timestamp::now().checked_add(AFTER_FAILURE).ok()
        }
        Err(error) => {
            tracing::error!(execution = %name, %error, "cannot be driven");
            None
        }
    };
    if let Some(at) = again {
        inner.due().insert((at, name));
        inner.earlier.notify_one();
    }
}

async fn run(inner: &Arc<Inner>, name: &str, inbox: Inbox) -> Result<Ended, ExecutionError> {
    let record = inner.record(name).await?;
    let machine = inner.machine(&record.begun.definition)?;
    let executor = Arc::new(Nested {
        executions: Executions(Arc::clone(inner)),
        name: name.to_owned(),
        rest: Arc::clone(&inner.executor),
    });
    let mut options = RunOptions::new(name, executor);
    options.clock = Clock::Real;
    options.inbox = Some(inbox);
    let journal = Arc::clone(&inner.journal) as _;
    let kept = Journaled {
        record,
        journal,
        patience: Some(inner.patience),
    };
    Ok(run_journaled(machine, kept, options).await?)
}

async fn watch(inner: Weak<Inner>) {
    while let Some(strong) = inner.upgrade() {
        let first = strong.due().first().cloned();
        let now = Timestamp::now();
        match first {
            Some((at, name)) if at <= now => {
                strong.due().remove(&(at, name.clone()));
                Executions(strong).wake(&name);
            }
            first => {
                // Looks again now and then, so that it ends when nobody holds the executions.
                let longest = Duration::from_secs(1);
                let wait = first.map_or(longest, |(at, _)| {
                    Duration::try_from(at.duration_since(now)).unwrap_or_default()
                });
                let _ = tokio::time::timeout(wait.min(longest), strong.earlier.notified()).await;
            }
        }
    }
}
