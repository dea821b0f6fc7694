//! `baton play`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{baton, json_of, run};

/// Plays a definition with an input.
fn play(definition: &Value, input: &Value, arguments: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("machine.asl.json");
    std::fs::write(&path, definition.to_string()).expect("a file");
    let mut command = baton(&["play", path.to_str().expect("a path"), "--input", "-"]);
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("baton runs");
    let mut stdin = child.stdin.take().expect("piped");
    stdin
        .write_all(input.to_string().as_bytes())
        .expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    (output.status.code().expect("no signal"), json_of(&output))
}

#[test]
fn play_prints_one_object_and_its_exit_code_says_how_it_ended() {
    let waits = json!({"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
        "Rest": {"Type": "Wait", "Seconds": 1_209_600, "Next": "Double"},
        "Double": {"Type": "Pass", "Output": "{% $states.input.n * 2 %}", "End": true}}});
    let (code, report) = play(&waits, &json!({"n": 21}), &["--trace"]);
    let wanted = json!({"status": "SUCCEEDED", "output": 42, "trace": ["Rest", "Double"]});
    assert_eq!((code, report), (0, wanted));
    let fails = json!({"QueryLanguage": "JSONata", "StartAt": "No", "States": {
        "No": {"Type": "Fail", "Error": "Refused", "Cause": "because"}}});
    let (code, report) = play(&fails, &json!({}), &[]);
    let wanted = json!({"status": "FAILED", "error": "Refused", "cause": "because"});
    assert_eq!((code, report), (1, wanted));
    let (code, report) = play(&json!({"StartAt": "Nowhere"}), &json!({}), &[]);
    assert_eq!((code, &report["status"]), (2, &json!("INVALID")));
}

#[test]
fn play_runs_the_project_s_own_workflow_on_the_sample() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let definition = format!("{root}/infra/workflows/personalize.asl.json");
    // The bad input has no keys: nothing can be read or logged, and the answer says so.
    for (case, status, logged) in [
        ("happy", "success", true),
        ("thin", "success", true),
        ("bad", "partial", false),
    ] {
        let input = format!("{root}/events/workflows/personalize/{case}.json");
        let output = run(&[
            "play",
            &definition,
            "--input",
            &input,
            "--sample",
            "--type",
            "express",
        ]);
        let report = json_of(&output);
        assert!(
            output.status.success() && report["status"] == "SUCCEEDED",
            "{case}: {report:#}"
        );
        assert_eq!(
            report["output"]["findings"]["status"], status,
            "{case}: {report:#}"
        );
        assert_eq!(report["output"]["logged"], logged, "{case}: {report:#}");
    }
}

#[test]
fn play_takes_the_answers_of_tasks_from_mocks() {
    let retry = json!([{"ErrorEquals": ["Lambda.SlowException"], "MaxAttempts": 2}]);
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "f"}, "Retry": retry, "End": true});
    let machine = json!({"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": task}});
    let mocks = json!({
        "StateMachines": {"m": {"TestCases": {"Retry": {"T": "slow"}, "Never": {"T": "down"}}}},
        "MockedResponses": {
            "slow": {
                "0-1": {"Throw": {"Error": "Lambda.SlowException", "Cause": "c"}},
                "2": {"Return": {"Payload": 42}}},
            "down": {"0": {"Throw": {"Error": "Down", "Cause": "for good"}}}}});
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mocks.json");
    std::fs::write(&path, mocks.to_string()).expect("a file");
    let path = path.to_str().expect("a path");
    let case = |case| ["--mocks", path, "--test-case", case, "--history"];
    let (code, report) = play(&machine, &json!({}), &case("Retry"));
    assert_eq!((code, &report["output"]), (0, &json!({"Payload": 42})));
    let types: Vec<&str> = report["history"]
        .as_array()
        .expect("a history")
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let wanted = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types, wanted);
    let scheduled = &report["history"][2]["taskScheduledEventDetails"];
    assert_eq!(
        (&scheduled["resourceType"], &scheduled["resource"]),
        (&json!("lambda"), &json!("invoke"))
    );
    let (code, report) = play(&machine, &json!({}), &case("m#Never"));
    assert_eq!((code, &report["error"]), (1, &json!("Down")));
}

#[test]
fn play_says_what_is_wrong_with_its_files_to_programs_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("machine.asl.json");
    let pass = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#;
    std::fs::write(&path, pass).expect("a file");
    let definition = path.to_str().expect("a path");
    let broken = folder.path().join("input.json");
    std::fs::write(&broken, "{\"a\":").expect("a file");
    let large = folder.path().join("large.json");
    std::fs::write(&large, format!("\"{}\"", "x".repeat(256 * 1024))).expect("a file");
    for (arguments, error) in [
        (
            ["play", "/no/such/file", "--input", "-"],
            "InvalidArguments",
        ),
        (
            ["play", definition, "--mocks", "/no/such/file"],
            "InvalidArguments",
        ),
        (
            [
                "play",
                definition,
                "--input",
                broken.to_str().expect("a path"),
            ],
            "InvalidExecutionInput",
        ),
        (
            [
                "play",
                definition,
                "--input",
                large.to_str().expect("a path"),
            ],
            "InvalidExecutionInput",
        ),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let report = json_of(&output);
        assert_eq!(
            (&report["status"], &report["error"]),
            (&json!("INVALID"), &json!(error))
        );
    }
}

#[test]
fn play_refuses_mocks_and_folders_that_are_not_what_they_should_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mocks.json");
    let mocks = file.to_str().expect("a path");
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "f"}, "End": true});
    let machine =
        json!({"QueryLanguage": "JSONata", "StartAt": "Price", "States": {"Price": task}});
    let mocking = |state: &str| json!({"m": {"TestCases": {"c": {state: "r"}}}});
    for (machines, response, clues) in [
        (
            mocking("Prise"),
            json!({"Return": 1}),
            ["Prise", "perhaps Price?"],
        ),
        (
            mocking("Price"),
            json!({"Give": 1}),
            ["mocked response r", "rule \"0\""],
        ),
    ] {
        let written = json!({"StateMachines": machines, "MockedResponses": {"r": {"0": response}}});
        std::fs::write(&file, written.to_string()).expect("a file");
        let (code, report) = play(&machine, &json!({}), &["--mocks", mocks]);
        assert_eq!((code, &report["error"]), (2, &json!("InvalidArguments")));
        let cause = report["cause"].as_str().expect("a cause");
        assert!(clues.iter().all(|clue| cause.contains(clue)), "{cause}");
    }
    let (code, report) = play(&machine, &json!({}), &["--objects", "/no/such/folder"]);
    assert_eq!((code, &report["error"]), (2, &json!("InvalidArguments")));
    let cause = report["cause"].as_str().expect("a cause");
    assert!(cause.contains("--objects /no/such/folder"), "{cause}");
}
