//! The machine's clock, which tests of adapters move on.

use std::sync::Mutex;
use std::time::Duration;

use baton_app::SystemClock;
use baton_domain::Timestamp;
use baton_domain::ports::Clock;

/// The machine's clock, and what was added to it.
#[derive(Debug, Default)]
pub(crate) struct SetClock(Mutex<Duration>);

impl SetClock {
    /// Moves it on.
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().expect("no thread panics") += by;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().expect("no thread panics")
    }

    fn entropy(&self) -> u128 {
        SystemClock.entropy()
    }
}
