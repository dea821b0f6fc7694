//! `baton research`, by itself and on a server.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::server::Server;
use super::{baton, json_of, run, said};

/// The published example.
const TESLA: [&str; 6] = [
    "research",
    "Tesla Inc financial performance 2023",
    "--budget",
    "50",
    "--voice-id",
    "user_voice_123",
];

/// How a source was paid and what it cost, by its name.
fn paid<'a>(outcome: &'a Value, source: &str) -> (&'a Value, &'a Value) {
    let lines = outcome["spending"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["source"] == source);
    let line = line.unwrap_or_else(|| panic!("{source}: {outcome:#}"));
    assert_eq!(line["state"], "delivered", "{line}");
    let rests = line["came_of_it"].as_str().expect("words");
    assert!(rests.contains("on it"), "{line}");
    (&line["rail"], &line["cost"])
}

#[test]
fn a_theme_is_researched_on_both_rails_and_each_cent_is_accounted_for() {
    let output = run(&[&TESLA[..], &["--json", "--auto-approve"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let outcome = json_of(&output);
    assert_eq!(outcome["task"]["status"], "succeeded");
    assert_eq!(
        paid(&outcome, "Tesla Inc, annual filing 2023"),
        (&json!("token"), &json!(12.0))
    );
    assert_eq!(
        paid(&outcome, "Tesla Inc, production and deliveries 2023"),
        (&json!("x402"), &json!(0.15))
    );
    assert_eq!(outcome["task"]["spent"], json!(12.15));
    assert_eq!(outcome["books"], json!({"charged": 12.15, "agree": true}));
}

#[test]
fn people_read_the_report_and_where_each_cent_went_and_find_it_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, begins) in [
        ("report.md", "# Research: Orbis"),
        ("report.HTML", "<!doctype html>"),
    ] {
        let out = folder.path().join(file);
        let theme = [
            "research",
            "Orbis Cloud AI market outlook",
            "--budget",
            "40",
        ];
        let output = baton(&theme)
            .args(["--voice-id", "ada", "--out"])
            .arg(&out)
            .output()
            .expect("baton runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", said(&output));
        for told in [
            "no money moves",
            "▌ purchase",
            "# Research: Orbis",
            "Where each cent went",
            "x402",
            "not bought: others are worth more",
            "$36.00 of $40.00 spent on data, as the sandbox's books say",
            "succeeded in",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "no colour in a pipe");
        assert!(!text.contains("&#"), "no escapes: {text}");
        let report = std::fs::read_to_string(&out).expect("a report");
        assert!(report.starts_with(begins), "{report}");
    }
}

#[test]
fn what_only_contains_the_keyword_is_not_bought_and_nothing_found_has_its_exit_code() {
    let asked = ["research", "EV", "--budget", "90", "--voice-id", "ada"];
    let shown = run(&asked);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert_eq!(shown.status.code(), Some(3), "{text}{}", said(&shown));
    assert!(text.contains("Nothing was found"), "{text}");
    let output = run(&[&asked[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(3));
    let outcome = json_of(&output);
    assert_eq!(outcome["task"]["spent"], json!(0.0), "{outcome:#}");
    let help = run(&["research", "--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("3 nothing was found"), "{help}");
}

/// What is seen beforehand costs nothing; what is not leaves the report on the terminal.
#[test]
fn a_report_that_cannot_be_written_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("folder.md");
    std::fs::create_dir(&taken).expect("a folder");
    let output = baton(&TESLA).arg("--out").arg(&taken).output();
    let output = output.expect("baton runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("cannot write"), "{}", said(&output));
    assert!(output.stdout.is_empty(), "nothing was begun");
    let full = folder.path().join("full.md");
    std::os::unix::fs::symlink("/dev/full", &full).expect("a link");
    let output = baton(&TESLA).arg("--out").arg(&full).output();
    let output = output.expect("baton runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("# Research: Tesla"), "{text}");
    assert!(text.contains("$12.15 of $50.00 spent"), "{text}");
    assert!(
        said(&output).contains("GET /tasks/run_"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_fails_is_said_with_exit_code_1_and_leaves_no_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("report.md");
    let output = baton(&[
        "research",
        "Tesla",
        "--budget",
        "5",
        "--voice-id",
        "bad_voice",
    ])
    .arg("--out")
    .arg(&out)
    .output()
    .expect("baton runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("AuthenticationError"), "{text}");
    assert!(text.contains("--voice-id"), "{text}");
    assert!(text.contains("$0.00 of $5.00 spent"), "{text}");
    assert!(!out.exists());
}

#[test]
fn what_is_wrong_with_the_command_line_is_said_with_exit_code_2() {
    let some = ["--budget", "5", "--voice-id", "ada"];
    for (arguments, clue) in [
        (&["Tesla", "--voice-id", "ada"][..], "--budget"),
        (&["Tesla", "--budget", "5"], "--voice-id"),
        (&["--budget", "5", "--voice-id", "ada"], "<THEME>"),
        (
            &["Tesla", "--budget", "0.5", "--voice-id", "a"],
            "whole US dollars",
        ),
        (
            &["Tesla", "--budget", "-5", "--voice-id", "a"],
            "whole US dollars",
        ),
        (
            &["Tesla", "--budget", "99999999999", "--voice-id", "a"],
            "at most 1000000",
        ),
        (&[&["x"], &some[..]].concat(), "<THEME>: Theme must name"),
        (
            &["  ", "--budget", "0", "--voice-id", " "],
            "<THEME>: Theme cannot be empty\n--budget: Budget must be positive\n--voice-id: Voice",
        ),
        (&[&["Tesla", "--out", "x.pdf"], &some[..]].concat(), ".html"),
        (
            &[&["Tesla", "--out", "/no/such/folder/x.md"], &some[..]].concat(),
            "/no/such/folder",
        ),
        (
            &[&["Tesla", "--url", "ftp://x"], &some[..]].concat(),
            "http or https",
        ),
        (
            &[&["Tesla", "--auto-approve", "--url", "http://x"], &some[..]].concat(),
            "--auto-approve",
        ),
    ] {
        let output = run(&[&["research"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let why = said(&output);
        assert!(why.contains(clue), "{arguments:?}: {why}");
    }
    let staged = baton(&TESLA).env("APP_ENVIRONMENT", "staging").output();
    let staged = staged.expect("baton runs");
    assert_eq!(staged.status.code(), Some(2));
    assert!(
        said(&staged).contains("APP_ENVIRONMENT"),
        "{}",
        said(&staged)
    );
}

#[test]
fn a_server_is_asked_only_by_url_and_a_key_buys_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&folder.path().join("baton.db"));
    let keyed = [&TESLA[..], &["--key", "k1"]].concat();
    let first = server.json(&keyed);
    let again = server.json(&keyed);
    assert_eq!(first["task"]["status"], "succeeded");
    assert_eq!(first["task"]["spent"], json!(12.15));
    assert_eq!(first["task"]["task_id"], again["task"]["task_id"]);
    assert_eq!(first["books"], Value::Null, "its books are its own");
    let listed = server.told(&["runs", "list"]);
    assert!(listed.contains("Tesla Inc financial"), "{listed}");
    let nowhere = run(&[&TESLA[..], &["--url", "http://127.0.0.1:1"]].concat());
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(
        said(&nowhere).contains("nothing answers"),
        "{}",
        said(&nowhere)
    );
    // A Baton that the environment names spends nothing.
    let own = baton(&[&TESLA[..], &["--json"]].concat())
        .env("BATON_URL", "http://127.0.0.1:1")
        .output()
        .expect("baton runs");
    assert_eq!(json_of(&own)["books"]["agree"], true, "{}", said(&own));
}

/// A task that waits prints the command that decides; that very command lets it go on.
#[test]
fn a_gate_says_the_command_that_decides() {
    let mut waiting = baton(&TESLA)
        .env("AUTO_APPROVE_PRICE_USD", "10")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("baton runs");
    let mut told = BufReader::new(waiting.stderr.take().expect("piped")).lines();
    let mut asked = String::new();
    let command = told.by_ref().find_map(|line| {
        let line = line.expect("text");
        asked.push_str(&line);
        let (_, command) = line.split_once("in another terminal: ")?;
        Some(command.to_owned())
    });
    let command = command.expect("it says how");
    assert!(asked.contains("Tesla Inc, annual filing 2023"), "{asked}");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert_eq!(words[0], "approve", "{command}");
    let decided = baton(&words)
        .env("BATON_APPROVER", "ada")
        .stdin(Stdio::null())
        .output();
    let decided = decided.expect("baton runs");
    assert!(decided.status.success(), "{command}: {}", said(&decided));
    let output = waiting.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("approve by ada"), "{text}");
    assert!(text.contains("$12.15 of $50.00 spent"), "{text}");
}
