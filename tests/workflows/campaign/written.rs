//! What `creative` writes offline passes `qa`, whatever a brand and its reviewers say: two agents
//! that know nothing of each other keep the same rules.

use baton_agent::Agent;
use baton_domain::campaign::{Content, ObjectiveKind, Palette, QaReport, Severity};
use creative::{Creative, FallbackInput, Input};
use proptest::prelude::*;
use qa::Qa;
use serde_json::Value;

fn input() -> Input {
    let event = include_str!("../../../events/creative/happy.json");
    let mut event: Value = serde_json::from_str(event).expect("an event is JSON");
    serde_json::from_value(event["input"].take()).expect("an input")
}

fn now<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build();
    runtime.expect("a runtime").block_on(work)
}

fn written(input: &Input) -> Option<Content> {
    let written = now(Creative::default().run(input.clone()));
    written.ok().map(|answer| answer.output)
}

fn checked(input: &Input, content: Content) -> QaReport {
    let (brand, email) = (input.brand.clone(), input.email.clone());
    let checked = now(Qa.run(qa::Input {
        brand,
        email,
        content,
    }));
    checked.expect("what was written can be checked").output
}

#[test]
fn a_sound_brand_has_no_findings() {
    use ObjectiveKind::{Engagement, Reactivation, Retention, Revenue};
    for n in 1..=10 {
        for objective in [Revenue, Engagement, Retention, Reactivation] {
            for hypothesis in ["x", "number vs name", "deadline vs question"] {
                let mut input = input();
                input.email.email_id = format!("email-{n:02}");
                input.email.objective = objective;
                hypothesis.clone_into(&mut input.email.hypothesis);
                let content = written(&input).expect("it is written");
                let findings = checked(&input, content).findings;
                assert_eq!(findings, [], "{n} {objective:?} {hypothesis}");
                let fallback = now(Creative::default().fallback(FallbackInput {
                    brand: input.brand.clone(),
                    email: input.email.clone(),
                }));
                let content = fallback.expect("the fallback answers").output;
                assert!(checked(&input, content).passed);
            }
        }
    }
}

prop_compose! {
    fn word()(word in "[a-zA-Z][a-z]{1,9}") -> String { word }
}

prop_compose! {
    fn phrase()(words in prop::collection::vec(word(), 1..6)) -> String { words.join(" ") }
}

/// Text as brands and reviewers write it at their worst.
fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        phrase(),
        "\\PC{1,60}",
        Just("Ends Friday: 20% off everything!!".to_owned()),
        Just("Black Friday — 3 days <b>only</b>".to_owned()),
        Just("TODAY ONLY 🔥🔥".to_owned()),
        Just("guaranteed dry, until Sunday".to_owned()),
        Just("costs $5 less. Until 5 May".to_owned()),
    ]
}

fn note() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("shorter".to_owned()),
        Just("no name".to_owned()),
        Just("no prices".to_owned()),
        odd().prop_map(|text| format!("mention {text}")),
        odd().prop_map(|text| format!("subject: {text}")),
        odd().prop_map(|text| format!("replace the with {text}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_a_brand_says_passes(
        label in odd(), summary in odd(), benefit in odd(), segment in odd(), fallback in odd(),
        product in phrase(), name in phrase(),
        banned in prop::collection::vec(prop_oneof![word(), Just("the".to_owned())], 0..4),
        most in 30_usize..120, emoji: bool,
        colours in prop::collection::vec("#[0-9a-f]{6}", 4),
        notes in prop::collection::vec(note(), 0..4),
    ) {
        let mut input = input();
        let theme = &mut input.brand.themes[0];
        (theme.label, theme.summary) = (label, summary);
        (theme.products[0].benefit, theme.products[0].name) = (benefit, product);
        (input.brand.name, input.brand.segments[0].label) = (name, segment);
        (input.brand.voice.banned_words, input.brand.voice.emoji) = (banned, emoji);
        input.brand.personalization_fields[0].fallback = fallback;
        input.brand.max_subject_length = most;
        let [primary, accent, background, text] = colours.try_into().expect("four");
        input.brand.palette = Palette { primary, accent, background, text };
        // Some brands cannot be written for, and are told why.
        let Some(content) = written(&input) else { return Ok(()) };
        let report = checked(&input, content.clone());
        let errors = |report: &QaReport| {
            let errors = report.findings.iter().filter(|found| found.severity == Severity::Error);
            errors.cloned().collect::<Vec<_>>()
        };
        prop_assert!(report.passed, "{:#?}", errors(&report));
        (input.previous, input.findings) = (Some(content), report.findings);
        (input.notes, input.round) = (notes, 1);
        let Some(content) = written(&input) else { return Ok(()) };
        let report = checked(&input, content);
        prop_assert!(report.passed, "{:?}: {:#?}", input.notes, errors(&report));
    }
}
