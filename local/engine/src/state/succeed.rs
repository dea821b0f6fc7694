//! Succeed: ends its flow with its input, or what `Output` makes of it.

use crate::execution::{Execution, FrameId};
use crate::failure::Failure;
use crate::model::{Next, State};

/// A Succeed state has no fields of its own: its data fields say it all.
#[derive(Debug)]
pub(crate) struct Succeed;

impl Succeed {
    #[allow(clippy::unused_self, reason = "every state type has the same shape")]
    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        run.leave(frame, &state.data, Next::End, None)
    }
}
