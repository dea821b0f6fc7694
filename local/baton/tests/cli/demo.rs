//! `baton demo` alone: the tour.

use super::{json_of, run, said};

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
    assert_eq!(tour["campaign"]["status"], "succeeded");
    assert_eq!(tour["campaign"]["books"]["each_once"], true);
    assert_eq!(tour["research"]["task"]["status"], "succeeded");
    assert_eq!(tour["research"]["books"]["agree"], true);
}

#[test]
fn the_demo_is_plain_text_when_nobody_looks() {
    let output = run(&["demo", "--users", "2"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        output.status.success() && text.contains("orchestration log"),
        "{text}"
    );
    assert!(text.contains("Where each cent went"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
}
