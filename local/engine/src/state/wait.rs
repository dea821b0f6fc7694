//! Wait: some seconds, or until a moment.

use jiff::Timestamp;
use serde_json::Value;

use crate::check::Reader;
use crate::execution::{Execution, FrameId};
use crate::failure::{Failure, QUERY_EVALUATION, RUNTIME};
use crate::model::State;
use crate::operand::Operand;

/// The longest wait that AWS takes, about three years.
const LONGEST: u64 = 99_999_999;

/// How long, in one of two ways.
#[derive(Debug)]
pub(crate) enum Wait {
    Seconds(Operand<u64>),
    Timestamp(Operand<String>),
}

impl Wait {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let mut given = vec![reader.get("Seconds"), reader.get("Timestamp")];
        if !reader.is_jsonata() {
            given.extend([reader.get("SecondsPath"), reader.get("TimestampPath")]);
        }
        if given.iter().flatten().count() != 1 {
            reader.report("", "needs either 'Seconds' or 'Timestamp'");
        }
        let timestamp =
            reader.operand("Timestamp", "a timestamp like 2030-01-31T12:00:00Z", moment);
        let timestamp = reader.with_path(timestamp, "Timestamp", "TimestampPath");
        let seconds = reader.integer_operand("Seconds", 0..=LONGEST);
        let seconds = reader.with_path(seconds, "Seconds", "SecondsPath");
        match (seconds, timestamp) {
            (None, Some(timestamp)) => Self::Timestamp(timestamp),
            (seconds, _) => Self::Seconds(seconds.unwrap_or(Operand::Literal(0))),
        }
    }

    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        let until = self.until(run, frame)?;
        if until <= run.now() {
            return self.over(state, run, frame);
        }
        run.wait(frame, until);
        Ok(())
    }

    /// The wait is over.
    #[allow(
        clippy::unused_self,
        reason = "the timer comes back to the state that set it"
    )]
    pub(crate) fn over(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        run.leave(frame, &state.data, state.next, None)
    }

    fn until(&self, run: &mut Execution, frame: FrameId) -> Result<Timestamp, Failure> {
        match self {
            Self::Seconds(seconds) => {
                let range = 0..=LONGEST;
                let seconds =
                    run.evaluate(frame, |scope| seconds.integer(scope, "Seconds", range))?;
                Ok(run.after_seconds(seconds))
            }
            Self::Timestamp(operand) => {
                let text = run.evaluate(frame, |scope| operand.text(scope, "Timestamp"))?;
                timestamp(&text).ok_or_else(|| {
                    let (error, why) = unfit(operand, &text);
                    run.failure(frame, error, &why)
                })
            }
        }
    }
}

/// The error of a text that is no timestamp.
fn unfit(operand: &Operand<String>, text: &str) -> (&'static str, String) {
    match operand.path() {
        Some(path) => (
            RUNTIME,
            format!(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {path} == {text}"
            ),
        ),
        None => (
            QUERY_EVALUATION,
            format!(
                "The Timestamp parameter does not reference a valid ISO-8601 extended offset date-time format string: {text}"
            ),
        ),
    }
}

fn moment(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    timestamp(text).map(|_| text.to_owned())
}

/// RFC 3339 with an upper case `T` and an offset, as AWS wants it.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let (_, time) = text.split_once('T')?;
    let offset = time.ends_with('Z') || time.contains(['+', '-']);
    if !offset || text.contains('[') {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn timestamps_need_t_and_an_offset() {
        assert!(timestamp("2026-11-20T10:00:00Z").is_some());
        assert!(timestamp("2026-11-20T10:00:00.5+02:00").is_some());
        for wrong in [
            "2026-11-20 10:00:00Z",
            "2026-11-20T10:00:00",
            "2026-11-20",
            "soon",
            "",
        ] {
            assert!(timestamp(wrong).is_none(), "{wrong}");
        }
    }
}
