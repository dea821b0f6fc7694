use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn event(case: &str) -> Value {
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/qa");
    let text = std::fs::read_to_string(format!("{events}/{case}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn sound() -> Input {
    serde_json::from_value(event("happy")["input"].clone()).unwrap()
}

fn report(input: &Input) -> QaReport {
    let mail = Mail::new(Some(&input.brand), Some(&input.email), &input.content);
    let report = check(&mail, Findings::default());
    assert_eq!(Qa.validate(&report), Ok(()));
    report
}

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&Qa, payload))
}

/// Which rules the mail breaks after a change, where the unchanged one breaks none.
fn broken_by(change: impl FnOnce(&mut Input)) -> Vec<String> {
    let mut input = sound();
    change(&mut input);
    let findings = report(&input).findings;
    findings.into_iter().map(|finding| finding.rule).collect()
}

fn html(input: &mut Input, from: &str, to: &str) {
    let mockup = &mut input.content.mockup_html;
    assert!(mockup.contains(from), "{from}");
    *mockup = mockup.replace(from, to);
}

/// Adds a paragraph to copy, HTML and plain text alike.
fn say(input: &mut Input, text: &str) {
    input.content.copy.paragraphs.push(text.to_owned());
    html(input, "</h1>", &format!("</h1><p>{text}</p>"));
    let plain = &mut input.content.copy.plain_text;
    *plain = format!(
        "{plain}
{text}
"
    );
}

fn subject(input: &mut Input, text: &str) {
    text.clone_into(&mut input.content.subject_lines[0].text);
}

#[test]
fn the_sound_mail_breaks_no_rule() {
    assert_eq!(report(&sound()).findings, []);
}

mod fires;
mod silent;

use fires::FIRES;
use silent::STAYS_SILENT;

type Change = fn(&mut Input);

#[test]
fn every_rule_fires_where_it_is_broken() {
    for (rule, change) in FIRES {
        let broken = broken_by(change);
        assert!(
            broken.contains(&rule.name.to_owned()),
            "{}: {broken:?}",
            rule.name
        );
    }
    for rule in rules::ALL {
        let tested = FIRES.iter().any(|(tested, _)| tested == rule);
        assert!(tested || *rule == rules::BRAND_UNCHECKED, "{}", rule.name);
    }
}

#[test]
fn no_rule_fires_where_it_is_kept() {
    for (rule, change) in STAYS_SILENT {
        let broken = broken_by(change);
        assert!(
            !broken.contains(&rule.name.to_owned()),
            "{}: {broken:?}",
            rule.name
        );
    }
}

#[test]
fn the_table_has_every_rule_as_it_is() {
    let table = include_str!("lib.rs");
    for rule in rules::ALL {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        let row = format!("//! | `{}` | {severity} |", rule.name);
        assert!(table.contains(&row), "{row}");
    }
    assert_eq!(table.matches("//! | `").count(), rules::ALL.len());
}

#[test]
fn places_are_json_pointers_into_the_content() {
    for (rule, change) in FIRES {
        let mut input = sound();
        change(&mut input);
        let content = serde_json::to_value(&input.content).unwrap();
        for finding in report(&input).findings {
            let there = content.pointer(&finding.place).is_some();
            assert!(there, "{}: {}", rule.name, finding.place);
        }
    }
}

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(happy["output"]["passed"], true);
    assert_eq!(happy["method"]["name"], "mail-rules");
    let thin = answer(event("thin")).unwrap();
    assert_eq!(thin["status"], "degraded");
    assert_eq!(thin["output"]["findings"][0]["rule"], "brand-unchecked");
    let failure = answer(event("bad")).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
    assert!(
        failure.message.starts_with("input.content.subject_lines"),
        "{failure}"
    );
}

#[test]
fn without_a_brand_what_needs_none_is_checked() {
    let mut content = sound().content;
    content.mockup_html = content
        .mockup_html
        .replace("</h1>", "</h1><script></script>");
    let answer = answer(json!({"mode": "fallback", "input": {"content": content}})).unwrap();
    let rules: Vec<&str> = answer["output"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["html-forbidden", "brand-unchecked"]);
    assert_eq!(answer["output"]["passed"], false);
}

#[test]
fn a_report_that_contradicts_itself_is_kept_back() {
    let mut input = sound();
    input.content.copy.plain_text.clear();
    let sound = report(&input);
    let broken: [fn(&mut QaReport); 5] = [
        |report| report.passed = true,
        |report| report.findings[0].rule = "taste".to_owned(),
        |report| report.findings[0].severity = Severity::Info,
        |report| report.findings[0].message.clear(),
        |report| report.readability.grade = f64::NAN,
    ];
    for break_it in broken {
        let mut report = sound.clone();
        break_it(&mut report);
        assert!(Qa.validate(&report).is_err(), "{report:?}");
    }
}

proptest! {
    /// Whatever stands in a mail, there is a report, and it is the same twice.
    #[test]
    fn any_mail_has_a_report(subject in ".{0,80}", text in "\\PC{0,200}", html in "[<>/a-z\"'=#&;!\\[\\]{} -]{0,300}") {
        let mut input = sound();
        input.content.subject_lines[0].text = subject;
        input.content.copy.paragraphs[0] = text;
        input.content.mockup_html = html;
        prop_assert_eq!(report(&input), report(&input));
    }
}
