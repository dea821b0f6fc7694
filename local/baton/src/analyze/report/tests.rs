use std::collections::HashSet;

use baton_domain::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Value, json};

use super::*;
use crate::analyze::answer::answer;
use crate::analyze::input::{Input, Source};

/// The page of a context, as of a moment.
async fn page_of(context: Value) -> String {
    let Value::Object(context) = context else {
        panic!("an object");
    };
    let mut answered = answer(&context).await.expect("answered");
    answered.as_of = Timestamp::from_second(1_793_491_200).expect("a moment");
    answered.answer.timestamp = answered.as_of;
    let input = Input {
        context,
        sources: vec![Source {
            name: "<i>\"events\".csv".to_owned(),
            what: "some".to_owned(),
        }],
        notes: vec!["a note with <b>markup</b>".to_owned()],
    };
    page(&Outcome::of(&answered, &input).expect("an outcome"))
}

/// Checks what holds for every page, and answers the text of all its elements.
fn checked(page: &str) -> String {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(page, options).expect("well-formed");
    let root = document.root_element();
    assert_eq!(root.attribute("lang"), Some("en"));
    let mut ids = HashSet::new();
    for id in root.descendants().filter_map(|node| node.attribute("id")) {
        assert!(ids.insert(id), "{id} twice");
    }
    for node in root.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let never = [
            "script", "img", "iframe", "link", "object", "i", "b", "use", "image", "a",
        ];
        assert!(!never.contains(&name), "{name}");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "style", "{name}");
            assert!(!matches!(name, "src" | "href"), "{name}");
            assert!(
                !value.contains("NaN") && !value.contains("inf"),
                "{name}={value}"
            );
        }
    }
    pictures(root, &ids);
    headings(root);
    assert_eq!(
        page.matches("http").count(),
        2,
        "the namespace and http-equiv alone"
    );
    let texts = root.descendants().filter(Node::is_text);
    texts.filter_map(|node| node.text()).collect()
}

/// Every picture says what it is, and refers to what is there.
fn pictures(root: Node<'_, '_>, ids: &HashSet<&str>) {
    for svg in root.descendants().filter(|node| node.has_tag_name("svg")) {
        assert_eq!(svg.attribute("role"), Some("img"));
        let names = svg.attribute("aria-labelledby").expect("a name").split(' ');
        assert!(names.clone().count() == 2 && names.into_iter().all(|id| ids.contains(id)));
        for fill in svg.descendants().filter_map(|node| node.attribute("fill")) {
            let id = fill.trim_start_matches("url(#").trim_end_matches(')');
            assert!(ids.contains(id), "{fill}");
        }
    }
}

/// No heading leaves out a level.
fn headings(root: Node<'_, '_>) {
    let mut before = 0;
    for node in root.descendants().filter(Node::is_element) {
        let level = match node.tag_name().name() {
            "h1" => 1,
            "h2" => 2,
            "h3" => 3,
            _ => continue,
        };
        assert!(level <= before + 1, "h{level} after h{before}");
        before = level;
    }
    assert_eq!(before, 2, "the last section has no parts");
}

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"'&amp;]]>--><!--",
    "\u{202e}עברית العربية",
    "\u{1}\u{b}control",
    "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "e\u{301}👩‍👩‍👧 https",
];

#[tokio::test]
async fn names_are_text_whatever_they_are() {
    let stages: Vec<Value> = HOSTILE.iter().map(|name| json!({"stage": name})).collect();
    let steps: Vec<String> = HOSTILE
        .iter()
        .map(|name| format!("{name} channel"))
        .collect();
    let page = page_of(json!({
        "journeys": {"journeys": [{"events": stages, "converted": true},
            {"events": [{"stage": "x".repeat(200)}]}]},
        "attribution": {"paths": [{"steps": steps, "conversions": 3, "nulls": 1}]},
        "forecast": {"series": [], "horizon": 1}}))
    .await
    .replace("👧 https", "👧");
    let text = checked(&page);
    assert!(text.contains("<script>alert(1)</script>"), "as text");
    assert!(text.contains("a note with <b>markup</b>") && text.contains("<i>\"events\".csv"));
    assert!(
        text.contains("Failed, and nothing stands in its place. NotEnoughData"),
        "{text}"
    );
}

fn series(values: &[f64]) -> Value {
    let point = |(n, value): (usize, &f64)| json!({"at": format!("20{:02}", n + 10) + "-01", "value": value});
    values.iter().enumerate().map(point).collect()
}

#[tokio::test]
async fn any_amount_of_data_makes_a_sound_page() {
    let none = checked(&page_of(json!({"want": ["forecast"]})).await);
    assert!(none.contains("Skipped. No series") && none.contains("It was not asked for."));
    let path = |n: usize| json!({"steps": [format!("channel {n}")], "conversions": n, "nulls": 1, "value": 1e9});
    let many = async |channels: usize| {
        let paths: Vec<Value> = (1..=channels).map(path).collect();
        page_of(json!({"attribution": {"paths": paths}})).await
    };
    let hundred = many(100).await;
    assert!(
        checked(&hundred).contains("90 other channels") && hundred.contains("<bdi>channel 1</bdi>"),
        "all in the table"
    );
    // The agent sums those of least credit up where there are more than its answer holds.
    let most = many(300).await;
    assert!(
        checked(&most).contains("other channels") && most.contains("(other)"),
        "what is not there is in the sum: {}",
        checked(&most)
    );
    let nothing = json!({"paths": [{"steps": ["a"], "conversions": 0, "nulls": 9}]});
    let one = json!({"journeys": [{"events": [{"stage": "a"}]}]});
    for (values, clue) in [
        (&[5.0][..], "A fallback stands in the place"),
        (&[-5.0, -6.0, -4.0, -7.0, -5.5, -6.5], "\u{2212}"),
        (&[1e12, 9e11, 1e12, 8e11, 1e12, 9e11], " T"),
        (&[0.0; 12], "Values by year"),
    ] {
        let forecast = json!({"series": series(values), "horizon": 3});
        let context = json!({"journeys": one, "attribution": nothing, "forecast": forecast});
        let text = checked(&page_of(context).await);
        assert!(text.contains(clue), "{clue}: {text}");
        assert!(
            text.contains("nothing converted: every credit is 0"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_page_is_as_it_was() {
    let journey = |stages: &[&str], converted: bool| {
        let events: Vec<Value> = stages.iter().map(|stage| json!({"stage": stage})).collect();
        json!({"events": events, "converted": converted})
    };
    let journeys = json!([journey(&["home", "cart"], true), journey(&["home"], false)]);
    let paths = json!([{"steps": ["search", "mail"], "conversions": 2, "value": 30, "nulls": 2}]);
    let page = page_of(json!({
        "journeys": {"journeys": journeys},
        "attribution": {"paths": paths, "models": ["first", "last", "linear"]},
        "forecast": {"series": series(&[4.0, 8.0, 6.0]), "horizon": 2}}))
    .await;
    checked(&page);
    insta::assert_snapshot!(page.replace(STYLE, "…\n"));
}

/// The light of a colour (WCAG 2.2, relative luminance).
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let part = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour");
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn colours_stand_out_from_the_page_in_every_scheme() {
    let schemes: Vec<&str> = STYLE.split(":root {").skip(1).collect();
    assert_eq!(schemes.len(), 3, "light, dark and paper");
    for scheme in schemes {
        let colour = |name: &str| {
            let (_, rest) = scheme.split_once(&format!("--{name}: ")).expect("a colour");
            luminance(&rest[..7])
        };
        let back = colour("back");
        let contrast = |name: &str| {
            let (a, b) = (colour(name), back);
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for name in ["c0", "c1", "c2", "c3", "c4", "c5", "line"] {
            assert!(contrast(name) >= 3.0, "{name}: {}", contrast(name));
        }
        for name in ["text", "soft"] {
            assert!(contrast(name) >= 4.5, "{name}: {}", contrast(name));
        }
    }
}
