//! Findings and notes.

use super::*;
use crate::words::contains;

/// A revision of the sample mail.
fn revised(notes: &[&str], findings: Vec<Finding>) -> (Content, Report<Content>) {
    let before = content(input());
    let mut input = input();
    input.previous = Some(before.clone());
    input.notes = notes.iter().map(ToString::to_string).collect();
    input.findings = findings;
    input.round = 1;
    (before, report(input))
}

fn noted(note: &str) -> (Content, Content) {
    let (before, report) = revised(&[note], Vec::new());
    assert_eq!(report.warnings, [""; 0], "{note}");
    (before, report.output)
}

#[test]
fn without_anything_to_change_nothing_changes() {
    let (before, report) = revised(&[], Vec::new());
    assert_eq!(report.output, before);
}

#[test]
fn what_people_changed_stays() {
    let mut input = input();
    let mut previous = content(input.clone());
    "Our own headline".clone_into(&mut previous.copy.headline);
    previous
        .copy
        .paragraphs
        .push("A sentence by a person.".to_owned());
    input.previous = Some(previous);
    let content = content(input);
    assert_eq!(content.copy.headline, "Our own headline");
    assert!(content.mockup_html.contains("A sentence by a person."));
    assert!(content.copy.plain_text.contains("A sentence by a person."));
}

#[test]
fn notes_are_followed() {
    let length = |content: &Content| content.copy.paragraphs.join(" ").len();
    let subject = |content: &Content| content.subject_lines[0].text.chars().count();
    let (before, after) = noted("shorter");
    assert!(length(&after) < length(&before) && subject(&after) < subject(&before));
    let (before, after) = noted("shorter subject");
    assert!(length(&after) == length(&before) && subject(&after) < subject(&before));
    let (_, after) = noted("Replace \"Ridge Boot\" with Hill Boot");
    assert!(said(&after).contains("Hill Boot") && !said(&after).contains("Ridge Boot"));
    let (_, after) = noted("mention free returns; button: Shop the rain");
    assert!(after.copy.paragraphs.contains(&"Free returns.".to_owned()));
    assert_eq!(after.copy.call_to_action.label, "Shop the rain");
    let (before, after) = noted("remove jacket");
    assert!(contains(&said(&before), "jacket") && !contains(&said(&after), "jacket"));
    let (_, after) = noted("no prices");
    assert!(!said(&after).contains('$'));
    let (_, after) = noted("no name");
    assert!(!said(&after).contains("{{") && after.personalization.is_empty());
    assert!(
        after.copy.paragraphs[0].starts_with("Hi, "),
        "{}",
        after.copy.paragraphs[0]
    );
    let (_, after) = noted("no questions");
    assert!(
        after
            .subject_lines
            .iter()
            .all(|line| !line.text.contains('?'))
    );
    let (_, after) = noted("subject: Rain? Fine by us!\nheadline: Rain");
    assert_eq!(
        (
            after.subject_lines[0].text.as_str(),
            after.copy.headline.as_str()
        ),
        ("Rain? Fine by us!", "Rain")
    );
    let (_, after) = noted("no exclamation marks");
    assert!(!said(&after).contains('!'));
}

#[test]
fn what_was_not_followed_is_reported() {
    for note in [
        "make it pop",
        "mention our cheap boots",
        "headline: Clinically proven",
        "replace unicorns with boots",
        "replace boot with cheap boot",
    ] {
        let (before, report) = revised(&[note], Vec::new());
        assert_eq!(report.output, before, "{note}");
        assert_eq!(report.warnings.len(), 1, "{note}");
        assert!(report.warnings[0].contains(note), "{:?}", report.warnings);
    }
}

#[test]
fn notes_are_words_and_never_markup() {
    let (_, report) = revised(
        &["mention <b onclick=x>free</b> returns at http://evil.example/ {{admin}}"],
        Vec::new(),
    );
    let html = &report.output.mockup_html;
    assert!(html.contains("&lt;b onclick=x&gt;free&lt;/b&gt;"), "{html}");
    assert!(!html.contains("evil.example") && !html.contains("admin"));
}

#[test]
fn what_a_finding_quotes_is_not_said_again() {
    for (rule, phrase) in [
        ("spam-words", "choose"),
        ("price-mismatch", "$189"),
        ("claim-absolute", "dry"),
        ("banned-word", "Boot"),
    ] {
        let message = format!("`{phrase}` is wrong");
        let (before, report) = revised(&[], vec![finding(rule, "/copy/paragraphs/1", &message)]);
        assert!(
            contains(&said(&before), phrase),
            "{phrase}: {}",
            said(&before)
        );
        assert!(
            !contains(&said(&report.output), phrase),
            "{phrase}: {}",
            said(&report.output)
        );
        assert_eq!(report.warnings, [""; 0]);
    }
}

#[test]
fn an_unknown_finding_is_reported() {
    let (_, report) = revised(
        &[],
        vec![
            finding("taste", "", "bland"),
            finding("spam-words", "", "no quote"),
        ],
    );
    assert_eq!(report.warnings.len(), 2);
}

#[test]
fn a_broken_mail_is_brought_in_order() {
    let mut input = input();
    let mut broken = content(input.clone());
    let lines = &mut broken.subject_lines;
    "GET YOUR BOOTS TODAY!!! 🔥".clone_into(&mut lines[0].text);
    lines[0].preheader.clear();
    lines[1].text = "Dry feet ".repeat(20);
    lines.push(lines[1].clone());
    broken.copy.headline.clear();
    broken.copy.call_to_action.label.clear();
    "https://evil.example/".clone_into(&mut broken.copy.call_to_action.url);
    broken.copy.paragraphs = ["It is cheap. It lasts, {{shoe_size}} {{first_name", "  "]
        .map(str::to_owned)
        .to_vec();
    broken.personalization.clear();
    broken.mockup_html = "<script>".to_owned();
    broken.copy.plain_text.clear();
    input.previous = Some(broken);
    let mut content = content(input);
    assert!(!std::mem::take(&mut content.mockup_html).contains("<script>"));
    insta::assert_json_snapshot!("in-order", content);
}
