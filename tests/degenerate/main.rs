//! Degenerate input to every agent, through `invoke`, so that envelope and `validate` run: an answer
//! without a number that is none, or an error of the agent's own that names the field; never a panic,
//! an output that had to be kept back, or an agent that does not come back.
//!
//! [`cases`] hold a line for each thing that may be wrong with an agent's data, and what comes of it.
//! [`mutations`] need no lines: they take `events/<agent>/happy.json` and put what is odd in the place
//! of each of its values. A new agent is one line in [`agents`] and as many cases as it deserves.

mod agents;
mod cases;
mod invocation;
mod mutations;

use std::time::Duration;

use baton_tests::functions::functions;
use cases::Expected;
use invocation::invoke;
use serde_json::json;

/// How long an agent may think, unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn every_agent_is_here() {
    let known: Vec<String> = agents::all().into_keys().map(str::to_owned).collect();
    let there: Vec<String> = functions()
        .into_iter()
        .filter(|function| function.is_agent)
        .map(|function| function.name)
        .collect();
    assert_eq!(known, there);
}

#[test]
fn each_case_ends_as_its_line_says() {
    let agents = agents::all();
    let mut wrong = Vec::new();
    for case in cases::all() {
        let payload = json!({"mode": case.mode, "input": case.input});
        let found = invoke(&agents[case.agent], payload, PATIENCE);
        let ended = match (&found, case.expected) {
            (Ok(_), Expected::Answer) => true,
            (Err(failure), Expected::Refusal(code, word)) => {
                failure.code == code && failure.message.contains(word)
            }
            _ => false,
        };
        if !ended {
            let found =
                found.map_or_else(|failure| failure.to_string(), |_| "an answer".to_owned());
            wrong.push(format!(
                "{}, {}: expected {:?}, found {found}",
                case.agent, case.what, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whatever_stands_in_the_place_of_a_value_is_answered_or_refused_by_name() {
    let agents = agents::all();
    let mut wrong = Vec::new();
    for function in functions().into_iter().filter(|function| function.is_agent) {
        for (case, event) in function.events() {
            if case == "bad" {
                continue;
            }
            for mutation in mutations::of(&event) {
                let found = invoke(&agents[&*function.name], mutation.payload, PATIENCE);
                let Err(failure) = found else { continue };
                // What is invalid is named by the field itself, or by one that it belongs to. Other
                // codes say what is missing: no order, no slot, nothing to say.
                let invalid = failure.code.starts_with("Invalid");
                let named = !invalid
                    || mutation
                        .names
                        .iter()
                        .any(|name| failure.message.contains(name));
                let own = !["AgentPanicked", "InvalidOutput", "TooSlow"].contains(&&*failure.code);
                if !(named && own) {
                    wrong.push(format!(
                        "{}/{case}, {}: {failure}",
                        function.name, mutation.what
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
