//! `baton runs`, where no campaign is needed.

use std::process::Stdio;

use serde_json::json;

use super::{baton, json_of, run, said};

const RUN: &str = "run_01JD2Z5Y8N3V9QK7M4T6W1X0RB";

#[test]
fn what_is_wrong_with_the_command_line_is_said_with_exit_code_2() {
    let approval = "apr_01JD2Z5Y8N3V9QK7M4T6W1X0RB";
    for (arguments, clue) in [
        (
            &["runs", "list", "--status", "nope"][..],
            "must be one of queued, running",
        ),
        (&["runs", "list", "--limit", "101"], "--limit"),
        (&["runs", "follow", "first"], "run_"),
        (
            &["runs", "redrive", RUN, "--from", "dance"],
            "collect, strategy, content, deployment",
        ),
        (
            &[
                "runs",
                "fork",
                RUN,
                "--from",
                "content",
                "--artifact",
                "strategy",
            ],
            "a name, = and a file",
        ),
        (
            &["runs", "start", "--brand", "a#b", "--month", "2024-11"],
            "--brand",
        ),
        (&["runs", "list", "--url", "ftp://x"], "http or https"),
        (
            &[
                "runs",
                "start",
                "--brand",
                "acme",
                "--month",
                "2024-11",
                "--max-cost-usd",
                "-1",
            ],
            "must lie between 0 and",
        ),
        (
            &[
                "runs",
                "show",
                "first",
                "--history",
                "--db",
                "/no/such/file",
            ],
            "no file /no/such/file",
        ),
        (
            &["approve", approval, "--decision", "dance"],
            "approve, reject, request_changes",
        ),
        (
            &[
                "approve",
                approval,
                "--decision",
                "request_changes",
                "--approver",
                "ada",
            ],
            "--notes: must say",
        ),
        (
            &[
                "approve",
                approval,
                "--decision",
                "approve_with_fixes",
                "--approver",
                "ada",
            ],
            "--edits: must be a JSON Patch",
        ),
        (&["approve", "--json"], "--list"),
        (&["approve", "--decision", "approve"], "APPROVAL"),
    ] {
        let output = baton(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("baton runs");
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains(clue),
            "{arguments:?}: {}",
            said(&output)
        );
    }
}

#[test]
fn a_baton_that_is_not_there_is_said_with_exit_code_1_and_no_token_is() {
    let url = ["--url", "http://127.0.0.1:1"];
    for arguments in [
        &["runs", "list"][..],
        &["runs", "show", RUN],
        &["approve", "--list"],
    ] {
        let mut command = baton(&[arguments, &url].concat());
        let output = command
            .env("BATON_TOKEN", "s3cret")
            .output()
            .expect("baton runs");
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let why = said(&output);
        assert!(
            why.contains("nothing answers at http://127.0.0.1:1"),
            "{why}"
        );
        assert!(!why.contains("s3cret"), "{why}");
    }
    let mut clear = baton(&["runs", "list", "--url", "http://baton.example"]);
    let clear = clear
        .env("BATON_TOKEN", "s3cret")
        .output()
        .expect("baton runs");
    assert_eq!(clear.status.code(), Some(2));
    assert!(said(&clear).contains("must be https") && !said(&clear).contains("s3cret"));
    let help = baton(&["runs", "--help"])
        .env("BATON_TOKEN", "s3cret")
        .output();
    let help = help.expect("baton runs").stdout;
    assert!(!String::from_utf8_lossy(&help).contains("s3cret"));
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let mut command = baton(&["runs", "list"]);
    for name in ["BATON_URL", "BATON_TENANT", "BATON_TOKEN"] {
        command.env(name, "");
    }
    let why = said(&command.output().expect("baton runs"));
    // Whatever answers at the usual address, if anything, is asked.
    assert!(
        !why.contains("invalid value") && !why.contains("token"),
        "{why}"
    );
}

#[test]
fn the_history_of_an_execution_is_read_from_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    super::executions::keep_a_failure(&db);
    let db = db.to_str().expect("a path");
    let shown = run(&["runs", "show", "first", "--history", "--db", db]);
    assert!(shown.status.success(), "{}", said(&shown));
    assert_eq!(
        json_of(&shown)["history"][0]["type"],
        json!("ExecutionStarted")
    );
    let unknown = run(&["runs", "show", RUN, "--history", "--db", db]);
    assert_eq!(unknown.status.code(), Some(2));
}
