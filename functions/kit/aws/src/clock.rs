//! Time and chance from the operating system.

use baton_domain::Timestamp;
use baton_domain::ports::Clock;

/// The wall clock and the operating system's entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// # Panics
    /// When the operating system has no entropy: ids made without it would not be unique.
    fn entropy(&self) -> u128 {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system gives entropy");
        u128::from_ne_bytes(bytes)
    }
}
