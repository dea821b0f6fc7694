//! Lines: an agent, what is wrong with its data, the data, and what comes of it.

mod creative;
mod customers;
mod paths;
mod prices;
mod series;

use serde_json::Value;

/// One line.
pub(crate) struct Case {
    pub(crate) agent: &'static str,
    /// What is odd.
    pub(crate) what: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) input: Value,
    pub(crate) expected: Expected,
}

/// What comes of a case.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// An answer.
    Answer,
    /// An error of this code whose message has this word.
    Refusal(&'static str, &'static str),
}

/// Every line.
pub(crate) fn all() -> Vec<Case> {
    let groups = [
        customers::leads(),
        customers::churn(),
        customers::contracts(),
        customers::value(),
        paths::journeys(),
        paths::attribution(),
        series::forecasts(),
        creative::ads(),
        creative::copy(),
        creative::videos(),
        prices::prices(),
    ];
    groups.into_iter().flatten().collect()
}

/// Lines of one agent: what is odd, the input, what comes of it.
fn of<const N: usize>(
    agent: &'static str,
    lines: [(&'static str, Value, Expected); N],
) -> Vec<Case> {
    let line = |(what, input, expected)| Case {
        agent,
        what,
        mode: "primary",
        input,
        expected,
    };
    lines.into_iter().map(line).collect()
}
