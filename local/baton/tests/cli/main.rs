//! The command line, as a shell sees it: output, exit codes, errors that say what to do.

mod analyze;
mod campaign;
mod check;
mod demo;
mod executions;
mod play;
mod research;
mod runs;
mod score;
mod serve;
mod server;

use std::process::{Command, Output};

use serde_json::Value;

/// The command, without what the environment would change.
fn baton(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command
        .args(arguments)
        .env_remove("APP_ENVIRONMENT")
        .env_remove("BATON_URL")
        .env_remove("BATON_TOKEN")
        .env_remove("RUST_LOG");
    command
}

fn run(arguments: &[&str]) -> Output {
    baton(arguments).output().expect("baton runs")
}

fn json_of(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_wrong_with_the_command_line_is_said_with_exit_code_2() {
    for (arguments, clue) in [
        (&["play", "/no/such/file"][..], "cannot read /no/such/file"),
        (
            &["demo", "--break", "nobody"],
            "there is no agent `nobody`; there are: ad-assembly",
        ),
        (&["demo", "--users", "0"], "--users"),
        (
            &["serve", "--db", "/no/such/folder/baton.db"],
            "there is no folder /no/such/folder",
        ),
        (&["dance"], "dance"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            said(&output).contains(clue),
            "{arguments:?}: {}",
            said(&output)
        );
    }
}
