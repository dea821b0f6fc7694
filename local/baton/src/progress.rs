//! How far a command is, told on standard error where that is a terminal.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How often it is told at most.
const EVERY: Duration = Duration::from_millis(100);

/// After how many rows the clock is looked at.
const ROWS: u64 = 4_096;

/// Tells how many rows were read and written, and notices that somebody interrupts.
pub(crate) struct Progress {
    shown: bool,
    told: Option<Instant>,
    interrupted: Arc<AtomicBool>,
}

impl Progress {
    /// Tells nothing where standard error is no terminal. Work ends once `interrupted` is set.
    pub(crate) fn new(interrupted: Arc<AtomicBool>) -> Self {
        Self {
            shown: stderr().is_terminal(),
            told: None,
            interrupted,
        }
    }

    /// So many rows were treated so.
    pub(crate) fn tick(&mut self, what: &str, rows: u64) -> Result<(), Failure> {
        if !rows.is_multiple_of(ROWS) {
            return Ok(());
        }
        if self.interrupted.load(Ordering::Relaxed) {
            self.clear();
            return Err(Failure::failed(&"interrupted; nothing was written"));
        }
        let due = self.told.is_none_or(|told| told.elapsed() > EVERY);
        if self.shown && due {
            self.told = Some(Instant::now());
            // Whoever looks away from the terminal loses nothing but this.
            let _ = write!(stderr(), "\r{rows} rows {what}");
        }
        Ok(())
    }

    /// Says what takes a moment without rows.
    pub(crate) fn say(&mut self, what: &str) {
        if self.shown {
            self.clear();
            self.told = Some(Instant::now());
            let _ = write!(stderr(), "{what} …");
        }
    }

    /// Takes back what was told.
    pub(crate) fn clear(&mut self) {
        if self.told.take().is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
