//! The limit on the size of values.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::Value;

use super::frame::Variable;
use super::{Execution, Frame, FrameId};
use crate::dialect::Assignments;
use crate::failure::{DATA_LIMIT, Failure};

/// The largest input, output or result, and the most that one `Assign` gives: 256 KiB.
const LARGEST: usize = 256 * 1024;
/// The most that the variables of an execution hold at a time: 10 MiB.
const MOST_STORED: usize = 10 * 1024 * 1024;

/// Deeper values are refused: what reads a journal back takes no more than 128 levels.
const DEEPEST: usize = 120;

impl Execution {
    /// Refuses a value that is too large or nested too deeply.
    #[allow(clippy::unused_self, reason = "reads as a limit of the execution")]
    pub(crate) fn limit(
        &self,
        value: &Value,
        failure: impl FnOnce() -> Failure,
    ) -> Result<(), Failure> {
        if !is_shallow(value, DEEPEST) {
            return Err(Failure::new(
                DATA_LIMIT,
                format!("A value is nested deeper than {DEEPEST} levels."),
            ));
        }
        if fits(value) { Ok(()) } else { Err(failure()) }
    }

    /// Refuses a value of the frame's state that is too large.
    pub(crate) fn limit_state(&self, id: FrameId, value: &Value) -> Result<(), Failure> {
        self.limit(value, || {
            let name = self.frames.get(&id).map(|frame| {
                let state = self.machine.state(frame.flow, frame.state);
                Arc::clone(&state.name)
            });
            let name = name.unwrap_or_default();
            let cause = format!(
                "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
            );
            Failure::new(DATA_LIMIT, cause)
        })
    }

    /// Measures what a state assigns, and refuses what is too much: for the state, or for the
    /// execution with what its other variables hold.
    pub(super) fn limit_assigned(
        &mut self,
        id: FrameId,
        assigned: Assignments,
    ) -> Result<Vec<(Arc<str>, Variable)>, Failure> {
        let mut measured = Vec::with_capacity(assigned.len());
        let mut total = 0;
        for (name, value) in assigned {
            self.limit_state(id, &value)?;
            let bytes = bytes_of(&value);
            total += bytes;
            measured.push((name, Variable { value, bytes }));
        }
        if total > LARGEST {
            let why =
                format!("The variables that it assigns have {total} bytes; at most {LARGEST}.");
            return Err(self.failure(id, DATA_LIMIT, &why));
        }
        self.limit_stored(id, &measured, total)?;
        Ok(measured)
    }

    fn limit_stored(
        &mut self,
        id: FrameId,
        assigned: &[(Arc<str>, Variable)],
        total: usize,
    ) -> Result<(), Failure> {
        // What was ever assigned is no less than what is held, and needs no count of it.
        self.assigned_bytes += total;
        if self.assigned_bytes <= MOST_STORED {
            return Ok(());
        }
        let own = self.frames.get(&id);
        let held = |(name, _): &(Arc<str>, Variable)| own?.variables.get(name);
        let replaced: usize = assigned.iter().filter_map(held).map(|old| old.bytes).sum();
        let all: usize = self.frames.values().map(|frame| frame.held()).sum();
        let mut stored = all + total - replaced;
        self.assigned_bytes = stored;
        if stored > MOST_STORED && self.machine.is_distributed {
            // A child execution has variables and a limit of its own.
            let owner = self.child_of(id);
            let frames = self.frames.iter();
            let together = frames.filter(|(other, _)| self.child_of(**other) == owner);
            let held: usize = together.map(|(_, frame)| frame.held()).sum();
            stored = held + total - replaced;
        }
        if stored > MOST_STORED {
            let why = format!(
                "The variables of the execution would have {stored} bytes; at most {MOST_STORED}."
            );
            return Err(self.failure(id, DATA_LIMIT, &why));
        }
        Ok(())
    }
}

impl Frame {
    /// Bytes of the variables assigned in this flow.
    fn held(&self) -> usize {
        self.variables.values().map(|variable| variable.bytes).sum()
    }
}

/// Whether a value is nested no deeper than some levels.
fn is_shallow(value: &Value, levels: usize) -> bool {
    let inner = |value: &Value| {
        let scalar = !value.is_array() && !value.is_object();
        scalar || levels > 0 && is_shallow(value, levels - 1)
    };
    match value {
        Value::Array(items) => items.iter().all(inner),
        Value::Object(fields) => fields.values().all(inner),
        _ => true,
    }
}

/// Whether a value's JSON text is within the limit.
fn fits(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        // Escapes make a text longer: up to six bytes for one.
        Value::String(text) if text.len() * 6 + 2 <= LARGEST => true,
        _ => serde_json::to_writer(Room(LARGEST), value).is_ok(),
    }
}

/// The length of a value's JSON text.
fn bytes_of(value: &Value) -> usize {
    let mut count = Count(0);
    // A count takes everything.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// A sink that counts.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sink that counts down and refuses what does not fit.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_bytes_of_json_text() {
        let text = |length| Value::String("x".repeat(length));
        assert!(fits(&text(LARGEST - 2)) && !fits(&text(LARGEST - 1)));
        assert!(!fits(&Value::String("\u{1}".repeat(LARGEST / 6 + 1))));
    }
}
