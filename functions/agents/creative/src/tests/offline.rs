//! The offline writer.

use std::collections::BTreeSet;

use baton_domain::campaign::ObjectiveKind;
use proptest::prelude::*;

use super::*;
use crate::words::contains;

#[test]
fn the_sample_mail_is_as_it_was() {
    let mut content = content(input());
    insta::assert_snapshot!("mail.html", std::mem::take(&mut content.mockup_html));
    insta::assert_json_snapshot!("mail", content);
}

#[test]
fn no_two_mails_of_a_calendar_are_alike() {
    let mut seen = BTreeSet::new();
    for number in 1..=20 {
        let mut input = input();
        input.email.email_id = format!("email-{number:02}");
        let content = content(input);
        assert!(
            seen.insert(
                content.subject_lines[0].text.clone() + &content.copy.paragraphs.join("\n")
            )
        );
        assert!(seen.insert(content.copy.paragraphs.join("\n")), "{number}");
    }
}

#[test]
fn the_hypothesis_chooses_the_techniques() {
    use SubjectTechnique::{Benefit, Deadline, Number, Personal, Question};
    for (hypothesis, wanted) in [
        (
            "Naming the reader by name beats a number.",
            [Personal, Number],
        ),
        (
            "A question opens better than a benefit.",
            [Question, Benefit],
        ),
        ("Anything.", [Benefit, Question]),
        ("A deadline brings people in.", [Benefit, Question]),
    ] {
        let mut input = input();
        hypothesis.clone_into(&mut input.email.hypothesis);
        assert_eq!(techniques(&content(input)), wanted, "{hypothesis}");
    }
    let mut input = input();
    "A deadline beats a question.".clone_into(&mut input.email.hypothesis);
    "Dry feet for less, and it ends Friday.".clone_into(&mut input.brand.themes[0].summary);
    let content = content(input);
    assert_eq!(techniques(&content), [Deadline, Question]);
    assert!(contains(&content.copy.paragraphs[0], "ends Friday"));
}

#[test]
fn a_mail_says_what_the_brand_sells_and_for_how_much() {
    let content = content(input());
    let text = content.copy.paragraphs.join("\n");
    for said in [
        "Ridge Boot",
        "$189",
        "Fell Jacket",
        "$240",
        "It packs small and stops the wind.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(
        !text.contains("Regulars"),
        "segments are the brand's: {text}"
    );
    assert!(text.starts_with("Hi {{first_name}}, "));
    assert_eq!(content.personalization[0].fallback, "there");
}

#[test]
fn what_the_brand_forbids_is_passed_over() {
    let mut input = input();
    let voice = &mut input.brand.voice;
    voice.banned_words = ["ridge", "choose", "look", "easy", "hi"]
        .map(str::to_owned)
        .to_vec();
    voice.banned_claims = vec!["stops the wind".to_owned()];
    let voice = voice.clone();
    let content = content(input);
    for phrase in voice.banned_words.iter().chain(&voice.banned_claims) {
        assert!(
            !contains(&said(&content), phrase),
            "{phrase}: {}",
            said(&content)
        );
    }
    assert!(said(&content).contains("Fell Jacket"));
}

#[test]
fn text_of_a_brand_is_never_markup() {
    let mut input = input();
    let attack = "<script>x</script>\"' {{admin}} http://evil.example/";
    attack.clone_into(&mut input.brand.name);
    attack.clone_into(&mut input.brand.postal_address);
    attack.clone_into(&mut input.brand.themes[0].label);
    attack.clone_into(&mut input.brand.themes[0].products[0].name);
    attack.clone_into(&mut input.brand.themes[0].products[0].benefit);
    attack.clone_into(&mut input.brand.personalization_fields[0].fallback);
    "javascript:x\"".clone_into(&mut input.brand.themes[0].products[1].url);
    let content = content(input);
    let html = &content.mockup_html;
    assert!(
        !html.contains("<script") && !html.contains("javascript:"),
        "{html}"
    );
    assert!(!said(&content).contains("{{admin}}") && !said(&content).contains("evil.example"));
}

#[test]
fn a_palette_that_cannot_be_read_is_replaced() {
    let mut input = input();
    "salmon;}".clone_into(&mut input.brand.palette.background);
    let report = report(input);
    assert_eq!(report.warnings.len(), 1);
    assert!(report.warnings[0].starts_with("brand.palette.background"));
    assert!(
        report
            .output
            .mockup_html
            .contains("background-color:#ffffff")
    );
}

#[test]
fn a_theme_without_products_leads_to_the_website() {
    let mut input = input();
    "stories".clone_into(&mut input.email.theme);
    let website = input.brand.website.clone();
    assert_eq!(content(input).copy.call_to_action.url, website);
}

prop_compose! {
    fn word()(word in "[a-zA-Z][a-z]{1,9}") -> String { word }
}

prop_compose! {
    fn phrase()(words in prop::collection::vec(word(), 1..6)) -> String { words.join(" ") }
}

proptest! {
    /// Whatever a brand says of itself, its mail keeps to its limits, or there is a clear error.
    #[test]
    fn any_brand_gets_a_mail_within_its_limits(
        label in phrase(), summary in ".{0,120}", benefit in "\\PC{0,120}", product in phrase(),
        banned in prop::collection::vec(word(), 0..4), most in 30usize..120, id in "[a-z]{0,8}-?[0-9]{0,3}",
        emoji: bool, objective in 0usize..4,
    ) {
        let mut input = input();
        input.brand.themes[0].label = label;
        input.brand.themes[0].summary = summary;
        input.brand.themes[0].products[0].benefit = benefit;
        input.brand.themes[0].products[0].name = product;
        input.brand.voice.banned_words = banned;
        input.brand.voice.emoji = emoji;
        input.brand.max_subject_length = most;
        input.email.email_id = format!("e{id}");
        input.email.objective = [ObjectiveKind::Revenue, ObjectiveKind::Engagement, ObjectiveKind::Retention, ObjectiveKind::Reactivation][objective];
        let content = content(input.clone());
        for line in &content.subject_lines {
            let longest = line.text.replace("{{first_name}}", "Alexandra");
            prop_assert!(longest.chars().count() <= most, "{}", line.text);
            prop_assert!((20..=130).contains(&line.preheader.replace("{{first_name}}", "Alexandra").chars().count()), "{:?}", line.preheader);
        }
        for phrase in &input.brand.voice.banned_words {
            prop_assert!(!contains(&said(&content), phrase), "{phrase}: {}", said(&content));
        }
        prop_assert_eq!(super::content(input), content);
    }
}
