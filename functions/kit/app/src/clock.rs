//! The real clock and the operating system's randomness, for both worlds.

use baton_domain::Timestamp;
use baton_domain::ports::Clock;

/// The machine's clock and its source of randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn entropy(&self) -> u128 {
        let mut bytes = [0; 16];
        // Ids of two processes must differ: a machine without randomness cannot run Baton.
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        u128::from_le_bytes(bytes)
    }
}
