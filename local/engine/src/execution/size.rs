//! The limit on the size of values.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::Value;

use super::{Execution, FrameId};
use crate::dialect::Assignments;
use crate::failure::{DATA_LIMIT, Failure};

/// The largest input, output, result or assignment: 256 KiB.
const LARGEST: usize = 256 * 1024;

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

    pub(super) fn limit_assigned(
        &self,
        id: FrameId,
        assigned: &Assignments,
    ) -> Result<(), Failure> {
        assigned
            .iter()
            .try_for_each(|(_, value)| self.limit_state(id, value))
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
