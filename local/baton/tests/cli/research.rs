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
            "$36.000000 of $40.000000 spent on data, as the sandbox's books say",
            "succeeded in",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "no colour in a pipe");
        let report = std::fs::read_to_string(&out).expect("a report");
        assert!(report.starts_with(begins), "{report}");
    }
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
    assert!(text.contains("$0.000000 of $5.000000 spent"), "{text}");
    assert!(!out.exists());
}

#[test]
fn what_is_wrong_with_the_command_line_is_said_with_exit_code_2() {
    let some = ["--budget", "5", "--voice-id", "ada"];
    for (arguments, clue) in [
        (&["Tesla", "--voice-id", "ada"][..], "--budget"),
        (&["Tesla", "--budget", "5"], "--voice-id"),
        (&["--budget", "5", "--voice-id", "ada"], "<THEME>"),
        (&["Tesla", "--budget", "0.5", "--voice-id", "a"], "0.5"),
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
    assert!(text.contains("$12.150000 of $50.000000 spent"), "{text}");
}
