//! `baton check`.

use serde_json::json;

use super::{json_of, run};

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
