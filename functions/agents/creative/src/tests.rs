use baton_agent::{Failure, invoke};
use baton_domain::campaign::{Severity, SubjectTechnique};
use serde_json::{Value, json};

use super::*;

mod model;
mod offline;
mod revision;

fn event(case: &str) -> Value {
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/creative");
    let text = std::fs::read_to_string(format!("{events}/{case}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn input() -> Input {
    serde_json::from_value(event("happy")["input"].clone()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(future)
}

fn answer(payload: Value) -> Result<Value, Failure> {
    block_on(invoke(&Creative::default(), payload))
}

fn report(input: Input) -> Report<Content> {
    let report = block_on(Creative::default().run(input)).unwrap();
    assert_eq!(Creative::default().validate(&report.output), Ok(()));
    report
}

fn content(input: Input) -> Content {
    report(input).output
}

/// Everything that a reader reads.
fn said(content: &Content) -> String {
    let copy = &content.copy;
    let mut said: Vec<&str> = vec![&copy.headline, &copy.call_to_action.label];
    for line in &content.subject_lines {
        said.extend([line.text.as_str(), line.preheader.as_str()]);
    }
    said.extend(copy.paragraphs.iter().map(String::as_str));
    said.join("\n")
}

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(happy["method"]["name"], "mail-templates-offline");
    assert_eq!(happy["warnings"], json!([]));
    let thin = answer(event("thin")).unwrap();
    assert_eq!(thin["status"], "degraded");
    assert_eq!(thin["method"]["name"], "minimal-mail-offline");
    let failure = answer(event("bad")).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
    assert!(
        failure.message.starts_with("input.email.objective"),
        "{failure}"
    );
}

#[test]
fn what_a_brand_does_not_have_is_named() {
    let fails = |change: fn(&mut Input)| {
        let mut input = input();
        change(&mut input);
        block_on(Creative::default().run(input)).unwrap_err()
    };
    let error = fails(|input| "ski".clone_into(&mut input.email.theme));
    assert_eq!(
        (error.code(), error.to_string().contains("`ski`")),
        ("UnknownTheme", true)
    );
    let error = fails(|input| "all".clone_into(&mut input.email.segment));
    assert_eq!(
        (error.code(), error.to_string().contains("`all`")),
        ("UnknownSegment", true)
    );
    let error = fails(|input| "http://fernhill.example".clone_into(&mut input.brand.website));
    assert_eq!(
        (error.code(), error.to_string().contains("brand.website")),
        ("NoContent", true)
    );
    let error = fails(|input| input.brand.max_subject_length = 0);
    assert_eq!(
        (error.code(), error.to_string().contains("subject")),
        ("NoContent", true)
    );
    for code in ["UnknownTheme", "UnknownSegment", "NoContent"] {
        assert!(Error::CODES.contains(&code));
    }
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound = content(input());
    let broken: [fn(&mut Content); 7] = [
        |content| content.mockup_html.clear(),
        |content| content.copy.plain_text.clear(),
        |content| "http://x.example".clone_into(&mut content.copy.call_to_action.url),
        |content| content.subject_lines.truncate(1),
        |content| content.subject_lines[1].text.clear(),
        |content| content.copy.paragraphs.clear(),
        |content| content.personalization[0].fallback.clear(),
    ];
    for break_it in broken {
        let mut content = sound.clone();
        break_it(&mut content);
        assert!(
            Creative::default().validate(&content).is_err(),
            "{content:?}"
        );
    }
}

fn finding(rule: &str, place: &str, message: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        place: place.to_owned(),
        message: message.to_owned(),
    }
}

fn techniques(content: &Content) -> Vec<SubjectTechnique> {
    content
        .subject_lines
        .iter()
        .map(|line| line.technique)
        .collect()
}
