//! `baton demo campaign`, and campaigns on a server through `baton runs` and `baton approve`.

use std::path::Path;

use serde_json::{Value, json};

use super::server::{Server, get};
use super::{baton, json_of, run, said};

#[test]
fn the_campaign_of_the_demo_goes_out_once_and_leaves_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let arguments = ["demo", "campaign", "--auto-approve", "--json", "--out"];
    let output = baton(&arguments).arg(&out).output().expect("baton runs");
    assert!(output.status.success(), "{}", said(&output));
    let outcome = json_of(&output);
    assert_eq!(outcome["status"], "succeeded");
    assert_eq!(outcome["run"]["brand_id"], "acme");
    let books = &outcome["books"];
    let mails = books["mails"].as_u64().expect("a number");
    assert!(mails >= 3, "{books}");
    for times in ["created", "tested", "scheduled", "sent"] {
        assert_eq!(books[times], mails, "{times}: {books}");
    }
    assert_eq!(
        (&books["each_once"], &books["cancelled"]),
        (&json!(true), &json!(0))
    );
    let gates: Vec<&str> = outcome["timeline"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|moment| moment["what"].as_str()?.strip_prefix("gate "))
        .collect();
    assert_eq!(
        gates,
        ["strategy waits", "content waits", "deployment waits"]
    );
    let strategy = json_file(&out.join("strategy.json"));
    let planned = strategy["emails"].as_array().expect("an array");
    assert_eq!(planned.len() as u64, mails);
    let plan = json_file(&out.join("deployment-plan.json"));
    assert_eq!(plan["sends"].as_array().map(Vec::len), Some(planned.len()));
    assert!(json_file(&out.join("insights.json"))["findings"].is_array());
    for email in planned {
        let name = email["email_id"].as_str().expect("a name");
        let read = |end: &str| std::fs::read_to_string(out.join(format!("{name}.{end}")));
        assert!(read("html").expect("a page").contains("</html>"), "{name}");
        assert!(!read("txt").expect("a text").contains("<p"), "{name}");
    }
}

fn json_file(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_demo_takes_the_options_of_a_campaign_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let month = [
        "demo",
        "--month",
        "2024-12",
        "--brand",
        "nova",
        "--auto-approve",
    ];
    let output = baton(&month)
        .current_dir(folder.path())
        .output()
        .expect("baton runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", said(&output));
    for told in [
        "▌ strategy",
        "The calendar",
        "each mail once",
        "campaign-nova-2024-12",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
    assert!(
        folder
            .path()
            .join("campaign-nova-2024-12/strategy.json")
            .exists()
    );
}

#[test]
fn what_is_wrong_with_a_campaign_is_said_with_exit_code_2() {
    for (arguments, clue) in [
        (
            &["--brand", "nobody"][..],
            "no brand `nobody`; it has: acme, juniper, harbor, nova",
        ),
        (&["--month", "2024-13"], "must be"),
        (&["--db", "/no/such/folder/baton.db"], "/no/such/folder"),
        (&["campaign", "--users", "3"], "--users"),
        (
            &["--users", "3", "--month", "2024-11"],
            "cannot be used with",
        ),
        (
            &["campaign", "--out", "/dev/null/out"],
            "cannot write to /dev/null/out",
        ),
    ] {
        let output = run(&[&["demo"], arguments].concat());
        // Without a brand that is known the file alone would be a tour.
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            said(&output).contains(clue),
            "{arguments:?}: {}",
            said(&output)
        );
    }
    let staged = baton(&["demo", "campaign"])
        .env("APP_ENVIRONMENT", "staging")
        .output();
    let staged = staged.expect("baton runs");
    assert_eq!(staged.status.code(), Some(2));
    assert!(
        said(&staged).contains("APP_ENVIRONMENT"),
        "{}",
        said(&staged)
    );
}

#[test]
fn a_campaign_survives_the_death_of_its_server_and_goes_out_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = folder.path().join("baton.db");
    let server = Server::start(&db);
    let run = server.begin();
    let first = server.waits_at("strategy");
    drop(server);
    let server = Server::start(&db);
    assert_eq!(server.waits_at("strategy"), first, "the same approval");
    server.told(&["approve", &first, "--decision", "approve"]);
    let content = server.waits_at("content");
    drop(server);
    let server = Server::start(&db);
    server.told(&["approve", &content, "--decision", "approve"]);
    server.told(&[
        "approve",
        &server.waits_at("deployment"),
        "--decision",
        "approve",
    ]);
    let followed = server.told(&["runs", "follow", &run]);
    assert!(followed.trim_end().ends_with("succeeded"), "{followed}");
    let state = server.json(&["runs", "show", &run]);
    let mails = state["deliveries"].as_object().expect("an object");
    assert!(mails.len() >= 3);
    assert!(
        mails.values().all(|mail| mail["state"] == "sent"),
        "{mails:?}"
    );
    let books = get(&format!("{}/sandbox/books", server.sandbox));
    let campaigns = books["campaigns"].as_array().expect("an array");
    assert_eq!(campaigns.len(), mails.len());
    for campaign in campaigns {
        assert_eq!(campaign["production_sends"], 1, "{campaign}");
        assert_eq!(campaign["run_id"], run.as_str());
    }
}

#[test]
fn a_decision_is_final_and_a_second_one_hears_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&folder.path().join("baton.db"));
    assert!(server.told(&["approve"]).contains("nothing waits"));
    let run = server.begin();
    let approval = server.waits_at("strategy");
    let unasked = server.ask(&["approve"]);
    assert_eq!(unasked.status.code(), Some(2), "it is no terminal");
    assert!(
        server.told(&["approve", &approval]).contains("email-01"),
        "the calendar"
    );
    let edits = folder.path().join("edits.json");
    let summary = json!([{"op": "replace", "path": "/summary", "value": "A warm month."}]);
    std::fs::write(&edits, summary.to_string()).expect("a file");
    let edits = edits.to_str().expect("a path");
    let fixes = [
        "approve",
        &approval,
        "--decision",
        "approve-with-fixes",
        "--edits",
        edits,
    ];
    let closed = server.json(&fixes);
    assert_eq!(closed["outcome"]["approver"], "ada");
    assert_eq!(closed["outcome"]["artifact"]["version"], 2);
    let shown = server.told(&["approve", &approval]);
    for told in [
        "The strategy of acme for 2024-11, round 1",
        "approve_with_fixes by ada",
        "this is strategy, version 2",
        "A warm month.",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let late = server.ask(&["approve", &approval, "--decision", "reject"]);
    assert_eq!(late.status.code(), Some(1));
    let why = said(&late);
    assert!(
        why.contains("the decision is: approve_with_fixes by ada"),
        "{why}"
    );
    server.waits_at("content");
    let listed = server.told(&["approve", "--list"]);
    assert!(listed.contains("acme 2024-11"), "{listed}");
    let strategy = |name: &str| {
        let shown = server.told(&["runs", "show", &run, "--artifact", name]);
        serde_json::from_str::<Value>(&shown).expect("JSON")["summary"].clone()
    };
    assert_eq!(strategy("strategy"), "A warm month.");
    assert_ne!(strategy("strategy@1"), "A warm month.");
    server.told(&["runs", "cancel", &run, "--reason", "enough"]);
    let followed = server.ask(&["runs", "follow", &run, "--json"]);
    assert_eq!(followed.status.code(), Some(1), "it was cancelled");
    let events = String::from_utf8_lossy(&followed.stdout).into_owned();
    let last: Value = serde_json::from_str(events.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["status"], "cancelled");
}
