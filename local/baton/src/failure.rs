//! How a command fails: a message for people and an exit code for programs.

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// 1: it ran and failed. 2: the command line, a file or a setting is wrong.
    pub(crate) code: u8,
    /// What happened and what to do.
    pub(crate) message: String,
}

impl Failure {
    /// It ran and failed.
    pub(crate) fn failed(error: &impl ToString) -> Self {
        Self {
            code: 1,
            message: error.to_string(),
        }
    }

    /// The command line, a file or a setting is wrong.
    pub(crate) fn wrong(error: &impl ToString) -> Self {
        Self {
            code: 2,
            message: error.to_string(),
        }
    }
}
