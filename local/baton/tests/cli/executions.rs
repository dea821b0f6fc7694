//! `baton executions`: what a file keeps.

use std::process::Stdio;

use serde_json::json;

use super::{baton, json_of, run, said};

/// An execution that fails for want of a number, kept in a file.
pub(crate) fn keep_a_failure(db: &std::path::Path) {
    use baton_embedded::{Embedded, Start};
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "Draw", "States": {
        "Draw": {"Type": "Pass", "Assign": {"id": "{% $uuid() %}"}, "Next": "Double"},
        "Double": {"Type": "Pass", "Output": {"id": "{% $id %}", "n": "{% $states.input.n * 2 %}"},
            "End": true}}});
    let start = Start {
        machine: "doubling".to_owned(),
        definition: definition.to_string(),
        name: "first".to_owned(),
        input: json!({"n": "many"}),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let baton = Embedded::open(db).expect("opens");
        let executions = baton.executions();
        executions.start(start).await.expect("starts");
        executions.wait("first").await.expect("ends");
    });
}

#[test]
fn they_are_listed_shown_redriven_and_forked() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    keep_a_failure(&db);
    let db = db.to_str().expect("a path");
    let ended = |code: i32, arguments: &[&str]| {
        let output = run(&[&["executions", "--db", db], arguments].concat());
        let wrong = format!("{arguments:?}: {}", said(&output));
        assert_eq!(output.status.code(), Some(code), "{wrong}");
        json_of(&output)
    };
    let kept = |arguments: &[&str]| ended(0, arguments);
    let listed = kept(&["list", "--status", "FAILED", "--json"]);
    assert_eq!(listed[0]["name"], "first");
    let shown = kept(&["show", "first", "--history"]);
    assert_eq!(shown["error"], "States.QueryEvaluationError");
    assert_eq!(shown["history"][0]["type"], "ExecutionStarted");
    let redriven = ended(1, &["redrive", "first"]);
    assert_eq!(
        (&redriven["status"], &redriven["redriveCount"]),
        (&json!("FAILED"), &json!(1))
    );
    let input = folder.path().join("input.json");
    std::fs::write(&input, "{\"n\": 21}").expect("a file");
    let input = input.to_str().expect("a path");
    let forked = kept(&["fork", "first", "--from", "Double", "--input", input]);
    assert_eq!(forked["output"]["n"], 42, "{forked:#}");
    assert_eq!(
        forked["forkedFrom"],
        json!({"execution": "first", "state": "Double"})
    );
    assert_eq!(forked["name"], "first-1");
    let listed = kept(&["list", "--json"]);
    assert_eq!(
        listed[0]["name"], "first-1",
        "a fork is newer than its parent"
    );
    let refails = ended(1, &["fork", "first", "--from", "Double"]);
    assert_eq!(refails["status"], "FAILED");
    let again = run(&["executions", "redrive", "first-1", "--db", db]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("not redrivable"), "{}", said(&again));
}

#[test]
fn a_start_says_by_its_exit_code_how_it_went() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "No", "States": {
        "No": {"Type": "Fail", "Error": "Refused"}}});
    let path = folder.path().join("refusing.asl.json");
    std::fs::write(&path, definition.to_string()).expect("a file");
    let (db, path) = (db.to_str().expect("a path"), path.to_str().expect("a path"));
    let start = |name: &str| run(&["executions", "start", path, "--db", db, "--name", name]);
    let failed = start("e");
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    assert_eq!(json_of(&failed)["error"], "Refused");
    for name in ["a b", "a/b", "", &"n".repeat(81)] {
        let refused = start(name);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        assert!(
            said(&refused).contains("cannot be the name"),
            "{}",
            said(&refused)
        );
    }
}

#[test]
fn an_execution_survives_its_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let db = db.to_str().expect("a path");
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "Draw", "States": {
        "Draw": {"Type": "Pass", "Output": "{% $uuid() %}", "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 1, "End": true}}});
    let path = folder.path().join("resting.asl.json");
    std::fs::write(&path, definition.to_string()).expect("a file");
    let path = path.to_str().expect("a path");
    let mut first = baton(&["executions", "start", path, "--name", "e", "--db", db])
        .stdout(Stdio::null())
        .spawn()
        .expect("baton runs");
    let show = || json_of(&run(&["executions", "show", "e", "--db", db]));
    let wait_for = |status: &str| {
        for _ in 0..200 {
            let output = run(&["executions", "show", "e", "--db", db]);
            if output.status.success() && json_of(&output)["status"] == status {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("it is never {status}");
    };
    wait_for("RUNNING");
    first.kill().expect("it can be killed");
    first.wait().expect("it is gone");
    assert_eq!(show()["status"], "RUNNING", "nobody drives it");
    let mut server = baton(&["serve", "--port", "0", "--db", db])
        .stderr(Stdio::null())
        .spawn()
        .expect("baton runs");
    wait_for("SUCCEEDED");
    server.kill().expect("it can be killed");
    server.wait().expect("it is gone");
    let shown = show();
    assert_eq!(shown["stateMachine"], "resting");
    assert!(shown["output"].is_string(), "{shown:#}");
}
