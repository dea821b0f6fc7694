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
        // Without randomness ids would still be unique per millisecond and writes are conditional,
        // so a machine that has none is no reason to stop.
        if getrandom::fill(&mut bytes).is_err() {
            tracing::warn!("the operating system gives no randomness");
        }
        u128::from_le_bytes(bytes)
    }
}
