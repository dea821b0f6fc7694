//! Real time, or time that jumps.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Where a run takes its time from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock; waits take as long as they say.
    Real,
    /// Jumps to the earliest timer when no task is in flight; a wait takes no time.
    Virtual(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A virtual clock that shows this time. Clones show the same time.
    pub fn virtual_at(start: Timestamp) -> Self {
        Self::Virtual(Arc::new(Mutex::new(start)))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => Timestamp::now(),
            Self::Virtual(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Ends when a moment has come; never when there is none.
    ///
    /// Virtual time only moves while nothing is in flight: `idle`.
    pub(super) fn until(
        &self,
        at: Option<Timestamp>,
        idle: bool,
    ) -> impl Future<Output = ()> + use<> {
        let real = matches!(self, Self::Real);
        let now = self.now();
        async move {
            match at {
                Some(at) if real => {
                    let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
                    tokio::time::sleep(wait).await;
                }
                Some(_) if idle => {}
                _ => std::future::pending().await,
            }
        }
    }

    /// Moves virtual time on to a moment.
    pub(super) fn advance(&self, at: Timestamp) {
        if let Self::Virtual(now) = self {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = (*now).max(at);
        }
    }
}
