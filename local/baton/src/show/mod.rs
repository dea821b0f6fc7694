//! How runs and what they make are shown to people.

mod artifact;
mod event;
mod markdown;
mod preview;
mod text;

pub(crate) use artifact::artifact;
pub(crate) use baton_domain::text::{capitalized, moment};
pub(crate) use event::Narrator;
pub(crate) use markdown::unescaped;
pub(crate) use preview::previews;
pub(crate) use text::{file_name, plain, shortened};

use baton_domain::Money;
use baton_domain::run::{RunStatus, Subject};
use owo_colors::OwoColorize as _;

/// A heading above what belongs together.
pub(crate) fn heading(text: &str) -> String {
    format!("\n{} {}", "▌".cyan(), text.bold())
}

/// What a run is about: a brand and its month, a theme, or a user.
pub(crate) fn about(subject: &Subject) -> String {
    let brand = subject.brand_id.as_ref().map(ToString::to_string);
    let month = subject.month.map(|month| month.to_string());
    let user = subject.user_id.as_ref().map(ToString::to_string);
    let kind = subject.request_type.map(|kind| kind.name().to_owned());
    let batch = subject.requests.map(|requests| {
        let s = if requests == 1 { "" } else { "s" };
        format!("{requests} request{s}")
    });
    let named = [brand, month, subject.theme.clone(), user, batch, kind];
    named.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A sum to the cent, or to the millionth where cents do not tell.
pub(crate) fn dollars(sum: Money) -> String {
    let micro = sum.micro_usd();
    if micro.is_multiple_of(10_000) {
        format!("${}.{:02}", micro / 1_000_000, micro % 1_000_000 / 10_000)
    } else {
        sum.to_string()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_in_cents_where_cents_tell() {
        let shown = |micro| dollars(Money::from_micro_usd(micro));
        assert_eq!(shown(12_150_000), "$12.15");
        assert_eq!(shown(0), "$0.00");
        assert_eq!(shown(1_234), "$0.001234");
    }
}
