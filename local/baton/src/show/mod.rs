//! How runs and what they make are shown to people.

mod artifact;
mod event;
mod explain;
mod preview;
mod text;

pub(crate) use artifact::artifact;
pub(crate) use baton_domain::text::{capitalized, moment};
pub(crate) use event::Narrator;
pub(crate) use explain::explained;
pub(crate) use preview::previews;
pub(crate) use text::{file_name, plain, shortened};

use baton_domain::run::RunStatus;
use owo_colors::OwoColorize as _;

/// A heading above what belongs together.
pub(crate) fn heading(text: &str) -> String {
    format!("\n{} {}", "▌".cyan(), text.bold())
}

/// A status, in its colour.
pub(crate) fn status(status: RunStatus) -> String {
    let name = status.name();
    match status {
        RunStatus::Succeeded => name.green().bold().to_string(),
        RunStatus::Queued | RunStatus::Running => name.cyan().bold().to_string(),
        RunStatus::WaitingApproval | RunStatus::Partial => name.yellow().bold().to_string(),
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Expired => {
            name.red().bold().to_string()
        }
    }
}
