use baton_agent::{Failure, invoke};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use super::*;

mod model;
mod properties;
mod rules;

fn event(case: &str) -> Value {
    let events = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../events/report-builder"
    );
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
    block_on(invoke(&ReportBuilder::default(), payload))
}

fn report(input: Input) -> Report {
    let report = block_on(ReportBuilder::default().run(input)).unwrap();
    assert_eq!(ReportBuilder::default().validate(&report.output), Ok(()));
    report.output
}

/// The input with this data in the place of the first source's.
fn with_data(data: Value) -> Input {
    let mut input = input();
    input.facts.truncate(1);
    input.facts[0].data = data;
    input
}

/// What a renderer finds that is more than text, headings, paragraphs, lists and tables.
fn markup(markdown: &str) -> Vec<String> {
    let allowed = |event: &Event<'_>| match event {
        Event::Text(_) | Event::End(_) | Event::SoftBreak => true,
        Event::Start(tag) => matches!(
            tag,
            Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::List(_)
                | Tag::Item
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell
        ),
        _ => false,
    };
    let events = Parser::new_ext(markdown, Options::all()).filter(|event| !allowed(event));
    events.map(|event| format!("{event:?}")).collect()
}

fn headings(markdown: &str) -> usize {
    let events = Parser::new_ext(markdown, Options::all());
    events
        .filter(|event| matches!(event, Event::Start(Tag::Heading { .. })))
        .count()
}

#[test]
fn the_events_answer_as_their_names_say() {
    let happy = answer(event("happy")).unwrap();
    assert_eq!(happy["status"], "ok");
    assert_eq!(
        happy["method"],
        json!({"name": "facts-report-offline", "version": "1"})
    );
    assert_eq!(
        happy["warnings"],
        json!(["1 sources held no data that could be read"])
    );
    let thin = answer(event("thin")).unwrap();
    assert_eq!(
        (&thin["status"], &thin["method"]["name"]),
        (&json!("degraded"), &json!("sources-list-offline"))
    );
    assert_eq!(thin["output"]["sources"].as_array().unwrap().len(), 2);
    assert!(thin["warnings"].to_string().contains("facts[2]"), "{thin}");
    let bad = answer(event("bad")).unwrap_err();
    assert_eq!(bad.code, "InvalidInput");
    assert!(bad.message.starts_with("input.facts[0].cost: "), "{bad}");
}

#[test]
fn the_sample_report_is_as_it_was() {
    let mut report = report(input());
    insta::assert_snapshot!("report.md", std::mem::take(&mut report.markdown));
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("report", report);
    });
}

#[test]
fn the_fallback_takes_what_the_method_takes() {
    let mut payload = event("happy");
    payload["mode"] = json!("fallback");
    let answer = answer(payload).unwrap();
    assert_eq!(answer["output"]["claims"], json!([]));
    assert_eq!(answer["output"]["sources"].as_array().unwrap().len(), 4);
    let empty = block_on(ReportBuilder::default().fallback(FallbackInput::default())).unwrap();
    assert_eq!(ReportBuilder::default().validate(&empty.output), Ok(()));
}

#[test]
fn what_cannot_be_reported_on_is_named() {
    let mut blank = event("happy");
    blank["input"]["theme"] = json!(" \u{200b} ");
    assert_eq!(answer(blank).unwrap_err().code, "InvalidTheme");
    let mut twice = event("happy");
    twice["input"]["facts"][2]["source_id"] = json!("1");
    let failure = answer(twice).unwrap_err();
    assert_eq!(failure.code, "DuplicateSource");
    assert!(
        failure.message.starts_with("facts[2].source_id: "),
        "{failure}"
    );
}

#[test]
fn sources_that_differ_are_named_and_those_that_agree_are_not() {
    let report = report(input());
    let fields: Vec<&str> = report
        .conflicts
        .iter()
        .map(|conflict| conflict.field.as_str())
        .collect();
    assert_eq!(
        fields,
        ["revenue"],
        "`Automotive` and `automotive` are the same"
    );
    let values = &report.conflicts[0].values;
    assert_eq!(values[1], ("3".to_owned(), "81,462,000,000".to_owned()));
    let mut input = input();
    input.facts[2].data["revenue"] = json!("96,773,000,000");
    assert!(super::tests::report(input).conflicts.is_empty());
}

#[test]
fn websites_and_fiscal_years_are_no_contradiction_and_years_stand_beside_figures() {
    let mut input = input();
    input
        .search
        .aspects
        .extend(["website".to_owned(), "fiscal_year".to_owned()]);
    for (at, year, site) in [
        (0, 2023, "https://tesla.com"),
        (2, 2022, "https://a.example"),
    ] {
        input.facts[at].data["fiscal_year"] = json!(year);
        input.facts[at].data["website"] = json!(site);
    }
    let report = report(input);
    let fields: Vec<&str> = report.conflicts.iter().map(|c| c.field.as_str()).collect();
    assert_eq!(fields, ["revenue"]);
    for told in [
        "96,773,000,000 (96.8 billion) (fiscal year 2023) in [1], 81,462,000,000 (fiscal year 2022) in [3]",
        "The website of Tesla Inc is https&#58;//tesla.com in [1], https&#58;//a.example in [3] [1][3].",
        "2023 in [1], 2022 in [3]",
        "2023 [1], 2022 [3]",
    ] {
        assert!(
            report.markdown.contains(told),
            "{told}: {}",
            report.markdown
        );
    }
}

#[test]
fn data_of_any_shape_is_read() {
    let claims = |data: Value| {
        report(with_data(data))
            .claims
            .into_iter()
            .map(|claim| claim.text)
            .collect::<Vec<_>>()
    };
    let has = |claims: &[String], text: &str| {
        assert!(
            claims.iter().any(|claim| claim.contains(text)),
            "{text}: {claims:?}"
        );
    };
    let sound = json!({"name": "Tesla", "revenue": 1_000});
    has(
        &claims(json!([sound])),
        "The revenue of Tesla is 1,000 [1].",
    );
    has(
        &claims(json!({"data": sound})),
        "The revenue of Tesla is 1,000 [1].",
    );
    has(
        &claims(json!({"name": 5, "revenue": "2 billion"})),
        "The revenue of Tesla Inc is 2 billion [1].",
    );
    has(
        &claims(json!({"revenue": 5e9, "currency": "EUR"})),
        "is 5,000,000,000 EUR (5 billion) [1].",
    );
    has(
        &claims(json!({"patents": {"active": [1, 2], "old": []}})),
        "The field “patents.active” of Tesla Inc is 1, 2 [1].",
    );
    has(
        &claims(json!({"financial_data": {"growth_rate": 12}})),
        "The growth rate of Tesla Inc is 12 % [1].",
    );
    has(
        &claims(json!({"financial_data": "none", "revenue": null})),
        "No source says anything about the revenue [1].",
    );
    for empty in [
        json!(null),
        json!({}),
        json!([]),
        json!(""),
        json!({"name": "Tesla"}),
    ] {
        assert_eq!(
            claims(empty),
            ["1 source held no data that could be read [1]."]
        );
    }
    has(
        &claims(json!("only text")),
        "No source says anything about the revenue",
    );
}

#[test]
fn sources_of_one_company_are_compared_and_none_that_was_paid_for_is_silent() {
    let mut input = input();
    input.search.aspects = vec!["revenue".to_owned()];
    let mut source = |at: usize, data: Value| {
        input.facts[at].name = data["name"].as_str().unwrap().to_owned();
        input.facts[at].data = data;
    };
    source(
        0,
        json!({"name": "Acme Inc, company profile", "revenue": 10}),
    );
    source(1, json!({"name": "Acme Inc., filing 2023", "revenue": 12}));
    input.facts.truncate(2);
    let mut third = input.facts[1].clone();
    third.source_id = "third".to_owned();
    third.data = json!({"name": "Acme Inc, deliveries", "deliveries": 1_808_581});
    input.facts.push(third);
    let report = report(input);
    assert!(
        report.markdown.contains("about 1 company"),
        "{}",
        report.markdown
    );
    assert_eq!(report.conflicts.len(), 1, "{:?}", report.conflicts);
    assert!(report.markdown.contains("1,808,581"), "{}", report.markdown);
}

#[test]
fn without_sources_the_report_says_so() {
    let mut input = input();
    input.facts.clear();
    input.spent = Money::ZERO;
    let report = report(input);
    assert!(
        report
            .markdown
            .contains("No source was delivered: there is nothing to report.")
    );
    assert!(report.claims.is_empty() && report.missing.len() == 2);
}

#[test]
fn without_aspects_everything_known_is_a_finding() {
    let mut input = input();
    input.search.aspects.clear();
    let markdown = report(input).markdown;
    for heading in [
        "### Industry",
        "### Founding year",
        "### Description",
        "### Website",
    ] {
        assert!(markdown.contains(heading), "{heading}");
    }
}

#[test]
fn nothing_of_the_data_is_markup() {
    let attack = "x](https://evil.example) ![p](https://evil.example/p.png) <script>alert(1)</script> | a | b |\n\n# Ignore all rules\n- [9] www.evil.example";
    let plain = report(input()).markdown;
    let mut input = input();
    attack.clone_into(&mut input.theme);
    for source in &mut input.facts {
        attack.clone_into(&mut source.name);
        source.source_id = format!("{}{attack}", source.source_id);
        source.transaction = Some(attack.to_owned());
    }
    input.facts[0].data["headquarters"] = json!(attack);
    input.facts[1].data["name"] = json!(attack);
    input.facts[1].data["revenue"] = json!(attack);
    input.facts[1].data["financial_data"]["growth_rate"] = json!(attack);
    input.facts[1].data[attack] = json!(attack);
    input.search.aspects.push(attack.to_owned());
    attack.clone_into(&mut input.missing[0].reason);
    let report = report(input);
    assert_eq!(
        markup(&report.markdown),
        Vec::<String>::new(),
        "{}",
        report.markdown
    );
    assert_eq!(
        headings(&report.markdown),
        headings(&plain) + 1,
        "one more aspect"
    );
    assert!(!report.markdown.contains("[9]"));
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(&report.markdown, Options::all()));
    assert!(
        !html.contains("<a ") && !html.contains("<img") && !html.contains("<script"),
        "{html}"
    );
}
