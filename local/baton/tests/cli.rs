//! The command line, as a shell sees it: output, exit codes, errors that say what to do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn baton(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command
        .args(arguments)
        .env_remove("APP_ENVIRONMENT")
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
fn the_demo_shows_success_cache_partial_and_degraded() {
    let output = run(&["demo", "--json", "--users", "3"]);
    assert!(output.status.success(), "{}", said(&output));
    let tour = json_of(&output);
    assert_eq!(tour["answers"].as_array().map(Vec::len), Some(3));
    assert_eq!(tour["repeated"]["cached"], true);
    assert_eq!(tour["one_agent_broken"]["status"], "partial");
    assert_eq!(
        tour["one_agent_broken"]["errors"]["wtp"]["replaced_by"],
        "fallback"
    );
    assert_eq!(tour["all_agents_broken"]["status"], "degraded");
    assert_eq!(tour["orchestration_log"].as_array().map(Vec::len), Some(6));
}

#[test]
fn the_demo_is_plain_text_when_nobody_looks() {
    let output = run(&["demo", "--users", "2"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        output.status.success() && text.contains("orchestration log"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
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
fn check_prints_every_problem_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("machine.asl.json");
    let text = "{\"QueryLanguage\": \"JSONata\", \"StartAt\": \"A\", \"States\": {\n  \"A\": {\"Type\": \"Pass\", \"Next\": \"B\", \"Colour\": 1}}}";
    std::fs::write(&path, text).expect("a file");
    let path = path.to_str().expect("a path");
    let output = run(&["check", path, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let problems = json_of(&output);
    let paths: Vec<_> = problems
        .as_array()
        .expect("an array")
        .iter()
        .map(|p| &p["path"])
        .collect();
    assert!(paths.contains(&&json!("/States/A/Next")), "{problems:#}");
    assert!(paths.contains(&&json!("/States/A/Colour")), "{problems:#}");
    assert_eq!(problems[0]["line"], 2);
    let plain = run(&["check", path]);
    let text = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert!(text.contains("machine.asl.json:2:"), "{text}");
    let own = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../infra/workflows/personalize.asl.json"
    );
    assert!(run(&["check", own, "--express"]).status.success());
}

#[test]
fn check_names_what_it_cannot_read_beside_the_problems_of_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("machine.asl.json");
    std::fs::write(&path, r#"{"StartAt": "A", "States": {}}"#).expect("a file");
    let path = path.to_str().expect("a path");
    let output = run(&["check", "/no/such/file", path, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let problems = json_of(&output);
    let files: Vec<&str> = problems
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|problem| problem["file"].as_str())
        .collect();
    assert!(
        files.contains(&"/no/such/file") && files.contains(&path),
        "{problems:#}"
    );
    let plain = run(&["check", "/no/such/file", path]);
    assert_eq!(plain.status.code(), Some(2));
    let text = String::from_utf8_lossy(&plain.stdout).into_owned();
    let unread = text.contains("/no/such/file: cannot read");
    assert!(unread && text.contains("machine.asl.json:1:"), "{text}");
}

/// An execution that fails for want of a number, kept in a file.
fn keep_a_failure(db: &std::path::Path) {
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
fn runs_are_listed_shown_redriven_and_forked() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    keep_a_failure(&db);
    let db = db.to_str().expect("a path");
    let ended = |code: i32, arguments: &[&str]| {
        let output = run(&[&["runs", "--db", db], arguments].concat());
        let wrong = format!("{arguments:?}: {}", said(&output));
        assert_eq!(output.status.code(), Some(code), "{wrong}");
        json_of(&output)
    };
    let runs = |arguments: &[&str]| ended(0, arguments);
    let listed = runs(&["list", "--status", "FAILED", "--json"]);
    assert_eq!(listed[0]["name"], "first");
    let shown = runs(&["show", "first", "--history"]);
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
    let forked = runs(&["fork", "first", "--from", "Double", "--input", input]);
    assert_eq!(forked["output"]["n"], 42, "{forked:#}");
    assert_eq!(
        forked["forkedFrom"],
        json!({"execution": "first", "state": "Double"})
    );
    assert_eq!(forked["name"], "first-1");
    let listed = runs(&["list", "--json"]);
    assert_eq!(
        listed[0]["name"], "first-1",
        "a fork is newer than its parent"
    );
    let refails = ended(1, &["fork", "first", "--from", "Double"]);
    assert_eq!(refails["status"], "FAILED");
    let again = run(&["runs", "redrive", "first-1", "--db", db]);
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
    let start = |name: &str| run(&["runs", "start", path, "--db", db, "--name", name]);
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
    let mut first = baton(&["runs", "start", path, "--name", "e", "--db", db])
        .stdout(Stdio::null())
        .spawn()
        .expect("baton runs");
    let show = || json_of(&run(&["runs", "show", "e", "--db", db]));
    let wait_for = |status: &str| {
        for _ in 0..200 {
            let output = run(&["runs", "show", "e", "--db", db]);
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

#[test]
fn what_is_wrong_with_the_command_line_is_said_with_exit_code_2() {
    for (arguments, clue) in [
        (&["play", "/no/such/file"][..], "cannot read /no/such/file"),
        (
            &["demo", "--break", "nobody"],
            "there is no agent `nobody`; there are: content-rec",
        ),
        (&["demo", "--users", "0"], "--users"),
        (
            &["serve", "--db", "/no/such/folder/baton.db"],
            "/no/such/folder/baton.db",
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

#[test]
fn serve_refuses_every_environment_but_development() {
    for (environment, clue) in [
        ("production", "development only"),
        ("prod", "must be development"),
    ] {
        let output = baton(&["serve"])
            .env("APP_ENVIRONMENT", environment)
            .output();
        let output = output.expect("baton runs");
        assert_eq!(output.status.code(), Some(2));
        let said = said(&output);
        assert!(
            said.contains("APP_ENVIRONMENT") && said.contains(clue),
            "{said}"
        );
    }
}

#[test]
fn serve_listens_keeps_its_state_and_stops_when_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let db = db.to_str().expect("a path");
    let profile = r#"{"interests":["tents"]}"#;
    let put = format!(
        "PUT /users/u1/profile HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{profile}",
        profile.len()
    );
    assert!(with_server(db, &put).starts_with("HTTP/1.1 204"));
    let get = "GET /users/u1/profile HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(
        with_server(db, get).ends_with(profile),
        "the profile outlives the process"
    );
}

/// Starts a server, sends one request, kills the server without warning, and answers the reply.
fn with_server(db: &str, request: &str) -> String {
    let mut server = baton(&["serve", "--port", "0", "--db", db])
        .stderr(Stdio::piped())
        .spawn()
        .expect("baton runs");
    let mut lines = BufReader::new(server.stderr.take().expect("piped")).lines();
    let address = lines.find_map(|line| {
        let line = line.expect("text");
        let (_, rest) = line.split_once("http://")?;
        rest.split_whitespace().next().map(str::to_owned)
    });
    let address = address.expect("it says where it listens");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("it answers");
    server.kill().expect("it can be killed");
    server.wait().expect("it is gone");
    reply
}
