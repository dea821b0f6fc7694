//! Fail: ends its flow with an error.

use serde_json::Value;

use crate::check::Reader;
use crate::execution::{Execution, FrameId};
use crate::failure::Failure;
use crate::jsonata::Scope;
use crate::operand::Operand;

/// `Error` and `Cause`, both optional, or their `…Path` forms.
#[derive(Debug)]
pub(crate) struct Fail {
    error: Option<Operand<String>>,
    cause: Option<Operand<String>>,
}

impl Fail {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let error = reader.operand("Error", "a string", text);
        let cause = reader.operand("Cause", "a string", text);
        Self {
            error: reader.with_path(error, "Error", "ErrorPath"),
            cause: reader.with_path(cause, "Cause", "CausePath"),
        }
    }

    /// Always fails: with what it says, or with the error of saying it.
    pub(crate) fn work(&self, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        let failure = run.evaluate(frame, |scope| {
            let say = |operand: &Option<Operand<String>>, scope: &Scope<'_>, field| {
                let operand = operand.as_ref();
                operand
                    .map(|operand| operand.text(scope, field))
                    .transpose()
            };
            Ok(Failure {
                error: say(&self.error, scope, "Error")?,
                cause: say(&self.cause, scope, "Cause")?,
            })
        })?;
        Err(failure)
    }
}
