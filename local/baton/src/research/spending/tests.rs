use serde_json::{Value, json};

use super::*;

fn report() -> Report {
    let claim = |ids: Value| json!({"text": "x", "source_ids": ids, "fields": ["revenue"]});
    let report = json!({
        "title": "x", "markdown": "x",
        "claims": [claim(json!(["1"])), claim(json!(["1", "2"]))],
        "conflicts": [{"subject": "x", "field": "revenue", "values": [["1", "5"], ["2", "6"]]}],
        "sources": [
            {"source_id": "2", "name": "B", "cost": 0.15, "rail": "x402"},
            {"source_id": "1", "name": "A", "cost": 12.0, "rail": "token"},
        ],
        "missing": [
            {"source_id": "3", "name": "C", "price": 40.0, "reason": "too dear"},
            {"source_id": "4", "name": "D", "reason": "nobody\u{1b}[2J answers"},
        ],
        "spent": 12.15,
    });
    serde_json::from_value(report).expect("a report")
}

fn purchase(id: &str, state: &str, reason: Option<&str>) -> Purchase {
    let purchase = json!({"source_id": id, "name": format!("source {id}"), "price": 12.0,
        "cost": (state == "delivered").then_some(12.0), "state": state, "rail": "token",
        "reason": reason});
    serde_json::from_value(purchase).expect("a purchase")
}

fn came(state: &str, reason: Option<&str>, id: &str, report: Option<&Report>) -> String {
    came_of(&purchase(id, state, reason), report)
}

#[test]
fn what_was_bought_says_how_much_rests_on_it() {
    let report = report();
    let came = |id| came("delivered", None, id, Some(&report));
    assert_eq!(
        came("1"),
        "[2]: 2 statements rest on it, 1 figure differs from others'"
    );
    assert_eq!(
        came("2"),
        "[1]: 1 statement rests on it, 1 figure differs from others'"
    );
    assert_eq!(came("3"), "of no use: too dear");
}

#[test]
fn what_was_not_bought_says_why() {
    let report = report();
    let report = Some(&report);
    assert_eq!(came("quoted", None, "3", report), "not bought: too dear");
    assert_eq!(
        came("released", Some("refused"), "9", report),
        "not bought: refused"
    );
    assert_eq!(
        came("released", Some("Not bought: dear"), "9", report),
        "not bought: dear"
    );
    assert_eq!(
        came("disputed", Some("lost"), "9", None),
        "a person must look: lost"
    );
    assert_eq!(came("paying", None, "9", None), "under way");
    assert_eq!(
        came("delivered", None, "1", None),
        "delivered, and there is no report"
    );
}

#[test]
fn every_source_has_one_line_and_what_was_bought_comes_first() {
    let purchases = [
        purchase("3", "quoted", None),
        purchase("1", "delivered", None),
    ];
    let lines = lines(&purchases, Some(&report()));
    let ids: Vec<&str> = lines.iter().map(|line| line.source_id.as_str()).collect();
    assert_eq!(ids, ["1", "3", "4"]);
    assert_eq!(lines[2].came_of_it, "not bought: nobody\u{1b}[2J answers");
    let shown = shown(&lines);
    assert!(
        shown.contains("$12.00 ") && !shown.contains("$12.000"),
        "{shown}"
    );
    assert!(!shown.contains("\u{1b}[2J"), "{shown}");
}
